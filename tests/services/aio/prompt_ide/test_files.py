import gzip
import os
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import xai
from tests.services.interop.files import FILE_LIMIT, MIB, SECONDS, TOTAL_LIMIT, FileStore
from tests.support import SECRET_KEY
from xai import AsyncClient, FileMetadata, FileStorage

if TYPE_CHECKING:
    from tests.services.interop.server import GrpcioServer


@pytest.fixture
def store(grpcio_server: "GrpcioServer") -> FileStore:
    """The service, empty."""
    return FileStore(grpcio_server)


@pytest.fixture
def remote(grpcio_server: "GrpcioServer") -> Iterator[AsyncClient]:
    """A client of the server made with grpcio; the hook that runs the test enters it."""
    client = AsyncClient(SECRET_KEY, api_host=grpcio_server.host)
    yield client
    # twin: sync client.close()
    assert "closed" in repr(client)


class Named(os.PathLike[str]):
    """A path that is no `Path`."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __fspath__(self) -> str:
        """Return the path."""
        return str(self._path)


async def test_content_comes_back_as_it_was(store: FileStore, remote: AsyncClient) -> None:
    """What was uploaded is downloaded, byte for byte, whatever it is."""
    contents = (b"", b"\0\xff\x80text\r\n", bytes(range(256)) * 4096)
    for number, content in enumerate(contents):
        await remote.files.upload(f"file {number} é", content)
        assert await remote.files.download(f"file {number} é") == content
    (first, *_) = store.requests("DownloadFile")
    assert first.file_name == "file 0 é"


async def test_upload_sends_each_argument(store: FileStore, remote: AsyncClient) -> None:
    """Each argument is in its field; the defaults are no MIME type and no overwriting."""
    assert await remote.files.upload("a", b"xy") == FileMetadata("a", 2, "", None)
    found = await remote.files.upload("b", b"xyz", "text/plain", overwrite=True)
    assert found == FileMetadata(
        "b", 3, "text/plain", datetime.fromtimestamp(SECONDS, timezone.utc)
    )
    first, second = store.requests("UploadFile")
    assert (first.file_name, first.content) == ("a", b"xy")
    assert (first.mime_type, first.overwrite) == ("", False)
    assert (second.file_name, second.content) == ("b", b"xyz")
    assert (second.mime_type, second.overwrite) == ("text/plain", True)


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
async def test_content_may_be_any_bytes(
    store: FileStore, remote: AsyncClient, kind: type[bytes]
) -> None:
    """Buffers are taken as bytes."""
    await remote.files.upload("a", kind(b"\0xy"))
    assert store.requests("UploadFile")[0].content == b"\0xy"


async def test_file_is_kept_unless_overwritten(store: FileStore, remote: AsyncClient) -> None:
    """A second upload under a name is ALREADY_EXISTS, except with ``overwrite``."""
    await remote.files.upload("a", b"old")
    with pytest.raises(xai.AlreadyExistsError, match="a exists"):
        await remote.files.upload("a", b"new")
    assert await remote.files.download("a") == b"old"
    await remote.files.upload("a", b"new", overwrite=True)
    assert await remote.files.download("a") == b"new"
    assert len(store.files) == 1


async def test_missing_files_are_not_found(store: FileStore, remote: AsyncClient) -> None:
    """What is not there can't be downloaded, renamed or deleted."""
    assert store.files == {}
    with pytest.raises(xai.NotFoundError, match="no a"):
        await remote.files.download("a")
    with pytest.raises(xai.NotFoundError, match="no a"):
        await remote.files.rename("a", "b")
    with pytest.raises(xai.NotFoundError, match="no a"):
        await remote.files.delete("a")


async def test_rename_and_delete(store: FileStore, remote: AsyncClient) -> None:
    """A renamed file has the new name only; a deleted one has none."""
    await remote.files.upload("a", b"x")
    await remote.files.upload("b", b"y")
    with pytest.raises(xai.AlreadyExistsError):
        await remote.files.rename("a", "b")
    assert (await remote.files.rename("a", "c")).file_name == "c"
    assert sorted(store.files) == ["b", "c"]
    request = store.requests("RenameFile")[-1]
    assert (request.file_name, request.new_file_name) == ("a", "c")
    await remote.files.delete("c")
    assert sorted(store.files) == ["b"]


async def test_list_and_storage(store: FileStore, remote: AsyncClient) -> None:
    """Listing gives one entry a file; the storage is what is used of what there is."""
    assert await remote.files.list() == []
    assert await remote.files.storage() == FileStorage(used=0, total=TOTAL_LIMIT)
    await remote.files.upload("a", b"x" * 10, "text/plain")
    await remote.files.upload("b", b"y" * 20)
    assert await remote.files.list() == [
        FileMetadata("a", 10, "text/plain", None),
        FileMetadata("b", 20, "", datetime.fromtimestamp(SECONDS, timezone.utc)),
    ]
    assert await remote.files.storage() == FileStorage(used=30, total=TOTAL_LIMIT)
    assert len(store.requests("ListFiles")) == 4


