import importlib.util
import json
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ACCEPTED = HERE / "accepted.py"
REFUSED = HERE / "refused.py"

#: ``# E: code`` or ``# E: code, code``; with ``E(mypy)`` where only mypy looks for such a thing.
_EXPECTED = re.compile(r"  # E(?P<only>\(mypy\))?: (?P<codes>[a-z-]+(?:, [a-z-]+)*)\n")

pytestmark = pytest.mark.timeout(240)


def expected(*, all_checkers: bool = False) -> Counter[tuple[int, str]]:
    """Return line and code of each error that refused.py announces."""
    with REFUSED.open(encoding="utf-8") as lines:
        found = [(number, _EXPECTED.search(line)) for number, line in enumerate(lines, 1)]
    return Counter(
        (number, code)
        for number, match in found
        if match and not (all_checkers and match["only"])
        for code in match["codes"].split(", ")
    )


def run_mypy(folder: Path, program: Path, *options: str) -> list[tuple[int, str, str]]:
    """Check a program as a user would, outside of our configuration; return line, code, text."""
    # Its own cache: tests run in parallel, and the checkout may be read-only.
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file=", "--output=json"]
    command += [f"--cache-dir={folder}/cache", *options, str(program)]
    process = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert process.stderr == ""
    errors = [json.loads(line) for line in process.stdout.splitlines() if line]
    assert process.returncode == bool(errors), process.stdout
    assert {error["file"] for error in errors} <= {str(program)}, process.stdout
    return [
        (error["line"], str(error["code"]), error["message"])
        for error in errors
        if error["severity"] == "error"
    ]


def run_pyright(folder: Path) -> list[dict[str, object]]:
    """Check both programs with pyright in strict mode; return its errors."""
    programs = [str(ACCEPTED), str(REFUSED)]
    config = {"include": programs, "typeCheckingMode": "strict", "pythonVersion": "3.10"}
    (folder / "pyrightconfig.json").write_text(json.dumps(config), encoding="utf-8")
    command = [sys.executable, "-m", "basedpyright", "--outputjson", "--project", str(folder)]
    command += ["--pythonpath", sys.executable]
    process = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    found = json.loads(process.stdout)["generalDiagnostics"]
    return [item for item in found if item["severity"] == "error"]


def test_accepted_programs_have_the_types_they_state(tmp_path: Path) -> None:
    """Nothing is found by mypy, and no expression is of an unknown type (Any)."""
    options = ["--disallow-any-expr", "--disallow-any-unimported", "--disallow-any-decorated"]
    assert run_mypy(tmp_path, ACCEPTED, *options) == []


def test_refused_lines_have_the_errors_they_state(tmp_path: Path) -> None:
    """Exactly the announced errors are found by mypy, on their lines and with their codes."""
    found = run_mypy(tmp_path, REFUSED)
    shown = {(line, code): text for line, code, text in found}
    counted = Counter((line, code) for line, code, _ in found)
    assert counted == expected(), shown
    assert counted.total() > 80


@pytest.mark.skipif(
    importlib.util.find_spec("basedpyright") is None, reason="pyright is not installed"
)
def test_pyright_agrees(tmp_path: Path) -> None:
    """Another checker accepts the same programs and refuses the same lines."""
    lines: dict[object, set[int]] = {str(ACCEPTED): set(), str(REFUSED): set()}
    errors = run_pyright(tmp_path)
    for error in errors:
        place = error["range"]
        assert isinstance(place, dict)
        lines.setdefault(error["file"], set()).add(place["start"]["line"] + 1)
    refused = {number for number, _ in expected(all_checkers=True)}
    assert lines == {str(ACCEPTED): set(), str(REFUSED): refused}, errors
