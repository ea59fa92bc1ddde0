"""Finds the modules of ``xai_sdk`` in this package: ``xai_sdk.chat`` is `xai.xai_sdk.v1.chat`.

They are the same objects under both names, so nothing exists twice, and classes pickle by a name
that every process of this library can import.
"""

import sys
from collections.abc import Sequence
from importlib import import_module, util
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from importlib.abc import Loader, MetaPathFinder
else:
    # They are only there for type checkers: their module loads files and folders of resources.
    Loader = MetaPathFinder = object

NAME = "xai_sdk"
_HOME = "xai.xai_sdk.v1"
_PROTO = "proto"


def home_of(name: str) -> str:
    """Return the module of this package that stands for one of that package."""
    return f"{_HOME}{name.removeprefix(NAME)}"


def load(name: str) -> ModuleType:
    """Return a module of that package by its name below it.

    Args:
        name: Such as ``chat`` or ``aio.client``.
    """
    if is_installed():
        return import_module(f"{NAME}.{name}")
    if name == _PROTO:
        from xai.xai_sdk.v1.proto import modules

        return modules.load("")
    return import_module(f"{_HOME}.{name}")


class _Alias(Loader):
    """Gives a module that is imported under a name of its own."""

    def __init__(self, home: str) -> None:
        self._home = home
        self._own_spec: ModuleSpec | None = None

    def create_module(self, spec: ModuleSpec) -> ModuleType:  # noqa: ARG002  # the protocol's
        module = import_module(self._home)
        self._own_spec = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        # What imports it has replaced the spec meanwhile, and its reload would look in vain.
        module.__spec__ = self._own_spec


class _Messages(Loader):
    """Gives a module of messages, which is made and has no file."""

    def __init__(self, name: str) -> None:
        self._name = name

    def create_module(self, spec: ModuleSpec) -> ModuleType:  # noqa: ARG002  # the protocol's
        from xai.xai_sdk.v1.proto import modules

        return modules.load(self._name)

    def exec_module(self, module: ModuleType) -> None:
        """Do nothing: it fills itself when it is used."""


class _Finder(MetaPathFinder):
    """Finds ``xai_sdk`` and what is below it."""

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,  # noqa: ARG002  # the protocol's
        target: ModuleType | None = None,  # noqa: ARG002  # the protocol's
    ) -> ModuleSpec | None:
        """Return where a module is, without importing it."""
        if fullname != NAME and not fullname.startswith(f"{NAME}."):
            return None
        below = fullname.removeprefix(NAME).removeprefix(".")
        if below == _PROTO or below.startswith(f"{_PROTO}."):
            return _spec_of_messages(fullname, below.removeprefix(_PROTO).removeprefix("."))
        home = home_of(fullname)
        try:
            found = util.find_spec(home)
        except ModuleNotFoundError:
            found = None
        if found is None:
            raise _missing(fullname)
        folders = found.submodule_search_locations
        spec = ModuleSpec(
            fullname, _Alias(home), origin=found.origin, is_package=folders is not None
        )
        spec.submodule_search_locations = None if folders is None else list(folders)
        return spec


def _spec_of_messages(fullname: str, name: str) -> ModuleSpec:
    from xai.xai_sdk.v1.proto import modules

    if name and name not in modules.NAMES:
        raise _missing(fullname)
    is_package = not name.rpartition(".")[2].endswith(("_pb2", "_pb2_grpc"))
    return ModuleSpec(fullname, _Messages(name), is_package=is_package)


def _missing(fullname: str) -> ModuleNotFoundError:
    # Raised, as no other finder may look: the folder of an alias would give a second copy.
    return ModuleNotFoundError(f"No module named {fullname!r}", name=fullname)


def is_installed() -> bool:
    """Tell whether this finder answers for ``xai_sdk``."""
    return any(isinstance(finder, _Finder) for finder in sys.meta_path)


def install_finder() -> None:
    """Make ``xai_sdk`` and what is below it importable from here; a second call does nothing."""
    if not is_installed():
        # Before the finders of files, which would find the real package.
        sys.meta_path.insert(0, _Finder())
