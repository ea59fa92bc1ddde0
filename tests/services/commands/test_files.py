import json
import os
import re
import socket
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.services.commands.command_files import MIB, READER, TEXT, Files
from tests.services.commands.command_line import call, running
from tests.support import SECRET_KEY, SECRET_MARKER
from xai import Client, StatusCode
from xai.testing import LocalServer


@pytest.fixture
def server() -> Iterator[LocalServer]:
    """A server that knows the secret key, and one key that may only read files."""
    with LocalServer(api_keys={SECRET_KEY: ["*"], READER: ["files:read"]}) as server:
        yield server


@pytest.fixture
def client(server: LocalServer) -> Iterator[Client]:
    """A client of the user whose files these are."""
    with server.client() as client:
        yield client


@pytest.fixture
def files(server: LocalServer, tmp_path: Path) -> Files:
    """The command, in an empty folder."""
    return Files(server.host, tmp_path)


def names(client: Client) -> list[str]:
    """Return the names of the files on the server."""
    return [item.file_name for item in client.files.list()]


# ls


def test_ls_shows_a_table(files: Files, client: Client) -> None:
    """Names, sizes, types and times stand in columns, and the space that is used below."""
    client.files.upload("notes.txt", TEXT)
    client.files.upload("a picture", b"x" * 1536, "image/png")
    times = [item.create_time for item in client.files.list()]
    shown = [time.astimezone().strftime("%Y-%m-%d %H:%M") for time in times if time]
    status, output, errors = files("ls")
    assert (status, errors) == (0, "")
    assert output.splitlines() == [
        "NAME          SIZE  TYPE        MODIFIED",
        f"a picture  1.5 KiB  image/png   {shown[0]}",
        f"notes.txt     17 B  text/plain  {shown[1]}",
        "1.5 KiB of 50.0 MiB used",
    ]


def test_ls_of_nothing(files: Files) -> None:
    """Without files there is the space alone."""
    assert files("ls") == (0, "0 B of 50.0 MiB used\n", "")


def test_ls_as_json(files: Files, client: Client) -> None:
    """--json has exact sizes and times, and names as they are."""
    client.files.upload("a\n\x1b[2Jb", TEXT, "text/plain")
    (item,) = client.files.list()
    status, output, errors = files("ls", "--json")
    assert (status, errors) == (0, "")
    assert item.create_time is not None
    shown = {"name": "a\n\x1b[2Jb", "size": len(TEXT), "mime_type": "text/plain"}
    shown["modified"] = item.create_time.isoformat()
    assert json.loads(output) == {
        "files": [shown],
        "storage": {"used": len(TEXT), "total": 50 * MIB},
    }


def test_name_can_do_nothing_to_the_terminal(files: Files, client: Client) -> None:
    """Control characters of a name are shown as escapes, also in an error."""
    client.files.upload("a\n\x1b[2Jb  c", TEXT, "text/plain")
    output = files("ls")[1]
    assert output.splitlines()[1].startswith("a\\n\\x1b[2Jb  c  17 B  ")
    assert "\x1b" not in files.fails("mv", "\x1b[2J", "b")


# put


def test_put_stores_a_file(files: Files, client: Client) -> None:
    """The name is that of the file or the one given, and the type is guessed."""
    (files.folder / "sub").mkdir()
    (files.folder / "sub" / "notes.txt").write_bytes(TEXT)
    stored = files("put", "sub/notes.txt")
    assert stored == (0, "Stored notes.txt (17 B, text/plain)\n", "")
    assert files("put", "sub/notes.txt", "docs/other.txt")[0] == 0
    assert names(client) == ["docs/other.txt", "notes.txt"]
    assert client.files.download("docs/other.txt") == TEXT


def test_put_replaces_only_when_told(files: Files, client: Client) -> None:
    """An existing file is an error without --overwrite, and stays as it is."""
    client.files.upload("notes.txt", b"old")
    (files.folder / "notes.txt").write_bytes(TEXT)
    assert files.fails("put", "notes.txt").startswith("AlreadyExistsError: ")
    assert client.files.download("notes.txt") == b"old"
    assert files("put", "notes.txt", "--overwrite")[0] == 0
    assert client.files.download("notes.txt") == TEXT


def test_put_needs_a_file_that_can_be_read(files: Files, server: LocalServer) -> None:
    """A missing one, a folder and a path through a file are told by their names."""
    (files.folder / "file").touch()
    assert files.fails("put", "missing") == "missing: No such file or directory"
    assert files.fails("put", ".", "x") == ".: Is a directory"
    assert files.fails("put", "file/x") == "file/x: Not a directory"
    assert files.fails("put", "folder/", status=2).startswith("folder/ has no file name")
    assert server.calls == []


