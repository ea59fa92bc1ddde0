"""The log of calls, XAI_LOG, and those who watch calls without being able to break them."""

import logging
from typing import TYPE_CHECKING

import pytest

import xai
from tests.support import SECRET_KEY, SECRET_MARKER, run_child
from xai import _instrumentation as observation
from xai.proto.prompt_ide import sampler_public as pb
from xai.testing import LocalServer

if TYPE_CHECKING:
    from collections.abc import Iterator

    import betterproto

    from xai.errors import Metadata
    from xai.options import RetryEvent

PROMPT = "a prompt that is nobody's business"


@pytest.fixture
def server() -> "Iterator[LocalServer]":
    """A server that knows the marked key."""
    with LocalServer(api_keys={SECRET_KEY: ["*"]}) as server:
        yield server


@pytest.fixture
def client(server: LocalServer) -> "Iterator[xai.Client]":
    """A client of it."""
    with xai.Client(SECRET_KEY, api_host=server.host) as client:
        yield client


def _lines(caplog: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    return [r for r in caplog.records if r.name == "xai.calls" and hasattr(r, "xai_seconds")]


def test_each_call_is_one_line_at_debug(
    client: xai.Client, server: LocalServer, caplog: pytest.LogCaptureFixture
) -> None:
    """Calls, streams and failures have a line each, with fields for machines."""
    client.sampler.tokenize(PROMPT)
    list(client.sampler.sample(PROMPT, max_len=2, temperature=0.0))
    server.fail(xai.StatusCode.NOT_FOUND, "none")
    with pytest.raises(xai.NotFoundError):
        client.sampler.tokenize(PROMPT)
    fields = [(vars(r)["xai_method"], vars(r)["xai_status"]) for r in _lines(caplog)]
    assert fields == [
        ("/prompt_ide.Sampler/Tokenize", "OK"),
        ("/prompt_ide.Sampler/SampleTokens", "OK"),
        ("/prompt_ide.Sampler/Tokenize", "NOT_FOUND"),
    ]
    assert vars(_lines(caplog)[1])["xai_first"] > 0
    assert all(vars(r)["xai_host"] == server.host for r in _lines(caplog))
    ours = "".join(r.getMessage() for r in caplog.records if r.name.startswith("xai"))
    assert PROMPT not in ours
    assert SECRET_KEY not in ours


def test_messages_are_logged_when_asked_for(
    client: xai.Client, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """XAI_LOG_MESSAGES=1 shows what was sent and answered; the key is never among it."""
    monkeypatch.setenv("XAI_LOG_MESSAGES", "1")
    client.sampler.tokenize(PROMPT)
    ours = "".join(r.getMessage() for r in caplog.records if r.name.startswith("xai"))
    assert PROMPT in ours
    assert "TokenizeResponse" in ours
    assert SECRET_KEY not in ours


def test_credentials_in_messages_are_not_logged(
    server: LocalServer,
    client: xai.Client,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Neither those that a prompt quotes, nor those in a reply; the messages keep them."""
    monkeypatch.setenv("XAI_LOG_MESSAGES", "1")
    server.reply("ListModels", pb.ListModelsResponse(model_names=[f"of {SECRET_KEY}"]))
    assert client.sampler.list_models() == [f"of {SECRET_KEY}"]
    client.sampler.tokenize(f"my key is {SECRET_KEY}")
    ours = "".join(f"{r.getMessage()} {r.args}" for r in caplog.records if r.name == "xai.calls")
    assert "ListModelsResponse(model_names=['of ***'])" in ours
    assert "my key is ***" in ours
    hidden = SECRET_MARKER not in ours
    assert hidden, "the key is in the log"


def test_calls_are_not_watched_when_nobody_listens(
    client: xai.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the log above DEBUG nothing is made for a call but one question."""

    def never(*_: object, **__: object) -> None:
        raise AssertionError

    monkeypatch.setattr(observation, "Watches", never)
    logging.getLogger("xai").setLevel(logging.INFO)
    try:
        client.sampler.tokenize(PROMPT)
        assert len(list(client.sampler.sample(PROMPT, max_len=2, temperature=0.0))) == 2
    finally:
        logging.getLogger("xai").setLevel(logging.NOTSET)


class _Broken:
    """Fails at everything it is told."""

    def __init__(self, path: str, _host: str, _request: "betterproto.Message") -> None:
        if path.endswith("ListModels"):
            raise LookupError("at the start")

    def metadata(self) -> "Metadata":
        raise LookupError("metadata")

    def retry(self, event: "RetryEvent") -> None:  # noqa: ARG002  # the watcher's signature
        raise LookupError("retry")

    def arrived(self) -> None:
        raise LookupError("arrived")

    def end(self, *_: object) -> None:
        raise LookupError("end")


def test_broken_watcher_breaks_no_call(
    client: xai.Client, server: LocalServer, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever a watcher raises is logged, and every call ends as it would without it."""
    observation.add_watcher(_Broken)
    try:
        server.fail(xai.StatusCode.UNAVAILABLE, times=1)
        assert client.sampler.tokenize(PROMPT)
        assert len(list(client.sampler.sample(PROMPT, max_len=2, temperature=0.0))) == 2
        assert client.sampler.list_models()
    finally:
        observation.remove_watcher(_Broken)
    told = [str(r.exc_info[1]) for r in caplog.records if r.exc_info and r.name == "xai"]
    assert set(told) == {"at the start", "metadata", "retry", "arrived", "end"}


_LOGGED = """
import sys, xai
from xai.testing import LocalServer
with LocalServer() as server, server.client() as client:
    client.sampler.tokenize("text")
print("opentelemetry" in sys.modules)
"""


@pytest.mark.parametrize(("level", "shown"), [("debug", True), ("WARNING", False)])
def test_environment_variable_shows_the_log(level: str, shown: bool) -> None:  # noqa: FBT001  # a case
    """XAI_LOG writes the log to the standard error stream from that level on."""
    result = run_child(_LOGGED, env={"XAI_LOG": level}, check=False)
    assert ("/prompt_ide.Sampler/Tokenize on" in result.stderr) is shown
    assert "local-key" not in result.stderr
    assert result.stdout == "False\n"


_RETRIED = """
import os
from xai.testing import ControlledRetries, LocalServer
with LocalServer() as server, server.client() as client, ControlledRetries(client):
    server.fail(14, "busy", times=2)
    client.sampler.tokenize("text")
"""


@pytest.mark.parametrize(("level", "lines"), [(None, 0), ("warning", 2), ("error", 0)])
def test_retry_prints_nothing_unless_it_is_asked_for(level: str | None, lines: int) -> None:
    """A library leaves it to the program what is shown; XAI_LOG shows the retries."""
    env = {} if level is None else {"XAI_LOG": level}
    result = run_child(_RETRIED, env=env, check=False)
    assert result.stdout == ""
    assert len(result.stderr.splitlines()) == result.stderr.count("trying again") == lines


def test_retry_is_shown_by_the_logging_of_the_program() -> None:
    """A program that configures logging sees the retries without a further step."""
    script = "import logging\nlogging.basicConfig(level=logging.WARNING)\n" + _RETRIED
    assert run_child(script, check=False).stderr.count("trying again") == 2


def test_environment_variable_with_a_wrong_level() -> None:
    """Another value is refused when a client is made, by a text that names the choices."""
    script = "import xai\ntry:\n    xai.Client('k')\nexcept ValueError as error:\n    print(error)"
    result = run_child(script, env={"XAI_LOG": "loud"})
    assert result.stdout == "XAI_LOG must be one of debug, info, warning, error, not 'loud'\n"
