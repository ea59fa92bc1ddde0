"""Records real calls in a file once, and replays them later without a network."""

import contextlib
import os
import tempfile
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Literal, TypeVar

from typing_extensions import Self, Unpack

from xai._annotations import resolve_lazily
from xai._validation import kind_of
from xai.aio.connections import AsyncClientBase, AsyncConnections
from xai.sync.connections import ClientBase, Connections
from xai.testing.recorded_transport import AsyncRecordedTransport, RecordedTransport
from xai.testing.tape import Tape

if TYPE_CHECKING:
    from xai import AsyncClient, Client
    from xai.testing.server import ClientOptions, V1ClientOptions
    from xai.v1 import AsyncClient as AsyncV1Client
    from xai.v1 import Client as V1Client

ClientT = TypeVar("ClientT", bound="ClientBase | AsyncClientBase")
Mode = Literal["once", "record", "replay"]

_MODES = ("once", "record", "replay")
#: What takes the place of a key where nothing is sent.
_NO_KEY = "no-key-for-a-replay"
_NO_MANAGEMENT_KEY = "no-management-key-for-a-replay"


def record(path: "str | os.PathLike[str]", *, mode: Mode = "once") -> "Recording":
    """Record the calls of clients in a file, or replay those that are in it.

    The file has one call a line, as JSON. API keys and metadata are not in it, secrets of tools are
    blanked out, and what a server quotes of a key is masked; prompts and responses are there in
    full. A recording is written when the ``with`` block is left without an exception.

    A replayed call gets the reply of the oldest recorded one with the same method and request that
    was not replayed yet. Downloads of images and videos are no part of it.

    Args:
        path: The file.
        mode: ``"once"`` records when there is no such file and replays else, ``"record"`` always
            records, ``"replay"`` never does.

    Returns:
        The recording, to be used in a ``with`` block.

    Raises:
        TypeError: An argument is of the wrong type.
        ValueError: The mode is unknown, or the file is no recording.
        FileNotFoundError: There is no such file to be replayed.
    """
    if not isinstance(path, (str, os.PathLike)):
        raise TypeError(f"path must be the path of a file, not {kind_of(path)}")
    if mode not in _MODES:
        raise ValueError(f"mode must be one of {_MODES}, not {mode!r}")
    file = Path(path)
    replaying = mode == "replay" or (mode == "once" and file.exists())
    tape = Tape.read(file) if replaying else Tape()
    return Recording(file, tape)


class Recording:
    """The calls of some clients, as they are recorded or replayed; made by `record`.

    Args:
        path: The file.
        tape: The calls.
    """

    def __init__(self, path: Path, tape: Tape) -> None:
        self._path = path
        self._tape = tape

    def __repr__(self) -> str:
        """Show the file, and what is done with it."""
        return f"<Recording {os.fspath(self._path)!r}, {'replay' if self.replaying else 'record'}>"

    @property
    def replaying(self) -> bool:
        """Whether calls are replayed, and nothing is sent."""
        return self._tape.replaying

    def __enter__(self) -> Self:
        """Return the recording itself."""
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Write the file, unless calls were replayed or an exception is on its way."""
        if self.replaying or exc_type is not None:
            return
        # All or nothing: half a recording would be replayed as if it were the whole.
        handle, name = tempfile.mkstemp(dir=self._path.parent, prefix=f".{self._path.name}.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
                file.writelines(self._tape.lines())
            # As any other file is made: not for its owner alone.
            mask = os.umask(0)
            os.umask(mask)
            Path(name).chmod(0o666 & ~mask)
            Path(name).replace(self._path)
        except BaseException:
            with contextlib.suppress(OSError):
                Path(name).unlink()
            raise

    def wrap(self, client: ClientT) -> ClientT:
        """Record or replay the calls of a client.

        Args:
            client: A client of any kind that has made no call yet.

        Returns:
            The client itself.

        Raises:
            TypeError: It is no client.
            ValueError: It has made calls already.
        """
        if not isinstance(client, (ClientBase, AsyncClientBase)):
            raise TypeError(f"client must be a client, not {kind_of(client)}")
        connections: Connections | AsyncConnections = client._connections  # noqa: SLF001  # ours
        if connections._transport or connections._management_transport:  # noqa: SLF001  # ours
            raise ValueError("the client has made calls already: wrap it before its first one")
        config, management = connections.config, connections.management
        if isinstance(connections, Connections):
            connections._transport = RecordedTransport(config, self._tape)  # noqa: SLF001  # ours
            if management is not None:
                other = RecordedTransport(management, self._tape)
                connections._management_transport = other  # noqa: SLF001  # ours
        else:
            connections._transport = AsyncRecordedTransport(config, self._tape)  # noqa: SLF001
            if management is not None:
                twin = AsyncRecordedTransport(management, self._tape)
                connections._management_transport = twin  # noqa: SLF001  # ours
        return client

    def client(self, **options: "Unpack[ClientOptions]") -> "Client":
        """Return a blocking client; options are those of `xai.Client`, and no key is needed."""
        from xai import Client

        return self.wrap(Client(**self._with_keys(options)))

    def async_client(self, **options: "Unpack[ClientOptions]") -> "AsyncClient":
        """Return an asynchronous client; options are those of `xai.AsyncClient`."""
        from xai import AsyncClient

        return self.wrap(AsyncClient(**self._with_keys(options)))

    def v1_client(self, **options: "Unpack[V1ClientOptions]") -> "V1Client":
        """Return a blocking client; options are those of `xai.v1.Client`."""
        from xai.v1 import Client

        return self.wrap(Client(**self._with_v1_keys(options)))

    def async_v1_client(self, **options: "Unpack[V1ClientOptions]") -> "AsyncV1Client":
        """Return an asynchronous client; options are those of `xai.v1.AsyncClient`."""
        from xai.v1 import AsyncClient

        return self.wrap(AsyncClient(**self._with_v1_keys(options)))

    def _with_keys(self, options: "ClientOptions") -> "ClientOptions":
        if self.replaying:
            options.setdefault("api_key", _NO_KEY)
            options.setdefault("management_api_key", _NO_MANAGEMENT_KEY)
        return options

    def _with_v1_keys(self, options: "V1ClientOptions") -> "V1ClientOptions":
        if self.replaying:
            options.setdefault("api_key", _NO_KEY)
            options.setdefault("management_api_key", _NO_MANAGEMENT_KEY)
        return options


resolve_lazily(globals())
