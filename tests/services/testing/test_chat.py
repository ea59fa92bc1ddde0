from collections.abc import Iterator

import pytest

import xai
from xai import Client
from xai.prompt_ide.types import Sender
from xai.proto.prompt_ide.chat import AdditionalOptions, SearchContext
from xai.proto.prompt_ide.stateless_chat import (
    StatelessConversation,
    StatelessResponse,
    StatelessResponseSender,
)
from xai.testing import LocalServer
from xai.testing.engine.dialogue import Cutter
from xai.testing.prompt_ide.chat import LocalStatelessChat

HUMAN = StatelessResponseSender.try_value(1)
ASSISTANT = StatelessResponseSender.try_value(2)
FACT = "How does the keeper start the horn?"


@pytest.fixture
def server() -> Iterator[LocalServer]:
    """A local server with its defaults."""
    with LocalServer() as server:
        yield server


@pytest.fixture
def client(server: LocalServer) -> Iterator[Client]:
    """A client of it."""
    with server.client() as client:
        yield client


def said(*texts: str, **fields: object) -> StatelessConversation:
    """Return a conversation in which both sides take turns."""
    responses = [
        StatelessResponse(sender=ASSISTANT if number % 2 else HUMAN, message=text)
        for number, text in enumerate(texts)
    ]
    return StatelessConversation(responses=responses, **fields)  # type: ignore[arg-type]  # any field


def whole(client: Client, request: StatelessConversation) -> StatelessResponse:
    """Return the deltas of an answer, put together."""
    answer = StatelessResponse()
    for delta in client.stubs.stateless_chat.add_response(request):
        answer.message += delta.message
        answer.query += delta.query
        answer.x_post_ids += delta.x_post_ids
        if delta.is_set("debug_log"):
            answer.debug_log = delta.debug_log
        if delta.is_set("web_search_results"):
            answer.web_search_results = delta.web_search_results
    return answer


def test_answer_is_streamed_in_pieces_that_join_to_the_message(client: Client) -> None:
    """The pieces are words, not the whole, and the future has their sum from the assistant."""
    stream, reply = client.chat.create_conversation().add_response("What is the capital of France?")
    pieces = list(stream)
    assert len(pieces) > 3
    assert reply.result().message == "".join(pieces) == "The capital of France is Paris."
    assert reply.result().sender == Sender.ASSISTANT


def test_answer_follows_from_the_whole_history(client: Client) -> None:
    """The model reads what was said before: its prompt holds every turn, in order."""
    conversation = client.chat.create_conversation()
    first = conversation.add_response_no_stream("Hello!")
    second = conversation.add_response_no_stream("Does it work?")
    assert second.debug_log is not None
    assert second.debug_log.prompt == (
        f"Human: Hello!\nAssistant: {first.message}\nHuman: Does it work?\nAssistant:"
    )
    assert second.debug_log.inputs == [second.debug_log.prompt]


def test_answer_of_equal_conversations_is_equal_and_seeds_change_it(client: Client) -> None:
    """Without a seed the conversation decides; other seeds may give other answers."""
    asked = "Tell me a story."
    assert whole(client, said(asked)).message == whole(client, said(asked)).message
    answers = {
        whole(
            client,
            said(asked, additional_options=AdditionalOptions(seed=seed, temperature=2.0)),
        ).message
        for seed in range(5)
    }
    assert len(answers) > 1


def test_answer_honours_length_and_temperature(client: Client) -> None:
    """The options limit the tokens, and at 0 the seed makes no difference."""
    options = AdditionalOptions(max_len=2)
    assert whole(client, said("Hello!", additional_options=options)).message == "Hello!"
    cold = {
        whole(
            client, said("Why?", additional_options=AdditionalOptions(seed=seed, temperature=0.0))
        ).message
        for seed in range(3)
    }
    assert len(cold) == 1


def test_fun_mode_changes_what_the_model_reads(client: Client) -> None:
    """The system prompt stands in front of the conversation and in the log."""
    plain = client.chat.create_conversation().add_response_no_stream("Hello!").debug_log
    fun = client.chat.create_conversation(fun_mode=True).add_response_no_stream("Hello!").debug_log
    assert plain is not None
    assert fun is not None
    assert (plain.system_prompt_name, fun.system_prompt_name) == ("", "fun")
    assert fun.prompt.endswith("\n" + plain.prompt)


