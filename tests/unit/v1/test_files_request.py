"""What is checked before a file goes anywhere: names, times, choices, sources and targets."""

import io
import os
import re
import stat
from collections.abc import Awaitable, Callable, Iterator
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from rich.progress import Progress

from xai.runtime.download.files import FileSink
from xai.v1 import Upload, file_source
from xai.v1 import files as v1_files
from xai.v1.file_source import (
    CHUNK_BYTES,
    Reader,
    Rechunker,
    check_total,
    iterable_reader,
    make_reader,
    name_of,
)
from xai.v1.file_target import make_target

HOUR = 3600


@pytest.mark.parametrize("name", ["a", "a" * 255, "é ü.txt", "日本.pdf", "a b.c"])
def test_names_that_the_server_takes(name: str) -> None:
    """A name of 1 to 255 characters goes as it is."""
    assert v1_files.init_request(name, None).init.name == name


@pytest.mark.parametrize(
    "name", ["", "a" * 256, "a\n", "\x00", "\x7f", "\x85", "\u2028", 'a"', "a;b", "a\\b", "\ud800"]
)
def test_names_that_the_server_refuses(name: str) -> None:
    """A name that is too long or has what the server refuses is a ValueError that names it."""
    with pytest.raises(ValueError, match=r"^filename must"):
        Upload(b"", filename=name)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [(HOUR, HOUR), (2_592_000, 2_592_000), (timedelta(days=1), 86400), (timedelta(hours=1), HOUR)],
)
def test_expiry_is_sent_in_seconds(value: int | timedelta, seconds: int) -> None:
    """Seconds and durations are the same; without one none is sent."""
    assert v1_files.init_request("a", value).init.expires_after == seconds
    assert v1_files.init_request("a", None).init.expires_after is None


@pytest.mark.parametrize(
    ("value", "error"),
    [
        (HOUR - 1, ValueError),
        (2_592_001, ValueError),
        (0, ValueError),
        (-HOUR, ValueError),
        (timedelta(hours=2, microseconds=1), ValueError),
        (timedelta(days=-1), ValueError),
        (True, TypeError),
        (3600.0, TypeError),
        ("3600", TypeError),
    ],
)
def test_expiry_out_of_the_servers_limits_is_refused(
    value: Any,  # noqa: ANN401  # the point of the test
    error: type[Exception],
) -> None:
    """What the server would refuse, or what would have to be rounded, is an error at once."""
    with pytest.raises(error, match=r"^expires_after must be"):
        Upload(b"", expires_after=value)


def test_choices_are_checked() -> None:
    """An unknown word is refused with those that are known; known ones are sent."""
    with pytest.raises(ValueError, match=r"^order must be one of 'asc', 'desc', not 'down'"):
        v1_files.list_request("down", None, None)
    with pytest.raises(
        ValueError, match=r"^sort_by must be one of 'created_at', 'filename', 'size'"
    ):
        v1_files.list_request(None, "name", None)
    with pytest.raises(ValueError, match=r"^format must be one of 'original', 'text'"):
        v1_files.content_request("file-1", "pdf")
    with pytest.raises(ValueError, match=r"^filter must not be empty"):
        v1_files.list_request(None, None, "")
    with pytest.raises(ValueError, match=r"^file_id must not be empty"):
        v1_files.content_request("", None)
    request = v1_files.list_request("desc", "size", "name = null")
    assert (request.order, request.sort_by, request.filter) == (1, 2, "name = null")
    assert not v1_files.list_request(None, None, None).is_set("sort_by")
    assert v1_files.content_request("a", "original").format is None
    assert v1_files.content_request("a", "text").format == 2


def test_time_of_a_url_is_any() -> None:
    """A URL may end after a second, which is for the server to judge."""
    assert v1_files.url_request("a", 1).expires_after == 1
    assert v1_files.url_request("a", None).expires_after is None
    with pytest.raises(ValueError, match=r"^expires_after"):
        v1_files.url_request("a", 0)


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("nonsense = 1", "'nonsense' is no field; there are content_type, "),
        ("size_bytes ~ 1", "' ~ 1' can't be read"),
        ("size_bytes >", "it ends too early"),
        ('size_bytes > "1"', 'size_bytes is compared with a number or null, not with "1"'),
        ("(name = null", "a bracket is not closed"),
    ],
)
def test_filter_that_the_server_refuses(expression: str, text: str) -> None:
    """It is a ValueError that names the argument and what is wrong with it."""
    with pytest.raises(ValueError, match=f"^filter is not valid: {re.escape(text)}"):
        v1_files.list_request(None, None, expression)


