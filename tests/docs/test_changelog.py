import datetime as dt
import importlib.metadata
import re

import pytest

import xai
from tests.support import ROOT

TEXT = (ROOT / "CHANGELOG.md").read_text("utf-8")
GROUPS = ["Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"]
#: https://semver.org without build metadata.
VERSION = r"(\d+)\.(\d+)\.(\d+)(?:-[0-9A-Za-z.-]+)?"


def problems(text: str, version: str) -> list[str]:
    """Return what is wrong with a changelog of a package that has a version."""
    found = []
    lines = text.splitlines()
    if lines[0] != "# Changelog":
        found.append("the title")
    if not all(site in text for site in ("keepachangelog.com/", "semver.org/")):
        found.append("the formats are not named")
    sections = re.split(r"^## ", text, flags=re.MULTILINE)[1:]
    titles = [section.splitlines()[0] for section in sections]
    released = [title for title in titles if title != "[Unreleased]"]
    if titles not in (released, ["[Unreleased]", *released]):
        found.append("unreleased changes come first, and once")
    numbers = []
    for title in released:
        match = re.fullmatch(rf"\[({VERSION})\] - (\d{{4}}-\d\d-\d\d)", title)
        if match is None or not is_date(match[5]):
            found.append(f"the title of {title}")
        else:
            numbers.append(tuple(map(int, match.group(2, 3, 4))))
    if numbers != sorted(set(numbers), reverse=True):
        found.append("the order of the versions")
    for title, section in zip(titles, sections, strict=True):
        found += [f"{title}: {problem}" for problem in section_problems(section)]
    match = re.fullmatch(VERSION, version)
    if match is None:
        return [*found, "the version of the package"]
    current = tuple(map(int, match.groups()))
    newest = max(numbers, default=(-1,))
    if current < newest or (current > newest and "[Unreleased]" not in titles):
        found.append(f"nothing is said about {version}")
    return found


def is_date(text: str) -> bool:
    """Tell whether there is such a day."""
    try:
        dt.date.fromisoformat(text)
    except ValueError:
        return False
    return True


def section_problems(section: str) -> list[str]:
    """Return what is wrong with the groups of one version."""
    groups = re.findall(r"^### (.+)$", section, flags=re.MULTILINE)
    found = [f"group {group}" for group in groups if group not in GROUPS]
    if len(set(groups)) != len(groups):
        found.append("a group comes twice")
    parts = re.split(r"^### .+$", section, flags=re.MULTILINE)[1:]
    found += ["a group without an entry" for part in parts if not part.strip().startswith("- ")]
    return found


def test_changelog_has_the_format_it_names() -> None:
    """Title, order, groups and dates are those of Keep a Changelog, up to the current version."""
    assert problems(TEXT, xai.__version__) == []


def test_distribution_has_the_version_of_the_package() -> None:
    """What pip shows is what the program says."""
    assert importlib.metadata.version("xai-client") == xai.__version__


GOOD = """\
# Changelog

[Keep a Changelog](https://keepachangelog.com/en/1.1.0/),
[Semantic Versioning](https://semver.org/spec/v2.0.0.html).

## [Unreleased]

### Added

- This.

## [0.2.0] - 2026-02-28

### Fixed

- That.

## [0.1.0] - 2026-01-31

### Added

- Everything.
"""


@pytest.mark.parametrize("version", ["0.2.0", "0.2.1"])
def test_good_changelog_passes(version: str) -> None:
    """A release that is listed is fine, and so is one under way."""
    assert problems(GOOD, version) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("# Changelog\n", "# Changes\n"),
        ("semver.org", "example.org"),
        ("## [Unreleased]", "## Unreleased"),
        ("2026-02-28", "2026-02-30"),
        ("0.2.0", "0.0.9"),
        ("## [0.2.0]", "## 0.2.0"),
        ("### Fixed", "### Mended"),
        ("- That.\n", ""),
        ("## [0.2.0]", "## [0.3.0]"),
        ("- This.", "- This.\n\n### Added\n\n- More."),
    ],
)
def test_planted_mistake_is_found(old: str, new: str) -> None:
    """Each kind of mistake is seen, so that an empty list means something."""
    assert len(problems(GOOD.replace(old, new, 1), "0.2.0")) == 1


def test_release_without_an_entry_is_found() -> None:
    """A version that is neither listed nor under way is a mistake."""
    start, _, rest = GOOD.partition("## [Unreleased]")
    text = start + rest[rest.index("## [0.2.0]") :]
    assert problems(text, "0.2.0") == []
    assert problems(text, "0.3.0") == ["nothing is said about 0.3.0"]
