"""The example programs that the source distribution of ``xai-sdk`` brings along.

None of them is copied into this repository. `fetch` gets the distribution of the version that is
installed through pip, from the index that pip is configured for, and keeps it: in the folder that
the variable `XAI_TEST_DOWNLOADS` names (nox sets it) or in ``.nox/downloads`` of the checkout.

To run programs against a local server, unchanged::

    from tests.xai_sdk_examples import programs, run

    with LocalServer() as server:
        results = run(programs("files", "batch_request"), server, tmp_path)
        results = run(programs(), server, tmp_path, as_xai_sdk=True)  # by this package

`programs` are two of each name, blocking and asynchronous, with the arguments and the input that
bring each to its end. `run` starts one interpreter for them all, which imports the package once
and forks for each; a result is found by `Program.name`, and has the exit status, the output and
the errors of one program.
"""

import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path, PurePosixPath
from typing import Final

from tests.support import ROOT, ChildResult, kill_group
from xai.testing import LocalServer

#: Where downloads are kept; set by nox, whose checkout is a new one each time.
_DOWNLOADS: Final = "XAI_TEST_DOWNLOADS"
_DOWNLOAD: Final = (
    *(sys.executable, "-m", "pip", "--disable-pip-version-check", "download"),
    *("--quiet", "--no-deps", "--no-binary", "xai-sdk"),
)
_LAUNCHER: Final = ROOT / "tests" / "xai_sdk_launcher.py"
#: Seconds for pip, and for all the programs of one run.
_LIMIT: Final = 200


