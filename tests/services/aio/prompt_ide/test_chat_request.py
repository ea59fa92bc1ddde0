import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import grpc
import pytest

import xai
from tests.services.aio.helpers import collect
from tests.services.interop.chat import StatelessChatScript
from tests.support import SECRET_KEY
from xai import AsyncClient

if TYPE_CHECKING:
    from tests.services.interop.server import GrpcioServer

#: What every request has.
ALWAYS = {"include_x_posts": True, "x_posts_as_field": True}


@pytest.fixture
def script(grpcio_server: "GrpcioServer") -> StatelessChatScript:
    """The service, ready to be told what to say."""
    return StatelessChatScript(grpcio_server)


@pytest.fixture
def remote(grpcio_server: "GrpcioServer") -> Iterator[AsyncClient]:
    """A client of the server made with grpcio; the hook that runs the test enters it."""
    client = AsyncClient(SECRET_KEY, api_host=grpcio_server.host)
    yield client
    # twin: sync client.close()
    assert "closed" in repr(client)


async def test_defaults_of_the_request(script: StatelessChatScript, remote: AsyncClient) -> None:
    """A message alone sends the conversation's ID, the two flags and the message, no more."""
    script.says_pieces("fine")
    conversation = remote.chat.create_conversation()
    await conversation.add_response_no_stream("Hi")
    assert script.add_response.seen == [
        {
            **ALWAYS,
            "stateless_conversation_id": conversation.conversation_id,
            "responses": [{"sender": "HUMAN", "message": "Hi"}],
        }
    ]


@pytest.mark.parametrize(
    ("options", "sent"),
    [
        ({"fun_mode": True}, {"system_prompt_name": "fun"}),
        ({"fun_mode": False}, {}),
        ({"disable_search": True}, {"disable_search": True}),
        ({"disable_search": False}, {}),
        ({"model_name": "grok-9"}, {"model_name": "grok-9"}),
        ({"model_name": ""}, {}),
    ],
)
async def test_options_of_a_conversation_reach_their_fields(
    script: StatelessChatScript,
    remote: AsyncClient,
    options: dict[str, Any],
    sent: dict[str, object],
) -> None:
    """Each option is sent in its field and in no other, with every message."""
    script.says_pieces("fine")
    conversation = remote.chat.create_conversation(**options)
    assert conversation.fun_mode is options.get("fun_mode", False)
    for stream in (True, False):
        if stream:
            await collect(conversation.add_response("Hi")[0])
        else:
            await conversation.add_response_no_stream("Hi")
        seen = dict(script.add_response.seen[-1])
        del seen["responses"], seen["stateless_conversation_id"]
        assert seen == {**ALWAYS, **sent}


async def test_options_may_be_positional(script: StatelessChatScript, remote: AsyncClient) -> None:
    """The order is fun_mode, disable_search, model_name."""
    script.says_pieces("fine")
    conversation = remote.chat.create_conversation(True, True, "grok-9")  # noqa: FBT003  # the documented form
    await conversation.add_response_no_stream("Hi")
    (request,) = script.add_response.requests
    assert request.system_prompt_name == "fun"
    assert request.disable_search
    assert request.model_name == "grok-9"


async def test_conversation_id_is_a_hexadecimal_uuid(remote: AsyncClient) -> None:
    """Every conversation has an ID of its own, of 32 hexadecimal digits, without any call."""
    found = {remote.chat.create_conversation().conversation_id for _ in range(20)}
    assert len(found) == 20
    assert all(re.fullmatch("[0-9a-f]{32}", name) for name in found)


@pytest.mark.parametrize("stream", [True, False])
async def test_images_go_with_their_message(
    script: StatelessChatScript,
    remote: AsyncClient,
    stream: bool,  # noqa: FBT001  # a parameter
) -> None:
    """Images are sent with the message they belong to, then and in every later request."""
    script.says_pieces("fine")
    conversation = remote.chat.create_conversation()
    images = ["aGk=", "https://x.ai/a.png"]
    if stream:
        pair = conversation.add_response("Look", image_inputs=images)
        images.append("late")
        await collect(pair[0])
    else:
        await conversation.add_response_no_stream("Look", image_inputs=tuple(images))
    await conversation.add_response_no_stream("And now?")
    first = {"sender": "HUMAN", "message": "Look", "image_inputs": ["aGk=", "https://x.ai/a.png"]}
    assert script.add_response.seen[0]["responses"] == [first]
    assert script.add_response.seen[1]["responses"] == [
        first,
        {"sender": "ASSISTANT", "message": "fine"},
        {"sender": "HUMAN", "message": "And now?"},
    ]
    assert conversation.history[0].image_inputs == ["aGk=", "https://x.ai/a.png"]
    assert conversation.history[2].image_inputs == []


