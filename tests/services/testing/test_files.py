from collections.abc import Iterator
from datetime import datetime, timezone

import pytest

import xai
from xai import Client
from xai.proto.prompt_ide.files import DownloadFileRequest, RenameFileRequest, UploadFileRequest
from xai.testing import LocalServer

MIB = 1024 * 1024


@pytest.fixture
def server() -> Iterator[LocalServer]:
    """A local server with two keys."""
    with LocalServer(api_keys={"one": ["*"], "two": ["*"]}) as server:
        yield server


@pytest.fixture
def client(server: LocalServer) -> Iterator[Client]:
    """A client of it."""
    with server.client() as client:
        yield client


def test_file_comes_back_as_it_was_stored(client: Client) -> None:
    """The content is the same byte for byte, and the metadata tell its size, type and time."""
    begin = datetime.now(timezone.utc)
    content = bytes(range(256)) * 10
    stored = client.files.upload("a.bin", content, "application/x-mine")
    assert client.files.download("a.bin") == content
    assert (stored.file_name, stored.size_bytes) == ("a.bin", 2560)
    assert stored.mime_type == "application/x-mine"
    assert stored.create_time is not None
    assert begin <= stored.create_time <= datetime.now(timezone.utc)
    assert client.files.list() == [stored]


def test_download_has_the_metadata_too(client: Client) -> None:
    """The file object has what the upload told."""
    client.files.upload("a.txt", b"text")
    found = client.stubs.file.download_file(DownloadFileRequest(file_name="a.txt"))
    assert found.content == b"text"
    assert (found.metadata.size_bytes, found.metadata.mime_type) == (4, "text/plain")


@pytest.mark.parametrize(
    ("name", "mime_type"),
    [
        ("a.txt", "text/plain"),
        ("a.json", "application/json"),
        ("folder/a.png", "image/png"),
        ("a", "application/octet-stream"),
        ("a.nobody-knows", "application/octet-stream"),
    ],
)
def test_type_is_guessed_from_the_name(client: Client, name: str, mime_type: str) -> None:
    """Without a type the server finds one, on every machine the same."""
    assert client.files.upload(name, b"x").mime_type == mime_type


def test_file_is_replaced_only_on_request(client: Client) -> None:
    """A second upload is ALREADY_EXISTS and changes nothing, unless it may overwrite."""
    first = client.files.upload("a", b"old")
    with pytest.raises(xai.AlreadyExistsError, match="'a'"):
        client.files.upload("a", b"new")
    assert client.files.download("a") == b"old"
    second = client.files.upload("a", b"newer", overwrite=True)
    assert client.files.download("a") == b"newer"
    assert second.size_bytes == 5
    assert first.create_time is not None
    assert second.create_time is not None
    assert second.create_time >= first.create_time
    assert len(client.files.list()) == 1


def test_largest_file_fits_and_one_byte_more_does_not(client: Client) -> None:
    """A file of 5 MiB is stored; a larger one is wrong by itself, hence INVALID_ARGUMENT."""
    content = b"x" * (5 * MIB)
    assert client.files.upload("a", content).size_bytes == 5 * MIB
    assert client.files.download("a") == content
    with pytest.raises(xai.InvalidArgumentError, match="content"):
        client.files.upload("b", content + b"x")
    assert [file.file_name for file in client.files.list()] == ["a"]


def test_full_storage_is_exhausted_until_there_is_room(client: Client) -> None:
    """50 MiB fit; then there is RESOURCE_EXHAUSTED, though overwriting and deleting make room."""
    content = b"x" * (5 * MIB)
    for number in range(10):
        client.files.upload(str(number), content)
    assert client.files.storage().used == client.files.storage().total == 50 * MIB
    with pytest.raises(xai.RateLimitError):
        client.files.upload("more", b"x")
    client.files.upload("0", content, overwrite=True)
    client.files.upload("0", content[1:], overwrite=True)
    client.files.upload("more", b"x")
    client.files.delete("1")
    assert client.files.storage().used == 45 * MIB
    client.files.upload("1", content)


def test_renamed_file_keeps_everything_but_its_name(client: Client) -> None:
    """Type, time and content move along, and the old name is free."""
    stored = client.files.upload("a.txt", b"text")
    renamed = client.files.rename("a.txt", "b.bin")
    assert (renamed.mime_type, renamed.create_time) == (stored.mime_type, stored.create_time)
    assert client.files.download("b.bin") == b"text"
    with pytest.raises(xai.NotFoundError, match=r"a\.txt"):
        client.files.download("a.txt")


def test_renaming_needs_a_file_and_a_free_name(client: Client) -> None:
    """An unknown file is NOT_FOUND, a taken name ALREADY_EXISTS, and nothing is changed."""
    client.files.upload("a", b"1")
    client.files.upload("b", b"2")
    with pytest.raises(xai.NotFoundError):
        client.files.rename("c", "d")
    for taken in ("a", "b"):
        with pytest.raises(xai.AlreadyExistsError):
            client.files.rename("a", taken)
    assert (client.files.download("a"), client.files.download("b")) == (b"1", b"2")


def test_deleted_file_is_gone(client: Client) -> None:
    """After the deletion the file and its space are gone; a second one is NOT_FOUND."""
    client.files.upload("a", b"1")
    client.files.delete("a")
    assert client.files.list() == []
    assert client.files.storage().used == 0
    for call in (client.files.delete, client.files.download):
        with pytest.raises(xai.NotFoundError):
            call("a")


def test_list_is_sorted_by_name(client: Client) -> None:
    """Files come in the order of their names, whenever they were stored."""
    for name in ("c", "a", "B", "b"):
        client.files.upload(name, b"")
    assert [file.file_name for file in client.files.list()] == ["B", "a", "b", "c"]


def test_files_belong_to_their_key(server: LocalServer, client: Client) -> None:
    """Another key sees none of the files and has its own storage."""
    client.files.upload("a", b"1")
    with server.client(api_key="two") as other:
        assert other.files.list() == []
        assert other.files.storage().used == 0
        with pytest.raises(xai.NotFoundError):
            other.files.download("a")
        other.files.upload("a", b"2")
    assert client.files.download("a") == b"1"


@pytest.mark.parametrize("name", ["", "a\0b"])
def test_bad_name_is_refused(client: Client, name: str) -> None:
    """Names that are none are INVALID_ARGUMENT, by the name of the field."""
    with pytest.raises(xai.InvalidArgumentError, match="file_name"):
        client.stubs.file.upload_file(UploadFileRequest(file_name=name))
    client.files.upload("a", b"")
    with pytest.raises(xai.InvalidArgumentError, match="new_file_name"):
        client.stubs.file.rename_file(RenameFileRequest(file_name="a", new_file_name=name))


def test_reading_and_writing_have_acls_of_their_own() -> None:
    """files:read lists and downloads, files:write changes; neither does the other's work."""
    with LocalServer(api_keys={"reader": ["files:read"], "writer": ["files:write"]}) as server:
        with server.client(api_key="reader") as reader:
            assert reader.files.list() == []
            with pytest.raises(xai.NotFoundError):
                reader.files.download("a")
            with pytest.raises(xai.PermissionDeniedError):
                reader.files.upload("a", b"")
        with server.client(api_key="writer") as writer:
            writer.files.upload("a", b"")
            writer.files.rename("a", "b")
            writer.files.delete("b")
            with pytest.raises(xai.PermissionDeniedError):
                writer.files.list()
