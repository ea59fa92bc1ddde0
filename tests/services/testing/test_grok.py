import logging
from collections.abc import Iterator
from datetime import datetime, timezone

import pytest

import xai
from xai import Client
from xai.proto.prompt_ide.chat import (
    AddModelResponseRequest,
    AddResponseRequest,
    Conversation,
    CreateConversationRequest,
    GenerateTitleRequest,
    GetConversationRequest,
    ListConversationsRequest,
    ShareConversationRequest,
    UpdateConversationRequest,
)
from xai.testing import LocalServer

FACT = "How does the keeper start the horn?"


@pytest.fixture
def server() -> Iterator[LocalServer]:
    """A local server with two keys."""
    with LocalServer(api_keys={"one": ["*"], "two": ["*"]}) as server:
        yield server


@pytest.fixture
def client(server: LocalServer) -> Iterator[Client]:
    """A client of it."""
    with server.client() as client:
        yield client


def created(client: Client, title: str = "") -> str:
    """Return the ID of a new conversation."""
    stub = client.stubs.chat
    found = stub.create_conversation(CreateConversationRequest())
    if title:
        stub.update_conversation(
            UpdateConversationRequest(conversation_id=found.conversation_id, title=title)
        )
    return found.conversation_id


def stored(client: Client, conversation_id: str) -> Conversation:
    """Return a conversation as the server has it."""
    request = GetConversationRequest(conversation_id=conversation_id)
    return client.stubs.chat.get_conversation(request)


def titles(client: Client, **page: int | str) -> list[str]:
    """Return the titles of a page of conversations."""
    request = ListConversationsRequest(**page)  # type: ignore[arg-type]  # as the test wants
    return [item.title for item in client.stubs.chat.list_conversations(request).conversations]


def test_conversation_is_kept_with_everything_that_was_said(client: Client) -> None:
    """Loaded anew, a conversation has the same responses, parents and times in UTC."""
    begin = datetime.now(timezone.utc)
    conversation = client.grok.create_conversation()
    for message in ("Hello!", "Does it work?"):
        stream, reply = conversation.add_response(message)
        assert "".join(stream) == reply.result().message != ""
    loaded = client.grok.get_conversation(conversation.conversation_id)
    (root,) = loaded.root_responses
    (first,) = root.children
    (second,) = first.children
    (last,) = second.children
    found = [root, first, second, last]
    assert [item.sender for item in found] == ["human", "grok-local", "human", "grok-local"]
    assert (root.message, second.message) == ("Hello!", "Does it work?")
    assert (last.message, last.partial, last.manual) == (reply.result().message, False, False)
    times = [item.create_time for item in found]
    assert times == sorted(times, key=lambda moment: moment or begin)
    assert times[0] is not None
    assert begin <= times[0]
    assert loaded.create_time is not None
    assert loaded.modify_time is not None
    assert loaded.create_time < loaded.modify_time


def test_model_reads_the_branch_and_nothing_else(client: Client) -> None:
    """The prompt holds the way from the root to the message, not the other branches."""
    stub = client.stubs.chat
    conversation_id = created(client)

    def ask(message: str, parent: str = "") -> tuple[str, str]:
        request = AddResponseRequest(
            conversation_id=conversation_id, message=message, parent_response_id=parent
        )
        last = list(stub.add_response(request))[-1].model_response
        return last.response_id, last.debug_log.prompt

    left, _ = ask("Hello!")
    ask("Never mind.", left)
    _, prompt = ask("Does it work?", left)
    hello = stored(client, conversation_id).responses[1].message
    assert prompt == f"Human: Hello!\nAssistant: {hello}\nHuman: Does it work?\nAssistant:"


def test_message_without_parent_begins_another_tree(client: Client) -> None:
    """A conversation is a forest: it may have many roots."""
    stub = client.stubs.chat
    conversation_id = created(client)
    for message in ("Hello!", "Does it work?"):
        list(
            stub.add_response(AddResponseRequest(conversation_id=conversation_id, message=message))
        )
    roots = client.grok.get_conversation(conversation_id).root_responses
    assert [root.message for root in roots] == ["Hello!", "Does it work?"]