async def test_every_request_carries_the_whole_history(
    script: StatelessChatScript, remote: AsyncClient
) -> None:
    """All fields of earlier replies are sent again as the server gave them."""
    script.add_response.says(
        {
            "message": "fine",
            "query": "q",
            "query_type": "web",
            "x_post_ids": ["1", "2"],
            "image_attachment": {"image_bytes": b"\x89", "content_type": "image/png"},
            "debug_log": {"prompt": "p"},
            "web_search_results": {"results": [{"url": "https://x.ai"}]},
        }
    )
    conversation = remote.chat.create_conversation()
    for number in range(3):
        await collect(conversation.add_response(f"message {number}")[0])
    responses = script.add_response.seen[-1]["responses"]
    assert [item["message"] for item in responses] == [
        *("message 0", "fine", "message 1", "fine", "message 2")
    ]
    assert responses[1] == {
        "sender": "ASSISTANT",
        "message": "fine",
        "query": "q",
        "query_type": "web",
        "x_post_ids": ["1", "2"],
        "image_attachment": {"image_bytes": "iQ==", "content_type": "image/png"},
        "debug_log": {"prompt": "p"},
        "web_search_results": {"results": [{"url": "https://x.ai"}]},
    }
    assert responses[1] == responses[3]
    names = {request.stateless_conversation_id for request in script.add_response.requests}
    assert names == {conversation.conversation_id}


async def test_history_is_a_copy_that_stays(
    script: StatelessChatScript, remote: AsyncClient
) -> None:
    """A history that was taken does not grow, and what is done to it changes no request."""
    script.says_pieces("fine")
    conversation = remote.chat.create_conversation()
    assert len(conversation.history) == 0
    await conversation.add_response_no_stream("Hi", image_inputs=["aGk="])
    before = conversation.history
    before[0].image_inputs.append("forged")
    await conversation.add_response_no_stream("Hi")
    assert len(before) == 2
    assert script.add_response.requests[1].responses[0].image_inputs == ["aGk="]


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        ((1,), {}, "user_message must be a str, not int"),
        ((None,), {}, "user_message must be a str"),
        (("Hi",), {"image_inputs": "aGk="}, "image_inputs must be a sequence of str, not str"),
        (("Hi",), {"image_inputs": b"x"}, "image_inputs must be a sequence of str, not bytes"),
        (("Hi",), {"image_inputs": [b"x"]}, r"image_inputs\[0\] must be a str, not bytes"),
        (("Hi",), {"image_inputs": ["a", 1]}, r"image_inputs\[1\] must be a str, not int"),
    ],
)
async def test_wrong_arguments_are_refused_at_once(
    script: StatelessChatScript,
    remote: AsyncClient,
    arguments: tuple[Any, ...],
    options: dict[str, Any],
    message: str,
) -> None:
    """A TypeError names the argument, from the call itself and before anything is sent."""
    conversation = remote.chat.create_conversation()
    with pytest.raises(TypeError, match=message):
        conversation.add_response(*arguments, **options)
    with pytest.raises(TypeError, match=message):
        await conversation.add_response_no_stream(*arguments, **options)
    assert script.add_response.calls == []


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"fun_mode": 1}, "fun_mode must be a bool, not int"),
        ({"disable_search": 0}, "disable_search must be a bool"),
        ({"model_name": 0}, "model_name must be a str"),
    ],
)
async def test_wrong_options_are_refused(
    remote: AsyncClient, options: dict[str, Any], message: str
) -> None:
    """A conversation with an option of the wrong type is a TypeError that names it."""
    with pytest.raises(TypeError, match=message):
        remote.chat.create_conversation(**options)


async def test_conversation_is_logged_for_debugging(
    script: StatelessChatScript, remote: AsyncClient
) -> None:
    """The whole conversation is sent, as it would be with the next message."""
    script.says_pieces("fine")
    script.log_for_debugging.says()
    conversation = remote.chat.create_conversation(fun_mode=True, model_name="grok-9")
    await conversation.add_response_no_stream("Hi")
    await remote.chat.log_for_debugging(conversation)
    assert script.log_for_debugging.seen == [
        {
            **ALWAYS,
            "stateless_conversation_id": conversation.conversation_id,
            "system_prompt_name": "fun",
            "model_name": "grok-9",
            "responses": [
                {"sender": "HUMAN", "message": "Hi"},
                {"sender": "ASSISTANT", "message": "fine"},
            ],
        }
    ]


async def test_logged_conversations_are_deleted(
    script: StatelessChatScript, remote: AsyncClient
) -> None:
    """The key is sent, and the call has no result."""
    script.delete_logged.says()
    await remote.chat.delete_logged_conversations("key-1")
    assert script.delete_logged.seen == [{"accounting_key": "key-1"}]


async def test_logging_fails_like_every_call(
    script: StatelessChatScript, remote: AsyncClient
) -> None:
    """Wrong arguments are a TypeError, statuses are the library's errors."""
    wrong: Any = "conversation"
    with pytest.raises(TypeError, match="not str"):
        await remote.chat.log_for_debugging(wrong)
    wrong = 5
    with pytest.raises(TypeError, match="accounting_key must be a str, not int"):
        await remote.chat.delete_logged_conversations(wrong)
    refused = (grpc.StatusCode.FAILED_PRECONDITION, "not now")
    script.log_for_debugging.says(status=refused)
    script.delete_logged.says(status=refused)
    with pytest.raises(xai.FailedPreconditionError, match="not now"):
        await remote.chat.log_for_debugging(remote.chat.create_conversation())
    with pytest.raises(xai.FailedPreconditionError, match="not now"):
        await remote.chat.delete_logged_conversations("key-1")