def test_images_take_their_place_in_the_prompt(client: Client) -> None:
    """An image is a part of the message it belongs to."""
    conversation = client.chat.create_conversation()
    log = conversation.add_response_no_stream("What is this?", image_inputs=["aW1n"]).debug_log
    assert log is not None
    assert log.prompt == "Human: <|image|>What is this?\nAssistant:"
    assert log.inputs == ["Human: ", "aW1n", "What is this?\nAssistant:"]


def test_question_that_the_library_knows_is_searched_for(client: Client) -> None:
    """Pages and posts with the words of the question come with the answer."""
    reply = client.chat.create_conversation().add_response_no_stream(FACT)
    assert reply.query == "keeper start horn"
    assert reply.query_type == "web"
    assert reply.x_post_ids
    assert "lighthouse" in reply.web_search_results[0].url
    assert reply.debug_log is not None
    assert reply.debug_log.search_context is not None
    assert "starts the horn" in reply.debug_log.search_context.web_formatted_chunks
    assert "starts the horn" in reply.debug_log.prompt
    assert "starts the horn" in reply.message


@pytest.mark.parametrize("message", ["Hello!", "What is the capital of France?", "I like horns."])
def test_message_that_the_library_has_nothing_for_is_not_searched_for(
    client: Client, message: str
) -> None:
    """Small talk, statements and what nobody wrote about bring no search."""
    reply = client.chat.create_conversation().add_response_no_stream(message)
    assert (reply.query, reply.query_type, reply.x_post_ids) == ("", "", [])


def test_search_can_be_disabled(client: Client) -> None:
    """A conversation without search has none, and its log says so."""
    conversation = client.chat.create_conversation(disable_search=True)
    reply = conversation.add_response_no_stream(FACT)
    assert (reply.query, reply.web_search_results) == ("", [])
    assert "horn" not in reply.message
    assert reply.debug_log is not None
    assert reply.debug_log.disable_search


def test_question_for_posts_finds_posts_alone(client: Client) -> None:
    """Who asks for posts gets posts, and no pages."""
    reply = client.chat.create_conversation().add_response_no_stream("Find posts about the horn")
    assert reply.query_type == "x"
    assert reply.x_post_ids
    assert reply.web_search_results == []


def test_posts_go_where_the_request_wants_them(client: Client) -> None:
    """Posts are in the field, in the text, or nowhere."""
    field = whole(client, said(FACT, include_x_posts=True, x_posts_as_field=True))
    text = whole(client, said(FACT, include_x_posts=True))
    nowhere = whole(client, said(FACT))
    assert field.x_post_ids
    assert "@bridge_keeper" not in field.message
    assert not text.x_post_ids
    assert "@bridge_keeper: When the fog comes in" in text.message
    assert not nowhere.x_post_ids
    assert "@" not in nowhere.message


def test_injected_context_takes_the_place_of_a_search(client: Client) -> None:
    """The model reads the caller's findings, also for a message that asks for nothing."""
    given = SearchContext(web_search_query="tea", web_formatted_chunks="Tea is hot.")
    options = AdditionalOptions(injected_search_context=given)
    answer = whole(client, said("Hello!", additional_options=options))
    assert answer.query == "tea"
    assert answer.debug_log.prompt == (
        "Human: Hello!\nAssistant: Tea is hot.\nHuman: Hello!\nAssistant:"
    )
    assert answer.message == "Tea is hot."


def test_user_name_is_exposed_only_on_request(client: Client) -> None:
    """The handle is in the prompt when the request says that it may be."""
    told = {"name": "Ann", "username": "ann"}
    hidden = whole(client, said("Hello!", **told))
    shown = whole(client, said("Hello!", expose_username_to_grok=True, **told))
    assert "@ann" not in hidden.debug_log.prompt
    assert "Ann (@ann)" in shown.debug_log.prompt


@pytest.mark.parametrize(
    ("request_", "named"),
    [
        (said(), "responses"),
        (said("Hello!", "Hi."), "responses"),
        (StatelessConversation(responses=[StatelessResponse(message="x")]), "responses[0].sender"),
        (said("Hello!", system_prompt_name="sad"), "system_prompt_name"),
        (said("Hello!", additional_options=AdditionalOptions(temperature=-1.0)), "temperature"),
        (said("Hello!", additional_options=AdditionalOptions(max_len=-1)), "max_len"),
    ],
)
def test_bad_request_is_refused_by_the_name_of_the_field(
    client: Client, request_: StatelessConversation, named: str
) -> None:
    """What makes no sense is INVALID_ARGUMENT, and the text says where to look."""
    with pytest.raises(xai.InvalidArgumentError) as caught:
        whole(client, request_)
    assert named in str(caught.value)