def test_resampling_adds_a_sibling(client: Client) -> None:
    """Answering again leaves the message of the user alone and may say something else."""
    conversation = client.grok.create_conversation()
    _, reply = conversation.add_response("Tell me a story.")
    answers = {reply.result().message}
    for _ in range(6):
        _, again = reply.result().resample()
        answers.add(again.result().message)
    responses = stored(client, conversation.conversation_id).responses
    assert sum(response.sender == "human" for response in responses) == 1
    assert len(responses) == 8
    assert len(answers) > 1


def test_replacing_a_reply_stores_it_as_manual(client: Client) -> None:
    """A text in the place of the model's is a sibling of the reply that says so."""
    conversation = client.grok.create_conversation()
    _, reply = conversation.add_response("Hello!")
    _, replaced = reply.result().replace("Good day.")
    response_id = replaced.result().response_id
    last = stored(client, conversation.conversation_id).responses[-1]
    assert (last.message, last.manual, last.partial) == ("Good day.", True, False)
    assert last.response_id == response_id
    assert last.parent_response_id == reply.result().parent_response_id


def test_partial_text_can_be_stored(client: Client) -> None:
    """AddModelResponse takes beginnings, and says that they are."""
    request = AddModelResponseRequest(conversation_id=created(client), message="Once", partial=True)
    response = client.stubs.chat.add_model_response(request)
    assert (response.message, response.partial, response.manual) == ("Once", True, True)


def test_abandoned_answer_is_kept_as_partial(server: LocalServer, client: Client) -> None:
    """What the model had said when the caller left is there, marked as a beginning."""
    conversation_id = created(client)
    server.stall(method="AddResponse", after_messages=4)
    request = AddResponseRequest(conversation_id=conversation_id, message="Hello!")
    with client.stubs.chat.add_response(request) as stream:
        for _ in range(4):
            next(iter(stream))
    server.wait_for_call("AddResponse", "cancelled")
    responses = stored(client, conversation_id).responses
    # The cancelled call may end a moment after it is recorded.
    for _ in range(100):
        if len(responses) == 2:
            break
        responses = stored(client, conversation_id).responses
    assert [item.partial for item in responses] == [False, True]
    assert responses[1].message
    assert "Hello! How can I help you today?".startswith(responses[1].message)


def test_search_results_come_with_the_answer_and_stay(client: Client) -> None:
    """What was found for a question is streamed, and kept with the reply."""
    conversation = client.grok.create_conversation()
    _, reply = conversation.add_response(FACT)
    response = reply.result()
    assert (response.query, response.query_type) == ("keeper start horn", "web")
    assert [post.text for post in response.x_posts] == [
        "When the fog comes in, the light is not enough, and the keeper starts the horn."
    ]
    assert "lighthouse" in response.web_search_results[0].url
    assert response.message in response.x_posts[0].text
    loaded = client.grok.get_conversation(conversation.conversation_id)
    kept = loaded.get_response(response.response_id)
    assert kept.query == response.query
    assert kept.x_posts == response.x_posts


def test_disabled_search_finds_nothing(client: Client) -> None:
    """A request without search has no action in its stream."""
    request = AddResponseRequest(conversation_id=created(client), message=FACT, disable_search=True)
    replies = list(client.stubs.chat.add_response(request))
    assert not [reply for reply in replies if reply.is_set("query_action")]
    assert replies[-1].model_response.debug_log.disable_search


