# Do not edit: produced by "nox -s generate" from
# tests/services/aio/prompt_ide/test_chat_reply.py
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.services.interop.chat import StatelessChatScript
from tests.services.interop.protos import fill
from tests.services.sync.helpers import collect
from tests.services.sync.rpc.reply_helpers import outcome
from tests.support import SECRET_KEY
from xai import (
    Client,
    DebugLog,
    ImageAttachment,
    SearchContext,
    Sender,
    StatelessResponse,
    WebSearchResult,
)

if TYPE_CHECKING:
    from tests.services.interop.server import GrpcioServer

PAGE = {
    "url": "https://x.ai",
    "title": "t",
    "preview": "p",
    "search_engine_text": "s",
    "description": "d",
    "site_name": "n",
    "metadata_title": "m",
    "creator": "c",
    "image": "i",
    "favicon": "f",
    "citation_id": "1",
}
CONTEXT = {
    "web_search_query": "w",
    "web_formatted_chunks": "wc",
    "x_search_query": "x",
    "x_formatted_chunks": "xc",
    "date": "today",
}
LOG = {
    "system_prompt_name": "fun",
    "disable_search": True,
    "web_query": "wq",
    "x_query": "xq",
    "image_query": "iq",
    "prompt": "whole",
    "inputs": [
        {"text": "a"},
        {"image_bytes": b"\x89"},
        {"image_base64": "aGk="},
        {"token_ids": {"tokens": [1, 0, 2**32 - 1]}},
        {},
    ],
    "search_context": CONTEXT,
}


@pytest.fixture
def script(grpcio_server: "GrpcioServer") -> StatelessChatScript:
    """The service, ready to be told what to say."""
    return StatelessChatScript(grpcio_server)


@pytest.fixture
def remote(grpcio_server: "GrpcioServer") -> Iterator[Client]:
    """A client of the server made with grpcio; the hook that runs the test enters it."""
    client = Client(SECRET_KEY, api_host=grpcio_server.host)
    yield client
    client.close()


def reply_to(
    script: StatelessChatScript, remote: Client, *deltas: dict[str, object]
) -> StatelessResponse:
    """Let the server send deltas, and return the reply, which is the same in every form."""
    script.add_response.says(*deltas)
    conversation = remote.chat.create_conversation()
    stream, response = conversation.add_response("Hi")
    pieces = collect(stream)
    reply = outcome(response)
    assert "".join(pieces) == reply.message
    assert conversation.history[-1] == reply
    assert conversation.add_response_no_stream("Hi") == reply
    return reply


def test_texts_and_queries_accumulate(script: StatelessChatScript, remote: Client) -> None:
    """Messages and queries are strung together; the sender is the assistant, whatever is sent."""
    reply = reply_to(
        script,
        remote,
        {"message": "Hel", "query": "a", "sender": 1},
        {"query": " b"},
        {"message": "lo \N{GRINNING FACE}", "sender": 0},
    )
    assert reply == StatelessResponse(
        sender=Sender.ASSISTANT, message="Hello \N{GRINNING FACE}", query="a b"
    )
    assert reply.image_attachment is None
    assert reply.debug_log is None
    assert reply.web_search_results == []
    assert reply.x_post_ids == reply.image_inputs == []


def test_the_latest_of_the_rest_wins(script: StatelessChatScript, remote: Client) -> None:
    """Log, pages, query type and image are those that came last; a delta without keeps them."""
    reply = reply_to(
        script,
        remote,
        {
            "debug_log": {"prompt": "old", "web_query": "old"},
            "web_search_results": {"results": [{"url": "old"}, {"url": "older"}]},
            "query_type": "old",
            "image_attachment": {"image_bytes": b"old", "content_type": "image/old"},
        },
        {
            "debug_log": {"prompt": "new"},
            "web_search_results": {"results": [{"url": "new"}]},
            "query_type": "new",
            "image_attachment": {"image_bytes": b"new"},
        },
        {"message": "text"},
    )
    assert reply.debug_log == DebugLog(prompt="new")
    assert reply.web_search_results == [WebSearchResult(url="new")]
    assert reply.query_type == "new"
    assert reply.image_attachment == ImageAttachment(image_bytes=b"new", content_type="")


