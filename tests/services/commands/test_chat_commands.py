import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.services.commands.command_chat import (
    NEXT_ANSWER,
    PATHS,
    RIVER,
    RIVER_ANSWER,
    SEA,
    SEA_ANSWER,
    TALKS,
    Chats,
    has_past,
    leave,
    messages,
    saved,
)
from tests.support import SECRET_KEY, SECRET_MARKER
from xai import StatusCode
from xai.proto.prompt_ide.chat import UpdateConversationRequest
from xai.testing import LocalServer

each_talk = pytest.mark.parametrize("talk", TALKS)


@pytest.fixture
def server() -> Iterator[LocalServer]:
    """A server that knows the secret key, and one key that may do nothing."""
    with LocalServer(api_keys={SECRET_KEY: ["*"], "no-acl": []}) as server:
        yield server


@pytest.fixture
def chats(server: LocalServer, tmp_path: Path) -> Chats:
    """Conversations with the server."""
    return Chats(server, tmp_path)


@pytest.mark.parametrize("talk", ["v1", "chat"])
def test_title_of_a_conversation_here(server: LocalServer, chats: Chats, talk: str) -> None:
    """It is nothing until it is set, it is part of what is saved, and it is not sent."""
    path = chats.folder / "saved"
    with chats(*TALKS[talk]) as shown:
        shown.expect("^> $")
        shown.ask("/title", "There is no title yet\\.")
        shown.ask("/title  Of the  sea ", "Title: Of the  sea")
        shown.ask("/title", "Title: Of the  sea")
        shown.ask(SEA, SEA_ANSWER)
        shown.ask(f"/save {path}", "Saved to .+/saved\\.")
        leave(shown)
    assert saved(path).startswith("# Of the  sea\n\nYou: ")
    assert messages(server) == [SEA]
    calls = [call.method for call in server.calls if not call.method.startswith("/xai_api.Models/")]
    assert calls == [PATHS[talk]]


def test_title_of_a_conversation_there(server: LocalServer, chats: Chats) -> None:
    """The model finds one, or it is set; the server knows either."""
    with chats(*TALKS["grok"]) as shown:
        shown.expect("^> $")
        shown.ask("/title", "There is no title yet\\.")
        shown.ask("/title Mine", "xai chat: .+ before its first message")
        assert server.calls == []
        shown.ask(SEA, SEA_ANSWER)
        shown.enter("/title")
        found = shown.expect("^Title: (.+)\n> $")
        with server.client() as client:
            (known,) = client.grok.list_conversations()
        assert f"Title: {known.title}\n" in found
        shown.ask("/title The sea: ein Überblick", "Title: The sea: ein Überblick")
        leave(shown)
    updates = [c.request for c in server.calls if isinstance(c.request, UpdateConversationRequest)]
    assert [update.title for update in updates] == ["The sea: ein Überblick"]


@each_talk
def test_save_writes_what_was_said(chats: Chats, talk: str) -> None:
    """The file has every complete turn, and an existing one is never replaced."""
    path = chats.folder / "a file.md"
    with chats(*TALKS[talk]) as shown:
        shown.expect("^> $")
        shown.ask(f"/save {path}", "xai chat: there is nothing to save yet")
        shown.ask(SEA, SEA_ANSWER)
        shown.ask(RIVER, NEXT_ANSWER)
        shown.ask("/save", "xai chat: usage: /save FILE")
        shown.ask(f"/save {path}", "Saved to .+/a file\\.md\\.")
        shown.ask(f"/save {path}", "xai chat: .+/a file\\.md: .+ already; nothing was saved")
        shown.ask(f"/save {path}/x", "xai chat: .+/a file\\.md/x: Not a directory")
        shown.ask(f"/save {chats.folder}", "xai chat: .+: not a regular file")
        leave(shown)
    said = f"You: {SEA}\n\nModel: {SEA_ANSWER}\n\nYou: {RIVER}\n\nModel: {NEXT_ANSWER}\n"
    assert saved(path).endswith(said)
    assert [item.name for item in chats.folder.iterdir() if item.is_file()] == ["a file.md"]


def test_commands_are_not_sent(server: LocalServer, chats: Chats) -> None:
    """An unknown command is told, as is one used wrongly; a blank before it makes it a message."""
    with chats() as shown:
        shown.expect("^> $")
        shown.ask("/dance now", "xai chat: there is no command /dance; /help lists .+")
        shown.ask("/", "xai chat: there is no command /; /help lists .+")
        shown.ask("/new x", "xai chat: usage: /new ?")
        shown.enter("/help")
        helped = shown.expect("leaves\\.\n> $")
        assert all(name in helped for name in ("/new", "/title", "/save", "/help", "/exit"))
        shown.enter("   ")
        shown.expect("^> $")
        assert server.calls == []
        shown.enter(" /dance")
        shown.expect("[.?]\n> $")
        leave(shown)
    assert messages(server) == [" /dance"]


# Failures in the terminal.


@each_talk
def test_failed_call_is_one_line_and_the_talk_goes_on(
    server: LocalServer, chats: Chats, talk: str
) -> None:
    """Before or within an answer, a failure is told, and the history is as it was."""
    with chats(*TALKS[talk]) as shown:
        shown.expect("^> $")
        server.fail(StatusCode.INVALID_ARGUMENT, "bad\x1b[m\nword", method=PATHS[talk])
        shown.ask(SEA, r"xai chat: InvalidArgumentError: bad\\x1b\[m word")
        server.fail(StatusCode.DATA_LOSS, "lost", method=PATHS[talk], after_messages=4)
        shown.ask(SEA, "The capital.*\nxai chat: InternalServerError: lost")
        shown.ask(RIVER, RIVER_ANSWER)
        assert not has_past(server)
        leave(shown)


@pytest.mark.parametrize("talk", ["v1"])
@pytest.mark.parametrize(
    ("key", "error"),
    [
        (f"wrong-{SECRET_MARKER}", "AuthenticationError"),
        ("no-acl", "PermissionDeniedError"),
    ],
)
def test_key_that_wont_do_is_one_line(chats: Chats, talk: str, key: str, error: str) -> None:
    """It is told by each message, without the key."""
    with chats(*TALKS[talk], key=key) as shown:
        shown.expect("^> $")
        for _ in range(2):
            shown.ask(SEA, f"xai chat: {error}: .+")
        leave(shown)


@pytest.mark.parametrize("talk", ["v1"])
def test_answer_may_take_too_long(server: LocalServer, chats: Chats, talk: str) -> None:
    """--timeout is the time for an answer."""
    # However much of the time it takes to get there, and whichever call is the one.
    server.stall(times=None)
    with chats("--timeout", "0.3", "--model", "grok-local", *TALKS[talk]) as shown:
        shown.expect("^> $")
        shown.ask(SEA, "xai chat: DeadlineExceededError: .+")
        leave(shown)


def test_chat_needs_a_key(chats: Chats) -> None:
    """Without one it ends before the first prompt, with status 2."""
    with chats(key=None) as shown:
        assert shown.wait() == 2
        assert re.fullmatch("xai chat: .+XAI_API_KEY.+\n", shown.text)