def test_budget_is_told_with_every_answer(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    """The stream has the budget, which the client logs."""
    with caplog.at_level(logging.INFO, "xai"):
        _, reply = client.grok.create_conversation().add_response("Hello!")
        reply.result()
    assert [record for record in caplog.records if "token budget" in record.getMessage()]


@pytest.mark.parametrize("message", ["", "Hello!"])
def test_unknown_parent_is_not_found(client: Client, message: str) -> None:
    """A message can follow only what is in the conversation, and nothing is stored else."""
    conversation_id = created(client)
    request = AddResponseRequest(
        conversation_id=conversation_id, message=message, parent_response_id="nobody"
    )
    with pytest.raises(xai.NotFoundError):
        list(client.stubs.chat.add_response(request))
    assert stored(client, conversation_id).responses == []


def test_empty_message_needs_a_message_to_answer(client: Client) -> None:
    """There is nothing to answer at the root or after a reply of the model."""
    conversation_id = created(client)
    manual = client.stubs.chat.add_model_response(
        AddModelResponseRequest(conversation_id=conversation_id, message="Well.")
    )
    for parent in ("", manual.response_id):
        request = AddResponseRequest(conversation_id=conversation_id, parent_response_id=parent)
        with pytest.raises(xai.InvalidArgumentError, match="parent_response_id"):
            list(client.stubs.chat.add_response(request))


def test_conversations_of_others_do_not_exist(server: LocalServer, client: Client) -> None:
    """Every call with another key's conversation is answered with NOT_FOUND."""
    conversation = client.grok.create_conversation()
    _, reply = conversation.add_response("Hello!")
    response_id = reply.result().response_id
    name = conversation.conversation_id
    with server.client(api_key="two") as other:
        stub = other.stubs.chat
        calls = (
            lambda: stub.get_conversation(GetConversationRequest(conversation_id=name)),
            lambda: stub.update_conversation(UpdateConversationRequest(conversation_id=name)),
            lambda: stub.generate_title(GenerateTitleRequest(conversation_id=name)),
            lambda: stub.share_conversation(
                ShareConversationRequest(conversation_id=name, response_id=response_id)
            ),
            lambda: stub.add_model_response(AddModelResponseRequest(conversation_id=name)),
            lambda: list(stub.add_response(AddResponseRequest(conversation_id=name, message="x"))),
            lambda: other.grok.get_conversation(name).delete(),
        )
        for call in calls:
            with pytest.raises(xai.NotFoundError):
                call()
        assert other.grok.list_conversations() == []
    assert conversation.title == ""


def test_deleted_conversation_is_gone(client: Client) -> None:
    """After the deletion there is no such conversation, in the list either."""
    conversation = client.grok.create_conversation()
    _, reply = conversation.add_response("Hello!")
    reply.result()
    name = conversation.conversation_id
    conversation.delete()
    assert client.grok.list_conversations() == []
    with pytest.raises(xai.NotFoundError):
        client.grok.get_conversation(name)


def test_list_has_the_latest_change_first_and_no_responses(client: Client) -> None:
    """Conversations come without what was said in them, the one changed last first."""
    names = [created(client, title) for title in ("a", "b", "c")]
    assert titles(client) == ["c", "b", "a"]
    client.stubs.chat.add_model_response(
        AddModelResponseRequest(conversation_id=names[0], message="Well.")
    )
    assert titles(client) == ["a", "c", "b"]
    reply = client.stubs.chat.list_conversations(ListConversationsRequest())
    assert [item.responses for item in reply.conversations] == [[], [], []]


def test_list_is_paged_by_the_last_conversation_of_a_page(client: Client) -> None:
    """A page goes on after the conversation that the token names; the end is an empty page."""
    for number in range(5):
        created(client, str(number))
    seen: list[str] = []
    token = None
    while page := client.grok.list_conversations(page_size=2, next_page_token=token):
        assert len(page) <= 2
        seen += [item.title for item in page]
        token = page[-1].conversation_id
    assert seen == ["4", "3", "2", "1", "0"]


@pytest.mark.parametrize(
    ("page", "named"),
    [
        ({"page_size": 0}, "page_size"),
        ({"page_size": -1}, "page_size"),
        ({"next_page_token": "nobody"}, "next_page_token"),
    ],
)
def test_bad_page_is_refused(client: Client, page: dict[str, int | str], named: str) -> None:
    """A page without size or beginning is INVALID_ARGUMENT."""
    created(client, "a")
    with pytest.raises(xai.InvalidArgumentError, match=named):
        titles(client, **page)


def test_title_is_made_from_what_the_user_said(client: Client) -> None:
    """The title has the words that matter, belongs to the conversation, and follows the branch."""
    conversation = client.grok.create_conversation()
    _, reply = conversation.add_response("Please tell me about the stone bridge over the river")
    reply.result()
    assert conversation.generate_title() == "Stone bridge river"
    assert stored(client, conversation.conversation_id).title == "Stone bridge river"
    _, other = conversation.root_responses[0].replace("How do I bake bread with flour?")
    other.result()
    assert conversation.generate_title() == "Bake bread flour"


def test_title_of_small_talk_has_its_words(client: Client) -> None:
    """Where no word matters much, the title is still made of what was said."""
    conversation = client.grok.create_conversation()
    _, reply = conversation.add_response("Hello!")
    reply.result()
    title = conversation.generate_title()
    assert title
    whole = f"Hello! {reply.result().message}".casefold()
    assert all(word.casefold() in whole for word in title.split())


def test_title_needs_something_that_was_said(client: Client) -> None:
    """An empty conversation can't have a title made, and an unknown leaf is not found."""
    name = created(client)
    with pytest.raises(xai.FailedPreconditionError):
        client.stubs.chat.generate_title(GenerateTitleRequest(conversation_id=name))
    with pytest.raises(xai.NotFoundError):
        client.stubs.chat.generate_title(
            GenerateTitleRequest(conversation_id=name, leaf_response_id="nobody")
        )


def test_title_and_star_can_be_set(client: Client) -> None:
    """Both are kept by the server and change the time of modification."""
    conversation = client.grok.create_conversation()
    _, reply = conversation.add_response("Hello!")
    reply.result()
    before = stored(client, conversation.conversation_id).modify_time
    conversation.set_title("Greeting")
    conversation.star()
    after = stored(client, conversation.conversation_id)
    assert (after.title, after.starred) == ("Greeting", True)
    assert after.modify_time > before
    conversation.unstar()
    assert not stored(client, conversation.conversation_id).starred


def test_shared_response_says_so(client: Client) -> None:
    """Sharing marks the response, and only it; an unknown one is not found."""
    conversation = client.grok.create_conversation()
    _, reply = conversation.add_response("Hello!")
    response = reply.result()
    assert response.share() == f"https://share.x.ai/conversations/{response.response_id}"
    shared = [item.shared for item in stored(client, conversation.conversation_id).responses]
    assert shared == [False, True]
    request = ShareConversationRequest(
        conversation_id=conversation.conversation_id, response_id="nobody"
    )
    with pytest.raises(xai.NotFoundError):
        client.stubs.chat.share_conversation(request)


def test_search_looks_into_messages_and_titles(server: LocalServer, client: Client) -> None:
    """All words have to be there, in any case; other users' conversations stay out."""
    river = created(client, "About the River")
    bread = created(client, "Food")
    client.stubs.chat.add_model_response(
        AddModelResponseRequest(conversation_id=bread, message="Bread by the river.")
    )

    def found(query: str, user: Client = client) -> list[str]:
        return [item.conversation_id for item in user.grok.search_conversations(query)]

    assert set(found("river")) == {river, bread}
    assert found("RIVER bread") == [bread]
    assert found("about") == [river]
    assert found("lighthouse") == []
    assert len(client.grok.search_conversations("river", page_size=1)) == 1
    with server.client(api_key="two") as other:
        assert found("river", other) == []
    with pytest.raises(xai.InvalidArgumentError, match="query"):
        found(" ")


def test_fun_conversation_has_its_system_prompt(client: Client) -> None:
    """The conversation keeps the name of its system prompt; other names are refused."""
    conversation = client.grok.create_conversation(fun_mode=True)
    _, reply = conversation.add_response("Hello!")
    reply.result()
    assert stored(client, conversation.conversation_id).system_prompt_name == "fun"
    with pytest.raises(xai.InvalidArgumentError, match="system_prompt_name"):
        client.stubs.chat.create_conversation(CreateConversationRequest(system_prompt_name="sad"))


def test_unknown_model_is_not_found_and_stores_nothing(client: Client) -> None:
    """A message to a model that is not there is not in the conversation."""
    name = created(client)
    request = AddResponseRequest(conversation_id=name, message="Hello!", model_name="other")
    with pytest.raises(xai.NotFoundError, match="other"):
        list(client.stubs.chat.add_response(request))
    assert stored(client, name).responses == []


def test_reading_and_writing_have_acls_of_their_own() -> None:
    """chat:read lists and loads, chat:write says; neither does the other's work."""
    with LocalServer(api_keys={"reader": ["chat:read"], "writer": ["chat:write"]}) as server:
        with server.client(api_key="reader") as reader:
            assert reader.grok.list_conversations() == []
            assert reader.grok.search_conversations("x") == []
            with pytest.raises(xai.NotFoundError):
                reader.grok.get_conversation("nobody")
            with pytest.raises(xai.PermissionDeniedError):
                created(reader)
        with server.client(api_key="writer") as writer:
            _, reply = writer.grok.create_conversation().add_response("Hello!")
            assert reply.result().message
            with pytest.raises(xai.PermissionDeniedError):
                writer.grok.list_conversations()


def test_conversations_survive_a_restart_of_the_server(server: LocalServer) -> None:
    """Stopped and started again, the server still has what was said."""
    with server.client() as client:
        created(client, "a")
    server.stop()
    server.start()
    with server.client() as client:
        assert titles(client) == ["a"]
