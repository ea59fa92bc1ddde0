import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.services.commands.command_files import Files
from tests.services.commands.command_line import call
from tests.support import SECRET_KEY, ChildResult
from xai import StatusCode
from xai.testing import LocalServer

MANAGEMENT_KEY = "a management key"


@pytest.fixture
def server() -> Iterator[LocalServer]:
    """A server that knows the key, with all the models it has by itself."""
    with LocalServer(api_keys={SECRET_KEY: ["*"]}, management_api_keys=[MANAGEMENT_KEY]) as server:
        yield server


def run(
    server: LocalServer, *arguments: str, given: str | bytes = "", cwd: Path | None = None
) -> ChildResult:
    """Run a command."""
    words = [*arguments, "--host", server.host]
    return call(*words, key=SECRET_KEY, given=given, cwd=cwd)


def output(
    server: LocalServer, *arguments: str, given: str | bytes = "", cwd: Path | None = None
) -> str:
    """Run a command that succeeds without a word on stderr; return its output."""
    result = run(server, *arguments, given=given, cwd=cwd)
    assert (result.rc, result.stderr) == (0, "")
    return result.stdout


def test_models_are_listed(server: LocalServer) -> None:
    """All kinds stand in a table; JSON has every field."""
    lines = output(server, "models").splitlines()
    assert lines[0].split()[:3] == ["MODEL", "KIND", "TAKES"]
    found = json.loads(output(server, "models", "--json"))
    assert {model["kind"] for model in found} == {"language", "image", "embedding"}
    assert len(lines) == len(found) + 1
    only = json.loads(output(server, "models", "--kind", "embedding", "--json"))
    assert {model["kind"] for model in only} == {"embedding"}


def test_tokens_and_vectors(server: LocalServer) -> None:
    """A text has as many tokens as are listed, and each text or line one vector."""
    tokens = json.loads(output(server, "tokens", "The sea is calm.", "--json"))
    assert output(server, "tokens", given="The sea is calm.") == f"{len(tokens)}\n"
    assert "".join(token["text"] for token in tokens).replace("▁", " ").strip()
    vectors = json.loads(output(server, "embed", "sea", "river"))
    assert vectors == json.loads(output(server, "embed", given="sea\n\nriver\n"))
    assert len(vectors) == 2
    assert all(isinstance(number, float) for number in vectors[0])


def test_pictures_are_written(server: LocalServer, tmp_path: Path) -> None:
    """One gets the name, several get numbers, and none replaces a file before it is paid for."""
    told = output(server, "image", "a red boat", "-o", "boat", cwd=tmp_path)
    (made,) = tmp_path.iterdir()
    assert told.startswith(f"Wrote boat{made.suffix} (")
    assert made.read_bytes()[:4] in (b"\x89PNG", b"\xff\xd8\xff\xe0")
    output(server, "image", "a red boat", "-o", "more.png", "-n", "2", cwd=tmp_path)
    assert {"more-1.png", "more-2.png"} <= {path.name for path in tmp_path.iterdir()}
    calls = len(server.calls)
    result = run(server, "image", "a boat", "-o", made.name, cwd=tmp_path)
    assert (result.rc, result.stdout) == (1, "")
    assert result.stderr == f"xai image: {made.name}: there is such a file already\n"
    assert len(server.calls) == calls


def test_video_is_written(server: LocalServer, tmp_path: Path) -> None:
    """It is waited for and downloaded; one that fails is one line."""
    told = output(server, "video", "a red boat", "-o", "boat.mp4", cwd=tmp_path)
    assert told.startswith("Wrote ")
    assert (tmp_path / "boat.mp4").read_bytes()[4:8] == b"ftyp"
    server.fail(StatusCode.INVALID_ARGUMENT, "no boats", method="GenerateVideo")
    result = run(server, "video", "a boat", "-o", "other.mp4", cwd=tmp_path)
    assert result == ChildResult(1, "", "xai video: InvalidArgumentError: no boats\n")


def test_files_of_v1(server: LocalServer, tmp_path: Path) -> None:
    """A file is found by its ID or its name, which may be that of several."""
    files = Files(server.host, tmp_path, api="v1")
    (tmp_path / "notes.txt").write_bytes(b"The sea is calm.\n")
    stored = files("put", "notes.txt")[1]
    file_id = stored.rpartition(" as ")[2].strip()
    assert stored == f"Stored notes.txt (17 B) as {file_id}\n"
    assert file_id in files("ls")[1]
    assert json.loads(files("ls", "--json")[1])[0]["filename"] == "notes.txt"
    assert files.fails("get", "notes.txt") == "notes.txt: there is such a file already"
    for name in (file_id, "notes.txt"):
        assert files.raw("get", name, "-") == (0, b"The sea is calm.\n", "")
    assert files("get", file_id, "copy.txt") == (0, "Wrote copy.txt (17 B)\n", "")
    assert files("put", "notes.txt")[0] == 0
    assert "2 files have the name notes.txt" in files.fails("rm", "notes.txt")
    assert files("rm", file_id) == (0, "", "")
    assert files("rm", "notes.txt") == (0, "", "")
    assert files.fails("get", "notes.txt", "x").startswith("NotFoundError: ")
    assert "--api prompt-ide" in files.fails("mv", "a", "b", status=2)
    assert "--api prompt-ide" in files.fails("put", "notes.txt", "--overwrite", status=2)


def test_collections_are_made_and_searched(
    server: LocalServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Documents that were added are found; the management API needs its key."""
    monkeypatch.delenv("XAI_MANAGEMENT_KEY", raising=False)
    result = run(server, "collections", "create", "notes")
    assert (result.rc, "XAI_MANAGEMENT_KEY" in result.stderr) == (1, True)
    monkeypatch.setenv("XAI_MANAGEMENT_KEY", MANAGEMENT_KEY)
    collection = output(server, "collections", "create", "notes").strip()
    (tmp_path / "sea.txt").write_text("The sea is calm and blue.", "utf-8")
    added = run(server, "collections", "add", collection, "sea.txt", "none.txt", cwd=tmp_path)
    assert added.rc == 1
    assert added.stdout.startswith("Added sea.txt as ")
    assert added.stderr.startswith("xai collections add: none.txt: ")
    assert added.stderr.count("\n") == 1
    assert "notes" in output(server, "collections", "ls")
    assert "sea.txt" in output(server, "collections", "ls", collection)
    assert "calm and blue" in output(server, "search", "calm sea", "-c", collection)
    matches = json.loads(output(server, "search", "sea", "-c", collection, "--json"))
    assert matches[0]["chunk_content"]
    assert output(server, "collections", "rm", collection) == ""
    assert output(server, "collections", "ls") == ""


def test_batch_is_answered(server: LocalServer) -> None:
    """Each line is a prompt, and each result is a line of JSON."""
    batch = output(server, "batch", "create", "night", given="Hello\n\nTell me more\n").strip()
    lines = output(server, "batch", "results", batch).splitlines()
    results = {each["id"]: each["content"] for each in map(json.loads, lines)}
    assert sorted(results) == ["1", "2"]
    assert all(results.values())
    assert [line.split()[1:] for line in output(server, "batch", "ls").splitlines()[1:]] == [
        ["night", "2", "2", "0"]
    ]
    result = run(server, "batch", "create", "empty")
    assert (result.rc, result.stderr.count("\n")) == (2, 1)
