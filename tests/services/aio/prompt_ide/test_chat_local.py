from tests.services.aio.helpers import QUESTION, collect
from tests.services.aio.rpc.reply_helpers import outcome
from tests.services.recorded import requests
from xai import AsyncClient, Sender
from xai.proto.prompt_ide import stateless_chat as pb
from xai.testing import LocalServer

ADD = pb.STATELESS_CHAT_ADD_RESPONSE


async def test_conversation_goes_on(server: LocalServer, client: AsyncClient) -> None:
    """Each message is sent with all that was said, and answered; the history has both sides."""
    conversation = client.chat.create_conversation()
    first = await conversation.add_response_no_stream("Hello!")
    stream, response = conversation.add_response(QUESTION)
    text = "".join(await collect(stream))
    second = await outcome(response)
    assert text == second.message
    assert [item.sender for item in conversation.history] == [Sender.HUMAN, Sender.ASSISTANT] * 2
    assert [item.message for item in conversation.history] == [
        *("Hello!", first.message, QUESTION, second.message)
    ]
    sent = [[item.message for item in request.responses] for request in requests(server, ADD)]
    assert sent == [["Hello!"], ["Hello!", first.message, QUESTION]]


async def test_reply_tells_how_it_came_about(client: AsyncClient) -> None:
    """The log has the prompt with the whole conversation in it."""
    conversation = client.chat.create_conversation()
    await conversation.add_response_no_stream("Hello!")
    reply = await conversation.add_response_no_stream(QUESTION)
    assert reply.debug_log is not None
    assert "Hello!" in reply.debug_log.prompt
    assert QUESTION in reply.debug_log.prompt


async def test_search_brings_pages_unless_it_is_off(client: AsyncClient) -> None:
    """What was found is on the reply; with the search turned off there is nothing."""
    question = "How does the keeper start the horn?"
    found = await client.chat.create_conversation().add_response_no_stream(question)
    assert found.query
    assert found.web_search_results or found.x_post_ids
    quiet = client.chat.create_conversation(disable_search=True)
    nothing = await quiet.add_response_no_stream(question)
    assert (nothing.query, nothing.web_search_results, nothing.x_post_ids) == ("", [], [])


async def test_fun_mode_reaches_the_model(client: AsyncClient) -> None:
    """The server knows the prompt called ``fun``, and says so in its log."""
    conversation = client.chat.create_conversation(fun_mode=True)
    reply = await conversation.add_response_no_stream(QUESTION)
    assert reply.debug_log is not None
    assert reply.debug_log.system_prompt_name == "fun"


async def test_conversation_can_be_logged_and_forgotten(
    server: LocalServer, client: AsyncClient
) -> None:
    """Both calls are served."""
    conversation = client.chat.create_conversation()
    await conversation.add_response_no_stream(QUESTION)
    await client.chat.log_for_debugging(conversation)
    await client.chat.delete_logged_conversations("key-1")
    (logged,) = requests(server, pb.STATELESS_CHAT_LOG_FOR_DEBUGGING)
    assert len(logged.responses) == 2
    assert len(requests(server, pb.STATELESS_CHAT_DELETE_LOGGED_CONVERSATIONS)) == 1
