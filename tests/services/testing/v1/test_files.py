"""The files of v1 that the local server keeps: filters, orders, ends, texts and public URLs."""

import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from typing import Final

import pytest

from xai import (
    APIError,
    Client,
    FailedPreconditionError,
    InvalidArgumentError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitError,
    StatusCode,
    v1,
)
from xai.proto.xai_api import files as local_pb
from xai.proto.xai_api.files import ListFilesRequest, Ordering, UploadFileChunk, UploadFileInit
from xai.sync.v1.files import Files
from xai.testing import LocalServer
from xai.testing.v1 import file_store

PNG: Final = b"\x89PNG\r\n\x1a\n and more"


@pytest.fixture
def server() -> Iterator[LocalServer]:
    """A server of which some keys may not do everything."""
    keys = {"all": ["*"], "other": ["*"], "reader": ["files:read"]}
    with LocalServer(api_keys=keys) as server:
        yield server


@pytest.fixture
def client(server: LocalServer) -> Iterator[Client]:
    """A client that may do everything."""
    with server.client() as client:
        yield client


@pytest.fixture
def files(client: Client) -> Files:
    """Its files."""
    return client.v1.files


FILTERS: Final = {
    "size_bytes > 2": "bcd",
    "size_bytes >= 2 AND size_bytes < 4": "abc",
    "size_bytes != 2 and not size_bytes = 4": "bc",
    'name = "a.txt" OR file_name = "d.png"': "ad",
    'NOT (name = "a.txt" OR name = "b.pdf")': "cd",
    'NOT name = "a.txt" AND NOT name = "b.pdf" OR name = "a.txt"': "acd",
    'content_type = "image/png"': "d",
    'content_type > "application/zzz"': "ad",
    "expires_at = null": "abc",
    "expires_at != null": "d",
    "expires_at > 2000-01-01T00:00:00Z": "d",
    'created_at >= "2000-01-01T00:00:00.123456789+02:00"': "abcd",
    "created_at < 2000-01-01T00:00:00-01:00": "",
    'name = "c \\"quoted\\".bin"': "",
    "public_url != null": "d",
    "public_url_expires_at = null": "abc",
    "user_defined_id = null": "abcd",
    'upload_status = "complete"': "abcd",
    'file_id != "file-0"': "abcd",
    "(((size_bytes<=2)))": "a",
}


def test_filters_and_orders(files: Files) -> None:
    """Each expression finds what it says, in the order that is asked for."""
    for name, size in (("c.bin", 3), ("a.txt", 2), ("b.pdf", 3)):
        files.upload(bytes(size), filename=name)
    last = files.upload(b"\x89PNG\r\n\x1a\n"[:4], filename="d.png", expires_after=3600)
    files.create_public_url(last.id)
    for expression, names in FILTERS.items():
        found = [file.filename[0] for file in files.list(filter=expression, sort_by="filename")]
        assert "".join(found) == names, expression
    orders = {
        ("created_at", "asc"): "cabd",
        ("created_at", "desc"): "dbac",
        ("size", "asc"): "acbd",
        ("size", "desc"): "dbca",
        ("filename", "desc"): "dcba",
    }
    for (sort_by, order), names in orders.items():
        page = files.list(sort_by=sort_by, order=order)  # type: ignore[arg-type]  # they are right
        assert "".join(file.filename[0] for file in page) == names
    assert [file.filename[0] for file in files.list()] == list("cabd")


@pytest.mark.parametrize(
    "expression",
    [
        "size",
        "size_bytes",
        "size_bytes >",
        "size_bytes > ten",
        'size_bytes > "10"',
        "size_bytes > null",
        "name = a",
        'name LIKE "a"',
        'name = "a',
        'name = "a" name = "b"',
        '(name = "a"',
        "expires_at > yesterday",
        "expires_at > 2000-13-01T00:00:00Z",
        "§",
        "NOT " * 60 + "size_bytes = 1",
        'name = "' + "a" * 5000 + '"',
    ],
)
def test_filters_that_are_wrong(client: Client, expression: str) -> None:
    """They are refused by the server, and all but long ones before anything is sent."""
    with pytest.raises(InvalidArgumentError, match=r"^filter is not valid: "):
        client.stubs.v1.files.list_files(ListFilesRequest(filter=expression))
    with pytest.raises(ValueError if len(expression) < 5000 else APIError, match=r"^filter is not"):
        client.v1.files.list(filter=expression)


