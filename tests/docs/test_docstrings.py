import ast
import doctest
import inspect
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import griffe
import pytest

import xai
import xai.django
import xai.django.testing
import xai.testing
import xai.v1
from tests.docs.documents import run_program

PACKAGE = Path(xai.__file__).parent
GENERATED = ("proto",)


class Example(NamedTuple):
    """The example of a docstring."""

    name: str
    module: str
    code: str


def examples() -> Iterator[Example]:
    """Yield the examples in docstrings of public classes and functions."""
    for path in sorted(PACKAGE.rglob("*.py")):
        place = path.relative_to(PACKAGE)
        if place.parts[0] in GENERATED:
            continue
        module = ".".join(["xai", *place.with_suffix("").parts])
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                code = example_of(ast.get_docstring(node) or "")
                if code:
                    yield Example(f"{place.as_posix()}: {node.name}", module, code)


def example_of(docstring: str) -> str:
    """Return the code of the section "Example", without prompts."""
    _, found, rest = docstring.partition("\nExample:\n")
    if not found:
        return ""
    lines = []
    for line in rest.splitlines():
        if line and not line.startswith(" "):
            break
        lines.append(line)
    text = textwrap.dedent("\n".join(lines)).strip() + "\n"
    if ">>>" not in text:
        return text
    return "".join(example.source for example in doctest.DocTestParser().get_examples(text))


def as_program(example: Example) -> str:
    """Make a program of an example: with its names imported, in an event loop if it needs one."""
    names = "from xai import *\n"
    if not any(word in example.code for word in ("await ", "async ")) or "asyncio." in example.code:
        return names + example.code
    body = textwrap.indent(example.code, "    ")
    return f"import asyncio\n{names}async def main():\n{body}asyncio.run(main())\n"


@pytest.mark.parametrize("example", [*examples()], ids=lambda example: example.name)
def test_example_runs(example: Example) -> None:
    """The example does what it shows, without a warning."""
    run_program(as_program(example), name=example.module)


def test_both_clients_have_an_example() -> None:
    """The walk finds the examples, those of both twins among them."""
    names = {example.name for example in examples()}
    assert {"aio/client.py: AsyncClient", "sync/client.py: Client"} <= names


@pytest.mark.parametrize("name", [name for name in xai.__all__ if callable(getattr(xai, name))])
def test_public_name_is_documented(name: str) -> None:
    """Whatever help() is asked about begins with one plain sentence."""
    value = getattr(xai, name)
    first = (inspect.getdoc(value) or "").split("\n\n")[0]
    assert first.endswith((".", "!")), first
    assert value.__module__ == "xai"


def test_every_public_name_is_documented() -> None:
    """Classes, functions, constants and types of arguments have a docstring for the reference."""
    package = griffe.load("xai", search_paths=[PACKAGE.parent])
    bare = []
    for module in (xai, xai.v1, xai.testing, xai.django, xai.django.testing):
        for name in module.__all__:
            if name.startswith("__"):
                continue
            found = package[f"{module.__name__}.{name}".removeprefix("xai.")]
            if not (found.final_target if found.is_alias else found).has_docstring:
                bare.append(f"{module.__name__}.{name}")
    assert bare == []