def test_put_of_too_much_is_told(files: Files, client: Client) -> None:
    """The server's limit is one line, and nothing is stored."""
    with (files.folder / "big").open("wb") as file:
        file.truncate(5 * MIB + 1)
    error = files.fails("put", "big")
    assert error.startswith("InvalidArgumentError: ")
    assert str(5 * MIB) in error
    with (files.folder / "huge").open("wb") as file:
        file.truncate(65 * MIB)
    assert "bytes" in files.fails("put", "huge")
    assert names(client) == []


# get


def test_get_fetches_a_file(files: Files, client: Client) -> None:
    """It goes to the same name, another one, a folder, or the standard output."""
    content = bytes(range(256)) * 4
    client.files.upload("docs/data.bin", content)
    (files.folder / "sub").mkdir()
    assert files("get", "docs/data.bin") == (0, "Wrote data.bin (1.0 KiB)\n", "")
    assert files("get", "docs/data.bin", "other")[0] == 0
    assert files("get", "docs/data.bin", "sub")[0] == 0
    assert files.here() == dict.fromkeys(["data.bin", "other", "sub/data.bin"], content)
    assert files.raw("get", "docs/data.bin", "-") == (0, content, "")


def test_get_gives_usual_permissions(files: Files, client: Client) -> None:
    """A new file has those of any new file, and a replaced one keeps its own."""
    client.files.upload("new", TEXT)
    client.files.upload("old", TEXT)
    (files.folder / "old").touch(mode=0o600)
    (files.folder / "plain").touch()
    assert files("get", "new")[0] == 0
    assert files("get", "old", "--overwrite")[0] == 0
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in files.folder.iterdir()}
    assert modes == {"new": modes["plain"], "old": 0o600, "plain": modes["plain"]}


def test_get_replaces_only_when_told(files: Files, client: Client, server: LocalServer) -> None:
    """An existing file is an error before anything is sent; --overwrite replaces its content."""
    client.files.upload("notes.txt", TEXT)
    server.clear_calls()
    (files.folder / "notes.txt").write_bytes(b"mine")
    (files.folder / "link").symlink_to("notes.txt")
    for name in ("notes.txt", "link"):
        error = files.fails("get", "notes.txt", name)
        assert error == f"{name}: there is such a file already"
    assert server.calls == []
    assert files("get", "notes.txt", "link", "--overwrite")[0] == 0
    assert (files.folder / "link").is_symlink()
    assert files.here() == {"notes.txt": TEXT, "link": TEXT}


def test_get_of_a_missing_file_leaves_nothing(files: Files) -> None:
    """No empty file and no part of one is there after a failure."""
    assert files.fails("get", "missing").startswith("NotFoundError: ")
    assert files.fails("get", "missing", "-").startswith("NotFoundError: ")
    (files.folder / "mine").write_bytes(TEXT)
    assert files.fails("get", "missing", "mine", "--overwrite").startswith("NotFoundError: ")
    assert files.here() == {"mine": TEXT}


def test_get_needs_a_place_to_write_to(files: Files, client: Client) -> None:
    """A folder that is missing, and what is no file, are told by their names."""
    client.files.upload("notes.txt", TEXT)
    (files.folder / "file").write_bytes(b"")
    os.mkfifo(files.folder / "pipe")
    assert files.fails("get", "notes.txt", "no/where") == "no/where: No such file or directory"
    assert files.fails("get", "notes.txt", "no/") == "no/: there is no such folder"
    assert files.fails("get", "notes.txt", "file/x") == "file/x: Not a directory"
    for more in ([], ["--overwrite"]):
        assert files.fails("get", "notes.txt", "pipe", *more) == "pipe: not a regular file"
    (files.folder / "notes.txt").mkdir()
    assert files.fails("get", "notes.txt") == "notes.txt: not a regular file"
    assert files.here() == {"file": b""}


@pytest.mark.parametrize("name", ["..", "docs/", "a/..", "/"])
def test_get_takes_no_path_from_the_server(files: Files, client: Client, name: str) -> None:
    """A name that is no file name here needs LOCAL; folders in one are left out."""
    client.files.upload(name, TEXT)
    client.files.upload("../../escape", TEXT)
    assert files.fails("get", name, status=2).endswith("is no name for a file here; name LOCAL")
    assert files("get", name, "here")[0] == 0
    assert files("get", "../../escape")[0] == 0
    assert files.here() == {"escape": TEXT, "here": TEXT}


def test_reader_of_get_may_leave(files: Files, client: Client) -> None:
    """`xai files get x - | head` ends without a word."""
    client.files.upload("big", bytes(MIB))
    with running(*files.line("get", "big", "-"), key=SECRET_KEY) as command:
        assert command.process.stdout is not None
        assert command.process.stdout.read(1) == "\0"
        command.leave()
        assert command.wait() == 1
        assert command.errors() == ""


