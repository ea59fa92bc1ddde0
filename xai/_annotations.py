"""Names that only annotations need, found when somebody evaluates the annotations.

A module imports such names under TYPE_CHECKING: at run time they would make circles, or load what
a program may never use. `typing.get_type_hints`, and tools that build on it, then fail with a
NameError. After `resolve_lazily` they find them: whoever evaluates the annotations of a function
looks a name up in its module, and then in what the module has for built-in names. There it is
imported. The annotations of a class's attributes are looked up elsewhere: what they name must be
there at run time.
"""

from importlib import import_module
from typing import Any


class _AnyOf(type):
    """Makes `_Missing` stand for a module and for each of its types, generic ones included."""

    def __getattr__(cls, name: str) -> "type[_Missing]":
        if name.startswith("__"):
            raise AttributeError(name)
        return _Missing

    def __getitem__(cls, parameters: object) -> "type[_Missing]":
        return _Missing


class _Missing(metaclass=_AnyOf):
    """A type that can't be told here: the package that has it is not installed."""


class _Names(dict[str, Any]):
    """The built-in names of a module, and behind them those it imports under TYPE_CHECKING.

    Args:
        namespace: The module's.
    """

    def __init__(self, namespace: dict[str, Any]) -> None:
        builtins = namespace["__builtins__"]
        super().__init__(builtins if isinstance(builtins, dict) else vars(builtins))
        self._namespace = namespace
        self._homes: dict[str, tuple[str, str]] | None = None

    def __missing__(self, name: str) -> Any:  # noqa: ANN401  # a class, or a module
        """Import a name.

        Raises:
            KeyError: The module has no such name for type checkers either.
        """
        if self._homes is None:
            self._homes = _names_for_checkers(self._namespace)
        home, attribute = self._homes[name]
        try:
            module = import_module(home)
        except ImportError:
            if home.partition(".")[0] == "xai":
                raise
            # Of an extra that is not installed: nobody has a value of its types.
            return _Missing
        found = self._namespace[name] = getattr(module, attribute) if attribute else module
        return found


def resolve_lazily(namespace: dict[str, object]) -> None:
    """Let annotations find what a module imports under TYPE_CHECKING.

    At the end of the module: functions that are defined before it keep Python's own built-in
    names, which are found in less time.

    Args:
        namespace: The module's ``globals()``.
    """
    namespace["__builtins__"] = _Names(namespace)


def _names_for_checkers(namespace: dict[str, Any]) -> dict[str, tuple[str, str]]:
    """Return module and attribute of each name that a module imports under TYPE_CHECKING."""
    import ast
    import inspect
    import sys

    source = inspect.getsource(sys.modules[namespace["__name__"]])
    found: dict[str, tuple[str, str]] = {}
    for block in ast.walk(ast.parse(source)):
        if not isinstance(block, ast.If) or ast.unparse(block.test) != "TYPE_CHECKING":
            continue
        for node in block.body:
            if isinstance(node, ast.Import):
                found |= {alias.asname or alias.name: (alias.name, "") for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module is not None:
                home = node.module
                found |= {alias.asname or alias.name: (home, alias.name) for alias in node.names}
    return found
