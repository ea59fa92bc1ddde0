import importlib.util
import json
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ACCEPTED = [
    HERE / "accepted.py",
    HERE / "accepted_services.py",
    HERE / "accepted_v1.py",
    HERE / "accepted_v1_collections.py",
    HERE / "accepted_v1_shapes.py",
    HERE / "accepted_v1_values.py",
]
REFUSED = [
    HERE / "refused.py",
    HERE / "refused_services.py",
    HERE / "refused_v1.py",
    HERE / "refused_v1_values.py",
]

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
    """Check the programs with pyright in strict mode; return its errors."""
    programs = [str(path) for path in (*ACCEPTED, *REFUSED)]
    config = {"include": programs, "typeCheckingMode": "strict", "pythonVersion": "3.10"}
    (folder / "pyrightconfig.json").write_text(json.dumps(config), encoding="utf-8")
    command = [sys.executable, "-m", "basedpyright", "--outputjson", "--project", str(folder)]
    command += ["--pythonpath", sys.executable]
    process = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    found = json.loads(process.stdout)["generalDiagnostics"]
    return [item for item in found if item["severity"] == "error"]


@pytest.mark.parametrize("program", ACCEPTED, ids=lambda path: path.stem)
def test_accepted_programs_have_the_types_they_state(tmp_path: Path, program: Path) -> None:
    """Nothing is found by mypy, and no expression is of an unknown type (Any)."""
    options = ["--disallow-any-expr", "--disallow-any-unimported", "--disallow-any-decorated"]
    assert run_mypy(tmp_path, program, *options) == []


@pytest.mark.parametrize("program", REFUSED, ids=lambda path: path.stem)
def test_refused_lines_have_the_errors_they_state(tmp_path: Path, program: Path) -> None:
    """Exactly the announced errors are found by mypy, on their lines and with their codes."""
    found = run_mypy(tmp_path, program)
    shown = {(line, code): text for line, code, text in found}
    counted = Counter((line, code) for line, code, _ in found)
    assert counted == expected(program), shown
    assert counted.total() > 30


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
