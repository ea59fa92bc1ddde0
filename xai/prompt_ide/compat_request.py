"""Requests of the PromptIDE compat service, in the shape of the OpenAI client."""

from collections.abc import Mapping, Sequence
from typing import Final

from xai._validation import check_bool, check_int, check_number, check_str, check_strings
from xai.prompt_ide.compat_types import MessageParam, ResponseFormat
from xai.proto.compat.chat import compat_chat as pb

_FLOAT_MAX: Final = 3.4028234663852886e38
_INT32_MIN: Final = -(2**31)
_INT32_MAX: Final = 2**31 - 1
_TEXT_PARTS: Final = ("text", "text_file")


def completion_request(
    messages: Sequence[MessageParam],
    *,
    model: str | None,
    frequency_penalty: float | None,
    logit_bias: Mapping[int, float] | Mapping[str, float] | None,
    logprobs: bool | None,
    top_logprobs: int | None,
    max_tokens: int | None,
    n: int | None,
    presence_penalty: float | None,
    response_format: ResponseFormat | None,
    seed: int | None,
    stop: str | Sequence[str] | None,
    temperature: float | None,
    top_p: float | None,
    user: str | None,
) -> pb.GetCompletionsRequest:
    """Return the request for a completion; its seed is 0 where none is given.

    Raises:
        TypeError: An argument is of the wrong type.
        ValueError: An argument is not supported, or out of its range.
    """
    request = pb.GetCompletionsRequest(
        messages=_messages(messages),
        model=_string("model", model),
        frequency_penalty=_number("frequency_penalty", frequency_penalty, 0.0),
        logit_bias=_bias(logit_bias),
        logprobs=_flag("logprobs", logprobs),
        top_logprobs=_integer("top_logprobs", top_logprobs, 0, low=0),
        max_tokens=_integer("max_tokens", max_tokens, 128, low=0),
        n=_integer("n", n, 1, low=0),
        presence_penalty=_number("presence_penalty", presence_penalty, 0.0),
        seed=_integer("seed", seed, 0, low=_INT32_MIN),
        stop=_strings("stop", stop),
        temperature=_number("temperature", temperature, 0.7),
        top_p=_number("top_p", top_p, 0.95),
        user=_string("user", user),
    )
    if response_format is not None:
        request.response_format = _format(response_format)
    return request


def refuse_unsupported(**arguments: object) -> None:
    """Raise an error when an argument is given that the service does not know.

    Raises:
        ValueError: It is given.
    """
    for name, value in arguments.items():
        if value is not None:
            raise ValueError(
                f"The '{name}' argument is not supported by the xAI API. Please remove it from "
                "the completions.create call."
            )


def _string(name: str, value: str | None) -> str:
    if value is None:
        return ""
    check_str(name, value)
    return value


def _strings(name: str, value: str | Sequence[str] | None) -> list[str]:
    if value is None:
        return []
    return [value] if isinstance(value, str) else check_strings(name, value)


def _flag(name: str, value: bool | None) -> bool:  # noqa: FBT001  # an argument to check
    if value is None:
        return False
    check_bool(name, value)
    return value


def _integer(name: str, value: int | None, default: int, *, low: int) -> int:
    if value is None:
        return default
    check_int(name, value, low, _INT32_MAX)
    return value


def _number(name: str, value: float | None, default: float) -> float:
    if value is None:
        return default
    check_number(name, value, -_FLOAT_MAX, _FLOAT_MAX)
    return float(value)


def _bias(bias: Mapping[int, float] | Mapping[str, float] | None) -> dict[int, float]:
    if bias is None:
        return {}
    if not isinstance(bias, Mapping):
        raise TypeError(f"logit_bias must be a mapping, not {type(bias).__name__}")
    found = {}
    for key, value in bias.items():
        # JSON knows only text as a key, so programs for the OpenAI client often have it.
        token = int(key) if isinstance(key, str) and key.isdecimal() else key
        check_int(f"logit_bias key {key!r}", token, 0, _INT32_MAX)
        check_number(f"logit_bias[{key!r}]", value, -_FLOAT_MAX, _FLOAT_MAX)
        found[int(token)] = float(value)
    return found


def _format(value: ResponseFormat) -> pb.ResponseFormat:
    if not isinstance(value, Mapping):
        raise TypeError(f"response_format must be a mapping, not {type(value).__name__}")
    unknown = sorted(set(value) - {"type"})
    if unknown or "type" not in value:
        raise ValueError(f"response_format must have the one key 'type', not {sorted(value)}")
    check_str("response_format['type']", value["type"])
    return pb.ResponseFormat(type=value["type"])


def _messages(messages: Sequence[MessageParam]) -> list[pb.Message]:
    if isinstance(messages, (str, bytes, Mapping)) or not isinstance(messages, Sequence):
        raise TypeError(f"messages must be a sequence of mappings, not {type(messages).__name__}")
    return [_message(f"messages[{index}]", item) for index, item in enumerate(messages)]


def _message(name: str, message: MessageParam) -> pb.Message:
    _check_keys(name, message, ("role", "content", "name"))
    role = message.get("role")
    check_str(f"{name}['role']", role)
    author = message.get("name")
    content = message.get("content")
    where = f"{name}['content']"
    if isinstance(content, str):
        parts = [pb.Content(type="text", text=content)]
    elif isinstance(content, Sequence) and not isinstance(content, bytes):
        parts = [_part(f"{where}[{index}]", part) for index, part in enumerate(content)]
    else:
        raise TypeError(f"{where} must be a str or a list of parts, not {type(content).__name__}")
    return pb.Message(role=str(role), content=parts, name=_string(f"{name}['name']", author))


def _part(name: str, part: object) -> pb.Content:
    if not isinstance(part, Mapping):
        raise TypeError(f"{name} must be a mapping, not {type(part).__name__}")
    kind = part.get("type")
    if kind in _TEXT_PARTS:
        _check_keys(name, part, ("type", "text"))
        text = part.get("text")
        check_str(f"{name}['text']", text)
        return pb.Content(type=str(kind), text=str(text))
    if kind == "image_url":
        _check_keys(name, part, ("type", "image_url"))
        image = part.get("image_url")
        if not isinstance(image, Mapping):
            raise TypeError(f"{name}['image_url'] must be a mapping with 'url'")
        _check_keys(f"{name}['image_url']", image, ("url", "detail"))
        url, detail = image.get("url"), image.get("detail", "")
        check_str(f"{name}['image_url']['url']", url)
        check_str(f"{name}['image_url']['detail']", detail)
        target = pb.ImageUrl(url=str(url), detail=str(detail))
        return pb.Content(type="image_url", image_url=target)
    raise ValueError(
        f"The '{kind}' content type is not supported by the xAI API. Please remove it."
    )


def _check_keys(name: str, value: object, known: Sequence[str]) -> None:
    if not isinstance(value, Mapping):
        raise TypeError(f"{name} must be a mapping, not {type(value).__name__}")
    unknown = [key for key in value if key not in known]
    if unknown:
        raise ValueError(f"{name} has unknown keys: {unknown}; known are {list(known)}")
