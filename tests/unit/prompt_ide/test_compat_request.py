"""What becomes of the arguments of `compat.chat.completions.create`."""

from typing import Any

import pytest

from xai.prompt_ide.compat_request import completion_request

INT32 = r"from -?\d+ to 2147483647"
NAMES = (
    *("model", "frequency_penalty", "logit_bias", "logprobs", "top_logprobs", "max_tokens", "n"),
    *("presence_penalty", "response_format", "seed", "stop", "temperature", "top_p", "user"),
)


def refuse(kind: type[Exception], message: str, **options: Any) -> None:  # noqa: ANN401  # of many types
    """Assert that arguments are refused."""
    given: dict[str, Any] = {"messages": [{"role": "user", "content": "Hi"}], **options}
    with pytest.raises(kind, match=message):
        completion_request(given.pop("messages"), **{**dict.fromkeys(NAMES), **given})


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("model", 5, "model must be a str, not int"),
        ("user", 5, "user must be a str, not int"),
        ("frequency_penalty", "1", "frequency_penalty must be a number, not str"),
        ("presence_penalty", True, "presence_penalty must be a number, not bool"),
        ("temperature", "hot", "temperature must be a number, not str"),
        ("top_p", [0.5], "top_p must be a number, not list"),
        ("logprobs", 1, "logprobs must be a bool, not int"),
        ("top_logprobs", 1.0, "top_logprobs must be an int, not float"),
        ("max_tokens", 1.5, "max_tokens must be an int, not float"),
        ("max_tokens", True, "max_tokens must be an int, not bool"),
        ("n", "1", "n must be an int, not str"),
        ("seed", 1.0, "seed must be an int, not float"),
        ("stop", 0, "stop must be a sequence of str, not int"),
        ("stop", False, "stop must be a sequence of str, not bool"),
        ("stop", b"a", "stop must be a sequence of str, not bytes"),
        ("stop", {"a"}, "stop must be a sequence of str, not set"),
        ("stop", ["a", 1], r"stop\[1\] must be a str, not int"),
        ("logit_bias", [1], "logit_bias must be a mapping, not list"),
        ("logit_bias", {1.5: 1}, "logit_bias key 1.5 must be an int"),
        ("logit_bias", {"a": 1}, "logit_bias key 'a' must be an int"),
        ("logit_bias", {"-1": 1}, "logit_bias key '-1' must be an int"),
        ("logit_bias", {1: "x"}, r"logit_bias\[1\] must be a number"),
        ("response_format", "json", "response_format must be a mapping, not str"),
        ("response_format", {"type": 5}, r"response_format\['type'\] must be a str"),
    ],
)
def test_wrong_type_is_a_type_error(name: str, value: object, message: str) -> None:
    """The error names the argument and what was expected."""
    refuse(TypeError, message, **{name: value})


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("max_tokens", -1, "max_tokens must be " + INT32),
        ("max_tokens", 2**31, "max_tokens must be " + INT32),
        ("n", -1, "n must be " + INT32),
        ("top_logprobs", -1, "top_logprobs must be " + INT32),
        ("seed", 2**31, "seed must be " + INT32),
        ("seed", -(2**31) - 1, "seed must be " + INT32),
        ("temperature", float("nan"), "temperature must be"),
        ("temperature", float("inf"), "temperature must be"),
        ("top_p", -float("inf"), "top_p must be"),
        ("frequency_penalty", 1e39, "frequency_penalty must be"),
        ("logit_bias", {-1: 1}, "logit_bias key -1 must be " + INT32),
        ("logit_bias", {2**31: 1}, "must be " + INT32),
        ("logit_bias", {1: float("nan")}, r"logit_bias\[1\] must be"),
        ("response_format", {}, "one key 'type'"),
        ("response_format", {"type": "text", "schema": {}}, "one key 'type'"),
    ],
)
def test_value_out_of_range_is_a_value_error(name: str, value: object, message: str) -> None:
    """What the wire can't hold is refused with the range."""
    refuse(ValueError, message, **{name: value})


@pytest.mark.parametrize(
    ("messages", "kind", "message"),
    [
        ("Hi", TypeError, "messages must be a sequence of mappings, not str"),
        ({"role": "user"}, TypeError, "messages must be a sequence of mappings, not dict"),
        (None, TypeError, "messages must be a sequence of mappings, not NoneType"),
        (["Hi"], TypeError, r"messages\[0\] must be a mapping, not str"),
        ([{"content": "Hi"}], TypeError, r"messages\[0\]\['role'\] must be a str, not NoneType"),
        ([{"role": "user"}], TypeError, r"\['content'\] must be a str or a list of parts"),
        ([{"role": "user", "content": 5}], TypeError, "must be a str or a list of parts, not int"),
        ([{"role": "user", "content": b"a"}], TypeError, "list of parts, not bytes"),
        ([{"role": "user", "content": {}}], TypeError, "list of parts, not dict"),
        ([{"role": "user", "content": ["a"]}], TypeError, r"\[0\] must be a mapping, not str"),
        ([{"role": 5, "content": "a"}], TypeError, r"\['role'\] must be a str, not int"),
        ([{"role": "user", "content": "a", "name": 5}], TypeError, r"\['name'\] must be a str"),
        ([{"role": "user", "content": "a", "tool_calls": []}], ValueError, "unknown keys"),
        ([{"role": "user", "content": [{"type": "text"}]}], TypeError, r"\['text'\] must be a str"),
        (
            [{"role": "user", "content": [{"type": "text", "text": "a", "more": 1}]}],
            ValueError,
            r"messages\[0\]\['content'\]\[0\] has unknown keys: \['more'\]",
        ),
        (
            [{"role": "user", "content": [{"type": "image_url", "image_url": "https://x.ai"}]}],
            TypeError,
            r"\['image_url'\] must be a mapping with 'url'",
        ),
        (
            [{"role": "user", "content": [{"type": "image_url", "image_url": {}}]}],
            TypeError,
            r"\['url'\] must be a str, not NoneType",
        ),
        (
            [{"role": "u", "content": [{"type": "image_url", "image_url": {"url": "", "x": 1}}]}],
            ValueError,
            r"\['image_url'\] has unknown keys",
        ),
    ],
)
def test_wrong_messages_are_refused(messages: object, kind: type[Exception], message: str) -> None:
    """The error names the message, and the part of it, that is wrong."""
    refuse(kind, message, messages=messages)
