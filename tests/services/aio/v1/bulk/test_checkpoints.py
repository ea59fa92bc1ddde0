import errno
import json
import os
from dataclasses import dataclass
from pathlib import Path

import pytest

from xai import StatusCode
from xai.proto.xai_api.chat import CHAT_GET_COMPLETION
from xai.testing import LocalServer
from xai.v1 import AsyncClient, ChatTask, Response
from xai.v1.bulk import CheckpointError

MODEL = "grok-local"
CHAT = CHAT_GET_COMPLETION.path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the checkpoint is."""
    return tmp_path / "done.jsonl"


@dataclass
class City:
    """What responses are read into."""

    name: str
    people: int


def question(
    prompt: str = "Continue {item}", temperature: float | None = None
) -> ChatTask[object, Response]:
    """Return a task whose replies are short."""
    return ChatTask(MODEL, prompt, max_tokens=2, temperature=temperature)


async def double(_client: AsyncClient, item: int) -> int:
    """Return twice a number; none of 13."""
    if item == 13:
        raise ValueError("unlucky")
    return 2 * item


def keys_in(path: Path) -> list[object]:
    """Return the keys of a checkpoint, in the order of its lines."""
    return [json.loads(line)["key"] for line in path.read_text().splitlines()[1:]]


def read(path: Path) -> bytes:
    """Return the content of a file."""
    return path.read_bytes()


def write(path: Path, content: bytes) -> None:
    """Write a file."""
    path.write_bytes(content)


async def test_finished_items_are_returned_again_and_not_paid_for(
    server: LocalServer, client: AsyncClient, path: Path
) -> None:
    """The second run does what failed in the first, and has the same results for the rest."""
    server.fail(StatusCode.PERMISSION_DENIED, method=CHAT)
    first = client.bulk.map(question(), ["ab", "c"], checkpoint=path, concurrency=1)
    before = {result.key: result async for result in first}
    assert [key for key, result in before.items() if result.error] == [0]
    assert keys_in(path) == [1]
    server.clear_calls()
    again = client.bulk.map(question(), ["ab", "c"], checkpoint=path, ordered=True)
    failed, done = [result async for result in again]
    assert len([call for call in server.calls if call.method == CHAT]) == 1
    assert (failed.restored, failed.error) == (False, None)
    assert done.restored
    assert done.value is not None
    assert before[1].value is not None
    assert done.value.proto == before[1].value.proto
    assert (done.usage, done.attempts) == (before[1].usage, 1)
    assert keys_in(path) == [1, 0]
    progress = again.progress
    assert (progress.done, progress.restored) == (2, 1)
    assert failed.usage is not None
    assert progress.tokens == failed.usage.total_tokens


async def test_typed_values_come_back_as_they_were(
    server: LocalServer, client: AsyncClient, path: Path
) -> None:
    """What was read from JSON is read from the same JSON again."""
    task: ChatTask[str, City] = ChatTask(MODEL, "Describe {item}", shape=City)
    (before,) = [result async for result in client.bulk.map(task, ["Bern"], checkpoint=path)]
    assert isinstance(before.value, City)
    (after,) = [result async for result in client.bulk.map(task, ["Bern"], checkpoint=path)]
    assert after.value == before.value
    assert after.restored
    assert len([call for call in server.calls if call.method == CHAT]) == 1


async def test_change_between_runs_is_noticed(client: AsyncClient, path: Path) -> None:
    """Another prompt, model, setting or item is an error that names it, and changes nothing."""
    _ = [result async for result in client.bulk.map(question(), ["a"], checkpoint=path)]
    content = read(path)
    other: ChatTask[str, Response] = ChatTask("grok-other", "Continue {item}", max_tokens=2)
    for task, changed in (
        (question("Go on with {item}"), "prompt differ"),
        (question(temperature=0.5), "settings differ"),
        (other, "model differ"),
    ):
        with pytest.raises(CheckpointError, match=changed):
            await anext(client.bulk.map(task, ["a"], checkpoint=path))
    with pytest.raises(CheckpointError, match="the items have changed"):
        await anext(client.bulk.map(question(), ["b"], checkpoint=path))
    with pytest.raises(CheckpointError, match="task"):
        await anext(client.bulk.map(double, [1], checkpoint=path))
    assert read(path) == content


async def test_named_items_may_move(client: AsyncClient, path: Path) -> None:
    """With ``key`` the order is free; a name for two items is an error."""

    def key(item: int) -> str:
        return f"n{item}"

    _ = [result async for result in client.bulk.map(double, [1, 2], checkpoint=path, key=key)]
    run = client.bulk.map(double, [3, 2, 1], checkpoint=path, key=key, ordered=True)
    found = [(result.value, result.restored) async for result in run]
    assert found == [(6, False), (4, True), (2, True)]
    with pytest.raises(ValueError, match="two items are 'n1'"):
        _ = [r async for r in client.bulk.map(double, [1, 1], checkpoint=path, key=key)]


async def test_half_a_line_is_cut_off(client: AsyncClient, path: Path) -> None:
    """What a process left that was killed amid a line, or a disk that lost its power."""
    _ = [result async for result in client.bulk.map(double, [0, 1, 2], checkpoint=path)]
    content = read(path)
    lines = content.splitlines(keepends=True)
    for end in (content[:-1], content[:-9], content + b"\0" * 40, content + b'{"key":9'):
        write(path, end)
        run = client.bulk.map(double, [0, 1, 2], checkpoint=path)
        assert {(await anext(run)).value for _ in range(3)} == {0, 2, 4}
        await run.close()
        assert sorted(read(path).splitlines(keepends=True)[0]) == sorted(lines[0])
        assert sorted(map(str, keys_in(path))) == ["0", "1", "2"]
    for end in (b"", lines[0][:9], lines[0][:-1]):
        write(path, end)
        assert len([r async for r in client.bulk.map(double, [0, 1], checkpoint=path)]) == 2
        assert read(path).startswith(lines[0])


async def test_file_of_somebody_else_is_left_alone(client: AsyncClient, path: Path) -> None:
    """A path that was meant for something else is not overwritten."""
    for content in (b"precious", b'{"key": 1}\n', b"[1]\n[2]\n", b'{"xai_bulk":99}\n'):
        write(path, content)
        with pytest.raises(CheckpointError, match=r"no checkpoint|another version"):
            await anext(client.bulk.map(double, [1], checkpoint=path))
        assert read(path) == content


async def test_two_runs_do_not_share_a_file(client: AsyncClient, path: Path) -> None:
    """The second is told at once, and may have it after the first."""
    run = client.bulk.map(double, [1, 2], checkpoint=path, concurrency=1)
    await anext(run)
    with pytest.raises(CheckpointError, match="another run"):
        await anext(client.bulk.map(double, [1], checkpoint=path))
    await run.close()
    assert (await anext(client.bulk.map(double, [1, 2], checkpoint=path))).restored


async def test_full_disk_ends_the_run_and_leaves_whole_lines(
    client: AsyncClient, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error of the disk is raised; the next run goes on where the last line was written."""
    real, written = os.write, 0

    def write_some(file: int, data: bytes) -> int:
        nonlocal written
        if data[:7] != b'{"key":':
            return real(file, data)
        if written == 2:
            real(file, bytes(data)[:5])
            raise OSError(errno.ENOSPC, "No space left on device")
        written += 1
        return real(file, data)

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", write_some)
        run = client.bulk.map(double, range(9), checkpoint=path, concurrency=1)
        with pytest.raises(OSError, match="No space left"):
            _ = [result async for result in run]
    assert keys_in(path) == [0, 1]
    found = [r async for r in client.bulk.map(double, range(9), checkpoint=path)]
    assert sorted(r.value for r in found if r.value is not None) == [2 * n for n in range(9)]
    assert sum(result.restored for result in found) == 2


async def test_value_that_json_would_change_is_refused(client: AsyncClient, path: Path) -> None:
    """It would be another one when it is read again."""

    async def pair(_client: AsyncClient, item: int) -> tuple[int, int]:
        return item, item

    with pytest.raises(TypeError, match="what JSON has a form for"):
        await anext(client.bulk.map(pair, [1], checkpoint=path))


async def test_path_that_can_not_be_opened(client: AsyncClient, tmp_path: Path) -> None:
    """The error of the file system, and nothing was paid."""
    with pytest.raises(OSError, match="nowhere"):
        await anext(client.bulk.map(double, [1], checkpoint=tmp_path / "nowhere" / "x.jsonl"))
