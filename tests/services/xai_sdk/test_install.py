"""Programs written for PromptIDE's package, run as they are."""

import inspect
import sys
from collections.abc import Iterator
from importlib import import_module
from importlib.metadata import files
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, cast

import pytest

import xai
from tests.support import SECRET_KEY, run_child
from xai.testing import LocalServer
from xai.xai_sdk.prompt_ide import Client

if TYPE_CHECKING:
    from xai.proto.prompt_ide.sampler_public import SampleTokensRequest

PROGRAMS = Path(__file__).with_name("programs")
SERVICES = ("chat", "compat", "embedder", "files", "grok", "sampler")

#: Nothing comes before a program but the installer. Programs of the documentation name no host,
#: so the child's default is another one; what the user types is in the second argument.
_RUN = """
import io, runpy, sys
from xai.aio.client import AsyncClient
from xai.sync.client import Client

program, host, typed = sys.argv[1:]
for cls in (AsyncClient, Client):
    cls.__init__.__kwdefaults__["api_host"] = host
sys.stdin = io.StringIO(typed)

import xai
xai.install_as_xai_sdk()
runpy.run_path(program, run_name="__main__")
"""


@pytest.fixture
def server() -> Iterator[LocalServer]:
    """A local server that knows the secret key."""
    with LocalServer(api_keys={SECRET_KEY: ["*"]}) as server:
        yield server


@pytest.fixture
def sdk() -> Iterator[ModuleType]:
    """The module, for one test; the one of xai_sdk may have been loaded by another."""
    aside = {n: sys.modules.pop(n) for n in list(sys.modules) if n.partition(".")[0] == "xai_sdk"}
    xai.install_as_xai_sdk()
    yield import_module("xai_sdk")
    for name in [name for name in sys.modules if name.partition(".")[0] == "xai_sdk"]:
        del sys.modules[name]
    sys.modules.update(aside)


def run(server: LocalServer, name: str, *lines: str) -> list[str]:
    """Run a program with lines typed into it, and return the lines it wrote."""
    typed = "".join(line + "\n" for line in (*lines, ""))
    path = PROGRAMS / f"{name}.py"
    child = run_child(
        _RUN,
        args=(str(path), server.host, typed),
        env={"XAI_API_KEY": SECRET_KEY},
        # The programs of the documentation never close their client.
        python_args=("-W", "error", "-W", "ignore::ResourceWarning"),
    )
    return child.stdout.splitlines()


def test_programs_know_nothing_of_this_package() -> None:
    """None of the programs imports `xai` or names a host."""
    found = sorted(PROGRAMS.glob("*.py"))
    assert len(found) == 6
    for path in found:
        text = path.read_text(encoding="utf-8")
        assert "\nimport xai_sdk " in text
        assert "import xai\n" not in text
        assert "from xai" not in text
        assert "host" not in text


def test_completion(server: LocalServer) -> None:
    """The program prints the prompt and what the model says."""
    assert run(server, "completion") == ["Does it work? Yes, it does."]


def test_multimodal_completion(server: LocalServer) -> None:
    """Images go along as bytes and as text."""
    lines = run(server, "multimodal_completion")
    assert len(lines) == 2
    assert all(line.startswith("tokens: ") for line in lines)
    requests = [cast("SampleTokensRequest", call.request) for call in server.calls]
    kinds = [[kind for item in request.inputs for kind in _set(item)] for request in requests]
    assert kinds == [["text", "image_bytes", "text"], ["text", "image_base64", "text"]]


def _set(item: Any) -> list[str]:  # noqa: ANN401  # a generated message
    return [name for name in ("text", "image_bytes", "image_base64") if item.is_set(name)]


def test_chat(server: LocalServer) -> None:
    """Each line typed is answered, and the history has both sides."""
    lines = run(server, "chat", "Does it work?", "Are you sure?")
    assert lines[0].startswith("You: Grok: ")
    assert len(lines[0]) > len("You: Grok: ")
    assert lines[-1].endswith("messages: 4")
    assert [call.method.rpartition(".")[2] for call in server.calls] == [
        "StatelessChat/AddResponse"
    ] * 2


def test_chat_without_stream(server: LocalServer) -> None:
    """The same, with complete responses."""
    lines = run(server, "chat_no_stream", "Does it work?", "Are you sure?")
    assert lines[0].startswith("You: Grok: ")
    assert lines[-1].endswith("messages: 4")


