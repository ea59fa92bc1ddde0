from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

import xai
from xai import AsyncClient
from xai.testing import LocalServer

MIB = 2**20


async def test_files_are_kept(client: AsyncClient) -> None:
    """What was uploaded is listed with its size, type and time, and comes back."""
    before = datetime.now(timezone.utc) - timedelta(seconds=1)
    stored = await client.files.upload("b.txt", b"text", "text/x-mine")
    await client.files.upload("a.json", b"{}")
    assert (stored.file_name, stored.size_bytes, stored.mime_type) == ("b.txt", 4, "text/x-mine")
    assert stored.create_time is not None
    assert before < stored.create_time < datetime.now(timezone.utc) + timedelta(seconds=1)
    found = await client.files.list()
    assert sorted(item.file_name for item in found) == ["a.json", "b.txt"]
    assert stored in found
    assert {item.file_name: item.mime_type for item in found}["a.json"] == "application/json"
    assert await client.files.download("b.txt") == b"text"
    storage = await client.files.storage()
    assert (storage.used, storage.total) == (6, 50 * MIB)


async def test_overwriting_renaming_and_deleting(client: AsyncClient) -> None:
    """Each follows the rules, with the statuses that go with them."""
    files = client.files
    await files.upload("a", b"one")
    with pytest.raises(xai.AlreadyExistsError):
        await files.upload("a", b"two")
    await files.upload("a", b"two", overwrite=True)
    await files.upload("b", b"three")
    with pytest.raises(xai.AlreadyExistsError):
        await files.rename("a", "b")
    assert (await files.rename("a", "c")).file_name == "c"
    assert await files.download("c") == b"two"
    for name in ("a", "d"):
        with pytest.raises(xai.NotFoundError):
            await files.download(name)
        with pytest.raises(xai.NotFoundError):
            await files.rename(name, "e")
        with pytest.raises(xai.NotFoundError):
            await files.delete(name)
    await files.delete("c")
    assert [item.file_name for item in await files.list()] == ["b"]


async def test_limits_hold(client: AsyncClient) -> None:
    """5 MiB a file and 50 MiB in all, to the byte."""
    content = b"\0" * (5 * MIB)
    with pytest.raises(xai.APIError):
        await client.files.upload("large", content + b"x")
    for number in range(10):
        await client.files.upload(f"file {number}", content)
    with pytest.raises(xai.RateLimitError):
        await client.files.upload("one more", b"x")
    await client.files.upload("one more", b"")
    await client.files.upload("file 3", b"smaller", overwrite=True)
    await client.files.upload("one more", b"x", overwrite=True)
    assert await client.files.download("file 4") == content


async def test_file_from_the_disk(client: AsyncClient, tmp_path: Path) -> None:
    """The content is read, and the type guessed from the local name."""
    path = tmp_path / "note.html"
    path.write_bytes(b"<p>")
    assert (await client.files.upload_file(path, "remote")).mime_type == "text/html"
    assert await client.files.download("remote") == b"<p>"


async def test_acls_are_by_direction(server: LocalServer) -> None:
    """A key that may only read can't write."""
    assert server.calls == []
    with LocalServer(api_keys={"reader": ["files:read"]}) as other:
        async with AsyncClient("reader", api_host=other.host) as client:
            assert await client.files.list() == []
            with pytest.raises(xai.PermissionDeniedError, match="missing ACLs"):
                await client.files.upload("a", b"")


async def test_progress_is_told_as_the_bytes_travel(client: AsyncClient, tmp_path: Path) -> None:
    """Both ways, rising from little to all of a message that holds the content."""
    content = bytes(5 * MIB)
    told: list[tuple[int, int]] = []
    path = tmp_path / "five.bin"
    path.write_bytes(content)

    def note(done: int, total: int) -> None:
        told.append((done, total))

    def check() -> None:
        done, totals = [one for one, _ in told], {total for _, total in told}
        told.clear()
        assert len(totals) == 1
        (total,) = totals
        assert len(content) <= total < len(content) + 200
        assert done == sorted(done)
        assert done[-1] == total

    await client.files.upload("five", content, progress=note)
    check()
    await client.files.upload_file(path, "six", progress=note)
    check()
    await client.files.download("five", progress=note)
    check()


async def test_progress_begins_anew_with_another_attempt(
    client: AsyncClient, server: LocalServer
) -> None:
    """An attempt that failed is not counted: what is told is what this one has done."""
    told: list[int] = []
    server.fail(xai.StatusCode.UNAVAILABLE, times=1)
    await client.files.upload("five", bytes(5 * MIB), progress=lambda done, _: told.append(done))
    assert told != sorted(told)
    assert told[-1] > 5 * MIB


async def test_failing_callback_cancels_the_transfer(client: AsyncClient) -> None:
    """What the callback raises comes out of the call, and the file is not stored."""

    def note(_done: int, _total: int) -> None:
        raise LookupError("mine")

    with pytest.raises(LookupError, match="mine"):
        await client.files.upload("five", bytes(5 * MIB), progress=note)
    assert await client.files.list() == []


async def test_progress_must_be_callable(client: AsyncClient) -> None:
    """Anything else is refused before a byte is sent."""
    with pytest.raises(TypeError, match="progress must be callable or None, not int"):
        await client.files.upload("a", b"", progress=1)  # type: ignore[arg-type]  # what is tested
    with pytest.raises(TypeError, match="progress must be callable or None, not str"):
        await client.files.download("a", progress="x")  # type: ignore[arg-type]  # as above
