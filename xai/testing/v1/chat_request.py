"""Parses and validates requests of v1's chat; errors name the field."""

import base64
import binascii
import re
import zlib
from collections.abc import Generator, Sequence

import attrs
from grpclib.const import Status
from grpclib.exceptions import GRPCError

from xai.proto.base import which_one_of
from xai.proto.xai_api.chat import (
    Content,
    GetCompletionsRequest,
    GuidelineBehavior,
    GuidelineCategory,
    Message,
    MessageRole,
    ToolCall,
)
from xai.proto.xai_api.sample import SampleTextRequest
from xai.testing.engine.dialogue import ASSISTANT, HUMAN, Prompt, check_length, turn_stops
from xai.testing.engine.model import MAX_STOP_CHARACTERS, SampleOptions
from xai.testing.engine.tokenizer import EOS, Tokenizer
from xai.testing.v1.encryption import OpaqueCodec
from xai.testing.v1.file_store import decode_text

TOOL, CALL = "Tool", "Call"
_LABELS = {
    MessageRole.ROLE_USER: HUMAN,
    MessageRole.ROLE_ASSISTANT: ASSISTANT,
    MessageRole.ROLE_SYSTEM: "",
    MessageRole.ROLE_DEVELOPER: "",
    MessageRole.ROLE_TOOL: TOOL,
    MessageRole.ROLE_FUNCTION: TOOL,
}
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
_MOST_CHOICES, _MOST_TOP, _MOST_STOPS, _MOST_TOOLS = 128, 8, 8, 128
_CATEGORIES = (
    GuidelineCategory.GUIDELINE_CATEGORY_NSFW,
    GuidelineCategory.GUIDELINE_CATEGORY_VIOLENCE,
    GuidelineCategory.GUIDELINE_CATEGORY_PROFANITY,
)
_BEHAVIORS = (GuidelineBehavior.GUIDELINE_BEHAVIOR_DECLINE,)
# What fits into the field.
_MOST_TOKENS = 2**31 - 1
DEFAULT_TEMPERATURE, DEFAULT_TOP_P, DEFAULT_LENGTH = 0.7, 0.95, 256


def require(condition: bool, text: str) -> None:  # noqa: FBT001 - as in an assertion
    """Refuse a request as invalid unless a condition holds.

    Raises:
        GRPCError: The condition is false.
    """
    if not condition:
        raise GRPCError(Status.INVALID_ARGUMENT, text)


@attrs.frozen
class ParsedRequest:
    """A request, parsed for the model.

    Attributes:
        request: The request itself.
        messages: The whole conversation, starting with that of a stored completion.
        prompt: The conversation as tokens.
        options: How to sample the first choice.
        stops: Strings that end a choice and are not part of it.
        count: How many choices to make.
    """

    request: GetCompletionsRequest
    messages: Sequence[Message]
    prompt: list[int]
    options: SampleOptions
    stops: list[str]
    count: int

    def last_words(self) -> str:
        """Return the text of the last message of the user."""
        for message in reversed(self.messages):
            if message.role == MessageRole.ROLE_USER:
                return text_of(message)
        return ""


def read_request(
    request: GetCompletionsRequest,
    history: Sequence[Message],
    tokenizer: Tokenizer,
    codec: OpaqueCodec,
    found: Sequence[Message] = (),
) -> Generator[None, None, ParsedRequest]:
    """Parse a request, in steps of some milliseconds.

    Args:
        request: The request.
        history: The messages before those of the request.
        tokenizer: The tokenizer of the model.
        codec: Decodes shortened conversations.
        found: The messages after those of the request: what the server's own tools returned.

    Raises:
        GRPCError: The request is invalid.
    """
    check_numbers(request)
    _check_guidelines(request)
    check_stops(request.stop)
    require(len(request.tools) <= _MOST_TOOLS, f"tools has more than {_MOST_TOOLS} tools.")
    require(bool(request.messages or history), "messages is empty.")
    messages = [*history, *request.messages, *found]
    prompt = write_messages(messages, codec, old=len(history))
    prompt.add_text(f"{ASSISTANT}:")
    names = [message.name for message in messages if message.name]
    ids = yield from prompt.ids(tokenizer)
    check_length(ids)
    return ParsedRequest(
        request=request,
        messages=messages,
        prompt=ids,
        options=_options(request, prompt, tokenizer),
        stops=[*request.stop, *turn_stops([TOOL, CALL, *names])],
        count=1 if request.n is None else request.n,
    )


def write_messages(
    messages: Sequence[Message], codec: OpaqueCodec, field: str = "messages", old: int = 0
) -> Prompt:
    """Return messages as the prompt of a model.

    Args:
        messages: The messages.
        codec: Decodes shortened conversations.
        field: The field of the request that they are in.
        old: How many of the messages come from a stored completion.

    Raises:
        GRPCError: A message is invalid.
    """
    prompt = Prompt()
    for index, message in enumerate(messages):
        _add_message(prompt, f"{field}[{index - old}]", message, codec)
    return prompt


def text_of(message: Message) -> str:
    """Return the texts of a message."""
    parts = (which_one_of(content, "content") for content in message.content)
    return " ".join(value for kind, value in parts if kind == "text")


def _options(request: GetCompletionsRequest, prompt: Prompt, tokenizer: Tokenizer) -> SampleOptions:
    # Numbers that differ in nothing but their sign would be the same seed.
    seed = None if request.seed is None else request.seed % 2**32
    if seed is None:
        # The same conversation has the same answer, as with the PromptIDE API.
        seed = zlib.crc32(str(prompt).encode("utf-8", "surrogatepass"))
    temperature, top_p = request.temperature, request.top_p
    return SampleOptions(
        max_len=DEFAULT_LENGTH if request.max_tokens is None else request.max_tokens,
        temperature=DEFAULT_TEMPERATURE if temperature is None else temperature,
        nucleus_p=DEFAULT_TOP_P if top_p is None else top_p,
        rng_seed=seed,
        top_k=request.top_logprobs or 0,
        frequency_penalty=request.frequency_penalty or 0.0,
        presence_penalty=request.presence_penalty or 0.0,
        not_first=(EOS, *tokenizer.tokenize("\n")),
    )


