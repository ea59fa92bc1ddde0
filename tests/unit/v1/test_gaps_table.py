"""The table of what others can't do names tests that exist, and docstrings that say so."""

import ast
import functools
import inspect
import pkgutil
import re

import pytest

from tests.support import ROOT

TABLE = ROOT / "tests/services/aio/v1/gaps.md"
#: The sections whose rows have a state, and how many rows each has.
SECTIONS = {
    "Transport": 16,
    "Process and loop model": 6,
    "Install and import weight": 7,
    "Chat": 20,
    "Images and videos": 6,
    "Batches, embeddings and raw completions": 9,
    "Files": 9,
    "Collections": 9,
    "Testing": 5,
}
#: What has to be said at least for a row that is not done, in characters.
_REASON = 40


def rows(section: str) -> list[list[str]]:
    """Return the cells of each row of a section."""
    _, _, rest = TABLE.read_text("utf-8").partition(f"## {section}\n")
    lines = [line for line in rest.partition("\n## ")[0].splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


@functools.cache
def functions(path: str) -> frozenset[str]:
    """Return the tests in a file; none if there is no such file."""
    file = ROOT / path
    if not file.is_file():
        return frozenset()
    tree = ast.parse(file.read_text("utf-8"))
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, kinds))


def missing(tests: str) -> list[str]:
    """Return what is no test among the names in a cell."""
    names = [name.strip() for name in tests.split(",")]
    return [
        name
        for name in names
        for path, _, function in [name.partition("::")]
        if not function.startswith("test_") or function not in functions(path)
    ]


def wrong(state: str) -> list[str]:
    """Return what is wrong with the state of a row."""
    kind, _, rest = state.partition(": ")
    if kind == "done":
        return missing(rest)
    named = re.findall(r"tests/[\w/]+\.py", rest)
    if kind != "declined" or len(rest) < _REASON:
        return [state]
    return [path for path in named if not functions(path)]


@pytest.mark.parametrize("section", SECTIONS)
def test_each_row_is_done_or_declined(section: str) -> None:
    """Every row is there, once, and names tests that exist or a reason."""
    found = rows(section)
    assert len(found) == SECTIONS[section]
    assert len({row for row, _ in found}) == len(found)
    assert {row: wrong(state) for row, state in found if wrong(state)} == {}


def test_each_difference_is_shown_and_documented() -> None:
    """Each has a test, and a docstring of the public API with the phrase that is quoted."""
    found = rows("Differences")
    assert len(found) == len({row for row, _, _ in found}) >= 20
    for row, tests, docstring in found:
        assert missing(tests) == [], row
        name, _, phrase = docstring.partition(': "')
        text = " ".join((inspect.getdoc(pkgutil.resolve_name(name)) or "").split())
        assert phrase.removesuffix('"') in text, (row, text)


@pytest.mark.parametrize(
    "state",
    [
        "",
        "done",
        "done: ",
        "done: tests/unit/v1/test_gaps_table.py",
        "done: tests/unit/v1/test_gaps_table.py::rows",
        "done: tests/unit/v1/test_gaps_table.py::test_nothing",
        "done: tests/unit/v1/test_nothing.py::test_nothing",
        "declined: no",
        "later: it is a good idea to do this one day, surely",
        "declined: see what is shown in another place: tests/unit/v1/test_nothing.py",
    ],
)
def test_planted_mistake_is_found(state: str) -> None:
    """Each kind of mistake is seen, so that no finding means something."""
    assert wrong(state)
