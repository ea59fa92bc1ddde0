"""A gRPC server made of Google's libraries alone, for every PromptIDE service."""

import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import TYPE_CHECKING, Any

import attrs
import grpc

from tests.services.interop.protos import AnyMessage, Protos
from tests.services.interop.sampler import sampler_answers

if TYPE_CHECKING:
    from google.protobuf.descriptor import MethodDescriptor
    from typing_extensions import Self

#: Large enough for the largest message of the tests.
_OPTIONS = (("grpc.max_receive_message_length", 2**26), ("grpc.max_send_message_length", -1))
_LIMIT = 60.0

#: Answers a call with one message, or with an iterator of them. What it answers is a message, or an
#: iterator of them.
Answer = Callable[[Any, grpc.ServicerContext], Any]


@attrs.define(eq=False)
class SeenCall:
    """A call as Google's library saw it.

    Attributes:
        path: The method.
        request: The request, as one of Google's messages; of a stream of them, a list.
        metadata: The metadata, in order.
        seconds: What was left of the caller's deadline; None without one.
        answered: Whether the answer was given in full, before the caller gave it up.
        ended: Set when the call is over, whichever way.
    """

    path: str
    request: Any
    metadata: list[tuple[str, str | bytes]]
    seconds: float | None
    answered: bool = False
    ended: threading.Event = attrs.field(factory=threading.Event)


class GrpcioServer(grpc.GenericRpcHandler):
    """Serves what it has an answer for; everything else is UNIMPLEMENTED.

    Args:
        protos: The messages and methods.
    """

    def __init__(self, protos: Protos) -> None:
        self.protos = protos
        self.calls: list[SeenCall] = []
        self._answers: dict[str, Answer] = {}
        self.forget()
        self._server = grpc.server(
            ThreadPoolExecutor(max_workers=8), handlers=[self], options=_OPTIONS
        )
        self.port = self._server.add_insecure_port("127.0.0.1:0")

    @property
    def host(self) -> str:
        """The ``api_host`` for a client."""
        return f"localhost:{self.port}"

    def __enter__(self) -> "Self":
        """Start to serve."""
        self._server.start()
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Cancel what is open and stop."""
        self._server.stop(None).wait(_LIMIT)

    def forget(self) -> None:
        """Forget the calls, and all answers but those of the sampler."""
        self.calls = []
        self._answers = dict(sampler_answers(self.protos))

    def answer(self, path: str, answer: Answer) -> None:
        """Answer the calls of a method in another way."""
        self._answers[path] = answer

    def requests(self, path: str) -> list[Any]:
        """Return the requests of a method."""
        return [call.request for call in self.calls if call.path == path]

    def service(
        self, handler_call_details: grpc.HandlerCallDetails
    ) -> "grpc.RpcMethodHandler[Any, Any] | None":
        """Return what handles a call."""
        path = handler_call_details.method
        method = self.protos.methods.get(path)
        if method is None or path not in self._answers:
            return None
        build: Any = grpc.unary_unary_rpc_method_handler
        if method.client_streaming:
            build = grpc.stream_unary_rpc_method_handler
        elif method.server_streaming:
            build = grpc.unary_stream_rpc_method_handler
        handler: grpc.RpcMethodHandler[Any, Any] = build(
            self._handler(path, method),
            request_deserializer=self.protos.of(method.input_type).FromString,
            response_serializer=lambda reply: reply.SerializeToString(),
        )
        return handler

    def _handler(self, path: str, method: "MethodDescriptor") -> Answer:
        answer = self._answers[path]

        def one(request: AnyMessage, context: grpc.ServicerContext) -> AnyMessage:
            call = self._note(path, request, context)
            try:
                return answer(request, context)
            finally:
                call.answered = context.is_active()

        def many(request: AnyMessage, context: grpc.ServicerContext) -> Iterator[Any]:
            call = self._note(path, request, context)
            replies: Iterable[Any] = answer(request, context)
            try:
                yield from replies
            finally:
                call.answered = context.is_active()

        def upload(requests: Iterator[Any], context: grpc.ServicerContext) -> AnyMessage:
            call = self._note(path, [], context)

            def noted() -> Iterator[Any]:
                for request in requests:
                    call.request.append(request)
                    yield request

            try:
                return answer(noted(), context)
            finally:
                call.answered = context.is_active()

        if method.client_streaming:
            return upload
        return many if method.server_streaming else one

    def _note(self, path: str, request: Any, context: grpc.ServicerContext) -> SeenCall:  # noqa: ANN401  # a message, or a list of them
        metadata = [(key, value) for key, value in context.invocation_metadata()]
        call = SeenCall(path, request, metadata, context.time_remaining())
        self.calls.append(call)
        # False when the caller is gone already: then nobody would ever call.
        if not context.add_callback(call.ended.set):
            call.ended.set()
        return call
