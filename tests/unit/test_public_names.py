import ast
import enum
import importlib
import inspect
import pickle
import re
from pathlib import Path

import attrs
import pytest

import xai
from tests.support import run_child

#: Nothing a program needs before its first call; each costs milliseconds.
HEAVY = {"asyncio", "betterproto", "grpclib", "h2", "hpack", "ssl", "socket", "tenacity", "logging"}
CONSTRUCT = (
    "import sys\n"
    "before = set(sys.modules)\n"
    "import xai\n"
    "client = xai.Client('key', initial_rng_seed=1, metadata=(('a', 'b'),))\n"
    "other = xai.AsyncClient('key', api_host='localhost:1')\n"
    "repr(client), repr(other)\n"
)


def public_classes_and_functions() -> list[object]:
    """Return every public name that has a home."""
    found = [getattr(xai, name) for name in xai.__all__]
    return [item for item in found if inspect.isclass(item) or inspect.isfunction(item)]


def test_all_is_sorted_and_without_doubles() -> None:
    """The list reads like an index."""
    assert list(xai.__all__) == sorted(set(xai.__all__))


def test_all_is_complete() -> None:
    """What can be loaded is listed, what type checkers see is listed, and nothing else is."""
    names = set(xai.__all__) - {"__version__"}
    assert set(xai._HOMES) == names
    tree = ast.parse(Path(xai.__file__).read_text(encoding="utf-8"))
    checking = next(
        node
        for node in tree.body
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
    )
    imported: dict[str, str] = {}
    for node in checking.body:
        assert isinstance(node, ast.ImportFrom)
        imported.update(dict.fromkeys((alias.name for alias in node.names), str(node.module)))
    assert imported == dict(xai._HOMES)


@pytest.mark.parametrize("name", xai.__all__)
def test_every_name_resolves(name: str) -> None:
    """Each public name is there, is the object of its home, and stays the same one."""
    value = getattr(xai, name)
    assert value is getattr(xai, name)
    if name in xai._HOMES:
        assert value is getattr(importlib.import_module(xai._HOMES[name]), name)


@pytest.mark.parametrize("item", public_classes_and_functions(), ids=lambda item: item.__name__)
def test_every_class_and_function_says_it_lives_in_xai(item: object) -> None:
    """Reprs, pickles and tracebacks show ``xai.Name``, not where the code happens to be."""
    assert getattr(item, "__module__", None) == "xai"
    assert getattr(item, "__qualname__", "") in xai.__all__
    assert inspect.getdoc(item)
    assert pickle.loads(pickle.dumps(item)) is item  # noqa: S301  # made right here


def test_public_classes_of_one_module_are_all_public() -> None:
    """No error class and no value type is left out of the public names."""
    for home in ("xai.errors", "xai._streams", "xai.prompt_ide.types", "xai.options"):
        module = importlib.import_module(home)
        own = {
            name
            for name, item in vars(module).items()
            if inspect.isclass(item) and item.__module__ in ("xai", home) and name[0] != "_"
        }
        assert own <= set(xai.__all__), home


def test_dir_is_the_public_names() -> None:
    """Completion offers the public names, loaded or not, and no internals."""
    assert dir(xai) == sorted(xai.__all__)


@pytest.mark.parametrize("name", ["nothing", "client", "Errors", "__wrapped__", "os"])
def test_unknown_name_is_an_attribute_error(name: str) -> None:
    """An unknown name fails as in any module, so that ``hasattr`` works."""
    with pytest.raises(AttributeError, match=f"module 'xai' has no attribute '{name}'"):
        getattr(xai, name)
    assert not hasattr(xai, name)


def test_star_import_gives_the_public_names() -> None:
    """``from xai import *`` gives all public names and nothing else."""
    namespace: dict[str, object] = {}
    exec("from xai import *", namespace)  # noqa: S102  # the statement under test
    assert set(namespace) - {"__builtins__"} == set(xai.__all__)


def test_version_is_one_that_tools_understand() -> None:
    """The version is a plain release or pre-release number."""
    assert re.fullmatch(r"\d+\.\d+\.\d+((a|b|rc)\d+|\.dev\d+)?", xai.__version__)


def test_clients_have_the_documented_signature() -> None:
    """The documented parameters come first, with their defaults; ours are by name and optional."""
    for cls in (xai.Client, xai.AsyncClient):
        parameters = list(inspect.signature(cls).parameters.values())
        assert [item.name for item in parameters[:4]] == [
            "api_key",
            "initial_rng_seed",
            "api_host",
            "metadata",
        ]
        assert [item.default for item in parameters[:4]] == [None, None, "api.x.ai", None]
        assert parameters[0].kind is inspect.Parameter.POSITIONAL_OR_KEYWORD
        for item in parameters[1:]:
            assert item.kind is inspect.Parameter.KEYWORD_ONLY
            assert item.default is not inspect.Parameter.empty
    assert str(inspect.signature(xai.Client)).replace("Client", "") == str(
        inspect.signature(xai.AsyncClient)
    ).replace("AsyncClient", "")


