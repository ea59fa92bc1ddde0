import re
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.services.commands.command_chat import (
    NEXT_ANSWER,
    RIVER,
    SEA,
    SEA_ANSWER,
    TALKS,
    Chats,
    leave,
    messages,
)
from tests.services.commands.pseudo_terminal import UP
from tests.support import SECRET_KEY
from xai.commands.state import state_folder
from xai.testing import LocalServer

#: A terminal that can move its cursor, and the prompt there.
XTERM = {"TERM": "xterm"}
PROMPT = r"\x1b\[\?2004h.*>"


@pytest.fixture
def server() -> Iterator[LocalServer]:
    """A server that knows the secret key, and one key that may do nothing."""
    with LocalServer(api_keys={SECRET_KEY: ["*"], "no-acl": []}) as server:
        yield server


@pytest.fixture
def chats(server: LocalServer, tmp_path: Path) -> Chats:
    """Conversations with the server."""
    return Chats(server, tmp_path)


def test_arrow_up_brings_lines_back(server: LocalServer, chats: Chats) -> None:
    """Lines of this conversation and of earlier ones come back, and go to nobody else."""
    with chats(env=XTERM) as shown:
        for line, answer in ((SEA, SEA_ANSWER), (RIVER, NEXT_ANSWER)):
            shown.expect(PROMPT)
            shown.enter(line)
            shown.expect(answer)
        shown.expect(PROMPT)
        shown.type(UP + UP)
        shown.expect(SEA)
        shown.enter("")
        shown.expect("[.?!]")
        shown.expect(PROMPT)
        leave(shown)
    assert messages(server) == [SEA, RIVER, SEA]
    assert stat.S_IMODE(chats.history.stat().st_mode) == 0o600
    assert stat.S_IMODE(chats.history.parent.stat().st_mode) == 0o700
    with chats(*TALKS["grok"], env=XTERM) as shown:
        shown.expect(PROMPT)
        shown.type(UP + UP)
        shown.expect(re.escape(RIVER))
        shown.enter(" Tell me")
        shown.expect("[.?!]")
        shown.expect(PROMPT)
        leave(shown)
    assert messages(server)[-1] == f"{RIVER} Tell me"


def test_history_may_be_elsewhere_or_nowhere(chats: Chats) -> None:
    """--history names the file, and with --no-history there is none."""
    other = chats.folder / "other"
    with chats("--history", str(other), env=XTERM) as shown:
        shown.expect(PROMPT)
        shown.enter("/new")
        shown.expect("A new conversation\\.")
        shown.expect(PROMPT)
        leave(shown)
    assert other.read_text("utf-8").endswith("\n+/new\n")
    with chats("--no-history", env=XTERM) as shown:
        shown.expect(PROMPT)
        leave(shown)
    assert list(chats.folder.iterdir()) == [other]


def test_history_that_cant_be_kept_is_told_once(server: LocalServer, chats: Chats) -> None:
    """The conversation goes on without it."""
    with chats("--history", "/dev/null/history", env=XTERM) as shown:
        told = shown.expect(PROMPT)
        assert "xai chat: the history can't be kept: /dev/null" in told
        for line, answer in ((SEA, SEA_ANSWER), (RIVER, NEXT_ANSWER)):
            shown.enter(line)
            shown.expect(answer)
            shown.expect(PROMPT)
        leave(shown)
    assert shown.text.count("can't be kept") == 1
    assert messages(server) == [SEA, RIVER]


def test_history_has_a_place_by_the_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is in $XDG_STATE_HOME, where that is absolute, else in the home folder's own place."""
    monkeypatch.setenv("HOME", "/home/somebody")
    for state, expected in {
        "/state": "/state/xai",
        "state": "/home/somebody/.local/state/xai",
        "": "/home/somebody/.local/state/xai",
    }.items():
        monkeypatch.setenv("XDG_STATE_HOME", state)
        assert str(state_folder()) == expected
    monkeypatch.delenv("XDG_STATE_HOME")
    assert str(state_folder()) == expected
