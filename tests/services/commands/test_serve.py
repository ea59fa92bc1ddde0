import re
import shlex
import signal
import socket
from typing import Any

import pytest

import xai
from tests.services.commands.command_line import Command, call, running
from xai.__main__ import main

HINT = r"""Serving on (?P<host>localhost:\d+) until Ctrl-C\. Try it from another terminal:

    export (?P<keys>XAI_API_KEY=.+ XAI_MANAGEMENT_KEY=.+)
    (?P<shell>python -m xai check --host localhost:\d+)

or from Python:

    client = (?P<python>xai\.v1\.Client\(.+\))"""


def read_hint(command: Command) -> re.Match[str]:
    """Wait until the server is ready; return what it says about reaching it."""
    text = "\n".join(command.lines_to("client = "))
    hint = re.fullmatch(HINT, text)
    assert hint, text
    return hint


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_serve_tells_how_to_reach_it_and_ends_when_told(number: signal.Signals) -> None:
    """Both lines it prints work as they stand, and a signal ends it cleanly."""
    with running("serve") as command:
        hint = read_hint(command)
        python, *arguments = shlex.split(hint["shell"])
        assert (python, arguments[:2]) == ("python", ["-m", "xai"])
        keys = dict(pair.split("=", 1) for pair in shlex.split(hint["keys"]))
        checked = call(*arguments[2:], key=keys["XAI_API_KEY"])
        assert (checked.rc, checked.stdout) == (0, "Does it work? Yes, it does.\n")
        client: xai.v1.Client = eval(hint["python"])  # noqa: S307  # what users would type
        with client:
            assert client.models.list_language_models()
            assert list(client.collections.list()) == []
            command.process.send_signal(number)
            assert command.wait() == 0
        assert command.line() == ""
        assert command.errors() == ""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_serve_ends_in_the_middle_of_a_stream(number: signal.Signals) -> None:
    """Clients with open streams don't hold it up; theirs fail with one clear error."""
    with running("serve") as command:
        host = read_hint(command)["host"]
        with (
            xai.Client("local-key", api_host=host) as client,
            client.sampler.sample("A", max_len=2**31 - 1, allowed_tokens=["a"]) as stream,
        ):
            next(stream)
            command.process.send_signal(number)
            assert command.wait() == 0
            with pytest.raises(xai.APIError):
                list(stream)
        assert command.errors() == ""


def test_serve_accepts_one_key_and_quotes_it() -> None:
    """A key with blanks and quotes survives both lines, and no other key is accepted."""
    key, management = """it's "my" key""", "an 'other'"
    with running("serve", "--key", key, "--management-key", management) as command:
        hint = read_hint(command)
        keys = shlex.split(hint["keys"])
        assert keys == [f"XAI_API_KEY={key}", f"XAI_MANAGEMENT_KEY={management}"]
        with eval(hint["python"]) as client:  # noqa: S307  # what users would type
            assert client.models.list_language_models()
            assert list(client.collections.list()) == []
        with (
            xai.Client("local-key", api_host=hint["host"]) as client,
            pytest.raises(xai.AuthenticationError),
        ):
            client.sampler.list_models()


def test_serve_needs_its_port_to_itself() -> None:
    """A port in use is one line that names it, and status 1."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = call("serve", "--port", str(port))
    assert (result.rc, result.stdout) == (1, "")
    line = rf"xai serve: can't listen on 127\.0\.0\.1 port {port}: .*in use\n"
    assert re.fullmatch(line, result.stderr)


def test_serve_passes_its_arguments_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """Address, port and key are those of the command line."""
    seen: dict[str, Any] = {}

    def serve(**options: object) -> None:
        seen.update(options)

    monkeypatch.setattr("xai.testing.serve", serve)
    assert main(["serve", "--host", "::1", "--port", "8080", "--key", "k"]) == 0
    del seen["on_ready"]
    assert seen == {
        "host": "::1",
        "port": 8080,
        "keys": ["k"],
        "management_keys": ["local-management-key"],
    }


def test_serve_prints_its_hint_at_once(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The hint is printed when clients can connect, and not before."""

    def serve(on_ready: Any, **_options: object) -> None:  # noqa: ANN401  # a callback
        assert capsys.readouterr().out == ""
        from xai.testing import LocalServer

        with LocalServer() as server:
            on_ready(server)
            assert re.fullmatch(HINT + "\n", capsys.readouterr().out)

    monkeypatch.setattr("xai.testing.serve", serve)
    assert main(["serve"]) == 0
