from collections.abc import Sequence
from pathlib import Path
from typing import get_args

import pytest

import xai
from tests.services.commands.command_chat import (
    NEXT_ANSWER,
    RIVER,
    SEA,
    SEA_ANSWER,
    V1,
    Chats,
    leave,
    saved,
)
from tests.services.commands.command_line import call
from tests.support import SECRET_KEY, ChildResult
from xai import StatusCode
from xai.commands.connection import DEFAULT_MODEL
from xai.proto.xai_api.chat import (
    CompletionOutputChunk,
    Delta,
    GetChatCompletionChunk,
    GetCompletionsRequest,
    MessageRole,
)
from xai.proto.xai_api.models import LanguageModel, ListLanguageModelsResponse
from xai.proto.xai_api.sample import FinishReason
from xai.testing import LocalServer
from xai.v1.chat.enums import ChatModel

MODELS = "/xai_api.Models/ListLanguageModels"


def local(*models: str, acls: Sequence[str] = ("*",)) -> LocalServer:
    """Return a server with some models, whose key may do some things."""
    return LocalServer(api_keys={SECRET_KEY: acls}, models=models or ["grok-local"])


def chat(server: LocalServer, text: str, *arguments: str) -> ChildResult:
    """Run the command with a text as its input."""
    return call("chat", "--host", server.host, *arguments, key=SECRET_KEY, given=text)


def requests(server: LocalServer) -> list[GetCompletionsRequest]:
    """Return the requests for answers that reached the server."""
    found = [call.request for call in server.calls]
    return [request for request in found if isinstance(request, GetCompletionsRequest)]


def listings(server: LocalServer) -> int:
    """Return how often the models were listed."""
    return sum(call.method == MODELS for call in server.calls)


def chunks(*deltas: Delta) -> list[GetChatCompletionChunk]:
    """Return a streamed answer."""
    outputs = [CompletionOutputChunk(delta=delta) for delta in deltas]
    outputs[-1].finish_reason = FinishReason.REASON_STOP
    return [GetChatCompletionChunk(id="1", outputs=[output]) for output in outputs]


# What is sent.


def test_only_the_conversation_is_sent() -> None:
    """A request has the model and what was said, and neither tools nor other settings."""
    with local() as server:
        result = chat(server, f"{SEA}\n{RIVER}\n", "--api", "v1")
        assert result == ChildResult(0, f"{SEA_ANSWER}\n{NEXT_ANSWER}\n", "")
        question, answer = xai.v1.user(SEA), xai.v1.assistant(SEA_ANSWER)
        # An answer goes back with its thoughts, of which there were none.
        answer.reasoning_content = ""
        assert requests(server) == [
            GetCompletionsRequest(model="grok-local", messages=messages, n=1)
            for messages in ([question], [question, answer, xai.v1.user(RIVER)])
        ]


def test_half_an_answer_is_no_part_of_the_conversation(tmp_path: Path) -> None:
    """After one that was stopped and one that failed, neither is sent, saved, nor their questions.

    What was said before them still is.
    """
    with local() as server, Chats(server, tmp_path)() as shown:
        shown.expect("^> $")
        shown.ask(SEA, SEA_ANSWER)
        server.stall(method=V1, after_messages=3)
        shown.enter("Stop this")
        server.wait_for_call(V1, "open")
        shown.interrupt("^\\(stopped\\)\n> $")
        server.wait_for_call(V1, "cancelled")
        server.fail(StatusCode.DATA_LOSS, "lost", method=V1, after_messages=3)
        shown.enter("Lose this")
        shown.expect("^xai chat: InternalServerError: lost\n> $")
        shown.ask(RIVER, NEXT_ANSWER)
        shown.ask(f"/save {tmp_path / 'saved'}", "Saved to .+")
        leave(shown)
        said = [message.content[0].text for message in requests(server)[-1].messages]
        assert said == [SEA, SEA_ANSWER, RIVER]
    text = saved(tmp_path / "saved")
    assert text == f"You: {SEA}\n\nModel: {SEA_ANSWER}\n\nYou: {RIVER}\n\nModel: {NEXT_ANSWER}\n"


# What is shown.


def test_thoughts_are_not_shown_nor_sent() -> None:
    """The output has the content alone, though thoughts and empty pieces come with it."""
    role = MessageRole.ROLE_ASSISTANT
    answer = chunks(
        Delta(role=role),
        Delta(role=role, reasoning_content="They ask about"),
        Delta(role=role, content="It is"),
        Delta(role=role, content=" deep.\n"),
        Delta(role=role),
    )
    with local() as server:
        server.reply(V1, answer)
        assert chat(server, f"{SEA}\n") == ChildResult(0, "It is deep.\n", "")