@dataclass(frozen=True)
class Program:
    """An example program and what brings it to its end.

    Attributes:
        path: Its path below the folder of the examples.
        args: Its arguments.
        lines: What is typed into it.
    """

    path: str
    args: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The program and its arguments, as one would type them."""
        return " ".join([self.path, *self.args])


_PICTURES: Final = (
    "--image-url=https://example.com/1.jpg",
    "--image-url=https://example.com/2.jpg",
)
_CHAT: Final = ("Does it work?", "Why?", "exit")
_OUT: Final = "--output-dir=out"

#: The runs of each program: arguments and lines. The lines of chats end them, blank ones the rest.
_RUNS: Final[Mapping[str, Sequence[tuple[tuple[str, ...], tuple[str, ...]]]]] = {
    # Images, videos, files, collections, batches.
    "batch_request": [((), ())],
    "collection": [((), ())],
    "collections_tool": [((), ())],
    "files": [((), ())],
    "files_chat": [((), ())],
    "inline_files_chat": [((), ())],
    "image_generation": [
        ((_OUT,), ("A tree", "In autumn", "")),
        ((_OUT, "--n=2", "--format=url"), ("A tree", "1", "In autumn", "", "")),
    ],
    "image_generation_tool": [((), ())],
    "image_multi_reference_editing": [
        (("--prompt=Both", *_PICTURES, "--format=url"), ()),
        (("--prompt=Both", *_PICTURES, _OUT, "--n=2"), ()),
    ],
    "video_extension": [
        (("--video-url=https://example.com/1.mp4", "--duration=1"), ("On", "On", "")),
    ],
    "video_generation": [
        (("--duration=1", "--resolution=480p"), ("A tree", "In autumn", "")),
        (("--image-url=https://example.com/1.jpg", "--aspect-ratio=1:1"), ("A tree", "")),
    ],
    "video_keyframes": [(("--duration=2", "--resolution=480p"), ())],
    # The others.
    "auth": [((), ())],
    "chat": [
        ((), _CHAT),
        (("--stream",), _CHAT),
        (("--n=2",), _CHAT),
        (("--n=2", "--stream"), _CHAT),
    ],
    "compaction": [((), ())],
    "deferred_chat": [((), ())],
    "function_calling": [((), _CHAT), (("--stream",), _CHAT)],
    "image_understanding": [((), ()), (("--format=base64",), ())],
    "models": [
        *((("--model-type=" + kind,), ()) for kind in ("language", "embedding", "image")),
        (("--operation=get", "--model-type=language", "--model-name=grok-4.20"), ()),
    ],
    "reasoning": [((), ("Does it work?",)), (("--stream",), ("Does it work?",))],
    "server_side_tools": [((), ())],
    "stored_chat": [((), ())],
    "structured_outputs": [((), ())],
    "telemetry": [((), ())],
    "tokenizer": [((), ("Does it work?",))],
}

#: The programs of images, videos, files, collections and batches.
SERVICES: Final = tuple(list(_RUNS)[:12])


def programs(*names: str) -> list[Program]:
    """Return the runs of some programs, of all when none is named.

    Args:
        names: The names of their files, without folder and ``.py``.
    """
    return [
        Program(f"{twin}/{name}.py", args, lines)
        for twin in ("sync", "aio")
        for name in names or _RUNS
        for args, lines in _RUNS[name]
    ]


def fetch() -> Path:
    """Return the folder of the examples, ``sync`` and ``aio``; the first time they are downloaded.

    Raises:
        AssertionError: pip can't download them; the text has its own.
    """
    wanted = f"xai-sdk=={version('xai-sdk')}"
    kept = Path(os.environ.get(_DOWNLOADS) or ROOT / ".nox" / "downloads")
    examples = kept / wanted / "examples"
    if examples.is_dir():
        return examples
    kept.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=kept) as folder:
        command = [*_DOWNLOAD, "--dest", folder, wanted]
        done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=_LIMIT)
        assert done.returncode == 0, f"pip could not download {wanted}:\n{done.stderr}"
        (archive,) = Path(folder).glob("*.tar.gz")
        made = Path(folder) / "made"
        _extract(archive, made)
        try:
            made.rename(kept / wanted)
        except OSError:
            # Another process was faster, and has put the same there.
            shutil.rmtree(made)
    return examples


def _extract(archive: Path, folder: Path) -> None:
    with tarfile.open(archive) as tar:
        for member in tar:
            # The first part of each name is that of the distribution.
            parts = PurePosixPath(member.name).parts[1:]
            if member.isfile() and parts[:1] == ("examples",) and ".." not in parts:
                target = folder.joinpath(*parts)
                target.parent.mkdir(parents=True, exist_ok=True)
                content = tar.extractfile(member)
                assert content is not None, member.name
                target.write_bytes(content.read())


def run(
    wanted: Sequence[Program], server: LocalServer, folder: Path, *, as_xai_sdk: bool = False
) -> dict[str, ChildResult]:
    """Run example programs against a local server, each in a process and a folder of its own.

    The server is what their clients connect to, by default arguments; keys are in the
    environment. What the programs download comes from a server of the launcher, and sleeps are
    short. All else is as in a shell.

    Args:
        wanted: The programs.
        server: A server that runs.
        folder: Where the folders are made in which they run.
        as_xai_sdk: Run them with this package as ``xai_sdk``, not with the real one.

    Returns:
        How each ended and what it wrote, by its name. What it made is in ``folder``, in
        ``theirs-0`` for the first, or ``ours-0`` with this package.
    """
    examples = fetch()
    runs, places = [], []
    for number, program in enumerate(wanted):
        place = folder / f"{'ours' if as_xai_sdk else 'theirs'}-{number}"
        place.mkdir()
        places.append(place)
        (place / "stdin").write_text("".join(f"{line}\n" for line in program.lines), "utf-8")
        path = str(examples / program.path)
        runs.append({"folder": str(place), "path": path, "args": program.args})
    orders = {"host": server.host, "as_xai_sdk": as_xai_sdk, "runs": runs}
    management = {"XAI_MANAGEMENT_KEY": server.management_api_key or ""}
    process = subprocess.Popen(
        [sys.executable, str(_LAUNCHER), json.dumps(orders)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, "XAI_API_KEY": server.api_key, **management},
        cwd=ROOT,
        text=True,
        start_new_session=True,
    )
    with process:
        try:
            said, _ = process.communicate(timeout=_LIMIT)
        finally:
            kill_group(process.pid)
    assert process.returncode == 0, said
    return {program.name: _result(place) for program, place in zip(wanted, places, strict=True)}


def _result(place: Path) -> ChildResult:
    rc, stdout, stderr = (
        (place / name).read_text("utf-8") for name in ("status", "stdout", "stderr")
    )
    return ChildResult(int(rc), stdout, stderr)