class Bar:
    """What tqdm and others have."""

    def __init__(self) -> None:
        self.done = 0

    def update(self, amount: int) -> None:
        """Go on."""
        self.done += amount


def test_progress_display_of_rich_gets_a_bar() -> None:
    """With the first bytes, and with their number when it is known."""
    with Progress(console=Console(file=io.StringIO())) as display:
        for total in (9, None):
            tell = v1_files.check_on_progress(display)
            assert tell is not None
            for sent in (3, 6, 3, 9):
                tell(sent, total)
        first, second = display.tasks
    assert (first.completed, first.total, first.finished) == (9, 9, True)
    assert (second.completed, second.total) == (9, None)


def test_progress_bar_of_tqdm_is_moved_on() -> None:
    """By the bytes more."""
    # It comes without types.
    with import_module("tqdm").tqdm(total=9, file=io.StringIO()) as bar:
        tell = v1_files.check_on_progress(bar)
        assert tell is not None
        for sent in (3, 9):
            tell(sent, 9)
        assert bar.n == 9


async def _awaited(_sent: int, _total: int | None) -> None:
    """Be a function that has to be awaited."""


def test_progress_is_told_once_for_each_byte() -> None:
    """A retry, which begins anew, does not let a bar run past its end."""
    bar, told = Bar(), list[tuple[int, int | None]]()
    for tell in (
        v1_files.check_on_progress(bar),
        v1_files.check_on_progress(lambda *news: told.append(news)),
    ):
        assert tell is not None
        for sent in (3, 6, 3, 6, 9):
            tell(sent, 9)
    assert bar.done == 9
    assert told == [(3, 9), (6, 9), (9, 9)]
    assert v1_files.check_on_progress(None) is None
    for wrong in (1, "bar", _awaited):
        with pytest.raises(TypeError, match=r"^on_progress must be a plain function"):
            v1_files.check_on_progress(wrong)


def test_errors_name_the_argument_that_was_given() -> None:
    """The same source has another name in another method."""
    wrong: list[object] = [{}, "", io.StringIO()]
    for source in wrong:
        with pytest.raises((TypeError, ValueError), match=r"^source must"):
            make_reader(source, "source")
    reader = iterable_reader(["text"], "source")
    assert reader is not None
    reader.start()
    with pytest.raises(TypeError, match=r"^the items of source must"):
        reader.read()
    with pytest.raises(ValueError, match=r"^name is required"):
        name_of(Reader(), None, "name")
    with pytest.raises(ValueError, match=r"^name must have at most 255 characters"):
        name_of(Reader(), "a" * 256, "name")


@pytest.mark.parametrize("format", [1, 1.5, [], b"text", True])
def test_format_is_a_name(format: Any) -> None:  # noqa: A002, ANN401  # the argument's name; the point of the test
    """Something else is a TypeError that names the argument."""
    with pytest.raises(TypeError, match=r"^format must be one of 'original', 'text'"):
        v1_files.content_request("a", format)


@pytest.mark.parametrize("files", ["a.txt", b"", {}, Path("a"), io.BytesIO(), 5, Upload("a")])
def test_many_files_are_an_iterable_of_them(files: Any) -> None:  # noqa: ANN401  # the point of the test
    """A single file where many are expected is refused, and not taken apart."""
    with pytest.raises(TypeError, match=r"^files must be an iterable of files"):
        v1_files.upload_items(files)


