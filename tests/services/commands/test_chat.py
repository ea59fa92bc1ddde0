import re
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.services.commands.command_chat import (
    CHAT,
    GROK,
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
)
from tests.services.commands.pseudo_terminal import CTRL_D
from tests.support import SECRET_KEY
from xai import StatusCode
from xai.commands.chat.interrupts import PEACE, Interrupts
from xai.proto.prompt_ide.chat import AddResponseRequest, AddResponseResponse, Response
from xai.proto.prompt_ide.stateless_chat import (
    ImageAttachment,
    StatelessConversation,
    StatelessResponse,
)
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


@pytest.mark.parametrize("talk", ["v1", "grok"])
def test_answer_is_seen_before_it_is_complete(server: LocalServer, chats: Chats, talk: str) -> None:
    """Each chunk of a response is shown when it comes, while the call is still open."""
    server.stall(method=PATHS[talk], after_messages=4)
    with chats(*TALKS[talk]) as shown:
        assert server.host in shown.expect("^> $")
        shown.enter(SEA)
        shown.expect("^The capital")
        assert "Paris" not in shown.text
        assert [call.state for call in server.calls if call.method == PATHS[talk]] == ["open"]
        shown.urge(server.release, " is Paris\\.\n> $")
        leave(shown)
    assert messages(server) == [SEA]


@each_talk
def test_conversation_has_a_past(server: LocalServer, chats: Chats, talk: str) -> None:
    """The second message is sent in the conversation of the first, and /new begins another."""
    with chats(*TALKS[talk]) as shown:
        shown.expect("^> $")
        shown.ask(SEA, SEA_ANSWER)
        assert not has_past(server)
        shown.ask(RIVER, NEXT_ANSWER)
        assert has_past(server)
        shown.ask("/new", "A new conversation\\.")
        shown.ask(SEA, SEA_ANSWER)
        assert not has_past(server)
        leave(shown)
    created = [call for call in server.calls if call.method.endswith("/CreateConversation")]
    assert len(created) == (2 if talk == "grok" else 0)


@pytest.mark.parametrize("talk", ["chat", "grok"])
def test_options_reach_the_server(server: LocalServer, chats: Chats, talk: str) -> None:
    """Model and mood are those of the command line."""
    with chats(*TALKS[talk], "--model", "grok-local", "--fun") as shown:
        assert "grok-local" in shown.expect("^> $")
        shown.enter(SEA)
        shown.expect("\\.\n> $")
        leave(shown)
    request = server.calls[-1].request
    assert isinstance(request, (StatelessConversation, AddResponseRequest))
    assert (request.model_name, request.system_prompt_name) == ("grok-local", "fun")


def test_answer_can_do_nothing_to_the_terminal(server: LocalServer, chats: Chats) -> None:
    """Control characters in an answer are shown as escapes; tabs and line breaks stay."""
    server.reply(CHAT, [StatelessResponse(message="a\x1b]0;title\x07b\tc\nd\x9b\r")])
    with chats(*TALKS["chat"]) as shown:
        shown.expect("^> $")
        shown.enter(SEA)
        shown.expect("> $")
        leave(shown)
    assert "\na\\x1b]0;title\\x07b\tc\nd\\x9b\\r\n" in re.sub("c +d", "c\nd", shown.text)


def test_image_is_named(server: LocalServer, chats: Chats) -> None:
    """What a terminal can't show is told."""
    image = ImageAttachment(image_bytes=b"12345", content_type="image/png")
    reply = StatelessResponse(message="Here.", image_attachment=image)
    server.reply(CHAT, [reply])
    with chats(*TALKS["chat"]) as shown:
        shown.expect("^> $")
        shown.enter(SEA)
        shown.expect("^Here\\.\n\\[image: image/png, 5 B\\]\n> $")
        leave(shown)


def test_image_of_grok_is_named(server: LocalServer, chats: Chats) -> None:
    """An image that is kept elsewhere is named by its address, where nothing else is hidden."""
    image = Response(
        response_id="1", sender="grok", message="Here.", generated_image_urls=["https://x/\x1by"]
    )
    server.reply(
        GROK,
        [
            AddResponseResponse(user_response=Response(response_id="0", sender="human")),
            AddResponseResponse(model_response=image),
        ],
    )
    with chats(*TALKS["grok"]) as shown:
        shown.expect("^> $")
        shown.ask(SEA, r"\[image: https://x/\\x1by\]")
        leave(shown)


# The keys.


