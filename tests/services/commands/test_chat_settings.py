import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.services.commands.command_chat import RIVER, SEA, SEA_ANSWER, Chats, leave
from tests.services.commands.command_line import call
from tests.support import SECRET_KEY
from xai.proto.xai_api.chat import GetCompletionsRequest
from xai.testing import LocalServer


@pytest.fixture
def server() -> Iterator[LocalServer]:
    """A server with two models."""
    with LocalServer(api_keys={SECRET_KEY: ["*"]}, models=["first", "second"]) as server:
        yield server


@pytest.fixture
def chats(server: LocalServer, tmp_path: Path) -> Chats:
    """Conversations with the server."""
    return Chats(server, tmp_path)


def requests(server: LocalServer) -> list[GetCompletionsRequest]:
    """Return the requests for answers that reached the server."""
    found = [call.request for call in server.calls]
    return [request for request in found if isinstance(request, GetCompletionsRequest)]


def test_settings_change_the_next_message(server: LocalServer, chats: Chats) -> None:
    """Model, system prompt, tools and what is attached go with the next message, and no other."""
    (chats.folder / "notes.txt").write_text("calm", "utf-8")
    with chats() as shown:
        shown.expect("^> $")
        shown.ask("/model", "Model: first")
        shown.ask("/model second", "Model: second")
        shown.ask("/system", "There is no system prompt\\.")
        shown.ask("/system Be brief.", "System prompt: Be brief\\.")
        shown.ask("/tools", "There are no tools\\.")
        shown.ask("/tools dance", "xai chat: --tool: 'dance' is neither .+")
        shown.ask("/tools web_search", "Tools: web_search")
        shown.ask(f"/attach {chats.folder}/no.txt", "xai chat: .+No such file or directory")
        shown.ask(f"/attach {chats.folder}/notes.txt", ".+ goes with the next message\\.")
        shown.ask("Hello", ".*[.?!]")
        shown.ask("/tools none", "There are no tools\\.")
        shown.ask("Hello again", ".*[.?!]")
        leave(shown)
    first, second = requests(server)
    assert (first.model, len(first.tools), len(second.tools)) == ("second", 1, 0)
    assert [len(message.content) for message in first.messages] == [1, 2]
    assert first.messages[0].content[0].text == "Be brief."
    assert [len(message.content) for message in second.messages] == [1, 2, 1, 1]


def test_saved_conversation_goes_on(server: LocalServer, chats: Chats) -> None:
    """What /save writes is JSON, which /load and --load read: all of it is sent again."""
    path = chats.folder / "talk.json"
    with chats("--system", "Be brief.") as shown:
        shown.expect("^> $")
        shown.ask(SEA, ".*[.?!]")
        shown.ask("/title Of the sea", "Title: Of the sea")
        shown.ask(f"/save {path}", "Saved to .+")
        leave(shown)
    saved = json.loads(path.read_text("utf-8"))
    assert (saved["title"], saved["model"]) == ("Of the sea", "first")
    (chats.folder / "bad.json").write_text("[]", "utf-8")
    with chats() as shown:
        shown.expect("^> $")
        shown.ask(f"/load {chats.folder}/bad.json", "xai chat: .+ no conversation .+")
        shown.ask(f"/load {path}", "Loaded 1 message and their responses\\.")
        shown.ask("/title", "Title: Of the sea")
        shown.ask(RIVER, ".*[.?!]")
        leave(shown)
    arguments = ["chat", "--host", server.host, "--load", str(path)]
    assert call(*arguments, key=SECRET_KEY, given=RIVER).rc == 0
    texts = [[part.content[0].text for part in one.messages] for one in requests(server)]
    assert texts[1] == texts[2] == ["Be brief.", SEA, saved["turns"][0][1], RIVER]


def test_terminal_that_moves_its_cursor(server: LocalServer, chats: Chats) -> None:
    """There lines are edited, commands completed, and responses are Markdown; Ctrl-C stops one."""
    prompt = r"\x1b\[\?2004h.*>"
    path = "/xai_api.Chat/GetCompletionChunk"
    with chats(env={"TERM": "xterm"}) as shown:
        shown.expect(prompt)
        shown.type("/mod\t")
        shown.expect("/mod.*el")
        shown.type(" second\n")
        shown.expect("Model: second")
        shown.expect(prompt)
        server.stall(method=path, after_messages=3)
        shown.enter(SEA)
        server.wait_for_call(path, "open")
        shown.expect("The")
        shown.interrupt(r"\(stopped\)")
        shown.expect(prompt)
        server.wait_for_call(path, "cancelled")
        shown.enter(SEA)
        shown.expect(re.escape(SEA_ANSWER))
        shown.expect(prompt)
        leave(shown)
    assert [len(request.messages) for request in requests(server)] == [1, 1]