def test_response_of_v1_can_not_act_on_the_terminal(tmp_path: Path) -> None:
    """Control characters in an answer are shown as escapes."""
    with local() as server, Chats(server, tmp_path)() as shown:
        server.reply(V1, chunks(Delta(content="a\x1b]0;title\x07b"), Delta(content="\x9b\rc")))
        shown.expect("^> $")
        shown.ask(SEA, r"a\\x1b\]0;title\\x07b\\x9b\\rc")
        leave(shown)


# Which model answers.


def test_default_model_is_a_known_one() -> None:
    """It is among the names that editors offer."""
    assert DEFAULT_MODEL in get_args(ChatModel)


def test_named_model_is_asked_without_a_look_at_the_others(tmp_path: Path) -> None:
    """With --model nothing is listed, and the greeting names it."""
    with local("first", "second") as server:
        with Chats(server, tmp_path)("--model", "second") as shown:
            assert f"Talking with second on {server.host}." in shown.expect("^> $")
            shown.ask(SEA, SEA_ANSWER)
            leave(shown)
        assert [request.model for request in requests(server)] == ["second"]
        assert listings(server) == 0


@pytest.mark.parametrize(
    ("models", "expected"),
    [(["first", "second"], "first"), (["first", DEFAULT_MODEL], DEFAULT_MODEL)],
)
def test_default_model_is_one_that_the_server_has(
    tmp_path: Path, models: list[str], expected: str
) -> None:
    """It is the first that the server lists, unless ours is there; it is looked up once."""
    with local(*models) as server, Chats(server, tmp_path)() as shown:
        assert f"Talking with the default model on {server.host}." in shown.expect("^> $")
        assert server.calls == []
        shown.ask(SEA, SEA_ANSWER)
        shown.ask(RIVER, NEXT_ANSWER)
        shown.ask("/new", "A new conversation\\.")
        shown.ask(SEA, SEA_ANSWER)
        leave(shown)
        assert [request.model for request in requests(server)] == [expected] * 3
        assert listings(server) == 1


def test_alias_of_a_model_is_a_name_of_it() -> None:
    """A server that knows the default under another name is asked by the name we know."""
    models = [LanguageModel(name="first"), LanguageModel(name="x-0709", aliases=[DEFAULT_MODEL])]
    with local() as server:
        server.reply(MODELS, ListLanguageModelsResponse(models=models))
        server.reply(V1, chunks(Delta(content="Yes.")))
        assert chat(server, SEA) == ChildResult(0, "Yes.\n", "")
        assert [request.model for request in requests(server)] == [DEFAULT_MODEL]


def test_key_for_chat_alone_will_do() -> None:
    """Where the models may not be listed, the default is asked, and the server judges the name."""
    with local("first", DEFAULT_MODEL, acls=["chat:write"]) as server:
        assert chat(server, SEA) == ChildResult(0, f"{SEA_ANSWER}\n", "")
    with local("first", acls=["chat:write"]) as server:
        result = chat(server, SEA)
        assert (result.rc, result.stdout) == (1, "")
        assert result.stderr == f"xai chat: NotFoundError: {missing(DEFAULT_MODEL, 'first')}\n"


@pytest.mark.parametrize("listed", ["nothing", "unimplemented"])
def test_list_of_models_may_be_of_no_use(listed: str) -> None:
    """A server that has no list, or nothing in it, is asked for the default."""
    with local(DEFAULT_MODEL) as server:
        if listed == "nothing":
            server.reply(MODELS, ListLanguageModelsResponse())
        else:
            server.fail(StatusCode.UNIMPLEMENTED, "no such method", method=MODELS)
        assert chat(server, SEA) == ChildResult(0, f"{SEA_ANSWER}\n", "")


def test_list_that_fails_is_asked_for_again(tmp_path: Path) -> None:
    """It is told in one line, or stopped by Ctrl-C, and the next message tries once more."""
    with local() as server, Chats(server, tmp_path)() as shown:
        shown.expect("^> $")
        server.fail(StatusCode.INTERNAL, "broken", method=MODELS)
        shown.ask(SEA, "xai chat: InternalServerError: broken")
        server.stall(method=MODELS)
        shown.enter(SEA)
        server.wait_for_call(MODELS, "open")
        shown.interrupt("^\\(stopped\\)\n> $")
        server.wait_for_call(MODELS, "cancelled")
        assert requests(server) == []
        shown.ask(SEA, SEA_ANSWER)
        leave(shown)
        assert listings(server) == 3


def test_unknown_model_is_one_line(tmp_path: Path) -> None:
    """It is told by each message, and the talk goes on."""
    with local() as server, Chats(server, tmp_path)("--model", "x") as shown:
        shown.expect("^> $")
        for _ in range(2):
            shown.ask(SEA, f"xai chat: NotFoundError: {missing('x', 'grok-local')}")
        leave(shown)
        assert [len(request.messages) for request in requests(server)] == [1, 1]


def missing(name: str, *known: str) -> str:
    """Return the server's message about a model that is not among those it has."""
    return f"The model {name!r} does not exist; this server has: {', '.join(known)}."
