"""What becomes of the arguments of `sampler.sample`."""

import copy
import math
from collections.abc import Sequence
from typing import Any

import betterproto
import pytest

from xai import Token
from xai.prompt_ide.sampler_request import sample_request
from xai.proto.prompt_ide import sampler_public as pb

IMAGE = "data:image/png;base64,aGk="
DEFAULTS: dict[str, Any] = {
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


def build(prompt: object = "", **options: Any) -> pb.SampleTokensRequest:  # noqa: ANN401  # of many types
    """Return the request for some arguments."""
    given: Any = prompt
    return sample_request(given, **{**DEFAULTS, **options})


def names(tokens: Sequence[pb.InputToken]) -> list[object]:
    """Return tokens in the form in which callers give them."""
    return [betterproto.which_one_of(token, "token")[1] for token in tokens]


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
    with pytest.raises(ValueError, match=text):
        build(**options)


@pytest.mark.parametrize(
    ("item", "kind"),
    [(5, "int"), (None, "NoneType"), (1.5, "float"), ({1, 2}, "set"), (object(), "object")],
)
def test_input_of_wrong_type_is_named_by_its_index(item: object, kind: str) -> None:
    """An item of another type is a TypeError that has its index."""
    with pytest.raises(TypeError, match=rf"^inputs\[2\] must be .*, not {kind}$"):
        build(inputs=["a", b"b", item])


@pytest.mark.parametrize(
    ("options", "error", "text"),
    [
        ({"inputs": [["a"]]}, TypeError, r"inputs\[0\]\[0\] must be an int, not str"),
        ({"inputs": ["a", [1, True]]}, TypeError, r"inputs\[1\]\[1\] must be an int, not bool"),
        ({"inputs": [[1, -1]]}, ValueError, r"inputs\[0\]\[1\] must be from 0"),
        ({"inputs": [[2**32]]}, ValueError, r"inputs\[0\]\[0\] must be from 0"),
        ({"inputs": "text"}, TypeError, "inputs must be a sequence of parts, not str"),
        ({"inputs": b"image"}, TypeError, "inputs must be a sequence of parts, not bytes"),
        ({"inputs": iter(["a"])}, TypeError, "inputs must be a sequence of parts, not "),
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
    with pytest.raises(error, match=f"^{text}"):
        build(**options)


@pytest.mark.parametrize(
    ("name", "value", "error"),
    [
        ("model_name", 5, TypeError),
        ("max_len", "1", TypeError),
        ("max_len", 1.0, TypeError),
        ("max_len", True, TypeError),
        ("max_len", -1, ValueError),
        ("max_len", 2**31, ValueError),
        ("temperature", "0.7", TypeError),
        ("temperature", True, TypeError),
        ("temperature", -0.1, ValueError),
        ("temperature", math.nan, ValueError),
        ("temperature", math.inf, ValueError),
        ("nucleus_p", "1", TypeError),
        ("nucleus_p", 1.01, ValueError),
        ("nucleus_p", -0.5, ValueError),
        ("nucleus_p", math.nan, ValueError),
        ("rng_seed", "1", TypeError),
        ("rng_seed", 1.0, TypeError),
        ("rng_seed", False, TypeError),
        ("rng_seed", -1, ValueError),
        ("rng_seed", 2**64, ValueError),
        ("return_attention", 1, TypeError),
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
    with pytest.raises(error, match=rf"^{name}\b") as caught:
        build("a", **{name: value})
    assert type(caught.value) is error


@pytest.mark.parametrize("name", ["stop_strings", "stop_tokens", "allowed_tokens"])
def test_item_that_is_bad_is_named_by_its_index(name: str) -> None:
    """In a list the error has the index of the item."""
    with pytest.raises(TypeError, match=rf"^{name}\[2\]"):
        build("a", **{name: ["a", "b", None]})


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
    build("a", **options)


def test_disallowed_tokens_reach_their_field() -> None:
    """Disallowed tokens travel as strings and numbers, in their order, and apart from allowed."""
    request = build("a", disallowed_tokens=[3, "▁x", 0, ""], augment_tokens=False)
    assert names(request.settings.disallowed_tokens) == [3, "▁x", 0, ""]
    assert request.settings.allowed_tokens == []


@pytest.mark.parametrize("name", ["max_len", "temperature", "nucleus_p", "rng_seed"])
@pytest.mark.parametrize("zero", [0, 0.0])
def test_zero_is_a_value(name: str, zero: float) -> None:
    """0 is sent as given, never replaced by a default."""
    if isinstance(zero, float) and name in ("max_len", "rng_seed"):
        zero = 0
    request = build("a", **{name: zero})
    assert getattr(request.settings, name) == 0


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("text", pb.PromptInput(text="text")),
        ("data:image/png;base64,aGk=", pb.PromptInput(text=IMAGE)),
        (" ", pb.PromptInput(text=" ")),
        ([1, 0, 2**32 - 1], pb.PromptInput(token_ids=pb.TokenIds(tokens=[1, 0, 2**32 - 1]))),
        ((5,), pb.PromptInput(token_ids=pb.TokenIds(tokens=[5]))),
        (range(3), pb.PromptInput(token_ids=pb.TokenIds(tokens=[0, 1, 2]))),
        (
            [Token(4, "four"), Token(0, "zero")],
            pb.PromptInput(token_ids=pb.TokenIds(tokens=[4, 0])),
        ),
    ],
)
def test_prompt_becomes_one_input(prompt: object, expected: pb.PromptInput) -> None:
    """A prompt in each of its forms is sent in ``inputs``; the old field stays empty."""
    request = build(prompt)
    assert request.inputs == [expected]
    assert request.prompt == []


@pytest.mark.parametrize(
    ("item", "kind", "value"),
    [
        ("text", "text", "text"),
        ("", "text", ""),
        (IMAGE, "image_base64", IMAGE),
        ("data:image", "image_base64", "data:image"),
        ("see data:image/png", "text", "see data:image/png"),
        ("Data:image/png;base64,", "text", "Data:image/png;base64,"),
        ("data:text/plain,", "text", "data:text/plain,"),
        (b"\x89PNG\0", "image_bytes", b"\x89PNG\0"),
        (b"", "image_bytes", b""),
        (bytearray(b"\x89PNG"), "image_bytes", b"\x89PNG"),
        (memoryview(b"\x89PNG"), "image_bytes", b"\x89PNG"),
        ([1, 2**32 - 1], "token_ids", pb.TokenIds(tokens=[1, 2**32 - 1])),
        ((0,), "token_ids", pb.TokenIds(tokens=[0])),
        ([], "token_ids", pb.TokenIds()),
    ],
)
def test_input_goes_to_the_member_of_its_kind(item: object, kind: str, value: object) -> None:
    """Each kind of item fills one member of the oneof, and only that."""
    request = build(inputs=["first", item])
    assert betterproto.which_one_of(request.inputs[0], "payload") == ("text", "first")
    assert betterproto.which_one_of(request.inputs[1], "payload") == (kind, value)
    assert len(request.inputs) == 2
    assert request.prompt == []


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        (["a"], ["a", "▁a"]),
        (["▁a"], ["▁a"]),
        (["a", "▁a"], ["a", "▁a", "▁a"]),
        ([""], ["", "▁"]),
        (["▁"], ["▁"]),
        ([" a", "a▁"], [" a", "▁ a", "a▁", "▁a▁"]),
        ([], []),
    ],
)
def test_strings_are_augmented(given: list[str], sent: list[str]) -> None:
    """Each string is also sent with a leading ``▁`` unless it has one, in all three lists."""
    request = build("a", stop_tokens=given, allowed_tokens=given)
    assert request.settings.stop_tokens == sent
    assert names(request.settings.allowed_tokens) == sent
    request = build("a", disallowed_tokens=given)
    assert names(request.settings.disallowed_tokens) == sent


def test_numbers_are_never_augmented() -> None:
    """Token IDs stay as they are among augmented strings; stop strings are left alone."""
    request = build("a", allowed_tokens=[1, "b", 0], stop_strings=["c"], stop_tokens=())
    assert names(request.settings.allowed_tokens) == [1, "b", "▁b", 0]
    assert request.settings.stop_strings == ["c"]


def test_augmentation_can_be_turned_off() -> None:
    """With ``augment_tokens=False`` every string is sent as given."""
    given = ["a", "▁b"]
    request = build("a", stop_tokens=given, allowed_tokens=given, augment_tokens=False)
    assert request.settings.stop_tokens == given
    assert names(request.settings.allowed_tokens) == given


def test_callers_lists_are_never_modified() -> None:
    """No list that is given to `sample` is changed by it."""
    for tokens in ("allowed_tokens", "disallowed_tokens"):
        options: dict[str, Any] = {
            "inputs": ["a", [1, 2], b"x"],
            "stop_tokens": ["a", "▁b"],
            "stop_strings": ["c"],
            tokens: ["d", 4],
        }
        before = copy.deepcopy(options)
        build(**options)
        assert options == before
