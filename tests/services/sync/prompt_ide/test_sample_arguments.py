# Do not edit: produced by "nox -s generate" from
# tests/services/aio/prompt_ide/test_sample_arguments.py
import math
from typing import Any

import pytest

from tests.services.sync.helpers import texts
from tests.support import SECRET_KEY
from xai import Client, Token
from xai.testing import LocalServer


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({}, "one of prompt and inputs must be given"),
        ({"prompt": ""}, "one of prompt and inputs must be given"),
        ({"prompt": [], "inputs": []}, "one of prompt and inputs must be given"),
        ({"prompt": "a", "inputs": ["b"]}, "only one of prompt and inputs"),
        ({"prompt": [1], "inputs": [[1]]}, "only one of prompt and inputs"),
        (
            {"prompt": "a", "allowed_tokens": ["b"], "disallowed_tokens": ["c"]},
            "only one of allowed_tokens and disallowed_tokens",
        ),
    ],
)
def test_arguments_that_do_not_go_together_are_refused(options: dict[str, Any], text: str) -> None:
    """A wrong combination is a ValueError of the call itself, not of the first iteration."""
    client = Client(SECRET_KEY)
    with pytest.raises(ValueError, match=text):
        client.sampler.sample(**options)


@pytest.mark.parametrize(
    ("item", "kind"),
    [(5, "int"), (None, "NoneType"), (1.5, "float"), ({1, 2}, "set"), (object(), "object")],
)
def test_input_of_wrong_type_is_named_by_its_index(item: object, kind: str) -> None:
    """An item of another type is a TypeError that has its index."""
    client = Client(SECRET_KEY)
    with pytest.raises(TypeError, match=rf"^inputs\[2\] must be .*, not {kind}$"):
        client.sampler.sample(inputs=["a", b"b", item])  # type: ignore[list-item]  # the point of the test


@pytest.mark.parametrize(
    ("options", "error", "text"),
    [
        ({"inputs": [["a"]]}, TypeError, r"inputs\[0\]\[0\] must be an int, not str"),
        ({"inputs": ["a", [1, True]]}, TypeError, r"inputs\[1\]\[1\] must be an int, not bool"),
        ({"inputs": [[1, -1]]}, ValueError, r"inputs\[0\]\[1\] must be from 0"),
        ({"inputs": [[2**32]]}, ValueError, r"inputs\[0\]\[0\] must be from 0"),
        ({"inputs": "text"}, TypeError, "inputs must be a sequence of parts, not str"),
        ({"inputs": b"image"}, TypeError, "inputs must be a sequence of parts, not bytes"),
        ({"inputs": None}, TypeError, "inputs must be a sequence of parts, not NoneType"),
        ({"inputs": iter(["a"])}, TypeError, "inputs must be a sequence of parts, not "),
        ({"prompt": None}, TypeError, "prompt must be .*, not NoneType"),
        ({"prompt": 5}, TypeError, "prompt must be .*, not int"),
        ({"prompt": b"bytes"}, TypeError, "prompt must be .*, not bytes"),
        ({"prompt": bytearray(b"bytes")}, TypeError, "prompt must be .*, not bytearray"),
        ({"inputs": bytearray(b"image")}, TypeError, "inputs must be .*, not bytearray"),
        ({"prompt": {1: 2}}, TypeError, "prompt must be .*, not dict"),
        ({"prompt": ["a"]}, TypeError, r"prompt\[0\] must be an int, not str"),
        ({"prompt": [1, None]}, TypeError, r"prompt\[1\] must be an int, not NoneType"),
        ({"prompt": [Token(1, "a"), 2.0]}, TypeError, r"prompt\[1\] must be an int, not float"),
        ({"prompt": [2**32]}, ValueError, r"prompt\[0\] must be from 0"),
    ],
)
def test_prompt_that_is_bad_is_named(
    options: dict[str, Any], error: type[Exception], text: str
) -> None:
    """Whatever is wrong about the prompt is told with its place in it."""
    client = Client(SECRET_KEY)
    with pytest.raises(error, match=f"^{text}"):
        client.sampler.sample(**options)


