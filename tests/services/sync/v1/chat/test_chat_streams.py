# Do not edit: produced by "nox -s generate" from
# tests/services/aio/v1/chat/test_chat_streams.py
import gc
import weakref
from typing import Any

import grpc
import pytest

from tests.services.interop.reference import ReferenceServer, piece
from tests.services.sync.helpers import collect, happens, until_error
from xai import Client, InternalServerError, ServiceUnavailableError, v1
from xai.sync.v1.chat.chat import Chat
from xai.v1.chat.response import Response

CHUNKS = "Chat/GetCompletionChunk"
CUT = (grpc.StatusCode.UNAVAILABLE, "the connection was cut")
LAST = {
    "usage": {"total_tokens": 5},
    "citations": ["https://x.ai"],
    "outputs": [{"index": 0, "finish_reason": "REASON_STOP", "delta": {"role": 2}}],
}


def create(client: Client, **settings: Any) -> Chat:  # noqa: ANN401  # of all kinds
    """Return a chat in which something was said."""
    return client.v1.chat.create("m", messages=[v1.user("Hi")], **settings)


def test_stream_yields_the_answer_so_far_and_what_is_new(
    reference_server: ReferenceServer, client: Client
) -> None:
    """Each item has the growing answer, always the same object, and the piece that just came."""
    script = reference_server.script(CHUNKS)
    script.says(piece("Hel"), piece("lo"), LAST, trailers=(("request-id", "q-1"),))
    stream = create(client).stream()
    seen = []
    for response, chunk in stream:
        assert response is stream.response
        seen += [(response.content, chunk.content)]
    assert seen == [("Hel", "Hel"), ("Hello", "lo"), ("Hello", "")]
    assert stream.response.finish_reason is v1.FinishReason.STOP
    assert stream.response.usage.total_tokens == 5
    assert stream.response.citations == ["https://x.ai"]
    assert ("request-id", "q-1") in stream.response.metadata
    assert script.requests[0].n == 1


def test_until_done_reads_the_rest(reference_server: ReferenceServer, client: Client) -> None:
    """It returns the complete response, after some of it was read and after all of it."""
    reference_server.script(CHUNKS).says(piece("a"), piece("b"), piece("c"))
    stream = create(client).stream()
    for response, _ in stream:
        assert response.content == "a"
        break
    assert stream.until_done().content == "abc"
    assert stream.until_done().content == "abc"
    assert repr(stream).endswith("ChatStream, 3 chunks, whole>")


def test_steps_turn_up_amid_a_stream(reference_server: ReferenceServer, client: Client) -> None:
    """When a second output comes, the answer and the chunks are read as steps from then on."""
    reference_server.script(CHUNKS).says(piece("thinking"), piece("Done", 1))
    items = collect(create(client).stream())
    assert [chunk.content for _, chunk in items] == ["thinking", "Done"]
    assert {(response.index, response.content) for response, _ in items} == {(None, "Done")}


def test_error_amid_a_stream_has_what_came_before(
    reference_server: ReferenceServer, client: Client
) -> None:
    """The error's `partial` is the answer so far; it is not appended."""
    reference_server.script(CHUNKS).says(piece("Hel"), piece("lo"), status=CUT)
    chat = create(client, auto_append=True)
    stream = chat.stream()
    items, error = until_error(stream)
    assert isinstance(error, ServiceUnavailableError)
    assert error.partial is stream.response
    assert [chunk.content for _, chunk in items] == ["Hel", "lo"]
    assert stream.response.content == "Hello"
    assert len(chat.messages) == 1
    with pytest.raises(RuntimeError, match="closed before its end"):
        stream.until_done()


def test_error_amid_a_batch_has_what_came_of_each(
    reference_server: ReferenceServer, client: Client
) -> None:
    """The error's `partial` is the list of the answers so far."""
    reference_server.script(CHUNKS).says(piece("a"), piece("b", 1), status=CUT)
    stream = create(client).stream_batch(2)
    with pytest.raises(ServiceUnavailableError) as caught:
        stream.until_done()
    partial = caught.value.partial
    assert isinstance(partial, list)
    assert [response.content for response in partial] == ["a", "b"]


def test_stream_is_tried_again_before_its_first_chunk(
    reference_server: ReferenceServer, client: Client
) -> None:
    """A failure before anything came is retried, and nothing is doubled."""
    script = reference_server.script(CHUNKS)
    script.says(status=CUT)
    script.says(piece("a"), piece("b"))
    assert create(client).stream().until_done().content == "ab"
    assert len(script.calls) == 2


