"""The modules ``xai_sdk.proto.*_pb2`` and ``*_pb2_grpc``, which fill themselves as they are used.

The package has them three times: as attributes of ``proto``, and in ``proto.v5`` and ``proto.v6``
for versions of protobuf. Here these are the same modules.
"""

from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Final

from xai._annotations import resolve_lazily
from xai.xai_sdk.v1.proto import names

if TYPE_CHECKING:
    from collections.abc import Callable

_PACKAGE: Final = "xai_sdk.proto"
_FILES: Final = frozenset(f"{stem}_pb2{ending}" for stem in names.HOMES for ending in ("", "_grpc"))

#: The name of every module below ``xai_sdk.proto``.
NAMES: Final = (
    "v5",
    "v6",
    *sorted(f"{version}{name}" for version in ("", "v5.", "v6.") for name in _FILES),
)


class _Module(ModuleType):
    """A module whose names are looked up when they are first used.

    Args:
        name: What it is called.
        doc: Its docstring.
        find: Returns what a name stands for; raises KeyError when it stands for nothing.
        listed: Returns the names.
    """

    def __init__(
        self,
        name: str,
        doc: str,
        find: "Callable[[str], object]",
        listed: "Callable[[], list[str]]",
    ) -> None:
        super().__init__(name, doc)
        self._find = find
        self._listed = listed

    def __getattr__(self, name: str) -> object:
        """Return what a name stands for.

        Raises:
            AttributeError: It stands for nothing.
        """
        try:
            # Python asks modules for names of its own; none of them is in the API.
            found = None if name.startswith("__") else self._find(name)
        except KeyError:
            found = None
        if found is None:
            if name == "__all__":
                return self._listed()
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        vars(self)[name] = found
        return found

    def __dir__(self) -> list[str]:
        """List the names, loaded or not."""
        return sorted({*super().__dir__(), *self._listed()})


class _File:
    """What is in a module of messages and enums.

    Args:
        home: The generated module.
    """

    def __init__(self, home: str) -> None:
        self._home = home
        self._members: dict[str, int] | None = None

    def find(self, name: str) -> object:
        """Return a message, an enum or a member of one; None when there is none."""
        from xai.proto.base import Enum, Message
        from xai.xai_sdk.v1.proto import descriptors, enums, messages

        module = import_module(self._home)
        if name == "DESCRIPTOR":
            return descriptors.file_of(self._own((Message, Enum))[0])
        if name in names.HIDDEN:
            return None
        value = getattr(module, names.generated_name(name), None)
        if isinstance(value, type) and value.__module__ == self._home:
            if issubclass(value, Message):
                return messages.class_of(value)
            if issubclass(value, Enum):
                return enums.EnumType.of(descriptors.describe_enum(value))
        return self._hoisted().get(name)

    def listed(self) -> list[str]:
        """Return the names of all that is in it."""
        from xai.proto.base import Enum, Message

        found = (names.name_of(v) for v in self._own((Message, Enum)))
        return [*(name for name in found if "." not in name), *self._hoisted(), "DESCRIPTOR"]

    def _own(self, bases: tuple[type, ...]) -> list[type]:
        values = vars(import_module(self._home)).values()
        types = [value for value in values if isinstance(value, type)]
        return [t for t in types if issubclass(t, bases) and t.__module__ == self._home]

    def _hoisted(self) -> dict[str, int]:
        """Return the members of the enums that are not in a message."""
        if self._members is None:
            from xai.proto.base import Enum
            from xai.xai_sdk.v1.proto import descriptors

            own = [e for e in self._own((Enum,)) if "." not in names.name_of(e)]
            described = (descriptors.describe_enum(e) for e in own if issubclass(e, Enum))
            self._members = {value.name: value.number for e in described for value in e.values}
        return self._members


_MODULES: Final[dict[str, ModuleType]] = {}


def load(name: str) -> ModuleType:
    """Return a module below ``xai_sdk.proto``.

    Args:
        name: Its name there, such as ``chat_pb2`` or ``v6.chat_pb2``, which are the same; nothing
            for ``xai_sdk.proto`` itself.

    Raises:
        KeyError: There is no such module.
    """
    if name and name not in NAMES:
        raise KeyError(name)
    file = name.rpartition(".")[2]
    found = _MODULES.get(file)
    # Threads that come at the same time get the same one, whoever made it.
    return found if found is not None else _MODULES.setdefault(file, _made(file))


def _made(name: str) -> ModuleType:
    full_name = f"{_PACKAGE}.{name}".removesuffix(".")
    if name in {"", "v5", "v6"}:
        within = {*_FILES, "v5", "v6"} if not name else _FILES
        package = _Module(
            full_name,
            "The messages of the API in protobuf's manner.",
            lambda asked: load(asked) if asked in within else None,
            lambda: sorted(within),
        )
        package.__path__ = []
        return package
    stem, _, ending = name.partition("_pb2")
    doc = f"The {'services' if ending else 'messages and enums'} of xai/api/v1/{stem}.proto."
    if ending:
        from xai.xai_sdk.v1.proto.stubs import Services

        services = Services(names.HOMES[stem])
        return _Module(full_name, doc, services.find, services.listed)
    file = _File(names.HOMES[stem])
    return _Module(full_name, doc, file.find, file.listed)


resolve_lazily(globals())