def test_stateful_chat_with_title(server: LocalServer) -> None:
    """The server keeps the conversation, finds a title, and gives it back whole."""
    lines = run(server, "stateful_chat", "Does it work?", "Are you sure?")
    assert lines[0].startswith("You: Grok: ")
    assert lines[-3].endswith("title: True True")
    assert lines[-2:] == ["same title: True", "depth: 4"]


def test_blocking_compat(server: LocalServer) -> None:
    """`compat` is called without any event loop, as it was documented."""
    assert run(server, "compat") == ["text: True assistant", "same: True"]


def test_does_it_work(server: LocalServer) -> None:
    """The documented one-liner prints the documented line."""
    text = _RUN.rpartition("\n")[0].rpartition("\n")[0] + "\nimport xai_sdk; xai_sdk.does_it_work()"
    child = run_child(text, args=("", server.host, ""), env={"XAI_API_KEY": SECRET_KEY})
    assert child.stdout == "Does it work? Yes, it does.\n"


def test_module_has_the_documented_shape(sdk: ModuleType) -> None:
    """`xai_sdk` has its client, its check and a module for each service."""
    assert sdk.Client is Client
    assert sdk.does_it_work is xai.does_it_work
    for name in SERVICES:
        module = import_module(f"xai_sdk.{name}")
        assert module is getattr(sdk, name) is import_module(f"xai.aio.prompt_ide.{name}")
    with pytest.raises(ModuleNotFoundError):
        import_module("xai_sdk.nothing")


def test_installing_twice_is_once(sdk: ModuleType) -> None:
    """A second call leaves the module as it is."""
    xai.install_as_xai_sdk()
    assert sys.modules["xai_sdk"] is sdk


def test_another_package_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """When a package of that name is imported already, the installer refuses."""
    other = ModuleType("xai_sdk")
    monkeypatch.setitem(sys.modules, "xai_sdk", other)
    with pytest.raises(RuntimeError, match="another package called xai_sdk"):
        xai.install_as_xai_sdk()
    assert sys.modules["xai_sdk"] is other


def test_nothing_of_that_name_is_on_disk() -> None:
    """The name exists only once it was installed: nothing of ours shadows xai_sdk."""
    assert not [p for p in files("xai-client") or () if p.parts[0].startswith("xai_sdk")]
    beside = Path(xai.__file__).parents[1]
    assert not [path for path in beside.glob("xai_sdk*") if "site-packages" not in path.parts]


def test_construction_is_the_documented_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """The arguments of PromptIDE's client are taken, and refused, as by the others."""
    client = Client(
        SECRET_KEY, initial_rng_seed=1, api_host="localhost:1", metadata=(("x-team", "a"),)
    )
    assert isinstance(client, xai.AsyncClient)
    assert inspect.signature(Client) == inspect.signature(xai.AsyncClient)
    assert list(inspect.signature(Client.with_options).parameters) == list(
        inspect.signature(xai.AsyncClient.with_options).parameters
    )
    assert SECRET_KEY not in repr(client)
    monkeypatch.delenv("XAI_API_KEY", raising=False)
    with pytest.raises(ValueError, match="environment variable but it doesn't exist"):
        Client()
    with pytest.raises(ValueError, match=r"^Empty xAI API key provided\.$"):
        Client("")


async def test_compat_shares_the_fate_of_its_client(server: LocalServer) -> None:
    """One client: the same key and options, and closed together, before or after a call."""
    messages: Any = [{"role": "user", "content": "Hi"}]
    client = Client(SECRET_KEY, api_host=server.host, metadata=(("x-team", "a"),))
    with pytest.warns(xai.BlockingCallWarning):
        client.compat.chat.completions.create(messages=messages, max_tokens=1)
    view = client.with_options(metadata=(("x-view", "b"),))
    assert type(view) is Client
    with pytest.warns(xai.BlockingCallWarning):
        view.compat.chat.completions.create(messages=messages, max_tokens=1)
    await view.sampler.list_models()
    names = [[key for key, _ in call.metadata if key.startswith("x-")] for call in server.calls]
    assert names == [["x-team"], ["x-team", "x-view"], ["x-team", "x-view"]]
    await view.close()
    for one in (client, view):
        with pytest.raises(RuntimeError, match="closed"):
            one.compat.chat.completions.create(messages=messages)
        with pytest.raises(RuntimeError, match="closed"):
            await one.sampler.list_models()
