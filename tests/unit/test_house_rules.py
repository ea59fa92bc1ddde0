"""The walls between the rooms of the package, read from its source."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

import xai
from tests.support import SECRET_KEY, run_child

PACKAGE = Path(xai.__file__).parent

#: Files below these are produced, except those named.
GENERATED = ("sync", "proto", "xai_sdk/v1/sync")
HAND_WRITTEN = {
    "proto/__init__.py",
    "proto/base.py",
    "proto/server_base.py",
    "proto/status_details.py",
}

WAITING = ("asyncio", "concurrent", "queue", "selectors", "socket", "threading")
FOREIGN = ("betterproto", "grpclib", "h2", "hpack")
SERVICES = ("xai.aio", "xai.sync", "xai.testing")


@dataclass(frozen=True)
class Wall:
    """Files which must not import some modules."""

    files: tuple[str, ...]
    forbidden: tuple[str, ...]
    but: tuple[str, ...] = ()


WALLS = {
    "values wait for nothing": Wall(
        ("_sentinel.py", "_streams.py", "_version.py", "errors.py", "options.py"),
        (*WAITING, *FOREIGN, *SERVICES, "xai.proto", "xai.runtime"),
    ),
    "values of v1 wait for nothing": Wall(
        ("v1/*",),
        (
            *WAITING,
            "grpclib",
            "h2",
            "hpack",
            *SERVICES,
            "xai.runtime.transport.asynchronous",
        ),
        # It names classes of the services for those who annotate, and loads none by itself.
        ("v1/__init__.py",),
    ),
    "values of the PromptIDE API wait for nothing": Wall(
        ("prompt_ide/*",), (*WAITING, "grpclib", "h2", "hpack", *SERVICES, "xai.runtime.transport")
    ),
    # They are loaded when a type or a function is first looked at.
    "only the reading of types knows pydantic": Wall(
        ("*",),
        ("pydantic", "pydantic_core", "griffe"),
        (
            "v1/structured/adapter.py",
            "v1/structured/attrs_bridge.py",
            "v1/structured/docstrings.py",
            "v1/structured/incremental.py",
            "v1/structured/schema_generator.py",
            "v1/structured/result_json.py",
            "xai_sdk/v1/validators.py",
        ),
    ),
    "services know no event loop": Wall(("aio/*", "sync/*"), (*WAITING, "grpclib", "h2", "hpack")),
    "the asynchronous twin stands alone": Wall(("aio/*",), ("xai.sync",)),
    "the blocking twin stands alone": Wall(("sync/*",), ("xai.aio",)),
    "the runtime knows no service": Wall(("runtime/*",), (*SERVICES, "xai.proto")),
    "pure parts of the runtime stay pure": Wall(
        ("runtime/codec/*", "runtime/retry/*"),
        (*WAITING, "grpclib", "h2", "hpack", "ssl"),
    ),
    "only one module reaches into grpclib and h2": Wall(
        ("*",),
        ("grpclib", "h2", "hpack"),
        (
            "runtime/http2/internals.py",
            "testing/*",
            "proto/server_base.py",
            "proto/*_server.py",
        ),
    ),
    "generated code calls nobody above it": Wall(("proto/*",), SERVICES),
    "server bases are for the embedded server": Wall(
        ("*",), ("xai.proto.server_base",), ("testing/*", "proto/*_server.py")
    ),
    "the embedded server is for tests and the command line": Wall(
        ("*",), ("xai.testing",), ("testing/*", "commands/*", "django/testing.py")
    ),
    "the command line uses what its users could": Wall(
        ("__main__.py", "commands/*"), (*WAITING, *FOREIGN, "xai.aio", "xai.sync", "xai.proto")
    ),
    # They would stand still, or jump, in tests that freeze the time.
    "one module reads the clocks": Wall(
        ("*",),
        ("time",),
        # It looks whether they are real at the moment.
        ("_clock.py", "runtime/timers.py"),
    ),
    "nobody needs the command line": Wall(
        ("*",), ("xai.commands", "xai.__main__"), ("__main__.py", "commands/*")
    ),
}

#: Who starts threads: the loop of blocking clients, its name lookups, timers of loops whose clock
#: is frozen, uploads of many files, bulk work, what may wait for a pipe, and the embedded server.
THREADS = (
    "runtime/tasks.py",
    "runtime/transport/loop_thread.py",
    "runtime/net/resolver.py",
    "runtime/transport/completions.py",
    "runtime/transport/workers.py",
    "runtime/timers.py",
    "testing/*",
)
#: Who prints: the command line, and `does_it_work`, whose line is documented.
PRINTS = (
    "__main__.py",
    "commands/*",
    "aio/prompt_ide/does_it_work.py",
    "sync/prompt_ide/does_it_work.py",
)


def source_files() -> list[str]:
    """Return the paths of all modules, relative to the package."""
    return sorted(path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py"))


def matches(name: str, patterns: tuple[str, ...]) -> bool:
    """Tell whether a path fits one of some patterns, where a star crosses folders."""
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def imports(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Yield the name and line of each imported module, also of names which may be modules."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, "imports are absolute here"
            yield str(node.module), node.lineno
            yield from ((f"{node.module}.{alias.name}", node.lineno) for alias in node.names)


def crossings(name: str, tree: ast.Module) -> Iterator[str]:
    """Yield what a module imports across a wall."""
    for title, wall in WALLS.items():
        if not matches(name, wall.files) or matches(name, wall.but):
            continue
        for module, line in imports(tree):
            if any(
                module == foreign or module.startswith(f"{foreign}.") for foreign in wall.forbidden
            ):
                yield f"{name}:{line}: {title}, but it imports {module}"


def misdeeds(name: str, tree: ast.Module) -> Iterator[str]:
    """Yield calls and statements that have no place in a module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ExceptHandler) and node.type is None:
            yield f"{name}:{node.lineno}: bare except"
        elif isinstance(node, ast.Attribute) and ast.unparse(node) in ("time.time", "time.time_ns"):
            yield f"{name}:{node.lineno}: wall clock"
        elif isinstance(node, ast.ImportFrom) and node.module == "time":
            if {"time", "time_ns"} & {alias.name for alias in node.names}:
                yield f"{name}:{node.lineno}: wall clock"
        elif isinstance(node, ast.Call):
            called = ast.unparse(node.func).rpartition(".")[2]
            if called == "print" and not matches(name, PRINTS):
                yield f"{name}:{node.lineno}: print"
            if called in ("Thread", "Timer", "ThreadPoolExecutor") and not matches(name, THREADS):
                yield f"{name}:{node.lineno}: starts a thread"


