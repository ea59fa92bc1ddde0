"""Write the source of the documentation site: the guides, and a page of reference for each subject.

``python .ci/generate/reference.py FOLDER``; ``nox -s docs`` builds the site from that folder, and
then calls this with ``--check``. The names come from the lists of the package itself, so that the
reference has every public name.
"""

import shutil
import sys
import zlib
from collections import defaultdict
from pathlib import Path

import xai
import xai.django
import xai.django.testing
import xai.testing
import xai.v1

ROOT = Path(__file__).resolve().parents[2]

#: Files that a reader of another one's page looks for there.
NEIGHBORS = {
    "images": "image",
    "media_errors": "media",
    "media_input": "media",
    "proto": "chat",
    "storage": "files",
    "structured": "chat",
    "videos": "video",
}


def subjects() -> dict[str, dict[str, list[str]]]:
    """Return the public names by module and subject, which is the file that has their code."""
    found: dict[str, dict[str, list[str]]] = {}
    for module in (xai, xai.v1, xai.testing, xai.django, xai.django.testing):
        pages: dict[str, list[str]] = defaultdict(list)
        for name in module.__all__:
            if not name.startswith("__"):
                pages[subject(module.__name__, getattr(module, "_HOMES", {}).get(name, ""))].append(
                    name
                )
        found[module.__name__] = dict(sorted(pages.items()))
    return found


def subject(module: str, home: str) -> str:
    """Return the part of a home that a reader would look under."""
    if module != "xai.v1":
        return module
    parts = [part for part in home.split(".") if part not in ("xai", "sync", "aio", "v1")]
    found = parts[0].removesuffix("_job")
    return NEIGHBORS.get(found, found)


def write(folder: Path) -> None:
    """Write the configuration and all pages.

    Args:
        folder: Where to; replaced when it exists.
    """
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(ROOT / ".docs" / "pages", folder / "pages")
    (folder / "pages" / "reference").mkdir()
    nav = []
    for module, pages in subjects().items():
        for page, names in pages.items():
            title = page if page == module else f"{module}: {page}"
            path = f"reference/{title.replace(': ', '.')}.md"
            nav.append(f"      - {title.replace(': ', ' ')}: {path}\n")
            lines = [f"# {title.replace(': ', ' ')}\n", *(f"::: {module}.{name}" for name in names)]
            (folder / "pages" / path).write_text("\n".join([*lines, ""]), "utf-8")
    nav.append("      - xai.otel: reference/xai.otel.md\n")
    (folder / "pages" / "reference" / "xai.otel.md").write_text(
        "# xai.otel\n\n::: xai.otel\n", "utf-8"
    )
    config = (ROOT / ".docs" / "mkdocs.yml").read_text("utf-8").replace("REPOSITORY", str(ROOT))
    (folder / "mkdocs.yml").write_text(config + "".join(nav), "utf-8")


def missing(site: Path) -> list[str]:
    """Return the public names that the index of a site does not have.

    Args:
        site: The folder of the built site, with its inventory in Sphinx's form.
    """
    # Four lines of text, then a compressed line for each name.
    packed = (site / "objects.inv").read_bytes().split(b"\n", 4)[4]
    known = {line.split(" ")[0] for line in zlib.decompress(packed).decode().splitlines()}
    names = [
        f"{module}.{name}"
        for module, pages in subjects().items()
        for page in pages.values()
        for name in page
    ]
    return [name for name in names if name not in known]


def main(folder: Path, *, check: bool) -> None:
    """Write the source of the site, or look at what was built from it."""
    if not check:
        write(folder)
    elif names := missing(folder / "site"):
        sys.exit(f"not in the reference: {', '.join(names)}")


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), check="--check" in sys.argv[2:])
