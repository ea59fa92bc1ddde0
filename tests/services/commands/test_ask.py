import json
import re
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.services.commands.command_line import call
from tests.services.commands.pseudo_terminal import terminal
from tests.support import SECRET_KEY, ChildResult
from xai import StatusCode
from xai.proto.xai_api import chat as pb
from xai.testing import LocalServer

SEA = "Tell me about the sea"
SEA_ANSWER = "The capital of France is Paris."


@pytest.fixture
def server() -> Iterator[LocalServer]:
    """A server that knows the key, and two models."""
    with LocalServer(api_keys={SECRET_KEY: ["*"]}, models=["grok-4.6", "grok-mini"]) as server:
        yield server


def ask(
    server: LocalServer, *arguments: str, given: str | bytes = "", cwd: Path | None = None
) -> ChildResult:
    """Run the command."""
    return call("ask", "--host", server.host, *arguments, key=SECRET_KEY, given=given, cwd=cwd)


def requests(server: LocalServer) -> list[pb.GetCompletionsRequest]:
    """Return the requests that reached the server."""
    found = [call.request for call in server.calls]
    return [request for request in found if isinstance(request, pb.GetCompletionsRequest)]


def texts(message: pb.Message) -> list[str]:
    """Return the texts of a message."""
    return [part.text for part in message.content]