def check_stops(stops: Sequence[str]) -> None:
    """Refuse stop strings that are too many, too long or empty.

    Raises:
        GRPCError: They are not valid.
    """
    require(len(stops) <= _MOST_STOPS, f"stop has more than {_MOST_STOPS} strings.")
    for index, stop in enumerate(stops):
        require(stop != "", f"stop[{index}] is empty.")
    size = sum(map(len, stops))
    require(size <= MAX_STOP_CHARACTERS, f"stop has more than {MAX_STOP_CHARACTERS} characters.")


def check_numbers(request: GetCompletionsRequest | SampleTextRequest) -> None:
    """Refuse settings for sampling that are out of their ranges.

    Raises:
        GRPCError: One is.
    """
    ranges: tuple[tuple[str, float | None, float, float], ...] = (
        ("frequency_penalty", request.frequency_penalty, -2, 2),
        ("presence_penalty", request.presence_penalty, -2, 2),
        ("temperature", request.temperature, 0, 2),
        ("top_p", request.top_p, 0, 1),
        ("n", request.n, 1, _MOST_CHOICES),
        ("max_tokens", request.max_tokens, 1, _MOST_TOKENS),
        ("top_logprobs", request.top_logprobs, 0, _MOST_TOP),
    )
    for name, value, low, high in ranges:
        # Not a number fails as well.
        if value is not None:
            require(low <= value <= high, f"{name} must be from {low} to {high}, got {value}.")
    require(
        request.logprobs or not request.top_logprobs,
        "top_logprobs makes no sense without logprobs.",
    )


def _check_guidelines(request: GetCompletionsRequest) -> None:
    categories = []
    for index, guideline in enumerate(request.guidelines):
        kind, policy = which_one_of(guideline, "kind")
        require(kind == "policy", f"guidelines[{index}] is empty.")
        where = f"guidelines[{index}].policy"
        require(policy.category in _CATEGORIES, f"{where}.category is missing or unknown.")
        require(policy.behavior in _BEHAVIORS, f"{where}.behavior is missing or unknown.")
        categories.append(policy.category)
    twice = len(categories) != len(set(categories))
    require(not twice, "guidelines has two for the same category.")
    if categories:
        require(not request.stop, "guidelines makes no sense together with stop.")
        require(request.agent_count is None, "guidelines makes no sense together with agent_count.")


def _add_message(prompt: Prompt, where: str, message: Message, codec: OpaqueCodec) -> None:
    label = _LABELS.get(message.role)
    if label is None:
        raise GRPCError(Status.INVALID_ARGUMENT, f"{where}.role is missing or unknown.")
    if message.name:
        named = _NAME.fullmatch(message.name) is not None
        require(named, f"{where}.name must be letters, digits, - and _, got {message.name!r}.")
        label = message.name
    if message.encrypted_content:
        prompt.add_text(_opened(where, message.encrypted_content, codec))
        if not message.content and not message.tool_calls:
            return
    # Clients send a response that is nothing but tool calls with an empty text in it.
    silent = all(which_one_of(content, "content") == ("text", "") for content in message.content)
    if not (silent and message.tool_calls):
        prompt.add_text(f"{label}: " if label else "")
        for index, content in enumerate(message.content):
            _add_content(prompt, f"{where}.content[{index}]", content)
        prompt.add_text("\n")
    # With a label of their own: after that of its responses the model would repeat them.
    for index, call in enumerate(message.tool_calls):
        called = which_one_of(call, "tool")[0] == "function"
        require(called, f"{where}.tool_calls[{index}] has no function.")
        prompt.add_text(f"{CALL}:{written_call(call)}\n")


def _opened(where: str, sealed: str, codec: OpaqueCodec) -> str:
    try:
        return codec.decode(sealed)
    except ValueError as error:
        text = f"{where}.encrypted_content: {error}"
        raise GRPCError(Status.INVALID_ARGUMENT, text) from error


def written_call(call: ToolCall) -> str:
    """Return a call of a tool as the model writes it."""
    return f" {call.function.name}({call.function.arguments})"


def _add_content(prompt: Prompt, where: str, content: Content) -> None:
    kind, value = which_one_of(content, "content")
    if kind == "text":
        prompt.add_text(value)
    elif kind == "image_url":
        source, image = which_one_of(value, "source")
        valid = source == "image_url" and is_image(image)
        require(valid, f"{where}.image_url must be an HTTP address or base64 data.")
        prompt.add_image(image)
    elif kind == "file":
        if not value.data:
            text = f"{where}.file: the local server fetches no files."
            raise GRPCError(Status.UNIMPLEMENTED, text)
        found = decode_text(value.data)
        if found is None:
            text = f"{where}.file: the local server reads nothing but UTF-8 and UTF-16 text."
            raise GRPCError(Status.UNIMPLEMENTED, text)
        prompt.add_text(found)
    else:
        require(False, f"{where} is neither text nor an image nor a file.")  # noqa: FBT003


def is_image(url: str) -> bool:
    """Tell whether a text is the address of an image, or its data."""
    if url.startswith(("https://", "http://")):
        return True
    if url.startswith("data:") and not url.startswith("data:image/"):
        return False
    try:
        return bool(base64.b64decode(url.rpartition(",")[2], validate=True))
    except (binascii.Error, ValueError):
        return False
