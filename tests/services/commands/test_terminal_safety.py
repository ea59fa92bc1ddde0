"""Nothing that a server, a model or a file's name says acts on the terminal."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import ROOT, SECRET_KEY
from xai.proto.prompt_ide import files as files_pb
from xai.proto.xai_api import chat as pb
from xai.testing import LocalServer

#: A title set by OSC, a color by CSI, C1 forms of both, a bell, overprinting, and overrides that
#: turn the order of the characters around.
ATTACK = "\x1b]0;owned\x07\x1b[31m\x9b2J\x9d0;x\x9c\x08\r\u202egpj.exe\u2066\u200f\u2028"
DANGEROUS = frozenset(ATTACK) - frozenset("]0;owned[31m2Jxgpj.e")


def local() -> LocalServer:
    """Return a server that knows the key."""
    return LocalServer(api_keys={SECRET_KEY: ["*"]}, models=["grok-local"])


def shown(server: LocalServer, *arguments: str, typed: str = "") -> tuple[str, str]:
    """Run a command whose output, but not its input, is a terminal; return what it writes."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-W", "error", "-m", "xai", *arguments, "--host", server.host],
        stdin=subprocess.PIPE,
        stdout=theirs,
        stderr=subprocess.PIPE,
        env={**os.environ, "XAI_API_KEY": SECRET_KEY, "PYTHONIOENCODING": "utf-8"},
        cwd=ROOT,
    ) as process:
        os.close(theirs)
        assert process.stdin is not None
        process.stdin.write(typed.encode())
        process.stdin.close()
        written = b""
        try:
            while part := os.read(ours, 65536):
                written += part
        except OSError:
            # Linux says so when the other side is closed.
            written += b""
        assert process.stderr is not None
        complaints = process.stderr.read()
    os.close(ours)
    # The terminal itself turns a line feed into two characters.
    return written.decode().replace("\r\n", "\n"), complaints.decode()


def harmless(text: str) -> bool:
    """Tell whether a text has nothing in it that acts."""
    return not DANGEROUS & frozenset(text)


def _chunks(*texts: str) -> list[pb.GetChatCompletionChunk]:
    return [
        pb.GetChatCompletionChunk(
            outputs=[
                pb.CompletionOutputChunk(
                    delta=pb.Delta(role=pb.MessageRole.ROLE_ASSISTANT, content=text)
                )
            ]
        )
        for text in texts
    ]


@pytest.mark.parametrize("split", [False, True], ids=["one chunk", "a chunk a character"])
def test_chat_with_piped_input(*, split: bool) -> None:
    """Streamed text is escaped whenever the output is a terminal, however it is cut."""
    with local() as server:
        server.reply("GetCompletionChunk", _chunks(*(ATTACK if split else [ATTACK]), "\n\tend\n"))
        out, err = shown(server, "chat", typed="hello\n")
    assert err == ""
    assert harmless(out)
    assert "\\x1b]0;owned\\x07\\x1b[31m\\x9b2J" in out
    assert "\\u202egpj.exe\\u2066" in out
    assert "\n" in out
    assert "end" in out


def test_chat_with_an_error() -> None:
    """The text of a failure is one line without effects."""
    with local() as server:
        server.fail(3, f"no\n{ATTACK}", times=None)
        out, err = shown(server, "chat", typed="hello\n")
    assert out == ""
    assert harmless(err)
    assert err.startswith("xai chat: InvalidArgumentError: no \\x1b]0;owned")
    assert err.count("\n") == 1


def test_check() -> None:
    """So is what the model says to `check`."""
    message = pb.CompletionMessage(role=pb.MessageRole.ROLE_ASSISTANT, content=ATTACK)
    reply = pb.GetChatCompletionResponse(outputs=[pb.CompletionOutput(message=message)])
    with local() as server:
        server.reply("GetCompletion", reply)
        out, err = shown(server, "check")
    assert (harmless(out), err) == (True, "")
    assert "\\x1b]0;owned" in out


def test_list_of_files() -> None:
    """Names and types of files are escaped, line breaks included."""
    name = f"a\n{ATTACK}"
    listing = files_pb.ListFilesResponse(
        files=[files_pb.FileMetadata(file_name=name, mime_type=ATTACK, size_bytes=1)]
    )
    with local() as server:
        server.reply("ListFiles", listing)
        server.reply("ListFiles", listing)
        out, err = shown(server, "files", "ls", "--api", "prompt-ide")
    assert (harmless(out), err) == (True, "")
    assert "a\\n\\x1b]0;owned" in out


def test_content_of_a_file(tmp_path: Path) -> None:
    """A file fetched to the terminal is shown as text; through a pipe its bytes are untouched."""
    content = f"one\n{ATTACK}\n".encode() + b"\xff"
    path = tmp_path / "evil"
    path.write_bytes(content)
    with local() as server:
        shown(server, "files", "put", str(path))
        out, err = shown(server, "files", "get", "evil", "-")
        piped = subprocess.run(
            [sys.executable, "-m", "xai", "files", "get", "evil", "-", "--host", server.host],
            env={**os.environ, "XAI_API_KEY": SECRET_KEY},
            capture_output=True,
            cwd=ROOT,
            check=True,
        )
    assert (harmless(out), err) == (True, "")
    assert out.startswith("one\n\\x1b]0;owned")
    assert piped.stdout == content