def picture() -> bytes:
    """Return a PNG of one dot."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    header = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    parts = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0\0")) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


def test_prompt_is_answered(server: LocalServer) -> None:
    """The output has the response alone; model and system prompt are those of the options."""
    assert ask(server, SEA) == ChildResult(0, f"{SEA_ANSWER}\n", "")
    result = ask(server, SEA, "-m", "grok-mini", "-s", "Be brief.", "--no-stream")
    assert (result.rc, result.stdout.count("\n"), result.stderr) == (0, 1, "")
    first, second = requests(server)
    assert (first.model, second.model) == ("grok-4.6", "grok-mini")
    assert [texts(message) for message in second.messages] == [["Be brief."], [SEA]]


def test_what_is_piped_in_is_one_document(server: LocalServer) -> None:
    """All lines together stand before the prompt; alone they are the prompt."""
    assert ask(server, "sum up", given="one\n\ntwo\n").rc == 0
    assert ask(server, given="one\ntwo\n").rc == 0
    found = [texts(request.messages[0]) for request in requests(server)]
    assert found == [["one\n\ntwo\n", "sum up"], ["one\ntwo\n"]]


def test_pictures_and_documents_are_attached(server: LocalServer, tmp_path: Path) -> None:
    """A picture is one by its name or content, anything else is a file; - is what is piped in."""
    (tmp_path / "dot.png").write_bytes(picture())
    (tmp_path / "notes.txt").write_text("calm", "utf-8")
    assert ask(server, "-a", "dot.png", "-a", "notes.txt", "what?", cwd=tmp_path).rc == 0
    assert ask(server, "-a", "-", "what?", given=picture()).rc == 0
    assert ask(server, "-a", "-", "what?", given=b"a note").rc == 0
    kinds = [
        "image" if part.is_set("image_url") else "file" if part.is_set("file") else part.text
        for request in requests(server)
        for part in request.messages[0].content
    ]
    assert kinds == ["image", "file", "what?", "image", "what?", "file", "what?"]


def test_schema_makes_json(server: LocalServer, tmp_path: Path) -> None:
    """Fields in short, a schema, and a file with one are the same."""
    assert ask(server, "A person", "--schema", "name str: full name, age int, ok bool").rc == 0
    result = ask(server, "A person", "--schema", "name, age int")
    assert (result.rc, sorted(json.loads(result.stdout))) == (0, ["age", "name"])
    first, second = (json.loads(one.response_format.schema or "") for one in requests(server))
    assert first["properties"]["name"] == {"type": "string", "description": "full name"}
    (tmp_path / "shape.json").write_text(json.dumps(second), "utf-8")
    for given in (json.dumps(second), "shape.json"):
        assert ask(server, "A person", "--schema", given, cwd=tmp_path).rc == 0
        assert json.loads(requests(server)[-1].response_format.schema or "") == second


def test_functions_are_run_here(server: LocalServer, tmp_path: Path) -> None:
    """A function of a module in the current folder is called, and told of on stderr."""
    code = 'def weather(city: str) -> str:\n    """Tell it."""\n    return "rain in " + city\n'
    (tmp_path / "our_tools_of_ask.py").write_text(code, "utf-8")
    arguments = ["What is the weather in Paris?", "-t", "our_tools_of_ask:weather"]
    result = ask(server, *arguments, "-t", "web_search", cwd=tmp_path)
    assert (result.rc, result.stderr) == (0, "called weather\n")
    first, second = requests(server)
    assert len(first.tools) == 2
    assert any("rain in " in text for message in second.messages for text in texts(message))


def test_json_has_the_response_and_usage_goes_to_stderr(server: LocalServer) -> None:
    """--json is the response as a whole; --usage tells tokens, model and ID."""
    result = ask(server, SEA, "--json", "--usage")
    response = json.loads(result.stdout)
    assert SEA_ANSWER in result.stdout
    assert response["id"] in result.stderr
    assert "grok-4.6" in result.stderr
    assert "tokens" in result.stderr


def test_thoughts_go_to_stderr(server: LocalServer) -> None:
    """With --reasoning they are shown, apart from the response; else they are not."""
    deltas = [pb.Delta(reasoning_content="Hm, "), pb.Delta(reasoning_content="deep."), None]
    chunks = [
        pb.GetChatCompletionChunk(
            id="1", outputs=[pb.CompletionOutputChunk(delta=delta or pb.Delta(content="Blue."))]
        )
        for delta in deltas
    ]
    server.reply("GetCompletionChunk", chunks)
    assert ask(server, SEA, "--reasoning") == ChildResult(0, "Blue.\n", "Hm, deep.\n")
    server.reply("GetCompletionChunk", chunks)
    assert ask(server, SEA) == ChildResult(0, "Blue.\n", "")


def test_conversation_goes_on(server: LocalServer) -> None:
    """-c goes on with the last response and its model, --continue with any; nothing is kept here.

    A response that is not stored can't be gone on with.
    """
    assert "no response" in ask(server, "-c", SEA).stderr
    first = json.loads(ask(server, SEA, "--json", "-m", "grok-mini").stdout)["id"]
    assert ask(server, "-c", "And then?").rc == 0
    assert ask(server, "--continue", first, "-m", "grok-mini", "Or?").rc == 0
    assert [request.previous_response_id for request in requests(server)] == [None, first, first]
    assert requests(server)[1].model == "grok-mini"
    assert ask(server, SEA, "--no-store").rc == 0
    result = ask(server, "-c", SEA)
    assert (result.rc, "no response" in result.stderr) == (2, True)


def test_failures_are_one_line(server: LocalServer) -> None:
    """What came of a response stays, a wrong model has near names, and the status is 1."""
    result = ask(server, SEA, "-m", "grok-mimi")
    assert (result.rc, result.stdout) == (1, "")
    assert result.stderr.startswith("xai ask: NotFoundError: ")
    assert "Did you mean grok-mini" in result.stderr
    assert result.stderr.count("\n") == 1
    server.fail(StatusCode.DATA_LOSS, "lost", method="GetCompletionChunk", after_messages=4)
    result = ask(server, SEA)
    assert (result.rc, result.stderr) == (1, "xai ask: InternalServerError: lost\n")
    assert re.fullmatch("The capital.*\n", result.stdout)


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        ([], "There is no prompt"),
        (["x", "-c", "--continue", "1"], "-c and --continue"),
        (["x", "--schema", "name text"], "not a field: 'name text'"),
        (["x", "--schema", "{"], "--schema: not JSON"),
        (["x", "--schema", "no.json"], "no.json: there is no such file"),
        (["x", "-t", "dance"], "neither module:function nor one of web_search"),
        (["x", "-t", "no_such_module:f"], "no_such_module"),
        (["x", "-t", "json:no_such"], "no_such"),
        (["x", "-a", "-"], "nothing in the standard input"),
        (["x", "--key", "k"], "No such option"),
    ],
)
def test_wrong_argument_of_ask_is_one_line(
    server: LocalServer, arguments: list[str], part: str
) -> None:
    """It is named with status 2, and nothing is sent."""
    result = ask(server, *arguments)
    assert (result.rc, result.stdout, result.stderr.count("\n")) == (2, "", 1)
    assert part in result.stderr
    assert server.calls == []


def test_document_that_is_no_text_is_told(server: LocalServer) -> None:
    """It is one line that says how to send it."""
    result = ask(server, "sum up", given=b"caf\xe9")
    assert (result.rc, result.stdout) == (1, "")
    assert "-a - attaches it" in result.stderr


MARKDOWN = ["# The ", "sea\n\nIt is **de", "ep** and [blue](http://x/)", ".\n\n```py\na = 1\n\nb"]
MARKDOWN += [" = 2\n```\n\n", "&#27;]0;owned&#7; &#x202e;gpj \x1b[31m"]


def test_terminal_shows_markdown_that_does_nothing_to_it(server: LocalServer) -> None:
    """Text is formatted while it streams, links show where they lead, nothing acts on it."""
    server.reply(
        "GetCompletionChunk",
        [
            pb.GetChatCompletionChunk(
                id="1", outputs=[pb.CompletionOutputChunk(delta=pb.Delta(content=text))]
            )
            for text in MARKDOWN
        ],
    )
    with terminal("ask", SEA, "--host", server.host, env={"TERM": "xterm"}) as shown:
        text = shown.rest()
        assert shown.wait() == 0
    assert "http://x/" in text
    assert "\x1b[1mdeep" in text
    assert "\x1b]0;" not in text
    assert "\x1b[31m" not in text
    assert "\u202e" not in text
    assert "\\u202egpj" in text
    assert "\\x1b[31m" in text
