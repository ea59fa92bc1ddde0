import re
from collections.abc import Iterator

import pytest

from tests.services.commands.command_chat import (
    NEXT_ANSWER,
    PATHS,
    RIVER,
    SEA,
    SEA_ANSWER,
    TALKS,
    has_past,
    messages,
)
from tests.services.commands.command_line import MODULE, call, run, running
from tests.support import SECRET_KEY, SECRET_MARKER, until
from xai import StatusCode
from xai.testing import LocalServer

each_talk = pytest.mark.parametrize("talk", TALKS)


@pytest.fixture
def server() -> Iterator[LocalServer]:
    """A server that knows the secret key, and one key that may do nothing."""
    with LocalServer(api_keys={SECRET_KEY: ["*"], "no-acl": []}) as server:
        yield server


def chat(
    host: str, text: str | bytes, *arguments: str, key: str = SECRET_KEY
) -> tuple[int, str, str]:
    """Run the command with a text as its input; return status, output and errors."""
    result = call("chat", "--host", host, *arguments, key=key, given=text)
    return result.rc, result.stdout, result.stderr


@each_talk
def test_lines_of_a_pipe_are_messages(server: LocalServer, talk: str) -> None:
    """Each line is answered, and the output has the answers alone; blank lines say nothing."""
    result = chat(server.host, f"{SEA}\n\n  \r\n{RIVER}", *TALKS[talk])
    assert result == (0, f"{SEA_ANSWER}\n{NEXT_ANSWER}\n", "")
    assert messages(server) == [SEA, RIVER]
    assert has_past(server)


def test_pipe_has_no_commands(server: LocalServer) -> None:
    """A line that begins with a slash is a message like any other."""
    rc, output, errors = chat(server.host, "/exit\n/usr/bin is what?\n")
    assert (rc, output.count("\n"), errors) == (0, 2, "")
    assert messages(server) == ["/exit", "/usr/bin is what?"]


def test_empty_pipe_is_no_failure(server: LocalServer) -> None:
    """Nothing is asked, nothing is answered."""
    assert chat(server.host, "") == (0, "", "")
    assert server.calls == []


@each_talk
def test_pipe_ends_with_the_first_failure(server: LocalServer, talk: str) -> None:
    """It is one line on stderr and status 1; what came of the answer ends with a line break."""
    server.fail(StatusCode.DATA_LOSS, "lost", method=PATHS[talk], after_messages=4)
    rc, output, errors = chat(server.host, f"{SEA}\n{RIVER}\n", *TALKS[talk])
    assert (rc, errors) == (1, "xai chat: InternalServerError: lost\n")
    assert re.fullmatch("The capital.*\n", output)
    assert messages(server) == [SEA]


def test_pipe_with_a_wrong_key(server: LocalServer) -> None:
    """A key the server does not know is one line and status 1."""
    rc, output, errors = chat(server.host, SEA, key=f"wrong-{SECRET_MARKER}")
    assert (rc, output) == (1, "")
    assert re.fullmatch("xai chat: AuthenticationError: .+\n", errors)


def test_pipe_that_is_no_text(server: LocalServer) -> None:
    """Input that is not UTF-8 is one line and status 1; nothing of it is sent."""
    rc, output, errors = chat(server.host, b"caf\xe9\n")
    assert (rc, output) == (1, "")
    assert errors == "xai chat: the standard input is not utf-8 text\n"
    assert server.calls == []


def test_input_may_be_closed(server: LocalServer) -> None:
    """With `<&-` there is nothing to read from, which is a mistake of the caller's."""
    closing = ["/bin/sh", "-c", 'exec "$@" <&-', "sh", *MODULE]
    result = run("chat", "--host", server.host, program=closing, key=SECRET_KEY)
    assert (result.rc, result.stdout) == (2, "")
    assert result.stderr == "xai chat: there is no standard input to read messages from\n"


def test_output_of_chat_may_be_closed(server: LocalServer) -> None:
    """With `>&-` the answers go nowhere, which is no reason to fail."""
    closing = ["/bin/sh", "-c", 'exec "$@" >&-', "sh", *MODULE]
    result = run("chat", "--host", server.host, program=closing, key=SECRET_KEY, text=f"{SEA}\n")
    assert (result.rc, result.stdout, result.stderr) == (0, "", "")
    assert messages(server) == [SEA]


@pytest.mark.parametrize("end", ["leave", "interrupt"])
@pytest.mark.parametrize("talk", ["v1"])
def test_answer_through_a_pipe_may_be_stopped(server: LocalServer, talk: str, end: str) -> None:
    """It comes piece by piece, and ends without a word when the reader leaves, and with Ctrl-C."""
    server.stall(method=PATHS[talk], after_messages=4)
    arguments = ["chat", "--host", server.host, *TALKS[talk]]
    with running(*arguments, key=SECRET_KEY, text=f"{SEA}\n{RIVER}\n") as command:
        assert command.process.stdout is not None
        assert command.process.stdout.read(len("The capital")) == "The capital"
        call = server.wait_for_call(PATHS[talk], "open")
        # What is not stalled yet can't be released.
        until(lambda: call.messages_sent == 4)
        if end == "leave":
            command.leave()
            server.release()
            assert command.wait() == 1
        else:
            assert command.interrupt() == 130
        assert command.errors() == ""
    if end == "interrupt":
        server.wait_for_call(PATHS[talk], "cancelled")
    assert messages(server) == [SEA]


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["--api", "prompt-ide", "--service", "sampler"], "--service"),
        (["--api", "v2"], "--api"),
        (["--service", "chat"], "--service needs --api prompt-ide"),
        (["--api", "v1", "--fun"], "--fun needs --api prompt-ide"),
        (["--timeout", "0"], "--timeout"),
        (["--host", "https://api.x.ai"], "api_host"),
        (["--history", "x", "--no-history"], "--no-history"),
        (["Hello"], "Hello"),
    ],
)
def test_wrong_argument_of_chat_is_named(arguments: list[str], word: str) -> None:
    """It is told on stderr with status 2, and nothing is read."""
    rc, output, errors = chat("localhost:1", "Hello\n", *arguments)
    assert (rc, output) == (2, "")
    assert word in errors.splitlines()[-1]
