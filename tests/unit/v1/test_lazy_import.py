import ast
import enum
import inspect
import pickle
from importlib import import_module
from pathlib import Path

import pytest

import xai.v1
from tests.support import run_child

#: What naming the module must not cost, and what no constructor needs.
SERVICES = (
    "xai.aio",
    "xai.sync",
    "xai.testing",
    "xai.runtime.transport.asynchronous",
    "xai.runtime.http2.channel",
)
HEAVY = ("asyncio", "attr", "betterproto", "grpclib", "h2", "pydantic", "ssl", "xai.proto")

_NOTHING_LOADED = """
import sys
import xai.v1
dir(xai.v1)
print(*[name for name in sys.modules if name.startswith("xai.v1.")])
print(*[name for name in sys.argv[1:] if name in sys.modules])
"""

_ONE_LOADED = """
import sys
import xai.v1
xai.v1.user("hi", xai.v1.image("https://a"))
print(*sorted(name for name in sys.modules if name.startswith("xai.v1.")))
print(*[name for name in sys.argv[1:] if name in sys.modules])
"""

_ALL_LOADED = """
import sys
import xai.v1
for name in xai.v1.__all__:
    if not xai.v1._HOMES[name].startswith(("xai.aio.", "xai.sync.")):
        getattr(xai.v1, name)
xai.v1.tool("f", "", {}), xai.v1.web_search(), xai.v1.SearchParameters()
print(*[name for name in sys.argv[1:] if name in sys.modules])
"""


def test_import_loads_nothing_below() -> None:
    """The module alone loads no message, no other module of its own and nothing heavy."""
    child = run_child(_NOTHING_LOADED, args=[*HEAVY, *SERVICES])
    assert child.stdout == "\n\n"


def test_a_name_loads_what_it_needs() -> None:
    """A message loads the module it is made in, what that needs, and no service."""
    own, heavy = run_child(_ONE_LOADED, args=["pydantic", *SERVICES]).stdout.splitlines()
    chat = {"xai.v1.chat", "xai.v1.chat.enums", "xai.v1.chat.messages"}
    loaded = {*chat, "xai.v1.open_enum", "xai.v1.validation"}
    assert set(own.split()) == loaded
    assert heavy == ""


def test_all_names_need_no_pydantic_and_no_service() -> None:
    """Everything but the chats themselves works without pydantic and without a client."""
    assert run_child(_ALL_LOADED, args=["pydantic", *SERVICES]).stdout == "\n"


def test_all_is_complete() -> None:
    """What can be loaded is listed, what type checkers see is listed, and nothing else is."""
    assert sorted(xai.v1.__all__) == sorted(set(xai.v1.__all__)) == sorted(xai.v1._HOMES)
    assert dir(xai.v1) == sorted(xai.v1.__all__)
    tree = ast.parse(Path(xai.v1.__file__).read_text(encoding="utf-8"))
    checking = next(
        node
        for node in tree.body
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
    )
    imported: dict[str, str] = {}
    for node in checking.body:
        assert isinstance(node, ast.ImportFrom)
        home = str(node.module)
        imported.update(dict.fromkeys((alias.name for alias in node.names), home))
    assert imported == dict(xai.v1._HOMES)


@pytest.mark.parametrize("name", xai.v1.__all__)
def test_every_name_resolves(name: str) -> None:
    """Each public name is there, is the object of its home, and stays the same one."""
    value = getattr(xai.v1, name)
    assert value is getattr(xai.v1, name)
    assert value is getattr(import_module(xai.v1._HOMES[name]), name)


@pytest.mark.parametrize(
    "name", [name for name in xai.v1.__all__ if xai.v1._HOMES[name].startswith("xai.v1.")]
)
def test_classes_and_functions_are_at_home_in_the_module(name: str) -> None:
    """Each is named after the place it is imported from, which is where pickle finds it."""
    value = getattr(xai.v1, name)
    if inspect.isclass(value) or inspect.isfunction(value):
        assert value.__module__ == "xai.v1"
        assert pickle.loads(pickle.dumps(value)) is value  # noqa: S301  # our own
    if inspect.isclass(value) and issubclass(value, enum.Enum):
        assert all(pickle.loads(pickle.dumps(kind)) is kind for kind in value)  # noqa: S301  # our own


def test_misspelt_name_is_refused() -> None:
    """The error names the module and what it lacks."""
    with pytest.raises(AttributeError, match=r"module 'xai.v1' has no attribute 'usr'"):
        _ = xai.v1.usr  # type: ignore[attr-defined]  # what the test is about
