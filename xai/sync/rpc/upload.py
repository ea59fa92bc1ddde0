# Do not edit: produced by "nox -s generate" from
# xai/aio/rpc/upload.py
"""Calls with a stream of requests and one reply."""

from collections.abc import Generator, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Final, Generic, TypeVar

import betterproto

from xai._annotations import resolve_lazily
from xai._secrets import Secret, conceal
from xai._sentinel import NotGiven
from xai.options import Timeouts
from xai.proto.base import Method
from xai.runtime.codec import api as codec
from xai.runtime.net.config import ChannelConfig, check_size
from xai.runtime.retry.controller import may_retry
from xai.runtime.retry.policy import Failure
from xai.sync.rpc.call import UnaryCall, check_type
from xai.sync.rpc.context import CallContext

if TYPE_CHECKING:
    from typing_extensions import Self

Q = TypeVar("Q", bound=betterproto.Message)
R_co = TypeVar("R_co", bound=betterproto.Message, covariant=True)

_SPENT: Final = "its requests come from an iterator, which can be read only once"


class UploadCall(UnaryCall[R_co], Generic[Q, R_co]):
    """A call whose requests are taken one by one, as the server takes them.

    An iterator can be read only once: after its first message, the call is not tried again. Any
    other iterable is asked for an iterator by each attempt.

    Args:
        context: What it shares with the client's other calls.
        method: The RPC.
        requests: Its messages.
        timeout: Seconds for the whole call, None for no limit; the client's when not given.
        metadata: Pairs for this call.

    Raises:
        TypeError: The requests are not of the right kind.
        RuntimeError: The client is closed.
    """

    def __init__(
        self,
        context: CallContext,
        method: Method[Q, R_co],
        requests: Iterable[Q],
        timeout: float | Timeouts | NotGiven | None,
        metadata: Sequence[tuple[str, str]] | Secret[Sequence[tuple[str, str]]],
    ) -> None:
        pairs = conceal(metadata)
        del metadata
        if not isinstance(requests, Iterable):
            found = type(requests).__name__
            raise TypeError(f"requests must be of type Iterable, not {found}")
        super().__init__(context, method, None, timeout, pairs)
        self._requests = requests
        self._upload = method
        self._once = isinstance(requests, Iterator)
        self._payloads: _Payloads[Q, R_co] | None = None

    def attempt(self) -> bytes:
        """Make one attempt."""
        config = self.context.transport.config
        payloads = self._payloads = _Payloads(self._upload, self._requests, config)
        try:
            return self.context.transport.upload(self._request, payloads)
        finally:
            if not self._once:
                payloads.close()

    def retry(self, failure: Failure) -> None:
        """Decide what follows on a failed attempt, unless nobody could send the same again."""
        if self._once and self._payloads is not None and self._payloads.begun:
            wanted = may_retry(failure, self.context.retry, idempotent=self.idempotent)
            self.fail(failure, _SPENT if wanted else "")
        super().retry(failure)


class _Payloads(Generic[Q, R_co]):
    """The encoded messages of one attempt, each in parts."""

    def __init__(
        self, method: Method[Q, R_co], requests: Iterable[Q], config: ChannelConfig
    ) -> None:
        self._method = method
        self._requests = requests
        self._config = config
        self._iterator: Iterator[Q] | None = None

    @property
    def begun(self) -> bool:
        """Whether a message was asked for."""
        return self._iterator is not None

    def __iter__(self) -> "Self":
        return self

    def __next__(self) -> tuple[bytes, ...]:
        if self._iterator is None:
            self._iterator = iter(self._requests)
        request = next(self._iterator)
        check_type(self._method, request)
        parts = codec.encode_parts(request)
        check_size(sum(map(len, parts)), self._config)
        return parts

    def close(self) -> None:
        """Close the iterator that was made for this attempt, and with it what it has opened."""
        if isinstance(self._iterator, Generator):
            self._iterator.close()


resolve_lazily(globals())