async def test_limits_are_the_servers(store: FileStore, remote: AsyncClient) -> None:
    """5 MiB go, a byte more is refused; when all space is used there is no more."""
    content = b"x" * FILE_LIMIT
    await remote.files.upload("file 0", content)
    assert await remote.files.download("file 0") == content
    with pytest.raises(xai.InvalidArgumentError, match="too large"):
        await remote.files.upload("large", content + b"x")
    for number in range(1, 10):
        await remote.files.upload(f"file {number}", content)
    with pytest.raises(xai.RateLimitError, match="no space left"):
        await remote.files.upload("one more", b"x")
    assert await remote.files.storage() == FileStorage(used=50 * MIB, total=50 * MIB)
    assert len(store.files) == 10


@pytest.mark.parametrize(
    ("name", "mime_type"),
    [
        ("a.txt", "text/plain"),
        ("a.json", "application/json"),
        ("a.PNG", "image/png"),
        ("a.html", "text/html"),
        ("a", ""),
        ("a.unheard-of", ""),
        ("a.txt.gz", "application/gzip"),
        ("a.tar.gz", "application/gzip"),
        ("a.txt.bz2", "application/x-bzip2"),
    ],
)
async def test_mime_type_is_guessed_from_the_name(
    store: FileStore, remote: AsyncClient, tmp_path: Path, name: str, mime_type: str
) -> None:
    """The local name says what it is; what is packed is sent, and said to be, packed."""
    path = tmp_path / name
    path.write_bytes(gzip.compress(b"x"))
    found = await remote.files.upload_file(path, "remote.bin")
    assert found.mime_type == store.requests("UploadFile")[0].mime_type == mime_type
    assert store.requests("UploadFile")[0].content == path.read_bytes()


@pytest.mark.parametrize("kind", [str, Path, Named])
async def test_local_file_may_be_any_path(
    store: FileStore, remote: AsyncClient, tmp_path: Path, kind: type[Any]
) -> None:
    """A str, a Path or another path: the file is read and stored under the remote name."""
    path = tmp_path / "a é.txt"
    path.write_bytes(b"\0xy")
    await remote.files.upload_file(kind(path), "remote")
    request = store.requests("UploadFile")[0]
    assert (request.file_name, request.content, request.overwrite) == ("remote", b"\0xy", False)
    with pytest.raises(xai.AlreadyExistsError):
        await remote.files.upload_file(kind(path), "remote")
    await remote.files.upload_file(kind(path), "remote", overwrite=True)
    assert store.requests("UploadFile")[2].overwrite


async def test_file_that_can_not_be_read_is_an_os_error(
    store: FileStore, remote: AsyncClient, tmp_path: Path
) -> None:
    """A missing local file is the usual error of Python; nothing is sent."""
    with pytest.raises(FileNotFoundError):
        await remote.files.upload_file(tmp_path / "missing", "remote")
    with pytest.raises(OSError, match=r"directory|Permission"):
        await remote.files.upload_file(tmp_path, "remote")
    assert store.server.calls == []


WRONG: Any = 5


async def test_wrong_arguments_are_refused_at_once(store: FileStore, remote: AsyncClient) -> None:
    """A TypeError names the argument; nothing is sent."""
    files = remote.files
    text: Any = "text"
    with pytest.raises(TypeError, match="file_name must be a str, not int"):
        await files.download(WRONG)
    with pytest.raises(TypeError, match="file_name must be a str, not int"):
        await files.upload(WRONG, b"")
    with pytest.raises(TypeError, match="content must be bytes, not str"):
        await files.upload("a", text)
    with pytest.raises(TypeError, match="mime_type must be a str, not int"):
        await files.upload("a", b"", WRONG)
    with pytest.raises(TypeError, match="overwrite must be a bool, not int"):
        await files.upload("a", b"", overwrite=WRONG)
    with pytest.raises(TypeError, match="local_file_name must be a str or a path, not int"):
        await files.upload_file(WRONG, "a")
    with pytest.raises(TypeError, match="remote_file_name must be a str, not int"):
        await files.upload_file(__file__, WRONG)
    with pytest.raises(TypeError, match="overwrite must be a bool, not int"):
        await files.upload_file(__file__, "a", overwrite=WRONG)
    with pytest.raises(TypeError, match="new_file_name must be a str, not int"):
        await files.rename("a", WRONG)
    with pytest.raises(TypeError, match="file_name must be a str, not int"):
        await files.delete(WRONG)
    assert store.server.calls == []


async def test_empty_names_are_refused_at_once(store: FileStore, remote: AsyncClient) -> None:
    """An empty name is a ValueError that says which; nothing is sent."""
    files = remote.files
    with pytest.raises(ValueError, match=r"^file_name is empty"):
        await files.download("")
    with pytest.raises(ValueError, match=r"^file_name is empty"):
        await files.upload("", b"")
    with pytest.raises(ValueError, match=r"^remote_file_name is empty"):
        await files.upload_file(__file__, "")
    with pytest.raises(ValueError, match=r"^file_name is empty"):
        await files.rename("", "b")
    with pytest.raises(ValueError, match=r"^new_file_name is empty"):
        await files.rename("a", "")
    with pytest.raises(ValueError, match=r"^file_name is empty"):
        await files.delete("")
    assert store.server.calls == []