def test_sampler_has_the_documented_signatures() -> None:
    """The methods of the sampler have the documented parameters and defaults, in both twins."""
    from xai.aio.prompt_ide.sampler import AsyncSampler
    from xai.sync.prompt_ide.sampler import Sampler

    for cls in (Sampler, AsyncSampler):
        sample = inspect.signature(cls.sample).parameters
        assert {name: item.default for name, item in list(sample.items())[1:]} == {
            "prompt": "",
            "inputs": (),
            "model_name": "",
            "max_len": 256,
            "temperature": 0.7,
            "nucleus_p": 0.95,
            "stop_tokens": None,
            "stop_strings": None,
            "rng_seed": None,
            "return_attention": False,
            "allowed_tokens": None,
            "disallowed_tokens": None,
            "augment_tokens": True,
        }
        kinds = [item.kind for item in sample.values()]
        assert kinds[:2] == [inspect.Parameter.POSITIONAL_OR_KEYWORD] * 2
        assert set(kinds[2:]) == {inspect.Parameter.KEYWORD_ONLY}
        for name, expected in (
            ("tokenize", {"prompt": inspect.Parameter.empty, "model_name": ""}),
            ("get_token_budget", {"transaction_type": ""}),
            ("list_models", {}),
            ("list_transactions", {}),
        ):
            found = inspect.signature(getattr(cls, name)).parameters
            assert {key: found[key].default for key in list(found)[1:]} == expected


def test_token_is_the_documented_value() -> None:
    """`Token` is frozen, has slots, the documented fields, and a numeric type."""
    token = xai.Token(token_id=1, token_str="a")
    assert not hasattr(token, "__dict__")
    assert [field.name for field in attrs.fields(xai.Token)] == [
        "token_id",
        "token_str",
        "prob",
        "top_k",
        "attn_weights",
        "token_type",
    ]
    assert issubclass(xai.TokenType, enum.IntEnum)
    assert (xai.TokenType.USER, xai.TokenType.MODEL) == (1, 2)


@pytest.mark.parametrize("name", ["Token", "TokenBudget", "TokenTransaction"])
def test_values_are_frozen_and_small(name: str) -> None:
    """What calls return can't be changed, and has no dictionary."""
    cls = getattr(xai, name)
    value = object.__new__(cls)
    assert not hasattr(value, "__dict__")
    with pytest.raises(AttributeError):
        value.anything = 1


def test_construction_loads_nothing_heavy() -> None:
    """Importing ``xai`` and constructing both clients loads no library for calls."""
    # What the interpreter itself starts with is not ours.
    script = CONSTRUCT + f"print(sorted({HEAVY!r} & (set(sys.modules) - before)))\n"
    assert run_child(script, env={"XAI_API_KEY": None}).stdout == "[]\n"


def test_import_loads_nothing_but_itself() -> None:
    """``import xai`` alone loads two modules of the package and nothing else of its own."""
    script = (
        "import sys\n"
        "import xai\n"
        "print(sorted(name for name in sys.modules if name.startswith('xai')))\n"
    )
    assert run_child(script).stdout == "['xai', 'xai._version']\n"


def test_construction_does_nothing_the_system_could_see() -> None:
    """Constructing a client opens no socket and no file, looks nothing up, starts no thread."""
    script = (
        "import sys, threading\n"
        "import xai, xai.sync.client, xai.aio.client\n"
        "xai.Client('warm', metadata=())\n"
        "seen = []\n"
        "def note(event, args):\n"
        "    if event.startswith(('socket.', 'open', 'os.', 'subprocess.', '_thread.')):\n"
        "        seen.append((event, args))\n"
        "sys.addaudithook(note)\n" + CONSTRUCT + "print(seen, threading.active_count())\n"
    )
    assert run_child(script).stdout == "[] 1\n"


def test_import_changes_nothing_in_the_process() -> None:
    """Importing the library and constructing a client leaves global settings as they were."""
    script = (
        "import signal, sys, threading, warnings, logging, locale\n"
        "def state():\n"
        "    return (list(warnings.filters), threading.enumerate(),\n"
        "            [signal.getsignal(s) for s in (signal.SIGINT, signal.SIGTERM)],\n"
        "            logging.getLogger().handlers[:], logging.getLogger('xai').handlers[:],\n"
        "            sys.excepthook, threading.excepthook, sys.getrecursionlimit())\n"
        "unchanged = state()\n" + CONSTRUCT + "for name in xai.__all__: getattr(xai, name)\n"
        "print(state() == unchanged)\n"
    )
    assert run_child(script).stdout == "True\n"
