"""The methods of the local server that script faults and replies."""

import asyncio
import math
from collections.abc import Sequence
from typing import Any, Literal, SupportsBytes, cast

from xai._validation import check_int, check_number, kind_of
from xai.errors import StatusCode
from xai.proto.base import Message
from xai.testing.control.calls import method_path, same_method
from xai.testing.control.faults import (
    Delay,
    DropConnection,
    Fail,
    Garbage,
    GoAway,
    Refuse,
    Reply,
    Reset,
    Stall,
    Trailers,
)
from xai.testing.http2.exchange import COMPRESSORS, Core
from xai.testing.http2.runner import Runner

_GARBAGE = ("protobuf", "cut", "http", "frame")


class Script:
    """Faults and scripted replies.

    Methods are given as a path, as the last part of one (``Tokenize``), as a method constant of
    the generated modules, or not at all for any method. ``times=None`` means every call from now
    on. A call meets at most one delay and one other fault, the oldest ones that fit. ``GET`` and
    ``HEAD`` are the requests for images, videos and files by HTTP, which only faults that name them
    are for; there a message is 64 KiB, and a status becomes that of HTTP.

    ``IndexDocument`` is no RPC: faults of that name are for the indexing of a document of a
    collection, which `fail` ends with its message, `delay` delays and `stall` holds up.
    """

    _core: Core
    _runner: Runner

    def fail(
        self,
        code: int,
        message: str = "",
        *,
        times: int | None = 1,
        method: object = None,
        after_messages: int | None = None,
        trailers: Trailers = (),
    ) -> None:
        """End a call with a gRPC status.

        Args:
            code: The status; an `xai.StatusCode` or a number.
            message: The text that goes with it.
            times: For how many calls.
            method: For which method.
            after_messages: After how many messages; None sends the status alone.
            trailers: Trailing metadata; bytes are encoded for ``-bin`` keys, text is sent as is.
        """
        code = int(code)
        if code == StatusCode.OK:
            raise ValueError("OK is not a failure; use reply().")
        self._core.faults.add(
            Fail(
                code=code,
                message=message,
                trailers=tuple(trailers),
                method=method_path(method),
                left=times,
                after_messages=after_messages,
            )
        )

    def limit_rate(
        self,
        per_second: float | None,
        *,
        burst: int = 1,
        method: object = None,
        name_wait: bool = False,
    ) -> None:
        """Refuse calls above a rate with RESOURCE_EXHAUSTED, from now on.

        Called again it moves the limit. A call that is refused meets no fault and no delay.

        Args:
            per_second: How many calls in a second; None for no limit.
            burst: How many at once, after a time without any.
            method: Of which method; when not given, of all methods together.
            name_wait: Whether a refusal says when there is room again
                (``grpc-retry-pushback-ms``).

        Raises:
            TypeError: An argument is of the wrong type.
            ValueError: The rate is not more than 0, or the burst is less than 1.
        """
        if per_second is not None:
            check_number("per_second", per_second, 0.0, math.inf)
            if not per_second:
                raise ValueError("per_second must be more than 0; stall() holds all calls up")
        check_int("burst", burst, 1, 2**31 - 1)
        self._core.rates.set(method_path(method), per_second, burst, name_wait=name_wait)

    def delay(self, seconds: float, *, times: int | None = 1, method: object = None) -> None:
        """Wait before serving a call; goes together with one other fault."""
        self._core.faults.add(Delay(seconds=seconds, method=method_path(method), left=times))

    def drop_connection(
        self, *, times: int | None = 1, method: object = None, after_messages: int | None = None
    ) -> None:
        """Close the connection without a frame: at once, or after so many messages."""
        path = method_path(method)
        self._core.faults.add(
            DropConnection(method=path, left=times, after_messages=after_messages)
        )

    def goaway(
        self,
        *,
        processed: bool = True,
        error_code: int = 0,
        times: int | None = 1,
        method: object = None,
        after_messages: int | None = None,
    ) -> None:
        """Send GOAWAY when a call comes.

        Open calls are finished and the connection is closed after the last one.

        Args:
            processed: Whether the call itself is still served; if not, it is above the last
                stream in the frame, and so certainly not processed.
            error_code: The HTTP/2 error code in the frame.
            times: For how many calls.
            method: For which method.
            after_messages: After how many messages; the call is then served in any case.
        """
        self._core.faults.add(
            GoAway(
                processed=processed,
                error_code=error_code,
                method=method_path(method),
                left=times,
                after_messages=after_messages,
            )
        )

    def refuse_streams(self, times: int | None = 1, *, method: object = None) -> None:
        """Reset streams with REFUSED_STREAM, which tells that the calls were not processed."""
        self._core.faults.add(Refuse(method=method_path(method), left=times))

    def reset(
        self,
        error_code: int,
        *,
        times: int | None = 1,
        method: object = None,
        after_messages: int | None = None,
    ) -> None:
        """Reset the stream with an HTTP/2 error code, at once or after so many messages."""
        self._core.faults.add(
            Reset(
                error_code=int(error_code),
                method=method_path(method),
                left=times,
                after_messages=after_messages,
            )
        )

    def send_garbage(
        self,
        times: int | None = 1,
        *,
        kind: Literal["protobuf", "cut", "http", "frame"] = "protobuf",
        method: object = None,
        after_messages: int | None = None,
    ) -> None:
        """Respond with bytes that are not a gRPC message.

        Args:
            times: For how many calls.
            kind: ``protobuf`` a message that can't be parsed, ``cut`` a message that ends too
                early, ``http`` a 502 page as of a proxy, ``frame`` bytes that are no HTTP/2.
            method: For which method.
            after_messages: After how many messages.
        """
        if kind not in _GARBAGE:
            raise ValueError(f"kind must be one of {_GARBAGE}, got {kind!r}.")
        path = method_path(method)
        self._core.faults.add(
            Garbage(kind=kind, method=path, left=times, after_messages=after_messages)
        )

    def stall(
        self,
        times: int | None = 1,
        *,
        method: object = None,
        after_messages: int | None = None,
    ) -> None:
        """Accept a call and send nothing, until `release` or the end of the server."""
        path = method_path(method)
        self._core.faults.add(Stall(method=path, left=times, after_messages=after_messages))

    def release(self) -> None:
        """Continue the calls that are stalled now."""
        self._runner.post(self._release)

    def reply(
        self,
        method: object,
        messages: "SupportsBytes | bytes | Sequence[SupportsBytes | bytes]",
        *,
        times: int | None = 1,
        trailers: Trailers = (),
    ) -> None:
        """Respond with scripted messages, for methods that the server has and others.

        Args:
            method: For which method.
            messages: One message or a sequence of them; bytes are sent as they are.
            times: For how many calls.
            trailers: Trailing metadata, as in `fail`.

        Raises:
            TypeError: There is no method, or a message is not one that the method replies with.
            ValueError: times is not 1 or more.
        """
        path = method_path(method)
        if path is None:
            raise TypeError("A scripted reply is for one method.")
        # Bytes are one message, although they are a sequence.
        one = isinstance(messages, bytes) or not isinstance(messages, Sequence)
        script: list[Any] = [messages] if one else list(cast("Sequence[SupportsBytes]", messages))
        for message in script:
            self._check_reply(path, message)
        self._core.faults.add(
            Reply(messages=script, trailers=tuple(trailers), method=path, left=times)
        )

    def _check_reply(self, path: str, message: object) -> None:
        if isinstance(message, bytes):
            return
        # Numbers have no bytes of their own: bytes(3) is three zeros.
        if isinstance(message, (str, type)) or not hasattr(message, "__bytes__"):
            hint = "; answer() takes what the model says" if isinstance(message, str) else ""
            raise TypeError(f"messages must be messages or bytes, not {kind_of(message)}{hint}")
        expected = [h.reply_type for p, h in self._core.handlers.items() if same_method(path, p)]
        if isinstance(message, Message) and expected and type(message) not in expected:
            names = " or ".join(dict.fromkeys(kind.__name__ for kind in expected))
            raise TypeError(f"{path} replies with {names}, not {type(message).__name__}")

    def compress(self, encoding: Literal["gzip", "deflate"] | None) -> None:
        """Compress the messages of all responses from now on, as some servers of gRPC do.

        A client that does not accept the encoding (``grpc-accept-encoding``) gets them as they are.

        Args:
            encoding: The encoding; None to compress no more.

        Raises:
            ValueError: It is not one of these.
        """
        if encoding is not None and encoding not in COMPRESSORS:
            raise ValueError(f"encoding must be one of {tuple(COMPRESSORS)}, got {encoding!r}.")
        self._core.compression = encoding

    def drain(self) -> None:
        """Send GOAWAY on every open connection now; open calls are finished."""
        self._runner.post(self._runner.drain)

    def clear_faults(self) -> None:
        """Remove the faults that were not used and limits of rates; release stalled calls."""
        self._core.faults.clear()
        self._core.rates.clear()
        self.release()

    def _release(self) -> None:
        released, self._core.released = self._core.released, asyncio.Event()
        released.set()
