"""Transports that record what they carry, or replay what others have carried."""

from collections import deque
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator
from typing import TYPE_CHECKING

from xai._annotations import resolve_lazily
from xai._masking import Masker, secret_values
from xai.runtime.retry.policy import CallFailed, stream_closed_failure
from xai.runtime.transport.asynchronous import AsyncByteStream, AsyncTransport
from xai.runtime.transport.blocking import BlockingTransport, ByteStream
from xai.testing.tape import (
    RecordedCall,
    RecordingError,
    Tape,
    finish,
    replayed,
    shown_request,
    shown_upload,
)

if TYPE_CHECKING:
    from xai.runtime.net.config import ChannelConfig
    from xai.runtime.transport.request import Request


class _Session:
    """One attempt that is recorded."""

    def __init__(self, tape: Tape, config: "ChannelConfig", request: "Request") -> None:
        self.call = tape.begin(request.path, request.payload)
        self._request = request
        self._masker = Masker((*config.secrets(), *secret_values(request.metadata)))
        self._over = False

    def received(self, messages: Iterable[bytes]) -> None:
        """Note messages of the reply."""
        self.call.replies.extend(messages)

    def ended(self, failed: CallFailed | None = None, *, left: bool = False) -> None:
        """Note the end; only the first one counts."""
        if self._over:
            return
        self._over = True
        self.call.left = left
        self.call.failure = None if failed is None else failed.failure
        self.call.metadata = tuple((key, "") for key, _ in self._request.response_metadata)
        finish(self.call, self._masker)


def _take(tape: Tape, request: "Request") -> RecordedCall:
    call = tape.take(request.path, shown_request(request.path, request.payload))
    request.head = [(key.encode("latin-1"), value.encode()) for key, value in call.metadata]
    return call


class _Replay:
    """The messages of a recorded stream."""

    def __init__(self, call: RecordedCall) -> None:
        self._call = call
        self._given = False
        self._closed = False

    def next(self) -> deque[bytes] | None:
        """Return all messages, then None.

        Raises:
            CallFailed: The stream failed, or was closed.
            RecordingError: Whoever was recorded has left the stream here.
        """
        if self._closed:
            raise CallFailed(stream_closed_failure())
        if not self._given and self._call.replies:
            self._given = True
            return deque(self._call.replies)
        if self._call.failure is not None:
            raise CallFailed(self._call.failure)
        if self._call.left:
            raise RecordingError(
                f"the stream of {self._call.method} was left after {len(self._call.replies)}"
                " messages when it was recorded, and is read on now"
            )
        return None

    def close(self) -> None:
        """Give no more."""
        self._closed = True


class _AsyncReplayStream(AsyncByteStream):
    """A recorded stream."""

    def __init__(self, call: RecordedCall) -> None:
        self._replay = _Replay(call)

    async def receive(self) -> deque[bytes] | None:
        """Return the next messages."""
        return self._replay.next()

    async def close(self) -> None:
        """Give no more."""
        self._replay.close()

    def __del__(self) -> None:
        """Do nothing: there is no call."""


class _AsyncRecordStream(AsyncByteStream):
    """A stream that is recorded."""

    def __init__(self, inner: AsyncByteStream, session: _Session) -> None:
        self._inner = inner
        self._session = session

    async def receive(self) -> deque[bytes] | None:
        """Wait for messages, and note them."""
        try:
            messages = await self._inner.receive()
        except CallFailed as failed:
            self._session.ended(failed)
            raise
        if messages is None:
            self._session.ended()
        else:
            self._session.received(messages)
        return messages

    async def close(self) -> None:
        """Cancel what is left of the call."""
        self._session.ended(left=True)
        await self._inner.close()

    def __del__(self) -> None:
        """Do nothing: the stream within sees to itself."""
        self._session.ended(left=True)