def test_an_empty_latest_wins_as_well(script: StatelessChatScript, remote: Client) -> None:
    """Present and empty is a value: it takes the place of what was there."""
    reply = reply_to(
        script,
        remote,
        {
            "debug_log": {"prompt": "old"},
            "web_search_results": {"results": [{"url": "old"}]},
            "image_attachment": {"image_bytes": b"old", "content_type": "image/old"},
        },
        {"debug_log": {}, "web_search_results": {}, "image_attachment": {}},
    )
    assert reply.debug_log == DebugLog()
    assert reply.web_search_results == []
    assert reply.image_attachment == ImageAttachment(image_bytes=b"", content_type="")


def test_post_ids_extend(script: StatelessChatScript, remote: Client) -> None:
    """IDs of posts are collected in their order, repeated ones too."""
    reply = reply_to(
        script,
        remote,
        {"x_post_ids": ["1", "2"]},
        {"message": "a"},
        {"x_post_ids": ["2", "3"]},
    )
    assert reply.x_post_ids == ["1", "2", "2", "3"]


def test_every_field_of_a_reply_is_read(script: StatelessChatScript, remote: Client) -> None:
    """Each field of the reply and of what is in it arrives under its own name."""
    reply = reply_to(
        script,
        remote,
        {
            "message": "m",
            "query": "q",
            "query_type": "web",
            "image_attachment": {"image_bytes": b"\x89PNG\0", "content_type": "image/png"},
            "x_post_ids": ["7"],
            "debug_log": LOG,
            "web_search_results": {"results": [PAGE, {}]},
        },
    )
    assert reply == StatelessResponse(
        sender=Sender.ASSISTANT,
        message="m",
        query="q",
        query_type="web",
        image_attachment=ImageAttachment(image_bytes=b"\x89PNG\0", content_type="image/png"),
        x_post_ids=["7"],
        debug_log=DebugLog(
            system_prompt_name="fun",
            disable_search=True,
            web_query="wq",
            x_query="xq",
            image_query="iq",
            prompt="whole",
            inputs=["a", b"\x89", "aGk=", [1, 0, 2**32 - 1], ""],
            search_context=SearchContext(**CONTEXT),
        ),
        web_search_results=[WebSearchResult(**PAGE), WebSearchResult()],
    )


@pytest.mark.parametrize("variant", [0, 1, 2, 3])
def test_a_reply_filled_by_google_survives_the_way_back(
    script: StatelessChatScript,
    remote: Client,
    grpcio_server: "GrpcioServer",
    variant: int,
) -> None:
    """Every field a reply can have is sent again unchanged, as Google's library reads it."""
    cls = grpcio_server.protos.message("prompt_ide.StatelessResponse")
    filled = fill(cls(), variant)
    filled.sender = 2
    filled.ClearField("image_inputs")
    script.add_response.says(filled.SerializeToString())
    conversation = remote.chat.create_conversation()
    conversation.add_response_no_stream("one")
    conversation.add_response_no_stream("two")
    assert script.add_response.requests[1].responses[1] == filled


def test_history_has_both_sides(script: StatelessChatScript, remote: Client) -> None:
    """The history alternates between the user and the assistant, in the order of the talk."""
    script.says_pieces("a")
    script.says_pieces("b")
    conversation = remote.chat.create_conversation()
    collect(conversation.add_response("one")[0])
    conversation.add_response_no_stream("two")
    assert list(conversation.history) == [
        StatelessResponse(Sender.HUMAN, "one"),
        StatelessResponse(Sender.ASSISTANT, "a"),
        StatelessResponse(Sender.HUMAN, "two"),
        StatelessResponse(Sender.ASSISTANT, "b"),
    ]
