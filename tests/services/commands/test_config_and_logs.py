import json
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.services.commands.command_line import call
from tests.support import SECRET_KEY, ChildResult
from xai.testing import LocalServer


@pytest.fixture
def server() -> Iterator[LocalServer]:
    """A server with two models."""
    with LocalServer(api_keys={SECRET_KEY: ["*"]}, models=["first", "second"]) as server:
        yield server


def ask(server: LocalServer, *arguments: str) -> ChildResult:
    """Ask something."""
    return call("ask", "--host", server.host, *arguments, key=SECRET_KEY)


def test_settings_are_defaults(server: LocalServer) -> None:
    """Model and host are those that were set, unless an option names others; keys are refused."""
    assert "model is not set" in call("config", "ls").stdout
    assert call("config", "set", "host", server.host) == ChildResult(0, "", "")
    assert call("config", "set", "model", "second") == ChildResult(0, "", "")
    assert "model = second\n" in call("config", "ls").stdout
    for arguments, expected in (([], "second"), (["-m", "first"], "first")):
        result = call("ask", "Hello", "--json", *arguments, key=SECRET_KEY)
        assert json.loads(result.stdout)["model"] == expected
    assert call("config", "unset", "model").rc == 0
    assert json.loads(call("ask", "Hi", "--json", key=SECRET_KEY).stdout)["model"] == "first"
    assert call("config", "set", "key", "k").rc == 2


def test_settings_that_are_none_are_one_line(server: LocalServer) -> None:
    """A broken file is named, with status 2."""
    path = Path(os.environ["XDG_CONFIG_HOME"]) / "xai" / "config.json"
    path.parent.mkdir(parents=True)
    path.write_text("[", "utf-8")
    result = ask(server, "Hello")
    assert (result.rc, result.stdout) == (2, "")
    assert result.stderr == f"xai ask: {path}: these are no settings; delete the file\n"


def test_logs_are_kept_only_when_they_are_on(server: LocalServer) -> None:
    """Nothing is kept until it is switched on, and the database is its owner's alone."""
    path = Path(os.environ["XDG_STATE_HOME"]) / "xai" / "logs.db"
    assert ask(server, "Before").rc == 0
    assert not path.exists()
    assert call("logs", "on").rc == 0
    assert ask(server, "Tell me about the sea", "-s", "Be brief.").rc == 0
    assert ask(server, "-c", "And then?").rc == 0
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    first, second = json.loads(call("logs", "ls", "--json").stdout)
    assert (first["prompt"], first["system"]) == ("Tell me about the sea", "Be brief.")
    assert first["prompt_tokens"] > 0
    assert second["previous_id"] == first["id"]
    (found,) = json.loads(call("logs", "ls", "-q", "SEA", "--json").stdout)
    assert found == first
    assert "> And then?\n" in call("logs", "ls", "-n", "1").stdout
    assert call("logs", "off").rc == 0
    assert ask(server, "After").rc == 0
    assert call("logs", "status").stdout == f"off: 2 entries in {path}\n"
    assert call("logs", "clear", "--yes").stdout == "Deleted 2 entries.\n"
    assert not path.exists()
