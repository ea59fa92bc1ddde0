"""Arguments of raw completions that are refused before anything is sent."""

import copy

import pytest

from xai.proto.xai_api import sample as pb
from xai.v1.sampler import TextAccumulator, TextCompletion, make_request


@pytest.mark.parametrize(
    ("arguments", "error", "text"),
    [
        ({"prompt": []}, ValueError, "prompt must not be empty"),
        ({"prompt": 5}, TypeError, "prompt must be a sequence of str, not int"),
        ({"prompt": ["a", b"b"]}, TypeError, r"prompt\[1\] must be a str, not bytes"),
        ({"model": ""}, ValueError, "model must not be empty"),
        ({"n": 0}, ValueError, "n must be from 1 to 128, not 0"),
        ({"n": 129}, ValueError, "n must be from 1 to 128, not 129"),
        ({"n": True}, TypeError, "n must be an int, not bool"),
        ({"max_tokens": -1}, ValueError, "max_tokens must be from 0"),
        ({"max_tokens": 2**31}, ValueError, "max_tokens must be from 0"),
        ({"seed": 2**31}, ValueError, "seed must be from -2147483648"),
        ({"stop": ""}, ValueError, "stop must not be empty"),
        ({"stop": ["a"] * 9}, ValueError, "stop must have at most 8 items, not 9"),
        ({"stop": ["a", ""]}, ValueError, r"stop\[1\] must not be empty"),
        ({"temperature": 2.1}, ValueError, "temperature must be from 0 to 2"),
        ({"temperature": float("nan")}, ValueError, "temperature must be from 0 to 2"),
        ({"top_p": -0.1}, ValueError, "top_p must be from 0 to 1"),
        ({"frequency_penalty": 3}, ValueError, "frequency_penalty must be from -2 to 2"),
        ({"presence_penalty": "1"}, TypeError, "presence_penalty must be a number, not str"),
        ({"logprobs": 1}, TypeError, "logprobs must be a bool, not int"),
        ({"top_logprobs": 2}, ValueError, "top_logprobs needs logprobs=True"),
        (
            {"top_logprobs": 9, "logprobs": True},
            ValueError,
            "top_logprobs must be from 0 to 8, not 9",
        ),
        ({"user": ""}, ValueError, "user must not be empty"),
    ],
)
def test_bad_arguments_are_refused(
    arguments: dict[str, object], error: type[Exception], text: str
) -> None:
    """The argument is named, with what was expected."""
    with pytest.raises(error, match=f"^{text}"):
        make_request(**{"prompt": "a", "model": "m", **arguments})  # type: ignore[arg-type]  # the point of the test


def test_values_at_the_limits_are_taken() -> None:
    """Zero is a value, and so is an empty text."""
    request = make_request(
        "", model="m", n=128, max_tokens=0, seed=0, temperature=0, top_p=1, presence_penalty=-2
    )
    assert (request.n, request.max_tokens, request.seed) == (128, 0, 0)
    assert (request.prompt, request.temperature, request.top_p) == ([""], 0.0, 1.0)
    assert request.frequency_penalty is None


def test_copy_of_a_streamed_completion_stays_as_it_was() -> None:
    """What is added later is in the original only."""
    accumulator = TextAccumulator()
    accumulator.add(pb.SampleTextResponse(choices=[pb.SampleChoice(text="a")]))
    completion = TextCompletion._of(accumulator)
    before = copy.deepcopy(completion)
    accumulator.add(pb.SampleTextResponse(choices=[pb.SampleChoice(text="b")]))
    assert (before.text, completion.text) == ("a", "ab")