def test_unknown_model_is_not_found_and_history_stays(client: Client) -> None:
    """A model that the server does not have fails the call, and nothing is remembered."""
    conversation = client.chat.create_conversation(model_name="other")
    with pytest.raises(xai.NotFoundError):
        conversation.add_response_no_stream("Hello!")
    assert conversation.history == ()


def test_spent_budget_ends_the_answers() -> None:
    """A key without tokens left is refused with RESOURCE_EXHAUSTED."""
    with LocalServer(token_limit=1) as server, server.client() as client:
        conversation = client.chat.create_conversation()
        conversation.add_response_no_stream("Hello!")
        with pytest.raises(xai.RateLimitError):
            conversation.add_response_no_stream("Hello!")


def test_answers_are_booked(client: Client) -> None:
    """An answer is a confirmed transaction of the key with the tokens that were streamed."""
    stream, _ = client.chat.create_conversation().add_response("Hello!")
    pieces = list(stream)
    booked = client.sampler.list_transactions()[-1]
    assert booked.transaction_type == "chat"
    assert booked.num_generated_tokens == len(pieces)
    assert booked.confirmed


@pytest.mark.parametrize(("acls", "allowed"), [(["chat:write"], True), (["chat:read"], False)])
def test_chat_needs_its_acl(acls: list[str], allowed: bool) -> None:  # noqa: FBT001
    """Every call of the service needs chat:write."""
    with LocalServer(api_keys={"key": acls}) as server, server.client() as client:
        conversation = client.chat.create_conversation()
        if allowed:
            conversation.add_response_no_stream("Hello!")
            client.chat.log_for_debugging(conversation)
            client.chat.delete_logged_conversations("any")
            return
        with pytest.raises(xai.PermissionDeniedError, match=r"^API key is missing ACLs"):
            conversation.add_response_no_stream("Hello!")
        with pytest.raises(xai.PermissionDeniedError):
            client.chat.log_for_debugging(conversation)
        with pytest.raises(xai.PermissionDeniedError):
            client.chat.delete_logged_conversations("any")


def test_logged_conversation_is_stored_until_it_is_deleted() -> None:
    """The log has the latest state of a conversation, for the key that logged it."""
    with LocalServer(api_keys={"one": ["*"], "two": ["*"]}) as server:
        service = next(item for item in server._services if isinstance(item, LocalStatelessChat))

        def logged() -> list[int]:
            return [len(conversation.responses) for conversation in service.logged]

        with server.client() as one, server.client(api_key="two") as two:
            conversation = one.chat.create_conversation()
            one.chat.log_for_debugging(conversation)
            conversation.add_response_no_stream("Hello!")
            one.chat.log_for_debugging(conversation)
            assert logged() == [2]
            two.chat.delete_logged_conversations(conversation.conversation_id)
            assert logged() == [2]
            one.chat.delete_logged_conversations(conversation.conversation_id)
            assert logged() == []
            one.chat.delete_logged_conversations(conversation.conversation_id)


def test_deleting_without_a_key_is_refused(client: Client) -> None:
    """An empty accounting key is INVALID_ARGUMENT."""
    with pytest.raises(xai.InvalidArgumentError, match="accounting_key"):
        client.chat.delete_logged_conversations("")


@pytest.mark.parametrize(
    ("texts", "stops", "passed", "cut"),
    [
        (["a", "b", "c"], [], "abc", False),
        (["ab", "cd", "ef"], ["bcde"], "a", True),
        (["ab", "cd"], ["cde"], "abcd", False),
        (["aab", "aac"], ["aac"], "aab", True),
        (["x", "", "STOP", "y"], ["STOP"], "x", True),
        (["xSTO", "xSTOP"], ["STOP"], "xSTOx", True),
        (["abc"], ["b", "a"], "", True),
    ],
)
def test_cutter_lets_through_what_is_in_front_of_a_stop_string(
    texts: list[str],
    stops: list[str],
    passed: str,
    cut: bool,  # noqa: FBT001
) -> None:
    """A stop string is found across pieces, nothing of it gets out, and all before it does."""
    cutter: Cutter[None] = Cutter(stops)
    found = ""
    for text in texts:
        found += "".join(released for released, _ in cutter.push(text, None))
        if cutter.cut:
            break
    else:
        found += "".join(released for released, _ in cutter.flush())
    assert (found, cutter.cut) == (passed, cut)
