"""The blocks of README.md and the guides, and a way to run one as its reader would."""

import collections
import contextlib
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.support import ROOT, SECRET_KEY, ChildResult, run_child
from xai.testing.control.accounts import DEFAULT_MANAGEMENT_KEY

README: Final = ROOT / "README.md"
GUIDES: Final = ROOT / ".docs" / "pages"
DOCUMENTS: Final = (README, *sorted(GUIDES.glob("*.md")))
TEXT: Final = README.read_text("utf-8")

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)

# A local server stands in for the API: it is the default host, and knows the key.
_CHILD = """
import os, sys
import xai
from xai.testing import LocalServer

keys = {os.environ["XAI_API_KEY"]: ["*"]}
with LocalServer(api_keys=keys) as server:
    for client in (xai.Client, xai.AsyncClient, xai.v1.Client, xai.v1.AsyncClient):
        for name in ("api_host", "management_api_host"):
            client.__init__.__kwdefaults__[name] = server.host
    exec(compile(sys.argv[1], sys.argv[2], "exec"), {"__name__": "__main__"})
"""

# What it writes goes to a folder that is removed.
_PLAIN_CHILD = """
import os, sys, tempfile
here = os.getcwd()
with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    try:
        exec(compile(sys.argv[1], sys.argv[2], "exec"), {"__name__": "__main__"})
    finally:
        os.chdir(here)
"""
_CLIENT = re.compile(r"\b((?:(?:xai|xai_sdk|v1)\.(?:Async)?Client|recording\.v1_client)\()")


@dataclass(frozen=True)
class Block:
    """A block of code.

    Attributes:
        document: The file that it is in.
        heading: The heading above it.
        number: Its number under that heading, from 1, among those of its language.
        language: What stands behind the fence.
        line: The line in the file at which it begins.
        text: The code.
    """

    document: Path
    heading: str
    number: int
    language: str
    line: int
    text: str

    @property
    def name(self) -> str:
        """Document, heading and number."""
        return f"{self.document.stem}: {self.heading} {self.number}"

    @property
    def for_pytest(self) -> bool:
        """Whether it holds tests."""
        return "def test_" in self.text


def blocks(language: str, documents: Iterable[Path] = DOCUMENTS) -> list[Block]:
    """Return all blocks of a language, in order."""
    return [block for path in documents for block in _blocks(path) if block.language == language]


def _blocks(path: Path) -> Iterator[Block]:
    text = path.read_text("utf-8")
    # What looks like a heading within a block is a comment.
    outside = _FENCE.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)
    numbers: collections.Counter[tuple[str, str]] = collections.Counter()
    for match in _FENCE.finditer(text):
        heading = _HEADING.findall(outside, 0, match.start())[-1]
        numbers[match[1], heading] += 1
        line = text.count("\n", 0, match.start(2))
        yield Block(path, heading, numbers[match[1], heading], match[1], line, match[2])


def section(heading: str, path: Path = README) -> str:
    """Return the text under a heading, up to the next one of the same rank."""
    pattern = rf"^(#+) {re.escape(heading)}\n(.*?)(?=^\1 |\Z)"
    match = re.search(pattern, path.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    assert match, heading
    return match[2]


def run_program(
    text: str, *, name: str = "program", line: int = 0, api_host: str | None = None
) -> ChildResult:
    """Run a program in a process of its own; warnings and output to stderr are failures.

    Args:
        text: The program.
        name: What tracebacks call its file.
        line: The line of that file before which it stands.
        api_host: Where the API is: the program runs as it stands, but with this argument at each
            of its clients. When None a local server in the same process is the default host.
    """
    script = _CHILD
    if api_host is not None:
        script = _PLAIN_CHILD
        hosts = f"api_host={api_host!r}, "
        text = _CLIENT.sub(rf"\1{hosts}", text)
        text = text.replace(f"xai.v1.Client({hosts}", f"xai.v1.Client({hosts}management_{hosts}")
        text = text.replace("does_it_work()", f"does_it_work(xai.Client(api_host={api_host!r}))")
    env = {"XAI_API_KEY": SECRET_KEY, "XAI_MANAGEMENT_KEY": DEFAULT_MANAGEMENT_KEY}
    return run_child(script, args=["\n" * line + text, name], env=env)


@contextlib.contextmanager
def serving() -> Iterator[str]:
    """Run ``xai serve`` as a user would, in a process of its own, and give its address."""
    command = [sys.executable, "-m", "xai", "serve", "--port", "0", "--key", SECRET_KEY]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        address = re.search(r"localhost:\d+", process.stdout.readline())
        assert address, "xai serve did not say where it listens"
        yield address[0]
    finally:
        process.terminate()
        process.communicate(timeout=30)
    assert process.returncode == 0