@pytest.mark.parametrize("name", source_files())
def test_module_keeps_to_its_room(name: str) -> None:
    """The module imports nothing across a wall, and reads no wall clock."""
    tree = ast.parse((PACKAGE / name).read_text("utf-8"))
    assert [*crossings(name, tree), *misdeeds(name, tree)] == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("aio/prompt_ide/chat.py", "import asyncio"),
        ("aio/v1/chat/chat.py", "def f():\n    from threading import Lock"),
        ("v1/structured/schema.py", "def f():\n    from pydantic import BaseModel"),
        ("v1/chat/history.py", "from xai.aio.v1 import chat"),
        ("errors.py", "from xai import runtime"),
        ("runtime/transport/asynchronous.py", "from xai.proto.base import Message"),
        ("runtime/retry/policy.py", "import socket"),
        ("sync/client.py", "from xai.aio.client import AsyncClient"),
        ("runtime/transport/asynchronous.py", "import grpclib.client"),
        ("proto/prompt_ide/chat_aio.py", "from xai.proto.server_base import ServiceBase"),
        ("__init__.py", "from xai import testing"),
        ("__main__.py", "from xai import testing"),
        ("commands/chat/command.py", "from xai.sync.prompt_ide.chat import Chat"),
        ("sync/prompt_ide/does_it_work.py", "from xai.commands import check"),
        ("options.py", "import time\ntime.time()"),
        ("options.py", "from time import time"),
        ("options.py", "print()"),
        ("options.py", "try: f()\nexcept: g()"),
        (
            "runtime/transport/asynchronous.py",
            "import threading\nthreading.Thread(target=f).start()",
        ),
    ],
)
def test_planted_violation_is_found(name: str, text: str) -> None:
    """Each kind of violation is seen, so that an empty list means something."""
    tree = ast.parse(text)
    assert [*crossings(name, tree), *misdeeds(name, tree)]


def test_walls_stand_around_existing_files() -> None:
    """No wall guards files that are gone or were renamed."""
    names = source_files()
    missing = [
        pattern
        for wall in WALLS.values()
        for pattern in wall.files
        if not any(matches(name, (pattern,)) for name in names)
    ]
    assert missing == []


def test_generated_files_say_so_in_line_one() -> None:
    """Every produced file begins with a comment that asks not to edit it, and no other does."""
    for name in source_files():
        lines = (PACKAGE / name).read_text("utf-8").splitlines() or [""]
        produced = name.startswith(GENERATED) and name not in HAND_WRITTEN
        banner = lines[0].startswith("#") and "do not edit" in lines[0].lower()
        assert banner == produced, name


_IMPORT_SCRIPT = """
import os, signal, sys, threading, warnings

def state():
    policy = sys.modules.get("asyncio.events")
    return (
        [signal.getsignal(number) for number in signal.valid_signals()],
        list(warnings.filters),
        warnings.showwarning,
        sys.excepthook, sys.unraisablehook, threading.excepthook,
        threading.enumerate(),
        sys.getswitchinterval(),
        policy and policy._event_loop_policy,
        sorted(os.environ.items()),
        sorted(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else None,
    )

before = state()
import xai
client = xai.Client(sys.argv[1])
xai.AsyncClient(sys.argv[1])
assert state() == before
heavy = ("asyncio", "grpclib", "h2", "betterproto", "attr", "attrs", "tenacity", "ssl", "certifi")
print(*[name for name in heavy if name in sys.modules])
client.close()
assert state() == before
"""


def test_import_and_construction_change_nothing_and_load_little() -> None:
    """No thread, no loop policy, filter, handler or descriptor, and no heavy module."""
    result = run_child(_IMPORT_SCRIPT, args=[SECRET_KEY])
    assert set(result.stdout.split()) <= {"attr", "attrs"}


_FULL_IMPORT_SCRIPT = """
import asyncio, pkgutil, signal, sys, threading, warnings

def state():
    return (
        [signal.getsignal(number) for number in signal.valid_signals()],
        threading.enumerate(),
        asyncio.events._event_loop_policy,
        sys.excepthook, sys.unraisablehook, threading.excepthook,
        warnings.showwarning, list(warnings.filters),
    )

# Our dependencies first: what they do is not ours.
import attrs, betterproto, grpclib.client, grpclib.server, tenacity, xai
before = state()
for module in pkgutil.walk_packages(xai.__path__, "xai."):
    if not module.name.startswith(("xai.testing", "xai.__main__")):
        __import__(module.name)
assert state() == before
"""


def test_import_of_every_module_changes_nothing_in_the_process() -> None:
    """Loading all of the package sets no policy, filter, hook or handler and starts no thread."""
    run_child(_FULL_IMPORT_SCRIPT)
