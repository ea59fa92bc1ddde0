import importlib.util
import json
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ACCEPTED = sorted(HERE.glob("accepted*.py"))
REFUSED = sorted(HERE.glob("refused*.py"))

#: ``# E: code`` or ``# E: code, code``; with ``E(mypy)`` where only mypy looks for such a thing.
_EXPECTED = re.compile(r"  # E(?P<only>\(mypy\))?: (?P<codes>[a-z-]+(?:, [a-z-]+)*)\n")

pytestmark = pytest.mark.timeout(900)


def expected(program: Path, *, all_checkers: bool = False) -> Counter[tuple[int, str]]:
    """Return line and code of each error that a program announces."""
    with program.open(encoding="utf-8") as lines:
        found = [(number, _EXPECTED.search(line)) for number, line in enumerate(lines, 1)]
    return Counter(
        (number, code)
        for number, match in found
        if match and not (all_checkers and match["only"])
        for code in match["codes"].split(", ")
    )


def run_mypy(folder: Path) -> Counter[tuple[str, int, str]]:
    """Check the programs as a user would, outside of our configuration; return what was found.

    All at once: most of the time goes into what they import.
    """
    (folder / "mypy.ini").write_text(
        f"""[mypy]
strict = True
[mypy-{",".join(path.stem for path in ACCEPTED)}]
disallow_any_expr = True
disallow_any_unimported = True
disallow_any_decorated = True
""",
        encoding="utf-8",
    )
    # Its own cache: tests run in parallel, and the checkout may be read-only.
    command = [sys.executable, "-m", "mypy", "--config-file=mypy.ini", "--output=json"]
    command += [f"--cache-dir={folder}/cache", *map(str, (*ACCEPTED, *REFUSED))]
    process = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert process.stderr == ""
    errors = [json.loads(line) for line in process.stdout.splitlines() if line]
    assert process.returncode == bool(errors), process.stdout
    return Counter(
        (Path(error["file"]).name, error["line"], str(error["code"]))
        for error in errors
        if error["severity"] == "error"
    )


def run_pyright(folder: Path) -> list[dict[str, object]]:
    """Check the programs with pyright in strict mode; return its errors."""
    programs = [str(path) for path in (*ACCEPTED, *REFUSED)]
    config = {"include": programs, "typeCheckingMode": "strict", "pythonVersion": "3.10"}
    (folder / "pyrightconfig.json").write_text(json.dumps(config), encoding="utf-8")
    command = [sys.executable, "-m", "basedpyright", "--outputjson", "--project", str(folder)]
    command += ["--pythonpath", sys.executable]
    process = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    found = json.loads(process.stdout)["generalDiagnostics"]
    return [item for item in found if item["severity"] == "error"]


def test_mypy_finds_the_errors_that_are_stated(tmp_path: Path) -> None:
    """Those alone, on their lines and with their codes; no accepted expression is of type Any."""
    wanted: Counter[tuple[str, int, str]] = Counter()
    for path in REFUSED:
        stated = expected(path)
        assert stated.total() > 30
        wanted.update({(path.name, *place): count for place, count in stated.items()})
    assert run_mypy(tmp_path) == wanted


@pytest.mark.skipif(
    importlib.util.find_spec("basedpyright") is None, reason="pyright is not installed"
)
def test_pyright_agrees(tmp_path: Path) -> None:
    """Another checker accepts the same programs and refuses the same lines."""
    lines: dict[object, set[int]] = {str(path): set() for path in (*ACCEPTED, *REFUSED)}
    errors = run_pyright(tmp_path)
    for error in errors:
        place = error["range"]
        assert isinstance(place, dict)
        lines.setdefault(error["file"], set()).add(place["start"]["line"] + 1)
    wanted: dict[str, set[int]] = {str(path): set() for path in ACCEPTED}
    for path in REFUSED:
        wanted[str(path)] = {number for number, _ in expected(path, all_checkers=True)}
    assert lines == wanted, [e for e in errors if "services" in str(e["file"])]