def test_interrupted_get_leaves_nothing(files: Files, client: Client, server: LocalServer) -> None:
    """Ctrl-C while the server is silent ends with status 130; there is no file."""
    client.files.upload("notes.txt", TEXT)
    server.stall(method="DownloadFile")
    with running(*files.line("get", "notes.txt"), key=SECRET_KEY, cwd=files.folder) as command:
        server.wait_for_call("DownloadFile", "open")
        assert command.interrupt() == 130
        assert command.errors() == ""
    assert files.here() == {}
    server.wait_for_call("DownloadFile", "cancelled")


# rm and mv


def test_rm_removes_each(files: Files, client: Client) -> None:
    """All the names are gone."""
    for name in ("a", "b", "c"):
        client.files.upload(name, TEXT)
    assert files("rm", "a", "c") == (0, "", "")
    assert names(client) == ["b"]


def test_rm_of_a_missing_file_removes_the_others(files: Files, client: Client) -> None:
    """Each missing one is told, and the status is 1."""
    client.files.upload("b", TEXT)
    status, output, errors = files("rm", "a", "b", "c")
    assert (status, output) == (1, "")
    assert re.fullmatch("(xai files rm: NotFoundError: .+'[ac]'.*\n){2}", errors)
    assert names(client) == []


def test_mv_renames(files: Files, client: Client) -> None:
    """The content stays; a name that is taken, or missing, is an error."""
    client.files.upload("a", TEXT)
    client.files.upload("taken", b"")
    assert files("mv", "a", "b") == (0, "", "")
    assert client.files.download("b") == TEXT
    assert files.fails("mv", "b", "taken").startswith("AlreadyExistsError: ")
    assert files.fails("mv", "a", "c").startswith("NotFoundError: ")
    assert names(client) == ["b", "taken"]


# Failures of all.

LINES: Final = (["ls"], ["put", "file"], ["get", "file", "-"], ["rm", "file"], ["mv", "a", "b"])


@pytest.mark.parametrize("words", LINES, ids=lambda words: str(words[0]))
def test_wrong_key_is_one_line(files: Files, words: list[str]) -> None:
    """Every action says that the key is not known, without the key."""
    (files.folder / "file").touch()
    error = files.fails(*words, key=f"wrong-{SECRET_MARKER}")
    assert error.startswith("AuthenticationError: ")
    assert "XAI_API_KEY" in files.fails(*words, key=None, status=2)


@pytest.mark.parametrize("words", LINES, ids=lambda words: str(words[0]))
def test_permission_may_be_missing(files: Files, words: list[str]) -> None:
    """What only reads works with a key that may only read; the rest is refused."""
    (files.folder / "file").touch()
    if words[0] == "ls":
        assert files(*words, key=READER)[0] == 0
    else:
        kind = "NotFoundError" if words[0] == "get" else "PermissionDeniedError"
        assert files.fails(*words, key=READER).startswith(f"{kind}: ")


@pytest.mark.parametrize("words", LINES, ids=lambda words: str(words[0]))
def test_failed_call_is_one_line(files: Files, server: LocalServer, words: list[str]) -> None:
    """A failure of the server is told with its text, and a silent one takes no longer than told."""
    (files.folder / "file").touch()
    server.fail(StatusCode.DATA_LOSS, "lost")
    assert files.fails(*words) == "InternalServerError: lost"
    server.stall(times=None)
    assert files.fails(*words, "--timeout", "0.3").startswith("DeadlineExceededError: ")


def test_nobody_may_listen(tmp_path: Path) -> None:
    """A refused connection is one line that names host and port."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        host = f"localhost:{unused.getsockname()[1]}"
        error = Files(host, tmp_path).fails("ls", "--timeout", "2")
    assert error.startswith(f"APIConnectionError: can't connect to {host}: ")


@pytest.mark.parametrize(
    ("words", "part"),
    [
        ([], "Usage: xai files [OPTIONS] COMMAND"),
        (["dance"], "dance"),
        (["put"], "LOCAL"),
        (["put", ""], "LOCAL"),
        (["get"], "REMOTE"),
        (["get", "a", ""], "LOCAL"),
        (["rm"], "NAME"),
        (["rm", "a", ""], "NAME"),
        (["mv", "a"], "NEW"),
        (["ls", "--timeout", "0"], "--timeout"),
        (["ls", "--host", "a b"], "api_host"),
    ],
)
def test_wrong_argument_of_files_is_named(words: list[str], part: str, tmp_path: Path) -> None:
    """It is told on stderr with status 2."""
    result = call("files", *words, key=SECRET_KEY, cwd=tmp_path)
    assert (result.rc, result.stdout) == (2, "")
    assert part in result.stderr
    assert result.stderr.count("\n") == 1 or not words