@pytest.mark.parametrize(("talk", "after"), [("v1", None), ("v1", 4), ("grok", 4)])
def test_ctrl_c_stops_an_answer_and_nothing_else(
    server: LocalServer, chats: Chats, talk: str, after: int | None
) -> None:
    """The call is cancelled at the server, the history is as it was, and the talk goes on."""
    with chats(*TALKS[talk]) as shown:
        shown.expect("^> $")
        for number in (1, 2):
            server.stall(method=PATHS[talk], after_messages=after)
            shown.enter(SEA)
            if after is None:
                server.wait_for_call(PATHS[talk], "open")
            else:
                shown.expect("^The capital")
            shown.interrupt("^\\(stopped\\)\n> $")
            server.wait_for_call(PATHS[talk], "cancelled", count=number)
        shown.ask(RIVER, RIVER_ANSWER)
        assert not has_past(server)
        leave(shown)
    states = [call.state for call in server.calls if call.method == PATHS[talk]]
    assert states == ["cancelled", "cancelled", "ok"]


@pytest.mark.parametrize("talk", ["v1"])
def test_ctrl_c_stops_the_tries(server: LocalServer, chats: Chats, talk: str) -> None:
    """A call that waits for its next attempt is given up at once."""
    pause = [("grpc-retry-pushback-ms", "60000")]
    server.fail(StatusCode.UNAVAILABLE, method=PATHS[talk], trailers=pause)
    with chats(*TALKS[talk], env={"XAI_LOG": "warning"}) as shown:
        shown.expect("^> $")
        shown.enter(SEA)
        # The server is done with the call before the client has read so, and has loaded what a
        # wait needs: Python warns of the file that an interrupted import leaves open.
        shown.expect("trying again in .*\n")
        shown.interrupt("^\\(stopped\\)\n> $")
        shown.ask(RIVER, RIVER_ANSWER)
        leave(shown)


def test_ctrl_c_at_the_prompt_gives_a_fresh_one(server: LocalServer, chats: Chats) -> None:
    """Half a line is forgotten, an empty one is harmless, and the program goes on."""
    with chats() as shown:
        shown.expect("^> $")
        shown.type("half a line")
        shown.expect("half a line$")
        shown.interrupt("\n> $")
        shown.interrupt("\n> $")
        shown.ask(SEA, SEA_ANSWER)
        leave(shown)
    assert messages(server) == [SEA]


def test_ctrl_d_and_exit_leave(server: LocalServer, chats: Chats) -> None:
    """Both end the program with status 0 and the cursor in a fresh line."""
    for keys in (CTRL_D, "/exit\n"):
        with chats() as shown:
            shown.expect("^> $")
            shown.type(keys)
            assert shown.wait() == 0
            assert shown.text.endswith("\n")
    assert server.calls == []


def test_line_that_is_no_text_is_told(server: LocalServer, chats: Chats) -> None:
    """Bytes that are not UTF-8 are not sent."""
    with chats() as shown:
        shown.expect("^> $")
        shown.type_bytes(b"a\xff\xfeb\n")
        shown.expect("^xai chat: .+\n> $")
        shown.ask(SEA, SEA_ANSWER)
        leave(shown)
    assert messages(server) == [SEA]


def test_interrupt_stops_what_can_be_stopped() -> None:
    """One while the last is dealt with is ignored, as is one where nothing can be stopped.

    After a while it counts again, in case that what was raised got lost.
    """

    def interrupted() -> None:
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)

    before = signal.getsignal(signal.SIGINT)
    now = [100.0]
    interrupts = Interrupts(clock=lambda: now[0])
    with interrupts:
        for _ in range(2):
            signal.raise_signal(signal.SIGINT)
            with interrupts.stoppable():
                interrupted()
                now[0] += PEACE / 2
                signal.raise_signal(signal.SIGINT)
                now[0] += PEACE / 2
                interrupted()
        signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is before


def test_ctrl_c_in_a_destructor_is_not_lost() -> None:
    """Python would print it there and go on; it is raised a moment later."""

    class Last:
        def __del__(self) -> None:
            signal.raise_signal(signal.SIGINT)

    def drop_one() -> None:
        Last()
        threading.Event().wait(60.0)

    before = signal.getsignal(signal.SIGALRM)
    with Interrupts() as interrupts, interrupts.stoppable(), pytest.raises(KeyboardInterrupt):
        drop_one()
    assert signal.getsignal(signal.SIGALRM) is before
