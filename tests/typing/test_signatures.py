"""Every public signature is complete and says what it takes, read from the source."""

import ast
import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

import xai

PACKAGE = Path(xai.__file__).parent

#: Files whose public names users meet.
PATTERNS = (
    "*.py",
    "aio/**/*.py",
    "sync/**/*.py",
    "v1/*.py",
    "v1/chat/*.py",
    "v1/collections/*.py",
    "prompt_ide/*.py",
    "proto/*/**/*_aio.py",
    "proto/*/**/*_sync.py",
    "testing/__init__.py",
    "testing/control/calls.py",
    "testing/foreground.py",
    "testing/plugin.py",
    "testing/control/script.py",
    "testing/server.py",
)

Function = ast.FunctionDef | ast.AsyncFunctionDef


def source_files() -> list[str]:
    """Return the files, relative to the package."""
    found = {path for pattern in PATTERNS for path in PACKAGE.glob(pattern)}
    return sorted({path.relative_to(PACKAGE).as_posix() for path in found})


def is_public(name: str) -> bool:
    """Tell whether users may use a name; special methods are among those."""
    return not name.startswith("_") or name.startswith("__")


def members(body: list[ast.stmt], prefix: str = "") -> Iterator[tuple[str, ast.stmt]]:
    """Yield public functions, methods and annotated attributes with their names."""
    for node in body:
        if isinstance(node, ast.ClassDef) and is_public(node.name):
            yield from members(node.body, f"{prefix}{node.name}.")
        elif isinstance(node, Function) and is_public(node.name):
            yield f"{prefix}{node.name}", node
        elif isinstance(node, ast.AnnAssign) and is_public(ast.unparse(node.target)):
            yield f"{prefix}{ast.unparse(node.target)}", node


def annotations(node: ast.stmt) -> Iterator[tuple[str, ast.expr | None]]:
    """Yield what is annotated, or should be."""
    if isinstance(node, ast.AnnAssign):
        yield "type", node.annotation
    elif isinstance(node, Function):
        yield "return", node.returns
        given = node.args
        named = [*given.posonlyargs, *given.args, *given.kwonlyargs]
        for argument in [*named, *filter(None, [given.vararg, given.kwarg])]:
            if argument.arg not in ("self", "cls"):
                yield argument.arg, argument.annotation


def unclear(tree: ast.Module) -> list[str]:
    """Return the places where an annotation is missing or holds Any."""
    # A name for something with Any in it, public or not, would carry it into signatures.
    found = [
        f"{ast.unparse(node)}: an alias"
        for node in tree.body
        if isinstance(node, ast.Assign) and "Any" in names(node.value)
    ]
    for name, node in members(tree.body):
        for place, annotation in annotations(node):
            if annotation is None:
                found.append(f"{name} ({place}): not annotated")
            elif "Any" in names(annotation):
                found.append(f"{name} ({place}): {ast.unparse(annotation)}")
    return found


def names(annotation: ast.expr) -> set[str]:
    """Return the names in an annotation, also in a quoted one."""
    found = set()
    for node in ast.walk(annotation):
        if isinstance(node, ast.Name):
            found.add(node.id)
        elif isinstance(node, ast.Attribute):
            found.add(node.attr)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            with contextlib.suppress(SyntaxError):  # text that is no annotation
                found |= names(ast.parse(node.value, mode="eval").body)
    return found


@pytest.mark.parametrize("name", source_files())
def test_public_signatures_are_complete_and_without_any(name: str) -> None:
    """Every public parameter, result and attribute has a type, and Any is none."""
    assert unclear(ast.parse((PACKAGE / name).read_text("utf-8"))) == []


@pytest.mark.parametrize(
    "text",
    [
        "def f(a) -> None: ...",
        "def f(a: int): ...",
        "def f(a: list[Any]) -> None: ...",
        "def f(a: 'dict[str, typing.Any]') -> None: ...",
        "async def f(**options: Any) -> None: ...",
        "class A:\n    def f(self, *, a) -> None: ...",
        "class A:\n    def __init__(self, a: Any) -> None: ...",
        "class A:\n    a: Any = 1",
        "a: Any = 1",
        "Alias = dict[str, list[Any]]",
        "_Alias = Callable[..., 'Any']",
    ],
)
def test_planted_gap_is_found(text: str) -> None:
    """Each kind of gap is seen, so that an empty list means something."""
    assert len(unclear(ast.parse(text))) == 1


def test_files_are_found() -> None:
    """The walk covers both twins, the generated services and the embedded server."""
    found = source_files()
    for name in (
        "sync/prompt_ide/sampler.py",
        "aio/prompt_ide/sampler.py",
        "testing/server.py",
        "prompt_ide/types.py",
    ):
        assert name in found
    assert sum(name.endswith("_sync.py") for name in found) >= 7
