"""What the v1 API needs of a machine: nothing compiled, and none of the usual large packages."""

import re
from importlib.metadata import distribution
from pathlib import Path

import xai
from tests.support import run_child
from xai.testing import LocalServer

_CHAT_SCRIPT = """
import sys, xai
key, host = sys.argv[1:]
with xai.Client(key, api_host=host) as client:
    chat = client.v1.chat.create("grok-local", messages=[xai.v1.user("Does it work?")])
    chat.sample()
    chat.stream().until_done()
large = ("aiohttp", "google.protobuf", "grpc", "opentelemetry", "pydantic", "requests")
print(*(name for name in large if name in sys.modules), "done")
"""


def test_conversation_loads_none_of_the_large_packages() -> None:
    """No compiled gRPC, no second HTTP stack, no tracing and no pydantic for calls and streams."""
    with LocalServer() as server:
        shown = run_child(_CHAT_SCRIPT, args=[server.api_key, server.host]).stdout
    assert shown.split() == ["done"]


def test_package_is_pure_python() -> None:
    """One wheel serves every machine that has Python, those without a compiler included."""
    found = distribution("xai-client")
    tags = [line for line in (found.read_text("WHEEL") or "").splitlines() if "Tag:" in line]
    assert tags == ["Tag: py3-none-any"]
    kinds = {path.suffix for path in Path(xai.__file__).parent.rglob("*") if path.is_file()}
    assert kinds.isdisjoint({".so", ".pyd", ".dll", ".c", ".pyx"})


def test_needed_packages_are_few() -> None:
    """Telemetry, pydantic and compiled gRPC are not among what an installation brings along."""
    needed = [each for each in distribution("xai-client").requires or () if "extra ==" not in each]
    names = {re.split(r"[^\w-]", each, maxsplit=1)[0].replace("_", "-") for each in needed}
    wire = {"betterproto", "grpclib", "h2", "hpack", "hyperframe", "multidict"}
    assert names == {"attrs", "tenacity", "typing-extensions", *wire}


def test_package_says_that_it_is_typed() -> None:
    """The marker of PEP 561 is where type checkers look for it."""
    assert (Path(xai.__file__).parent / "py.typed").is_file()
