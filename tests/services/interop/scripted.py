"""Methods of the independent server that do what a test has written down."""

import threading
from collections import deque
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, cast

import attrs
import grpc
from google.protobuf.json_format import MessageToDict

from tests.services.interop.protos import AnyMessage

if TYPE_CHECKING:
    from tests.services.interop.server import GrpcioServer, SeenCall

_LIMIT = 60.0

#: A message by its fields, or bytes that are sent as they are.
Said = Mapping[str, object] | bytes


def fields(message: AnyMessage) -> dict[str, Any]:
    """Return what is set in a message, and nothing else."""
    return MessageToDict(message, preserving_proto_field_name=True)


class _Raw(bytes):
    def SerializeToString(self) -> bytes:  # noqa: N802  # Google's name
        return bytes(self)


@attrs.frozen(eq=False)
class _Plan:
    said: tuple[Said, ...]
    status: tuple[grpc.StatusCode, str] | None
    trailers: tuple[tuple[str, str | bytes], ...]
    hold: bool


class Scripted:
    """One method: each call takes the next plan, and the last plan stays.

    Args:
        server: Where the method is served.
        path: The method.
    """

    def __init__(self, server: "GrpcioServer", path: str) -> None:
        self.path = path
        self._server = server
        method = server.protos.methods[path]
        self._streaming = method.server_streaming
        self._reply = server.protos.of(method.output_type)
        self._plans: deque[_Plan] = deque()
        self._lock = threading.Lock()
        self._gates: list[threading.Event] = []
        #: Set once a call is held.
        self.held = threading.Event()
        self._released = False
        server.answer(path, self._answer)

    def says(
        self,
        *said: Said,
        status: tuple[grpc.StatusCode, str] | None = None,
        trailers: tuple[tuple[str, str | bytes], ...] = (),
        hold: bool = False,
    ) -> None:
        """Plan the answer to a call.

        Args:
            said: The messages.
            status: The status at the end, OK when None.
            trailers: Trailing metadata.
            hold: Whether to wait for `release`, or for the caller to leave, after the messages.
        """
        self._plans.append(_Plan(said, status, trailers, hold))

    def release(self) -> None:
        """Let the calls that are held go on, and those that would be."""
        self._released = True
        for gate in self._gates:
            gate.set()

    @property
    def calls(self) -> "list[SeenCall]":
        """The calls so far."""
        return [call for call in self._server.calls if call.path == self.path]

    @property
    def requests(self) -> list[Any]:
        """The requests so far, as Google's messages."""
        return self._server.requests(self.path)

    @property
    def seen(self) -> list[dict[str, Any]]:
        """What was set in each request so far."""
        return [fields(request) for request in self.requests]

    def _answer(self, _: AnyMessage, context: grpc.ServicerContext) -> AnyMessage:
        with self._lock:
            plan = self._plans.popleft() if len(self._plans) > 1 else self._plans[0]
        if self._streaming:
            return self._stream(plan, context)
        self._end(plan, context)
        return self._message(plan.said[0] if plan.said else {})

    def _stream(self, plan: _Plan, context: grpc.ServicerContext) -> Iterator[Any]:
        for said in plan.said:
            yield self._message(said)
        self._end(plan, context)

    def _end(self, plan: _Plan, context: grpc.ServicerContext) -> None:
        if plan.hold:
            gate = threading.Event()
            self._gates.append(gate)
            self.held.set()
            # Also when the caller has left, now or before.
            if not self._released and context.add_callback(gate.set):
                gate.wait(_LIMIT)
        if plan.trailers:
            context.set_trailing_metadata(plan.trailers)
        if plan.status is not None:
            context.abort(*plan.status)

    def _message(self, said: Said) -> AnyMessage:
        return _Raw(said) if isinstance(said, bytes) else self._reply(**cast("Any", said))
