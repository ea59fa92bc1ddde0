"""The graph of the package's imports: no circles, and one direction between the layers.

Imports under TYPE_CHECKING and within functions count as well: they say what a reader has to know
of another module, whether it is loaded or not.
"""

import ast
import functools
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

import xai

PACKAGE = Path(xai.__file__).parent

#: Conversation and response of Grok refer to each other because their objects do.
ALLOWED = [
    [f"xai.{twin}.prompt_ide.grok_conversation", f"xai.{twin}.prompt_ide.grok_response"]
    for twin in ("aio", "sync")
]

#: From the top down: a module imports nothing from a layer above its own.
LAYERS = (
    ("xai.commands", "xai.__main__"),
    ("xai.testing", "xai.xai_sdk", "xai.otel", "xai.django"),
    ("xai.aio", "xai.sync"),
    ("xai.v1", "xai.prompt_ide"),
    ("xai.proto",),
    ("xai.runtime",),
    ("xai._instrumentation",),
    (
        "xai._masking",
        "xai._secrets",
        "xai._streams",
        "xai._validation",
        "xai.errors",
        "xai.options",
    ),
    (
        "xai._annotations",
        "xai._clock",
        "xai._hints",
        "xai._log",
        "xai._sentinel",
        "xai._text",
        "xai._version",
    ),
)
#: They name what is below for users, who find it there; nothing in the package imports names from
#: `xai` itself but the programs on top of it.
INDEXES = frozenset({"xai", "xai.v1", "xai.testing"})


def modules() -> dict[str, Path]:
    """Return the modules of the package by their dotted names."""
    found = {}
    for path in PACKAGE.rglob("*.py"):
        parts = ("xai", *path.relative_to(PACKAGE).with_suffix("").parts)
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imported(tree: ast.Module, known: Mapping[str, object]) -> Iterator[str]:
    """Yield the modules of the package that a module imports, wherever in its text."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in known)
        elif isinstance(node, ast.ImportFrom) and node.module in known:
            for alias in node.names:
                below = f"{node.module}.{alias.name}"
                yield below if below in known else str(node.module)


@functools.cache
def import_graph() -> dict[str, set[str]]:
    """Return which modules each module imports."""
    known = modules()
    return {
        name: {*imported(ast.parse(path.read_text("utf-8")), known)} - {name}
        for name, path in known.items()
    }


def circles(graph: Mapping[str, set[str]]) -> list[list[str]]:
    """Return the groups of modules that import each other, directly or through others."""

    def reach(start: str) -> set[str]:
        seen: set[str] = set()
        waiting = [start]
        while waiting:
            for following in graph[waiting.pop()] - seen:
                seen.add(following)
                waiting.append(following)
        return seen

    reached = {name: reach(name) for name in graph}
    groups = {
        tuple(sorted(other for other in reached[name] if name in reached[other]))
        for name in graph
        if name in reached[name]
    }
    return [list(group) for group in sorted(groups)]


def layer(name: str) -> int | None:
    """Return the number of a module's layer, counted from the top; None for an index of names."""
    if name in INDEXES:
        return None
    for number, prefixes in enumerate(LAYERS):
        if any(name == prefix or name.startswith(f"{prefix}.") for prefix in prefixes):
            return number
    raise AssertionError(f"{name} belongs to no layer: give it a place in LAYERS")


def upward(graph: Mapping[str, set[str]]) -> list[str]:
    """Return the imports that go from a layer to one above it."""
    found = []
    for name, targets in graph.items():
        own = layer(name)
        for target in targets:
            other = layer(target)
            if own is not None and other is not None and other < own:
                found.append(f"{name} imports {target}")
    return sorted(found)


def test_no_modules_import_each_other() -> None:
    """There is no circle of imports but the one that is a real graph of objects."""
    assert circles(import_graph()) == ALLOWED


def test_imports_go_down_the_layers() -> None:
    """Each module imports from its own layer and those below."""
    assert upward(import_graph()) == []


def test_values_of_one_api_do_not_know_the_other() -> None:
    """The values of v1 and those of the PromptIDE API are independent of each other."""
    for own, other in (("xai.v1", "xai.prompt_ide"), ("xai.prompt_ide", "xai.v1")):
        for name, targets in import_graph().items():
            if name == own or name.startswith(f"{own}."):
                assert not [target for target in targets if target.startswith(other)], name


@pytest.mark.parametrize(
    "text", ["import b", "if TYPE_CHECKING:\n    import b", "def f():\n    from b import x"]
)
def test_planted_circle_is_found(text: str) -> None:
    """A circle is found wherever in the text of a module the import stands."""
    known = {"a": None, "b": None, "c": None}
    graph = {
        "a": {*imported(ast.parse(text), known)},
        "b": {*imported(ast.parse("from c import y"), known)},
        "c": {"a"},
    }
    assert circles(graph) == [["a", "b", "c"]]
    assert circles({**graph, "c": set()}) == []
