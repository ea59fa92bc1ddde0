"""The clients of a process, made from the setting ``XAI`` when they are first used."""

import difflib
import inspect
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, cast

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.signals import setting_changed
from django.utils.functional import LazyObject, empty

from xai._annotations import resolve_lazily
from xai.runtime.locks import Lock

if TYPE_CHECKING:
    from xai.v1 import AsyncClient, Client

#: The name of the setting.
SETTING: Final = "XAI"


def arguments() -> dict[str, object]:
    """Return the arguments of a client that the setting names.

    Raises:
        ImproperlyConfigured: The setting is not a dict, or has a name that no client has.
    """
    from xai.v1 import Client

    found: object = getattr(settings, SETTING, {})
    if not isinstance(found, Mapping):
        text = f"the setting {SETTING} must be a dict, not {type(found).__name__}"
        raise ImproperlyConfigured(text)
    known = {name.upper(): name for name in inspect.signature(Client).parameters}
    for name in found:
        if name not in known:
            near = difflib.get_close_matches(str(name).upper(), known, 1) or sorted(known)
            text = f"the setting {SETTING} has {name!r}; expected {' or '.join(near)}"
            raise ImproperlyConfigured(text)
    return {known[name]: value for name, value in found.items()}


class _Lazy(LazyObject):  # type: ignore[type-arg]  # generic in the stubs alone
    """Makes the client by which it is replaced."""

    def __init__(self, name: str) -> None:
        self.__dict__["_lock"] = Lock()
        self.__dict__["_name"] = name
        super().__init__()

    def _setup(self) -> None:
        import xai.v1

        # Two requests at once shall not make two.
        with self.__dict__["_lock"]:
            if self.__dict__["_wrapped"] is empty:
                self._wrapped = getattr(xai.v1, self.__dict__["_name"])(**arguments())

    def __repr__(self) -> str:
        """Return that of the client, once there is one."""
        name = self.__dict__["_name"]
        return (
            f"<{name} of Django's settings>"
            if self.__dict__["_wrapped"] is empty
            else repr(self._wrapped)
        )


def replace(blocking: "Client | None" = None, asynchronous: "AsyncClient | None" = None) -> None:
    """Let the clients of this process be others, until they are replaced again.

    Args:
        blocking: What `client` is from now on; one made anew from the settings when None.
        asynchronous: The same for `async_client`.
    """
    for lazy, found in ((client, blocking), (async_client, asynchronous)):
        lazy.__dict__["_wrapped"] = empty if found is None else found


def _forget(*, setting: str, **_: object) -> None:
    """Make new clients after the setting was overridden, which happens in tests."""
    if setting == SETTING:
        replace()


setting_changed.connect(_forget)

client = cast("Client", _Lazy("Client"))
"""The `xai.v1.Client` of this process, for views, commands and tasks; never closed by you."""

async_client = cast("AsyncClient", _Lazy("AsyncClient"))
"""The `xai.v1.AsyncClient` of this process, for every event loop in it."""

resolve_lazily(globals())