def read_all(reader: Reader) -> list[bytes]:
    """Read from the beginning to the end."""
    reader.start()
    return list(iter(reader.read, b""))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file of a bit more than two chunks."""
    path = tmp_path / "some.bin"
    path.write_bytes(os.urandom(2 * CHUNK_BYTES + 10))
    return path


@pytest.mark.parametrize(
    "make",
    [
        str,
        Path,
        Path.read_bytes,
        lambda path: bytearray(path.read_bytes()),
        lambda path: memoryview(path.read_bytes()),
        lambda path: memoryview(bytes(2 * len(path.read_bytes())))[::2],
        lambda path: io.BytesIO(path.read_bytes()),
        lambda path: [path.read_bytes()[:5], bytearray(path.read_bytes()[5:]), memoryview(b"")],
    ],
)
def test_source_is_read_in_chunks_as_often_as_wanted(
    path: Path, make: Callable[[Path], object]
) -> None:
    """Whatever it is, its bytes come in chunks of one size, and again from the start."""
    source = make(path)
    reader = make_reader(source) or iterable_reader(source)
    assert reader is not None
    reader.open()
    assert reader.again
    first = read_all(reader)
    assert [len(chunk) for chunk in first] == [CHUNK_BYTES, CHUNK_BYTES, 10]
    if not (isinstance(source, memoryview) and not source.c_contiguous):
        assert b"".join(first) == path.read_bytes()
    assert read_all(reader) == first
    assert reader.total in (2 * CHUNK_BYTES + 10, None)
    reader.close()
    reader.close()
    assert reader.read() == b""


def test_file_is_read_from_where_it_stands(path: Path) -> None:
    """The total counts from there, too; the file stays open, at its end."""
    with path.open("rb") as file:
        file.seek(2 * CHUNK_BYTES)
        reader = make_reader(file)
        assert reader is not None
        reader.open()
        assert (reader.total, reader.name) == (10, "some.bin")
        assert read_all(reader) == read_all(reader) == [path.read_bytes()[-10:]]
        reader.close()
        assert file.tell() == 2 * CHUNK_BYTES + 10
    closed = make_reader(file)
    assert closed is not None
    with pytest.raises(ValueError, match=r"^file must be open"):
        closed.open()


def test_pipe_and_iterator_are_read_once() -> None:
    """What can't go back says so, and has no total."""
    reading, writing = os.pipe()
    os.write(writing, b"through a pipe")
    os.close(writing)
    with open(reading, "rb", buffering=0) as pipe:  # noqa: PTH123  # a descriptor
        for source in (pipe, iter([b"through ", b"a pipe"])):
            reader = make_reader(source) or iterable_reader(source)
            assert reader is not None
            reader.open()
            assert (reader.again, reader.total) == (False, None)
            assert read_all(reader) == [b"through a pipe"]


def test_what_grows_is_read_to_its_old_end_and_what_shrinks_is_an_error(path: Path) -> None:
    """A file is what it was at the beginning; if that is no longer there, it is an OSError."""
    reader = make_reader(path)
    assert reader is not None
    reader.open()
    with path.open("ab") as file:
        file.write(b"more")
    assert sum(map(len, read_all(reader))) == 2 * CHUNK_BYTES + 10
    reader.start()
    reader.read()
    os.truncate(path, CHUNK_BYTES + 5)
    assert len(reader.read()) == 5
    with pytest.raises(OSError, match=r"some.bin has become shorter .*: 1048581 of 2097162 bytes"):
        reader.read()
    reader.close()


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="there is no /proc")
def test_file_without_a_size_is_read_to_its_end() -> None:
    """Those of /proc say that they are empty."""
    reader = make_reader("/proc/self/status")
    assert reader is not None
    reader.open()
    assert b"Name:" in b"".join(read_all(reader))
    reader.close()


class Odd:
    """A file whose method returns something."""

    def __init__(self, returned: object) -> None:
        self._returned = returned

    def read(self, _size: int) -> object:
        """Return it."""
        return self._returned


@pytest.mark.parametrize(
    ("source", "error", "text"),
    [
        (io.StringIO("text"), TypeError, "^file must be opened in binary mode"),
        (Odd("text"), TypeError, r"^read\(\) of file must be bytes, not str; open the file in"),
        (Odd(None), TypeError, r"^read\(\) of file must be bytes, not NoneType"),
        (Odd(bytes(2**21)), ValueError, r"^read\(\) of file returned 2097152 bytes, asked for"),
        (["text"], TypeError, "^the items of file must be bytes, not str"),
        ({}, TypeError, "^file must be a path, bytes, .* not dict"),
        ({b"a"}, TypeError, "^file must be a path, bytes, .* not set"),
        ("", ValueError, "^file must not be an empty path"),
        ("a\0b", ValueError, "^file must be a path without null characters"),
        (".", IsADirectoryError, "file must be a file, and is a folder: '.'"),
        ("/", IsADirectoryError, "file must be a file, and is a folder: '/'"),
    ],
)
def test_source_that_gives_something_else_is_refused(
    source: object, error: type[Exception], text: str
) -> None:
    """Text, and methods that don't do what they should, are named for what they are."""

    def read() -> None:
        reader = make_reader(source) or iterable_reader(source)
        assert reader is not None
        read_all(reader)

    with pytest.raises(error, match=text):
        read()


