"""Parses and validates requests for chat completions; errors name the field."""

import base64
import binascii
import math
import re
from collections.abc import Generator

import attrs
from grpclib.const import Status
from grpclib.exceptions import GRPCError

from xai.proto.compat.chat.compat_chat import Content, GetCompletionsRequest, Message
from xai.testing.engine.dialogue import ASSISTANT, HUMAN, Prompt, check_length, turn_stops
from xai.testing.engine.model import MAX_STOP_CHARACTERS, SampleOptions
from xai.testing.engine.tokenizer import Tokenizer

_ROLES = {"system": "", "user": HUMAN, "assistant": ASSISTANT}
_FORMATS = ("", "text", "json_object")
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
_MOST_CHOICES = 128
_MOST_TOP = 20
_LARGEST_BIAS = 100


@attrs.frozen
class Completion:
    """A request, parsed for the model.

    Attributes:
        prompt: The conversation as tokens.
        options: How to sample the first choice.
        stops: Strings that end a choice and are not part of it.
        count: How many choices to make.
        as_json: Whether each has to be a JSON object.
    """

    prompt: list[int]
    options: SampleOptions
    stops: list[str]
    count: int
    as_json: bool


def read_completion(
    request: GetCompletionsRequest, tokenizer: Tokenizer
) -> Generator[None, None, Completion]:
    """Parse a request, in steps of some milliseconds.

    Raises:
        GRPCError: The request is invalid.
    """
    _check_numbers(request)
    _check_bias(request, len(tokenizer))
    for index, stop in enumerate(request.stop):
        _require(stop != "", f"stop[{index}] is empty.")
    size = sum(map(len, request.stop))
    _require(size <= MAX_STOP_CHARACTERS, f"stop has more than {MAX_STOP_CHARACTERS} characters.")
    form = request.response_format.type
    _require(form in _FORMATS, f"response_format.type must be one of {_FORMATS[1:]}, got {form!r}.")
    _require(len(request.messages) > 0, "messages is empty.")
    prompt = Prompt()
    for index, message in enumerate(request.messages):
        _add_message(prompt, f"messages[{index}]", message)
    prompt.add_text(f"{ASSISTANT}:")
    options = SampleOptions(
        max_len=request.max_tokens,
        temperature=request.temperature,
        nucleus_p=request.top_p,
        rng_seed=request.seed,
        top_k=request.top_logprobs,
        logit_bias=dict(request.logit_bias),
        frequency_penalty=request.frequency_penalty,
        presence_penalty=request.presence_penalty,
    )
    names = [message.name for message in request.messages if message.name]
    ids = yield from prompt.ids(tokenizer)
    check_length(ids)
    return Completion(
        prompt=ids,
        options=options,
        stops=[*request.stop, *turn_stops(names)],
        count=request.n,
        as_json=form == "json_object",
    )


def _require(condition: bool, text: str) -> None:  # noqa: FBT001 - as in an assertion
    if not condition:
        raise GRPCError(Status.INVALID_ARGUMENT, text)


def _check_numbers(request: GetCompletionsRequest) -> None:
    ranges: tuple[tuple[str, float, float, float], ...] = (
        ("frequency_penalty", request.frequency_penalty, -2, 2),
        ("presence_penalty", request.presence_penalty, -2, 2),
        ("temperature", request.temperature, 0, 2),
        ("top_p", request.top_p, 0, 1),
        ("n", request.n, 1, _MOST_CHOICES),
        ("max_tokens", request.max_tokens, 0, math.inf),
        ("top_logprobs", request.top_logprobs, 0, _MOST_TOP),
    )
    for name, value, low, high in ranges:
        # Not a number fails as well.
        _require(low <= value <= high, f"{name} must be from {low} to {high}, got {value:g}.")
    _require(
        request.logprobs or not request.top_logprobs,
        "top_logprobs makes no sense without logprobs.",
    )


def _check_bias(request: GetCompletionsRequest, size: int) -> None:
    for token_id, bias in request.logit_bias.items():
        name = f"logit_bias[{token_id}]"
        _require(0 <= token_id < size, f"{name} is no token of the vocabulary of {size}.")
        _require(
            abs(bias) <= _LARGEST_BIAS,
            f"{name} must be from -{_LARGEST_BIAS} to {_LARGEST_BIAS}, got {bias:g}.",
        )


def _add_message(prompt: Prompt, where: str, message: Message) -> None:
    label = _ROLES.get(message.role)
    if label is None:
        _require(False, f"{where}.role must be one of {list(_ROLES)}, got {message.role!r}.")  # noqa: FBT003
    if message.name:
        named = _NAME.fullmatch(message.name) is not None
        _require(named, f"{where}.name must be letters, digits, - and _, got {message.name!r}.")
        label = message.name
    if label:
        prompt.add_text(f"{label}: ")
    # The old field, which carries one text.
    if not message.content:
        prompt.add_text(message.content_legacy)
    for index, content in enumerate(message.content):
        _add_content(prompt, f"{where}.content[{index}]", content)
    prompt.add_text("\n")


def _add_content(prompt: Prompt, where: str, content: Content) -> None:
    if content.type in ("text", "text_file"):
        prompt.add_text(content.text)
        return
    _require(
        content.type == "image_url",
        f"{where}.type must be text, text_file or image_url, got {content.type!r}.",
    )
    image = content.image_url
    url = "" if image is None else image.url
    _require(_is_image(url), f"{where}.image_url.url must be an HTTP address or a data URL.")
    prompt.add_image(url)


def _is_image(url: str) -> bool:
    if not url.startswith("data:image/"):
        return url.startswith(("https://", "http://"))
    try:
        return bool(base64.b64decode(url.rpartition(",")[2], validate=True))
    except binascii.Error:
        return False