def test_pages_survive_changes(files: Files) -> None:
    """What is deleted or added between two pages moves nothing; tokens are checked."""
    for name in "abcdef":
        files.upload(b"", filename=name)
    first = files.list(limit=None)
    stub = ListFilesRequest(limit=2)
    page = files._caller.unary(local_pb.FILES_LIST_FILES, stub)
    files.delete(page.data[0].id)
    files.delete(page.data[1].id)
    files.upload(b"", filename="g")
    rest = files.list(pagination_token=page.pagination_token)
    assert "".join(file.filename for file in rest) == "cdefg"
    assert len(first.items) == 6
    for token in ("x", "!", "bnVsbA==", "W1swLGZhbHNlLCIiXSxbW10sMV1d"):
        with pytest.raises(InvalidArgumentError, match=r"^pagination_token"):
            files.list(pagination_token=token)


def test_file_is_gone_when_its_time_has_come(files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    """After its expiry it is not found, and its public URL leads nowhere."""
    file = files.upload(PNG, filename="a.png", expires_after=3600)
    kept = files.upload(PNG, filename="b.png")
    url = files.create_public_url(file.id)
    assert url.expires_at == file.expires_at
    assert fetch(url.url) == (PNG, "image/png")
    turn_clock(monkeypatch, timedelta(hours=1, seconds=1))
    with pytest.raises(NotFoundError):
        files.get(file.id)
    assert [one.id for one in files.list()] == [kept.id]
    with pytest.raises(urllib.error.HTTPError, match="404"):
        fetch(url.url)


def turn_clock(monkeypatch: pytest.MonkeyPatch, by: timedelta) -> None:
    """Let the store believe that it is later."""

    class Later(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:  # type: ignore[override]  # called with a zone
            """Return a later time."""
            assert tz is timezone.utc
            return datetime.now(timezone.utc) + by

    monkeypatch.setattr(file_store, "datetime", Later)


def fetch(url: str) -> tuple[bytes, str]:
    """Return what a URL leads to, and its type."""
    with urllib.request.urlopen(url, timeout=60) as reply:  # noqa: S310  # our own
        return reply.read(), reply.headers["content-type"]


def test_public_urls(files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file has one; asking again keeps it, with the new end if there is one."""
    contents = {
        "a.png": (PNG, "image/png"),
        "b": (b"%PDF-1.7 and more", "application/pdf"),
        "c.mp4": (b"content", "video/mp4"),
    }
    for name, (data, kind) in contents.items():
        file = files.upload(data, filename=name)
        made = files.create_public_url(file.id)
        assert (made.expires_at, fetch(made.url)) == (None, (data, kind))
    ending = files.create_public_url(file.id, expires_after=timedelta(hours=1))
    assert ending.url == made.url
    assert ending.expires_at is not None
    assert files.create_public_url(file.id) == ending
    assert files.get(file.id).public_url_expires_at == ending.expires_at
    turn_clock(monkeypatch, timedelta(hours=2))
    assert files.get(file.id).public_url is None
    again = files.create_public_url(file.id)
    assert again.url != made.url
    files.delete(file.id)
    with pytest.raises(urllib.error.HTTPError, match="404"):
        fetch(again.url)
    text = files.upload(b"text", filename="a.txt")
    with pytest.raises(InvalidArgumentError, match=r"^Only images, videos and PDFs .* text/plain"):
        files.create_public_url(text.id)
    assert files.revoke_public_url(text.id).revoked is False


def test_text_of_a_file(files: Files) -> None:
    """What is text is sent as UTF-8, whatever it was before; the rest has none."""
    for data in (b"caf\xc3\xa9", b"\xef\xbb\xbfcaf\xc3\xa9", "café".encode("utf-16")):
        file = files.upload(data, filename="a.txt")
        assert files.content(file.id, format="text") == b"caf\xc3\xa9"
        assert files.content(file.id) == data
    file = files.upload(b"\xff\x00\xff", filename="a.bin")
    with pytest.raises(FailedPreconditionError, match=r"finds no text"):
        files.content(file.id, format="text")
    empty = files.upload(b"", filename="empty")
    assert files.content(empty.id) == b""


INIT: Final = UploadFileChunk(init=UploadFileInit(name="a"))


@pytest.mark.parametrize(
    ("requests", "text"),
    [
        ([], r"The first message of an upload must be init"),
        ([UploadFileChunk(data=b"a")], r"The first message"),
        ([UploadFileChunk()], r"The first message"),
        ([INIT, INIT], r"All messages of an upload but the first must be data"),
        ([INIT, UploadFileChunk()], r"All messages"),
        ([UploadFileChunk(init=UploadFileInit())], r"name must have 1 to 255"),
        ([UploadFileChunk(init=UploadFileInit(name="a\n"))], r"name must have no control"),
        (
            [UploadFileChunk(init=UploadFileInit(name="a", expires_after=5))],
            r"expires_after must be from 3600",
        ),
        ([INIT, UploadFileChunk(data=bytes(6 * 2**20))], r"A chunk may have"),
    ],
)
def test_uploads_that_are_wrong(client: Client, requests: list[UploadFileChunk], text: str) -> None:
    """Each is refused for what is wrong with it, and keeps nothing."""
    with pytest.raises(InvalidArgumentError, match=text):
        client.stubs.v1.files.upload_file(requests)
    assert client.v1.files.list().items == ()


def test_store_has_limits(files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file may be so large, and all of a key's together; what is deleted makes room."""
    monkeypatch.setattr(file_store, "FILE_LIMIT", 10)
    monkeypatch.setattr(file_store, "STORAGE_LIMIT", 15)
    monkeypatch.setattr(file_store, "FILE_COUNT_LIMIT", 3)
    with pytest.raises(RateLimitError, match=r"^The file is too large"):
        files.upload(bytes(11), filename="a")
    first = files.upload(bytes(10), filename="a")
    with pytest.raises(RateLimitError, match=r"^There is no space left") as caught:
        files.upload(bytes(6), filename="b")
    assert caught.value.attempts == 1
    files.upload(bytes(5), filename="b")
    files.upload(b"", filename="c")
    with pytest.raises(RateLimitError, match=r"^There is no space left"):
        files.upload(b"", filename="d")
    files.delete(first.id)
    files.upload(bytes(6), filename="d")


def test_each_key_has_its_own_files(server: LocalServer, files: Files) -> None:
    """Others neither see nor delete them; what a key may not do, it can't."""
    file = files.upload(b"", filename="a")
    calls: list[Callable[[Files], object]] = [
        lambda other: other.get(file.id),
        lambda other: other.delete(file.id),
        lambda other: other.content(file.id),
        lambda other: other.create_public_url(file.id),
        lambda other: other.revoke_public_url(file.id),
    ]
    with server.client(api_key="other") as other:
        for call in calls:
            with pytest.raises(NotFoundError, match=file.id):
                call(other.v1.files)
        assert other.v1.files.list().items == ()
    with server.client(api_key="reader") as reader:
        assert reader.v1.files.list().items == ()
        with pytest.raises(PermissionDeniedError):
            reader.v1.files.upload(b"", filename="a")


def test_images_are_stored_in_the_same_place(client: Client) -> None:
    """An image that is made and stored is a file like any other, and can be seen by a chat."""
    file = client.v1.files.upload(PNG, filename="a.png")
    message = v1.user("What is that?", v1.image(file_id=file.id))
    response = client.v1.chat.create("grok-local", messages=[message]).sample()
    assert response.usage.prompt_image_tokens or response.content


def test_unknown_order_is_refused(client: Client) -> None:
    """Numbers of a newer client are not taken for something else."""
    with pytest.raises(APIError) as caught:
        client.stubs.v1.files.list_files(ListFilesRequest(order=Ordering.try_value(7)))
    assert caught.value.code is StatusCode.INVALID_ARGUMENT
