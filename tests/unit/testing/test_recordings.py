"""Recordings that can't be made or read."""

from pathlib import Path

import pytest

import xai
from xai.testing import record


def test_arguments_that_make_no_sense(tmp_path: Path) -> None:
    """Each is refused at the call, by its name."""
    with pytest.raises(TypeError, match="path must be the path of a file, not int"):
        record(3)  # type: ignore[arg-type]  # what is tested
    with pytest.raises(ValueError, match=r"mode must be one of .* not 'all'"):
        record(tmp_path / "a", mode="all")  # type: ignore[arg-type]  # what is tested
    with pytest.raises(FileNotFoundError):
        record(tmp_path / "a", mode="replay")
    with pytest.raises(TypeError, match="client must be a client, not str"):
        record(tmp_path / "a").wrap("client")  # type: ignore[type-var]  # what is tested


@pytest.mark.parametrize(
    "line", ["{", "3", "{}", '{"version": 2}', '{"version": 1, "method": "/a", "request": {}}']
)
def test_file_that_is_no_recording(tmp_path: Path, line: str) -> None:
    """The error names the file and the line."""
    path = tmp_path / "calls.jsonl"
    path.write_text(line + "\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"calls\.jsonl, line 1 is no recorded call: "):
        record(path)


def test_replaying_needs_no_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Clients of all kinds are made without one; nothing is recorded of a replay."""
    monkeypatch.delenv("XAI_API_KEY", raising=False)
    path = tmp_path / "calls.jsonl"
    path.write_text("", encoding="utf-8")
    with record(path) as recording:
        with recording.client() as client, recording.v1_client() as other:
            assert isinstance(client, xai.Client)
            assert isinstance(other, xai.v1.Client)
        assert isinstance(recording.async_client(), xai.AsyncClient)
        assert isinstance(recording.async_v1_client(), xai.v1.AsyncClient)
        assert "replay" in repr(recording)
    assert path.read_bytes() == b""