@pytest.mark.parametrize(
    ("name", "value", "error"),
    [
        ("model_name", None, TypeError),
        ("model_name", 5, TypeError),
        ("max_len", "1", TypeError),
        ("max_len", 1.0, TypeError),
        ("max_len", True, TypeError),
        ("max_len", None, TypeError),
        ("max_len", -1, ValueError),
        ("max_len", 2**31, ValueError),
        ("temperature", "0.7", TypeError),
        ("temperature", None, TypeError),
        ("temperature", True, TypeError),
        ("temperature", -0.1, ValueError),
        ("temperature", math.nan, ValueError),
        ("temperature", math.inf, ValueError),
        ("nucleus_p", "1", TypeError),
        ("nucleus_p", None, TypeError),
        ("nucleus_p", 1.01, ValueError),
        ("nucleus_p", -0.5, ValueError),
        ("nucleus_p", math.nan, ValueError),
        ("rng_seed", "1", TypeError),
        ("rng_seed", 1.0, TypeError),
        ("rng_seed", False, TypeError),
        ("rng_seed", -1, ValueError),
        ("rng_seed", 2**64, ValueError),
        ("return_attention", None, TypeError),
        ("return_attention", 1, TypeError),
        ("augment_tokens", None, TypeError),
        ("augment_tokens", "yes", TypeError),
        ("stop_tokens", "abc", TypeError),
        ("stop_tokens", [1], TypeError),
        ("stop_tokens", 5, TypeError),
        ("stop_strings", "abc", TypeError),
        ("stop_strings", ["a", b"b"], TypeError),
        ("stop_strings", {"a"}, TypeError),
        ("allowed_tokens", "abc", TypeError),
        ("allowed_tokens", ["a", 1.5], TypeError),
        ("allowed_tokens", [True], TypeError),
        ("allowed_tokens", [-1], ValueError),
        ("allowed_tokens", 5, TypeError),
        ("disallowed_tokens", b"abc", TypeError),
        ("disallowed_tokens", [None], TypeError),
        ("disallowed_tokens", [2**32], ValueError),
    ],
)
def test_argument_that_is_bad_is_named(name: str, value: object, error: type[Exception]) -> None:
    """Each argument is checked by the call, and an error begins with the argument's name."""
    client = Client(SECRET_KEY)
    with pytest.raises(error, match=rf"^{name}\b") as caught:
        client.sampler.sample("a", **{name: value})  # type: ignore[arg-type]  # the point of the test
    assert type(caught.value) is error


@pytest.mark.parametrize("name", ["stop_strings", "stop_tokens", "allowed_tokens"])
def test_item_that_is_bad_is_named_by_its_index(name: str) -> None:
    """In a list the error has the index of the item."""
    client = Client(SECRET_KEY)
    with pytest.raises(TypeError, match=rf"^{name}\[2\]"):
        client.sampler.sample("a", **{name: ["a", "b", None]})  # type: ignore[arg-type]  # the point of the test


def test_all_but_the_prompt_go_by_name() -> None:
    """The prompt alone may be given by position, and unknown names are refused."""
    client = Client(SECRET_KEY)
    with pytest.raises(TypeError, match="positional"):
        client.sampler.sample("a", ["b"])  # type: ignore[call-arg]  # the point of the test
    with pytest.raises(TypeError, match="top_k"):
        client.sampler.sample("a", top_k=1)  # type: ignore[call-arg]  # the point of the test


@pytest.mark.parametrize(
    "options",
    [
        {"max_len": 2**31 - 1},
        {"temperature": 2},
        {"nucleus_p": 1},
        {"rng_seed": None},
        {"stop_tokens": ("a",)},
        {"allowed_tokens": None, "disallowed_tokens": None},
        {"allowed_tokens": (1, "a"), "disallowed_tokens": None},
        {"stop_strings": None},
    ],
)
def test_values_at_the_edge_are_taken(options: dict[str, Any]) -> None:
    """The largest values, whole numbers for floats, tuples and None are fine."""
    Client(SECRET_KEY).sampler.sample("a", **options)


def test_refused_call_leaves_the_client_usable(server: LocalServer, client: Client) -> None:
    """After a refused argument the next call works; nothing was sent before."""
    with pytest.raises(ValueError, match="max_len"):
        client.sampler.sample("a", max_len=-1)
    assert server.connections == 0
    assert texts(client.sampler.sample("Does it work?", max_len=1, temperature=0.0))