def test_paths_that_can_not_be_read_are_errors_of_the_system(tmp_path: Path) -> None:
    """They come when the file is opened, before anything is sent."""
    for place, error in ((tmp_path / "no", FileNotFoundError), (tmp_path, IsADirectoryError)):
        reader = make_reader(place)
        assert reader is not None
        with pytest.raises(error):
            reader.open()
        reader.close()


def test_name_is_that_of_the_source_or_given(path: Path) -> None:
    """What has no name needs one; a name that is given counts."""
    for source, name in (
        (path, "some.bin"),
        (str(path), "some.bin"),
        (b"", ""),
        (io.BytesIO(), ""),
    ):
        reader = make_reader(source)
        assert reader is not None
        assert name_of(reader, "given") == "given"
        if name:
            assert name_of(reader, None) == name
        else:
            with pytest.raises(ValueError, match=r"^filename is required"):
                name_of(reader, None)


def test_size_has_the_servers_limit() -> None:
    """What is over 512 MiB is refused here."""
    check_total(512 * 2**20)
    with pytest.raises(ValueError, match=r"^file must have at most 512 MiB, not 536,870,913 bytes"):
        check_total(512 * 2**20 + 1)


def test_small_pieces_make_large_chunks() -> None:
    """However small the pieces are, the chunks are full but for the last one."""
    chunks = Rechunker()
    for _ in range(3):
        chunks.add(bytes(CHUNK_BYTES // 2))
    assert chunks.ready
    assert [len(chunks.take()), len(chunks.take()), len(chunks.take())] == [2**20, 2**19, 0]


def test_target_takes_its_place_when_it_is_complete(tmp_path: Path) -> None:
    """Until then the old file is there, with a part beside it; a failure leaves no part."""
    place = tmp_path / "result.txt"
    place.write_text("old")
    place.chmod(0o640)
    link = tmp_path / "link"
    link.symlink_to(place)
    for commit in (False, True):
        target = make_target(link)
        target.open()
        target.write(b"new")
        assert place.read_text() == "old"
        assert len(list(tmp_path.iterdir())) == 3
        if commit:
            target.commit()
        target.discard()
        assert sorted(one.name for one in tmp_path.iterdir()) == ["link", "result.txt"]
    assert place.read_text() == "new"
    assert stat.S_IMODE(place.stat().st_mode) == 0o640
    assert link.is_symlink()


def test_new_file_has_the_rights_of_any_other(tmp_path: Path) -> None:
    """Not those of a temporary file."""
    (tmp_path / "other").touch()
    target = make_target(str(tmp_path / "new"))
    target.open()
    target.commit()
    target.discard()
    assert (tmp_path / "new").stat().st_mode == (tmp_path / "other").stat().st_mode


def test_device_is_written_and_not_replaced() -> None:
    """A path that is no file, such as /dev/null, stays what it is."""
    target = make_target(os.devnull)
    target.open()
    target.write(b"gone")
    target.commit()
    target.discard()
    assert not stat.S_ISREG(Path(os.devnull).stat().st_mode)


class Slow(io.RawIOBase):
    """Takes a byte at a time, or what it is told."""

    def __init__(self, takes: int | None = 1) -> None:
        super().__init__()
        self.got = b""
        self._takes = takes

    def writable(self) -> bool:
        """Be a file for writing."""
        return True

    def write(self, data: Any) -> int | None:  # noqa: ANN401  # as typed there
        """Take some."""
        self.got += bytes(data[: self._takes or 0])
        return self._takes


def test_file_that_takes_little_gets_all() -> None:
    """A short write is gone on with; one that takes nothing is an error, not a loop."""
    slow = Slow()
    make_target(slow).write(b"bytes")
    assert slow.got == b"bytes"
    for takes, error in ((0, OSError), (None, BlockingIOError)):
        with pytest.raises(error):
            make_target(Slow(takes)).write(b"bytes")
    parts: list[bytes] = []

    class Quiet:
        def write(self, data: bytes) -> None:
            """Say nothing."""
            parts.append(data)

    make_target(Quiet()).write(b"bytes")
    assert parts == [b"bytes"]


@pytest.mark.parametrize(
    ("target", "text"), [(io.StringIO(), "binary mode"), (5, "not int"), (b"a", "not bytes")]
)
def test_target_is_a_path_or_a_binary_file(target: object, text: str) -> None:
    """Everything else is refused."""
    with pytest.raises(TypeError, match=rf"^target must be .*{text}"):
        make_target(target)


def test_targets_that_can_not_be_written_are_errors_of_the_system(tmp_path: Path) -> None:
    """They come when the target is opened, before anything is asked of the server."""
    (tmp_path / "file").touch()
    for place, error in (
        (tmp_path, IsADirectoryError),
        (tmp_path / "no" / "file", FileNotFoundError),
        (tmp_path / "file" / "below", NotADirectoryError),
    ):
        target = make_target(place)
        with pytest.raises(error):
            target.open()
        target.discard()
    assert [one.name for one in tmp_path.iterdir()] == ["file"]


def _items() -> Iterator[bytes]:
    yield b""


def test_upload_is_a_value() -> None:
    """It shows what it is, is equal to its like and can't be changed."""
    one = Upload("a.txt", filename="b.txt", expires_after=HOUR)
    assert one == Upload("a.txt", filename="b.txt", expires_after=HOUR)
    assert repr(one) == "Upload(source='a.txt', filename='b.txt', expires_after=3600)"
    with pytest.raises(AttributeError):
        setattr(one, "filename", "c")  # noqa: B010  # checkers refuse it, too
    assert make_reader(_items()) is None


def test_slow_items_are_not_held_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is less than a chunk is sent when it has waited a while; the next one waits anew."""
    now = 0.0
    monkeypatch.setattr(file_source, "monotonic", lambda: now)
    chunks = Rechunker()
    assert not chunks.ready
    for _ in range(2):
        chunks.add(b"ab")
        assert not chunks.ready
        now += 0.2
        chunks.add(b"cd")
        assert not chunks.ready
        now += 0.1
        assert chunks.ready
        assert chunks.take() == b"abcd"
        now += 10.0
        assert not chunks.ready


class Awaited:
    """A file whose `write` is awaited, as those of asynchronous libraries are."""

    async def write(self, data: bytes) -> int:
        """Return how much there is."""
        return len(data)


def test_file_that_is_awaited_is_refused() -> None:
    """Nothing would be written: it is refused before the download, or at its first bytes."""
    with pytest.raises(TypeError, match="target must have a plain write"):
        make_target(Awaited())

    class Hidden:
        def write(self, data: bytes) -> Awaitable[int]:  # as a wrapper has it
            return Awaited().write(data)

    target = make_target(Hidden())
    with pytest.raises(TypeError, match="target must have a plain write"):
        target.write(b"data")


def test_file_that_only_says_yes_took_all() -> None:
    """True is no number of bytes."""
    written: list[bytes] = []

    class Yes:
        def write(self, data: bytes) -> bool:
            written.append(data)
            return True

    make_target(Yes()).write(b"data")
    assert written == [b"data"]


def test_temporary_file_is_as_private_as_the_one_it_replaces(tmp_path: Path) -> None:
    """Nobody else reads it meanwhile, and a missing folder is named as it was given."""
    path = tmp_path / "some.bin"
    path.touch(mode=0o600)
    for target in (make_target(path), FileSink(path)):
        target.open()
        target.write(b"data")
        modes = {stat.S_IMODE(each.stat().st_mode) for each in tmp_path.iterdir()}
        assert modes == {0o600}
        target.commit()
        assert path.read_bytes() == b"data"
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    missing = tmp_path / "nowhere" / "some.bin"
    for target in (make_target(missing), FileSink(missing)):
        with pytest.raises(FileNotFoundError) as caught:
            target.open()
        assert caught.value.filename == str(missing)