@pytest.mark.parametrize("index", [-1, 20_000])
def test_chunk_of_no_answer_is_an_error_of_the_server(
    reference_server: ReferenceServer, client: Client, index: int
) -> None:
    """An index that makes no sense ends the stream with what came before in the error."""
    reference_server.script(CHUNKS).says(piece("a"), piece("b", index))
    with pytest.raises(InternalServerError, match=f"not {index}") as caught:
        create(client).stream().until_done()
    assert isinstance(caught.value.partial, Response)
    assert caught.value.partial.content == "a"


def test_broken_chunk_is_an_error_of_the_server(
    reference_server: ReferenceServer, client: Client
) -> None:
    """Bytes that are no message end the stream with what came before in the error."""
    reference_server.script(CHUNKS).says(piece("a"), b"\xff\xff")
    with pytest.raises(InternalServerError, match="GetChatCompletionChunk") as caught:
        create(client).stream().until_done()
    assert isinstance(caught.value.partial, Response)
    assert caught.value.partial.content == "a"


def test_leaving_a_stream_early_cancels_the_call(
    reference_server: ReferenceServer, client: Client
) -> None:
    """After the block the server is told; what came stays readable, and is not appended."""
    script = reference_server.script(CHUNKS)
    script.says(piece("a"), hold=True)
    chat = create(client, auto_append=True)
    with chat.stream() as stream:
        for _, chunk in stream:
            assert chunk.content == "a"
            break
    assert happens(script.calls[0].ended)
    assert collect(stream) == []
    assert stream.response.content == "a"
    with pytest.raises(RuntimeError, match="closed before its end"):
        stream.until_done()
    assert len(chat.messages) == 1


def test_answer_is_appended_at_the_end_of_a_stream(
    reference_server: ReferenceServer, client: Client
) -> None:
    """With auto_append the complete response is in the conversation once it has been read."""
    reference_server.script(CHUNKS).says(piece("Hel"), piece("lo"))
    chat = create(client, auto_append=True)
    for _ in chat.stream():
        assert len(chat.messages) == 1
    assert chat.messages[1].content[0].text == "Hello"


def test_stream_sends_what_was_said_when_it_was_made(
    reference_server: ReferenceServer, client: Client
) -> None:
    """Nothing is sent before the first iteration; what is appended meanwhile is not part of it."""
    script = reference_server.script(CHUNKS)
    script.says(piece("a"))
    chat = create(client)
    stream = chat.stream()
    chat.append(v1.user("More"))
    assert script.calls == []
    stream.until_done()
    assert len(script.requests[0].messages) == 1


def test_stream_batch_yields_lists(reference_server: ReferenceServer, client: Client) -> None:
    """Each item has all answers so far, none of them behind, and a chunk for each."""
    script = reference_server.script(CHUNKS)
    script.says(piece("a"), piece("x", 1), piece("b"), piece("y", 1))
    stream = create(client).stream_batch(2)
    seen = []
    for responses, chunks in stream:
        texts = [response.content for response in reversed(responses)]
        seen += [(texts, [chunk.content for chunk in chunks])]
    assert seen == [
        (["", "a"], ["a", ""]),
        (["x", "a"], ["", "x"]),
        (["x", "ab"], ["b", ""]),
        (["xy", "ab"], ["", "y"]),
    ]
    assert [response.content for response in stream.responses] == ["ab", "xy"]
    assert [response.index for response in stream.until_done()] == [0, 1]
    assert script.requests[0].n == 2


def test_logprobs_of_a_stream_are_kept(reference_server: ReferenceServer, client: Client) -> None:
    """The probabilities of all chunks are in the answer, in order."""
    script = reference_server.script(CHUNKS)
    chunks = [
        piece(text, logprobs={"content": [{"token": text, "logprob": -0.5}]}) for text in "ab"
    ]
    script.says(*chunks)
    response = create(client, logprobs=True).stream().until_done()
    assert response.logprobs is not None
    assert [item.token for item in response.logprobs.content] == ["a", "b"]


def test_stream_that_is_dropped_ends_its_call(
    reference_server: ReferenceServer, client: Client
) -> None:
    """Nothing holds a stream but its reader, so the call ends without the collector."""
    script = reference_server.script(CHUNKS)
    script.says(piece("a"), hold=True)
    chat = create(client)
    gc.collect()
    gc.disable()
    try:
        stream = chat.stream()
        for _ in stream:
            break
        found = weakref.ref(stream)
        del stream
        assert found() is None
        assert happens(script.calls[0].ended)
    finally:
        gc.enable()
