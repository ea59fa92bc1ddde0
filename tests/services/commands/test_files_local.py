import os
from pathlib import Path

import pytest

from tests.services.commands.command_files import TEXT
from xai.commands.local_files import write_whole


def test_failed_write_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk leaves neither half a file nor a trace, and an existing one as it was."""

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    (tmp_path / "old").write_bytes(b"old")
    monkeypatch.setattr(os, "fsync", full)
    for name in ("old", "new"):
        with pytest.raises(OSError, match="No space left"):
            write_whole(str(tmp_path / name), [TEXT], overwrite=True)
    assert [path.name for path in tmp_path.iterdir()] == ["old"]
    assert (tmp_path / "old").read_bytes() == b"old"


@pytest.mark.parametrize("links", [True, False])
def test_file_that_comes_up_meanwhile_is_not_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, links: bool
) -> None:
    """Also when it was made during the write; with and without hard links on the file system."""
    path = tmp_path / "file"

    def rival(_: int) -> None:
        path.write_bytes(b"rival")

    def no_link(*_: object) -> None:
        raise OSError(1, "Operation not permitted")

    if not links:
        monkeypatch.setattr(os, "link", no_link)
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", rival)
        with pytest.raises(FileExistsError):
            write_whole(str(path), [TEXT])
    assert path.read_bytes() == b"rival"
    path.unlink()
    write_whole(str(path), [TEXT])
    assert path.read_bytes() == TEXT
    assert list(tmp_path.iterdir()) == [path]