class AsyncRecordedTransport(AsyncTransport):
    """Carries the calls of one asynchronous client.

    Args:
        config: How the server is reached.
        tape: Where calls are recorded, or replayed from.
    """

    def __init__(self, config: "ChannelConfig", tape: Tape) -> None:
        super().__init__(config)
        self._tape = tape

    async def unary(self, request: "Request") -> bytes:
        """Make a call with one reply, or replay one."""
        if self._tape.replaying:
            return replayed(_take(self._tape, request))[0]
        session = _Session(self._tape, self.config, request)
        try:
            reply = await super().unary(request)
        except CallFailed as failed:
            session.ended(failed)
            raise
        session.received([reply])
        session.ended()
        return reply

    async def upload(self, request: "Request", messages: AsyncIterable[tuple[bytes, ...]]) -> bytes:
        """Make a call with a stream of requests, or replay one."""
        if self._tape.replaying:
            shown = shown_upload([b"".join(message) async for message in messages])
            return replayed(self._tape.take(request.path, shown))[0]
        session = _Session(self._tape, self.config, request)
        sent: list[bytes] = []

        async def noted() -> AsyncIterator[tuple[bytes, ...]]:
            async for message in messages:
                sent.append(b"".join(message))
                yield message

        try:
            reply = await super().upload(request, noted())
        except CallFailed as failed:
            session.call.request = shown_upload(sent)
            session.ended(failed)
            raise
        session.call.request = shown_upload(sent)
        session.received([reply])
        session.ended()
        return reply

    def stream(self, request: "Request") -> AsyncByteStream:
        """Start a call with a streamed reply, or replay one."""
        if self._tape.replaying:
            return _AsyncReplayStream(_take(self._tape, request))
        session = _Session(self._tape, self.config, request)
        return _AsyncRecordStream(super().stream(request), session)


class _ReplayStream(ByteStream):
    """A recorded stream."""

    def __init__(self, call: RecordedCall) -> None:
        self._replay = _Replay(call)

    def receive(self) -> deque[bytes] | None:
        """Return the next messages."""
        return self._replay.next()

    def close(self) -> None:
        """Give no more."""
        self._replay.close()

    def __del__(self) -> None:
        """Do nothing: there is no call."""


class _RecordStream(ByteStream):
    """A stream that is recorded."""

    def __init__(self, inner: ByteStream, session: _Session) -> None:
        self._inner = inner
        self._session = session

    def receive(self) -> deque[bytes] | None:
        """Wait for messages, and note them."""
        try:
            messages = self._inner.receive()
        except CallFailed as failed:
            self._session.ended(failed)
            raise
        if messages is None:
            self._session.ended()
        else:
            self._session.received(messages)
        return messages

    def close(self) -> None:
        """Cancel what is left of the call."""
        self._session.ended(left=True)
        self._inner.close()

    def __del__(self) -> None:
        """Do nothing: the stream within sees to itself."""
        self._session.ended(left=True)


class RecordedTransport(BlockingTransport):
    """Carries the calls of one blocking client.

    Args:
        config: How the server is reached.
        tape: Where calls are recorded, or replayed from.
    """

    def __init__(self, config: "ChannelConfig", tape: Tape) -> None:
        super().__init__(config)
        self._tape = tape

    def prepare(self, connect: float | None) -> None:
        """Begin to dial, unless calls are replayed."""
        if not self._tape.replaying:
            super().prepare(connect)

    def unary(self, request: "Request") -> bytes:
        """Make a call with one reply, or replay one."""
        if self._tape.replaying:
            return replayed(_take(self._tape, request))[0]
        session = _Session(self._tape, self.config, request)
        try:
            reply = super().unary(request)
        except CallFailed as failed:
            session.ended(failed)
            raise
        session.received([reply])
        session.ended()
        return reply

    def upload(self, request: "Request", messages: Iterable[tuple[bytes, ...]]) -> bytes:
        """Make a call with a stream of requests, or replay one."""
        if self._tape.replaying:
            return replayed(
                self._tape.take(
                    request.path, shown_upload([b"".join(message) for message in messages])
                )
            )[0]
        session = _Session(self._tape, self.config, request)
        sent: list[bytes] = []

        def noted() -> Iterator[tuple[bytes, ...]]:
            for message in messages:
                sent.append(b"".join(message))
                yield message

        try:
            reply = super().upload(request, noted())
        except CallFailed as failed:
            session.call.request = shown_upload(sent)
            session.ended(failed)
            raise
        session.call.request = shown_upload(sent)
        session.received([reply])
        session.ended()
        return reply

    def stream(self, request: "Request") -> ByteStream:
        """Start a call with a streamed reply, or replay one."""
        if self._tape.replaying:
            return _ReplayStream(_take(self._tape, request))
        session = _Session(self._tape, self.config, request)
        return _RecordStream(super().stream(request), session)


resolve_lazily(globals())
