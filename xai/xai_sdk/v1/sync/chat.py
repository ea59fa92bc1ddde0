# Do not edit: produced by "nox -s generate" from
# xai/xai_sdk/v1/aio/chat.py
"""Chats and their calls."""

import warnings
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, TypeVar, cast

from xai._annotations import resolve_lazily
from xai.proto.xai_api import chat as pb
from xai.xai_sdk.v1.chats import spans
from xai.xai_sdk.v1.chats.base import BaseChat, BaseClient, Model, detected
from xai.xai_sdk.v1.chats.chunk import Chunk
from xai.xai_sdk.v1.chats.response import CompactContextResponse, Response
from xai.xai_sdk.v1.proto.messages import Message, unwrap, wrap
from xai.xai_sdk.v1.proto.modules import load
from xai.xai_sdk.v1.sync.connection import Connection
from xai.xai_sdk.v1.telemetry.spans import span

if TYPE_CHECKING:
    from xai.sync.rpc.stream import ReplyStream

chat_pb2 = load("chat_pb2")

ModelT = TypeVar("ModelT", bound=Model)


class Client(BaseClient["Chat"]):
    """Makes chats, and reads stored ones.

    Args:
        connection: Makes the calls.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def _make_chat(
        self, conversation_id: str | None, batch_request_id: str | None, **settings: object
    ) -> "Chat":
        return Chat(self._connection, conversation_id, batch_request_id, **settings)

    def get_stored_completion(self, response_id: str) -> Sequence[Response]:
        """Return a stored response: one item for each choice, or one for all of its steps.

        Args:
            response_id: The ID of the response.
        """
        request = chat_pb2.GetStoredCompletionRequest(response_id=response_id)
        reply = self._connection.call(pb.CHAT_GET_STORED_COMPLETION, request)
        if any(output.message.role == chat_pb2.ROLE_TOOL for output in reply.outputs):
            return [Response(reply, None)]
        return [Response(reply, at) for at in range(len(reply.outputs))]

    def delete_stored_completion(self, response_id: str) -> str:
        """Delete a stored response, and return its ID.

        Args:
            response_id: The ID of the response.
        """
        request = chat_pb2.DeleteStoredCompletionRequest(response_id=response_id)
        reply = self._connection.call(pb.CHAT_DELETE_STORED_COMPLETION, request)
        return str(reply.response_id)

    def compact_context(self, model: str, messages: Sequence[Message]) -> CompactContextResponse:
        """Return a conversation in a form that only the server can read.

        Args:
            model: The model.
            messages: The conversation.
        """
        request = chat_pb2.CompactContextRequest(model=model, input=messages)
        reply = self._connection.call(pb.CHAT_COMPACT_CONTEXT, request)
        return CompactContextResponse(reply)


class Chat(BaseChat):
    """A chat, whose calls send its messages as they are then.

    Args:
        connection: Makes the calls.
        conversation_id: What traces call the conversation.
        batch_request_id: The ID of the request in a batch.
        settings: The fields of the request that they send.
    """

    def __init__(
        self,
        connection: Connection,
        conversation_id: str | None,
        batch_request_id: str | None,
        **settings: object,
    ) -> None:
        super().__init__(conversation_id, batch_request_id, **settings)
        self._connection = connection

    def compact(self) -> CompactContextResponse:
        """Replace the messages by one that only the server can read, and return that."""
        request = self._make_compact_request()
        reply = self._connection.call(pb.CHAT_COMPACT_CONTEXT, request)
        compaction = CompactContextResponse(reply)
        self.append(compaction)
        return compaction

    def sample(self) -> Response:
        """Return a response."""
        with self._span("sample") as recorded:
            response = self._sampled()
            recorded.set(lambda: spans.response_attributes([response]))
            return response

    def _sampled(self) -> Response:
        request = self._make_request(1)
        reply = self._connection.call(pb.CHAT_GET_COMPLETION, request)
        return Response(reply, detected(self._index(), reply.outputs))

    def sample_batch(self, n: int) -> Sequence[Response]:
        """Return several responses.

        Args:
            n: How many.
        """
        _will_end("sample")
        with self._span("sample_batch") as recorded:
            request = self._make_request(n)
            reply = self._connection.call(pb.CHAT_GET_COMPLETION, request)
            responses = [Response(reply, at) for at in range(n)]
            recorded.set(lambda: spans.response_attributes(responses))
            return responses

    def stream(self) -> Iterator[tuple[Response, Chunk]]:
        """Yield the response so far, always the same object, and the chunk that was added."""
        request, index = self._make_request(1), self._index()
        empty = chat_pb2.GetChatCompletionResponse(outputs=[chat_pb2.CompletionOutput()])
        response = Response(empty, index)
        stream = self._streamed(request)
        with self._span("stream", current=False) as recorded:
            with stream:
                for raw in stream:
                    recorded.began()
                    chunk = wrap(raw)
                    index = detected(index, chunk.outputs)
                    response._index = index  # noqa: SLF001  # of this package
                    response.process_chunk(chunk)
                    yield response, Chunk(chunk, index)
            recorded.set(lambda: spans.response_attributes([response]))

    def stream_batch(self, n: int) -> Iterator[tuple[Sequence[Response], Sequence[Chunk]]]:
        """Yield several responses so far, and the chunk that was added, as each of them sees it.

        Args:
            n: How many.
        """
        _will_end("stream")
        request = self._make_request(n)
        outputs = [chat_pb2.CompletionOutput(index=at) for at in range(n)]
        whole = Response(chat_pb2.GetChatCompletionResponse(outputs=outputs), 0)
        responses = [whole, *(whole._choice(at) for at in range(1, n))]  # noqa: SLF001  # of this package
        stream = self._streamed(request)
        with self._span("stream_batch", current=False) as recorded:
            with stream:
                for raw in stream:
                    recorded.began()
                    chunk = wrap(raw)
                    whole.process_chunk(chunk)
                    yield responses, [Chunk(chunk, at) for at in range(n)]
            recorded.set(lambda: spans.response_attributes(responses))

    def parse(self, shape: type[ModelT]) -> tuple[Response, ModelT]:
        """Return a response in JSON, and what it stands for.

        The shape is that of all later responses as well.

        Args:
            shape: A pydantic model.

        Raises:
            ValidationError: The response does not have the shape; ``error.response`` has it.
        """
        self._ask_for(shape)
        with self._span("parse") as recorded:
            response = self._sampled()
            try:
                parsed = shape.model_validate_json(response.content)
            except ValueError as error:
                # It was paid for.
                spans.keep_response(error, response)
                raise
            recorded.set(lambda: spans.response_attributes([response]))
            return response, parsed

    def defer(
        self, *, timeout: timedelta | None = None, interval: timedelta | None = None
    ) -> Response:
        """Return a response that the server made in the background.

        Args:
            timeout: How long to wait; ten minutes when None.
            interval: The pause between two polls; a tenth of a second, growing to one, when None.

        Raises:
            RuntimeError: The response has expired on the server.
            TimeoutError: It was not there in time.
        """
        with self._span("defer") as recorded:
            reply = self._deferred(1, timeout, interval)
            response = Response(reply, detected(self._index(), reply.outputs))
            recorded.set(lambda: spans.response_attributes([response]))
            return response

    def defer_batch(
        self, n: int, *, timeout: timedelta | None = None, interval: timedelta | None = None
    ) -> Sequence[Response]:
        """Return several responses that the server made in the background.

        Args:
            n: How many.
            timeout: As for `defer`.
            interval: As for `defer`.

        Raises:
            RuntimeError: The responses have expired on the server.
            TimeoutError: They were not there in time.
        """
        _will_end("defer")
        with self._span("defer" if n == 1 else "defer_batch") as recorded:
            reply = self._deferred(n, timeout, interval)
            responses = [Response(reply, at) for at in range(n)]
            recorded.set(lambda: spans.response_attributes(responses))
            return responses

    def _deferred(self, n: int, timeout: timedelta | None, interval: timedelta | None) -> Message:
        from xai.sync.v1.chat.deferred import Deferred
        from xai.sync.v1.polling import WaitTimeout
        from xai.xai_sdk.v1.failures import translated

        request = cast("pb.GetCompletionsRequest", unwrap(self._make_request(n)))
        caller = self._connection.caller
        # No time at all stands for the default, as there.
        wait = WaitTimeout(caller, timeout or None, interval or None)
        with translated():
            # The budget is for the polls: what was begun is paid for.
            deferred = Deferred.start(caller, request, n)
            found = deferred.wait_within(wait)
        return wrap(found[0].proto)

    def _streamed(self, request: Message) -> "ReplyStream[pb.GetChatCompletionChunk]":
        raw = cast("pb.GetCompletionsRequest", unwrap(request))
        return self._connection.caller.stream(pb.CHAT_GET_COMPLETION_CHUNK, raw)

    def _span(self, method: str, *, current: bool = True) -> span:
        return span(
            __name__,
            f"chat.{method} {self._proto.model}",
            lambda: spans.request_attributes(self._proto, self._conversation_id),
            current=current,
        )


def _will_end(method: str) -> None:
    warnings.warn(
        f"chat.{method}_batch will be deprecated; use chat.{method}",
        PendingDeprecationWarning,
        stacklevel=3,
    )


resolve_lazily(globals())
