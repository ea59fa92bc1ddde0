"""Errors of calls that are also those of grpcio.

Programs written for that package catch ``grpc.RpcError`` or ``grpc.aio.AioRpcError`` and ask for
``code()`` and ``details()``; programs written for this one catch `xai.APIError`. The classes here
are both, made when the first one is raised: whoever catches errors of grpcio has loaded it.

gRPC's core has words of its own for what fails without an answer of the server, and libraries tell
these failures apart by them. ``details()`` has those words; ``message`` has ours.
"""

import functools
import socket
from typing import TYPE_CHECKING, NamedTuple

from xai._annotations import resolve_lazily
from xai._text import escape_controls
from xai.errors import CLASS_BY_STATUS, APIConnectionError, APIError, StatusCode

if TYPE_CHECKING:
    from xai.runtime.retry.policy import Failure

_BASES = {cls.__name__: cls for cls in (*CLASS_BY_STATUS.values(), APIConnectionError, APIError)}


def reshape(error: APIError, failure: "Failure") -> APIError:
    """Return an error in the shape that programs of that package expect.

    Args:
        error: The error of a call.
        failure: How the call failed.
    """
    made: APIError = rpc_class(type(error).__name__)(error.code, error.message)
    made.__dict__.update(error.__dict__)
    made._took_shape(wording(failure))  # type: ignore[attr-defined]  # noqa: SLF001  # of `RpcAPIError`
    return made


def wording(failure: "Failure") -> str:
    """Return the text of a failure: the server's own, or what gRPC's core would say.

    Args:
        failure: How the call failed.
    """
    text = failure.message
    if failure.from_server:
        return text
    if failure.code is StatusCode.DEADLINE_EXCEEDED:
        return "Deadline Exceeded"
    if not failure.connection:
        return text
    if isinstance(failure.cause, socket.gaierror):
        return f"DNS resolution failed: {text}"
    if failure.unprocessed or failure.final:
        return f"failed to connect to all addresses; last error: UNKNOWN: {text}"
    return "Socket closed"


class Code(int):
    """The status of an error: a number, and callable as the errors of grpcio want it."""

    @property
    def name(self) -> str:
        """The name of the status."""
        return StatusCode(self).name

    @property
    def value(self) -> int:
        """The number of the status."""
        return int(self)

    def __call__(self) -> object:
        """Return the status as grpcio has it, or ours where grpcio is not installed."""
        grpc = _grpc()
        return StatusCode(self) if grpc is None else getattr(grpc.StatusCode, self.name)

    def __repr__(self) -> str:
        """Return the name of the status."""
        return f"<StatusCode.{self.name}: {int(self)}>"


class Details(tuple[object, ...]):  # noqa: SLOT001  # a tuple with slots can have no text
    """The decoded details of an error, callable for its text as the errors of grpcio want it."""

    text: str = ""

    def __call__(self) -> str:
        """Return the text of the error."""
        return self.text


class Pair(NamedTuple):
    """A pair of metadata."""

    key: str
    value: str


class Pairs(tuple[Pair, ...]):
    """Trailing metadata: pairs, of which the first of a key can be asked for."""

    __slots__ = ()

    def get(self, key: str, default: str | None = None) -> str | None:
        """Return the first value of a key."""
        return next((pair.value for pair in self if pair.key == key), default)

    def get_all(self, key: str) -> list[str]:
        """Return all values of a key."""
        return [pair.value for pair in self if pair.key == key]


class RpcAPIError(APIError):
    """What the errors of grpcio can do."""

    def __init__(self, code: StatusCode, message: str) -> None:
        APIError.__init__(self, StatusCode(code), message)
        self._took_shape(message)

    def _took_shape(self, text: str) -> None:
        details = Details(self.details)
        details.text = text
        self.details = details
        # Comparisons and hashes are those of the number, so it is as good as the enum.
        self.code = Code(self.code)  # type: ignore[assignment]  # see above

    def initial_metadata(self) -> Pairs:
        """Return the initial metadata, of which an error keeps nothing."""
        return Pairs()

    def trailing_metadata(self) -> Pairs:
        """Return the trailing metadata."""
        return Pairs(Pair(key, value) for key, value in self.metadata)

    def debug_error_string(self) -> str:
        """Return what there is to say about the call."""
        return " ".join([self.method, *getattr(self, "__notes__", ())])

    def __str__(self) -> str:
        """Return status and text as the errors of grpcio show them."""
        text = escape_controls(self.details.text)  # type: ignore[attr-defined]  # see `Details`
        return (
            f"<{type(self).__name__} of RPC that terminated with:\n"
            f"\tstatus = StatusCode.{self.code.name}\n"
            f'\tdetails = "{text}"\n>'
        )

    def __repr__(self) -> str:
        """Return status and text as the errors of grpcio show them."""
        return str(self)


@functools.cache
def rpc_class(name: str) -> type[APIError]:
    """Return the class that is one of ours and, where grpcio is installed, one of grpcio.

    Args:
        name: The name of ours.
    """
    grpc = _grpc()
    foreign = () if grpc is None else (grpc.aio.AioRpcError,)
    namespace = {"__module__": __name__, "__doc__": f"`xai.{name}`, as an error of grpcio."}
    made = type(name, (RpcAPIError, _BASES[name], *foreign), namespace)
    if grpc is not None:
        # The blocking client's errors are calls as well.
        grpc.Call.register(made)
    return made


@functools.cache
def _grpc():  # type: ignore[no-untyped-def]  # noqa: ANN202  # a module that may be missing
    try:
        import grpc
        import grpc.aio
    except ImportError:
        return None
    return grpc


if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        """Make a class when it is first wanted, as by a pickle of an error."""
        if name in _BASES:
            return rpc_class(name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


resolve_lazily(globals())
