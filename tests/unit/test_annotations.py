"""What users and their tools ask of annotations and docstrings: every public one can be read."""

import importlib
import inspect
import pkgutil
import pydoc
import types
import typing
from collections.abc import Iterator

import pytest

import xai
import xai.v1
from tests.support import run_child

#: Every module but those that only start something.
MODULES = sorted(
    info.name
    for info in pkgutil.walk_packages(xai.__path__, "xai.")
    if not info.name.startswith(("xai.runtime", "xai.commands", "xai.__main__"))
)
PUBLIC = {
    **{f"xai.{name}": getattr(xai, name) for name in xai.__all__},
    **{f"xai.v1.{name}": getattr(xai.v1, name) for name in xai.v1.__all__},
}


def functions_of(item: object) -> Iterator[object]:
    """Yield the functions of a class, or a function itself."""
    if inspect.isfunction(item):
        yield item
    elif inspect.isclass(item):
        yield item
        for value in vars(item).values():
            found = value
            if isinstance(value, (classmethod, staticmethod)):
                found = value.__func__
            elif isinstance(value, property):
                found = value.fget
            if inspect.isfunction(found):
                yield found


def own(module: types.ModuleType) -> Iterator[object]:
    """Yield what is defined in a module under a public name."""
    for name, value in list(vars(module).items()):
        # The type itself: asking a client of Django's settings for its class would make one.
        if name.startswith("_") or not issubclass(type(value), (type, types.FunctionType)):
            continue
        if value.__module__ == module.__name__:
            yield value


@pytest.mark.parametrize("name", MODULES)
def test_types_of_every_public_function_resolve(name: str) -> None:
    """Also names that are imported for type checkers only, in both twins."""
    for item in own(importlib.import_module(name)):
        for function in functions_of(item):
            typing.get_type_hints(function)


@pytest.mark.parametrize("name", PUBLIC)
def test_types_of_every_public_name_resolve(name: str) -> None:
    """Under the name it has for users, inherited methods included."""
    item = PUBLIC[name]
    for cls in inspect.getmro(item) if inspect.isclass(item) else (item,):
        if getattr(cls, "__module__", "").startswith("xai"):
            for function in functions_of(cls):
                typing.get_type_hints(function)


@pytest.mark.parametrize("name", [*sorted({*PUBLIC} - {"xai.__version__"}), "xai", "xai.v1"])
def test_help_of_every_public_name_works(name: str) -> None:
    """What `help` and `python -m pydoc` show."""
    item = PUBLIC.get(name) or importlib.import_module(name)
    assert pydoc.plain(pydoc.render_doc(item))


def test_types_that_resolve_are_the_real_ones() -> None:
    """Not stand-ins: a tool compares them."""
    hints = typing.get_type_hints(xai.Client.with_options)
    assert xai.Timeouts in typing.get_args(hints["timeout"])
    assert xai.RetryPolicy in typing.get_args(hints["retry"])


def test_name_that_nobody_knows_is_still_an_error() -> None:
    """A mistake in an annotation is found as ever."""
    module = importlib.import_module("xai.aio.client")
    with pytest.raises(NameError, match="Nonsense"):
        eval("Nonsense", vars(module))  # noqa: S307  # as `typing` does it
    assert eval("len", vars(module)) is len  # noqa: S307  # as `typing` does it


def test_types_of_an_extra_that_is_not_installed() -> None:
    """They stand for themselves: the rest of a signature can be read without the extra."""
    script = (
        "import sys, typing\n"
        "sys.modules['numpy'] = None\n"
        "import xai.v1\n"
        "print(typing.get_type_hints(xai.v1.Embeddings.to_numpy)['return'].__name__)\n"
    )
    assert run_child(script).stdout == "_Missing\n"
