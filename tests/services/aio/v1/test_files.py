import io
import os
import threading
from collections.abc import AsyncIterator, Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import grpc
import pytest

from tests.services.aio.helpers import collect
from tests.services.interop.protos import AnyMessage
from tests.services.interop.reference import ReferenceServer
from tests.services.interop.scripted import fields
from tests.twin_helpers import LIMIT
from xai import AsyncClient, InternalServerError, InvalidArgumentError, NotFoundError, v1
from xai.testing import LocalServer

UPLOAD = "/xai_api.Files/UploadFile"
#: Two chunks and a bit more.
CONTENT = os.urandom(2 * 2**20 + 10)
TOTAL = len(CONTENT)
FILE = {
    "id": "file-1",
    "filename": "some.bin",
    "size": TOTAL,
    "created_at": {"seconds": 1_700_000_000},
    "expires_at": {"seconds": 1_700_003_600},
    "public_url": "https://example.com/a",
    "public_url_expires_at": {"seconds": 1_700_003_600},
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file with the content."""
    path = tmp_path / "some.bin"
    path.write_bytes(CONTENT)
    return path


async def later(*items: bytes) -> AsyncIterator[bytes]:
    """Yield items."""
    for item in items:
        yield item


def take_uploads(server: ReferenceServer) -> list[list[Any]]:
    """Let a server answer uploads, and return where their requests will be."""
    reply = server.protos.of(server.protos.methods[UPLOAD].output_type)
    seen: list[list[Any]] = []

    def answer(requests: Iterator[Any], _: grpc.ServicerContext) -> AnyMessage:
        seen.append(list(requests))
        return reply(**FILE)

    server.answer(UPLOAD, answer)
    return seen


async def test_upload_sends_the_name_and_then_the_content(
    reference_server: ReferenceServer, client: AsyncClient, path: Path
) -> None:
    """Another library reads what was sent: name and expiry first, then chunks that fit."""
    seen = take_uploads(reference_server)
    for source in (
        path,
        str(path),
        CONTENT,
        bytearray(CONTENT),
        memoryview(CONTENT),
        io.BytesIO(CONTENT),
        [CONTENT[:7], CONTENT[7:]],
        iter([CONTENT]),
        later(CONTENT[:7], CONTENT[7:]),
    ):
        file = await client.v1.files.upload(
            source, filename="other.bin", expires_after=timedelta(hours=2)
        )
        first, *rest = seen.pop()
        assert fields(first) == {"init": {"name": "other.bin", "expires_after": "7200"}}
        assert [one.WhichOneof("chunk") for one in rest] == ["data"] * 3
        assert b"".join(one.data for one in rest) == CONTENT
        assert max(len(one.data) for one in rest) <= 3 * 2**20
    created = datetime(2023, 11, 14, 22, 13, 20, tzinfo=timezone.utc)
    assert file == v1.File(
        id="file-1",
        filename="some.bin",
        size=TOTAL,
        created_at=created,
        expires_at=created + timedelta(hours=1),
        public_url="https://example.com/a",
        public_url_expires_at=created + timedelta(hours=1),
        proto=file.proto,
    )
    await client.v1.files.upload(path)
    assert fields(seen.pop()[0]) == {"init": {"name": "some.bin"}}
    await client.v1.files.upload(b"", filename="empty")
    assert [fields(one) for one in seen.pop()] == [{"init": {"name": "empty"}}]


async def test_other_calls_send_what_was_given(
    reference_server: ReferenceServer, client: AsyncClient, tmp_path: Path
) -> None:
    """Each request has the fields that were given and no others."""
    files = client.v1.files
    script = reference_server.script
    listed = script("Files/ListFiles")
    listed.says({"data": [FILE], "pagination_token": "t-1"})
    listed.says({"data": [{}]})
    page = await files.list(order="desc", sort_by="size", filter="size_bytes > 1")
    both = [file.id async for file in page]
    assert both == ["file-1", ""]
    asked = {"limit": 100, "order": "DESCENDING", "sort_by": "FILES_SORT_BY_SIZE"}
    asked["filter"] = "size_bytes > 1"
    assert listed.seen == [asked, {**asked, "pagination_token": "t-1"}]
    await files.list(limit=3, pagination_token="t-2")
    assert listed.seen[2:] == [{"limit": 3, "pagination_token": "t-2"}]

    got = script("Files/RetrieveFile")
    got.says({})
    file = await files.get("file-1")
    assert (file.created_at, file.expires_at, file.public_url) == (None, None, None)
    assert file.to_dict() == {}
    removed = script("Files/DeleteFile")
    removed.says({"id": "file-1", "deleted": True})
    assert await files.delete("file-1") == "file-1"
    url = script("Files/CreatePublicUrl")
    url.says({"public_url": "https://example.com/a", "expires_at": {"seconds": 1_700_000_000}})
    made = await files.create_public_url("file-1", expires_after=60)
    assert (made.url, made.expires_at) == (
        "https://example.com/a",
        datetime(2023, 11, 14, 22, 13, 20, tzinfo=timezone.utc),
    )
    await files.create_public_url("file-1")
    assert url.seen == [{"file_id": "file-1", "expires_after": "60"}, {"file_id": "file-1"}]
    revoked = script("Files/RevokePublicUrl")
    revoked.says({"file_id": "file-1", "revoked": True, "public_url": "https://example.com/a"})
    ended = await files.revoke_public_url("file-1")
    assert (ended.file_id, ended.revoked, ended.url) == ("file-1", True, "https://example.com/a")
    assert got.seen == removed.seen == revoked.seen == [{"file_id": "file-1"}]

    content = script("Files/RetrieveFileContent")
    content.says({"data": b"one, "}, {}, {"data": b"two"})
    assert await files.content("file-1") == b"one, two"
    assert await collect(files.iter_content("file-1", format="text")) == [b"one, ", b"two"]
    assert await files.download("file-1", tmp_path / "a", format="original") == 8
    assert (tmp_path / "a").read_bytes() == b"one, two"
    into = io.BytesIO(b"before ")
    into.seek(0, io.SEEK_END)
    assert await files.download("file-1", into) == 8
    assert into.getvalue() == b"before one, two"
    plain = {"file_id": "file-1"}
    text = {**plain, "format": "DOWNLOAD_FORMAT_TEXT"}
    assert content.seen == [plain, text, plain, plain]


async def test_progress_counts_what_was_sent(local_client: AsyncClient, path: Path) -> None:
    """After each chunk, in the thread of the caller; of a file not at its start, from there."""
    told: list[tuple[int, int | None]] = []
    threads = set[int]()

    def tell(sent: int, total: int | None) -> None:
        told.append((sent, total))
        threads.add(threading.get_ident())

    files = local_client.v1.files
    await files.upload(path, on_progress=tell)
    assert told == [(2**20, TOTAL), (2 * 2**20, TOTAL), (TOTAL, TOTAL)]
    told.clear()
    with path.open("rb") as file:
        file.seek(TOTAL - 4)
        assert (await files.upload(file, on_progress=tell)).size == 4
    assert told == [(4, 4)]
    told.clear()
    await files.upload(later(b"ab", b"cd"), filename="a", on_progress=tell)
    assert told == [(4, None)]
    assert threads == {threading.get_ident()}


async def test_progress_of_a_retry_goes_on(
    server: LocalServer, local_client: AsyncClient, path: Path
) -> None:
    """A path is read anew, and what was told before is not told again."""
    server.fail(14, method=UPLOAD)
    told: list[int] = []
    files = local_client.v1.files
    file = await files.upload(path, on_progress=lambda sent, _: told.append(sent))
    assert await files.content(file.id) == CONTENT
    assert told == sorted(set(told))
    assert told[-1] == TOTAL
    assert [call.state for call in server.calls[:2]] == ["error", "ok"]


@pytest.mark.parametrize(
    ("name", "error"), [("missing", FileNotFoundError), ("folder", IsADirectoryError)]
)
async def test_local_error_is_one_of_the_system(
    server: LocalServer,
    local_client: AsyncClient,
    tmp_path: Path,
    name: str,
    error: type[OSError],
) -> None:
    """What can't be read is told before anything is sent."""
    (tmp_path / "folder").mkdir()
    with pytest.raises(error):
        await local_client.v1.files.upload(tmp_path / name)
    assert not server.calls


async def test_wrong_sources_are_refused_before_anything_is_sent(
    server: LocalServer, local_client: AsyncClient
) -> None:
    """The error names the argument and what was expected."""
    files = local_client.v1.files
    wrong: tuple[tuple[Any, type[Exception], str], ...] = (
        (5, TypeError, r"^file must be a path, bytes, a binary file or an iterable"),
        (None, TypeError, r"^file must be"),
        (io.StringIO("a"), TypeError, r"^file must be opened in binary mode"),
        (b"a", ValueError, r"^filename is required"),
    )
    for source, error, text in wrong:
        with pytest.raises(error, match=text):
            await files.upload(source)
    with pytest.raises(TypeError, match=r"^on_progress must be"):
        await files.upload(b"", filename="a", on_progress=5)  # type: ignore[arg-type]  # the point of the test
    with pytest.raises(TypeError, match=r"^target must be"):
        await files.download("file-1", 5)  # type: ignore[arg-type]  # the point of the test
    assert not server.calls


async def test_many_uploads_end_each_for_itself(
    server: LocalServer, local_client: AsyncClient, path: Path
) -> None:
    """Results stand in the order of the files, each a file or its own exception; none is lost."""
    seen: dict[int, tuple[object, object]] = {}
    threads = set[int]()

    def note(place: int, item: object, outcome: v1.File | Exception) -> None:
        assert place not in seen
        seen[place] = item, outcome
        threads.add(threading.get_ident())

    files = local_client.v1.files
    items = [
        path,
        path.with_name("missing"),
        v1.Upload(b"two", filename="two.txt", expires_after=3600),
        b"without a name",
        io.StringIO("text"),
        v1.Upload(later(b"six"), filename="six.txt"),
    ]
    found = await files.upload_many(items, concurrency=2, on_complete=note)  # type: ignore[type-var]  # one is wrong
    kinds = [type(one) for one in found]
    assert kinds == [v1.File, FileNotFoundError, v1.File, ValueError, TypeError, v1.File]
    assert [seen[place] for place in range(6)] == list(zip(items, found, strict=True))
    assert threads == {threading.get_ident()}
    two = found[2]
    assert isinstance(two, v1.File)
    assert (two.filename, two.size) == ("two.txt", 3)
    assert two.expires_at is not None
    assert await files.upload_many([]) == []
    page = await files.list()
    assert len([file async for file in page]) == 3
    server.fail(3, "not that one", method=UPLOAD)
    alone = (await files.upload_many([path]))[0]
    assert isinstance(alone, InvalidArgumentError)


async def test_many_uploads_run_at_the_same_time_up_to_the_limit(
    local_client: AsyncClient,
) -> None:
    """So many are under way at once, and no more."""
    together = threading.Barrier(3)
    running: list[int] = []
    most: list[int] = []

    def content(number: int) -> Iterator[bytes]:
        running.append(number)
        # Nobody goes on before three are here.
        together.wait(LIMIT)
        most.append(len(running))
        together.wait(LIMIT)
        running.remove(number)
        yield bytes([number])

    items = [v1.Upload(content(number), filename=str(number)) for number in range(6)]
    found = await local_client.v1.files.upload_many(items, concurrency=3)
    assert [getattr(one, "filename", one) for one in found] == list("012345")
    assert most == [3] * 6


async def test_callback_that_raises_ends_many_uploads(local_client: AsyncClient) -> None:
    """Its error comes out as it is, with the IDs of what is on the server; the rest is left."""
    error = ZeroDivisionError("mine")

    def fail(_place: int, _item: object, outcome: v1.File | Exception) -> None:
        assert isinstance(outcome, v1.File)
        raise error

    items = [v1.Upload(b"a", filename="a.txt"), *[v1.Upload(b"", filename="b") for _ in range(20)]]
    with pytest.raises(ZeroDivisionError) as caught:
        await local_client.v1.files.upload_many(items, concurrency=1, on_complete=fail)
    assert caught.value is error
    kept = [file.id async for file in await local_client.v1.files.list()]
    notes = " ".join(str(note) for note in vars(error)["__notes__"])
    assert kept
    assert all(file_id in notes for file_id in kept)
    assert len(kept) < 20


async def test_list_goes_on_to_the_last_page(local_client: AsyncClient) -> None:
    """Pages of 100 at most; the limit bounds all of them together."""
    files = local_client.v1.files
    await files.upload_many([v1.Upload(b"", filename=f"{n:03}") for n in range(205)])
    names = [f"{n:03}" for n in range(205)]
    page = await files.list(sort_by="filename")
    assert (len(page.items), page.has_next_page) == (100, True)
    assert [file.filename async for file in page] == names
    page = await files.list(sort_by="filename", order="desc", limit=150)
    assert [file.filename async for file in page] == names[::-1][:150]
    page = await files.list(filter='name >= "200"', sort_by="filename")
    assert [file.filename async for file in page] == names[200:]
    token = (await files.list(sort_by="filename")).next_page_token
    with pytest.raises(InvalidArgumentError, match=r"another order"):
        await files.list(sort_by="size", pagination_token=token)


async def test_download_that_fails_leaves_nothing(
    server: LocalServer, local_client: AsyncClient, path: Path
) -> None:
    """Whatever goes wrong, the old file is as it was, and there is no other one beside it."""
    files = local_client.v1.files
    file = await files.upload(path)
    place = path.with_name("result")
    place.write_text("old")
    content = "/xai_api.Files/RetrieveFileContent"
    server.fail(13, "broken", method=content, after_messages=1)
    server.drop_connection(method=content, after_messages=2)
    for _ in range(2):
        with pytest.raises((InternalServerError, ConnectionError)):
            await files.download(file.id, place)
    with pytest.raises(NotFoundError):
        await files.download("file-2", place)

    class Full(io.BytesIO):
        def write(self, data: object) -> int:
            raise OSError(28, "No space left on device", data and None)

    server.stall(method=content, after_messages=1)
    with pytest.raises(OSError, match=r"No space left"):
        await files.download(file.id, Full())
    server.wait_for_call(content, "cancelled")
    with pytest.raises(IsADirectoryError):
        await files.download(file.id, path.parent)
    assert sorted(one.name for one in path.parent.iterdir()) == ["result", "some.bin"]
    assert place.read_text() == "old"
    assert await files.download(file.id, place) == TOTAL
    assert place.read_bytes() == CONTENT


async def test_upload_that_fails_is_no_file(
    server: LocalServer, local_client: AsyncClient, path: Path
) -> None:
    """The connection that is cut, a callback that raises, a file that shrinks: one error each."""
    files = local_client.v1.files

    def raises(sent: int, total: int | None) -> None:
        raise ZeroDivisionError(sent, total)

    with pytest.raises(ZeroDivisionError, match=rf"{2**20}, {TOTAL}"):
        await files.upload(path, on_progress=raises)
    server.wait_for_call(UPLOAD, "cancelled")

    def shrink(_sent: int, _total: int | None) -> None:
        os.truncate(path, 2**20 + 5)

    with pytest.raises(OSError, match=r"some.bin has become shorter while it was read"):
        await files.upload(path, on_progress=shrink)
    server.wait_for_call(UPLOAD, "cancelled", count=2)
    server.drop_connection(method=UPLOAD)
    with pytest.raises(ConnectionError):
        await files.upload(iter([b"a"]), filename="a")
    assert (await files.list()).items == ()


async def test_chat_reads_a_file_by_its_id(local_client: AsyncClient) -> None:
    """The text of a file that a message names is part of what the model reads."""
    file = await local_client.v1.files.upload(b"The word is plover. " * 9, filename="a.txt")
    short = local_client.v1.chat.create("grok-local", messages=[v1.user("What is the word?")])
    message = v1.user("What is the word?", v1.file(file_id=file.id))
    long = local_client.v1.chat.create("grok-local", messages=[message])
    few = (await short.sample()).usage.prompt_tokens
    assert (await long.sample()).usage.prompt_tokens > few + 20
    missing = v1.user("What is the word?", v1.file(file_id="file-0"))
    with pytest.raises(NotFoundError, match=r"file-0"):
        await local_client.v1.chat.create("grok-local", messages=[missing]).sample()
