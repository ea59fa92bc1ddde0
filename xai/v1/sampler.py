"""Raw completions: requests and results."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final

import attrs

from xai._annotations import resolve_lazily
from xai._validation import check_str, check_strings
from xai.proto.base import UNSET, fields_of
from xai.proto.xai_api import sample as pb
from xai.v1.chat.accumulator import MAX_INDEX
from xai.v1.chat.enums import FinishReason, Model
from xai.v1.chat.request import check_choices
from xai.v1.chat.usage import Usage, usage_of
from xai.v1.proto_value import ProtoValue, read_time
from xai.v1.structured.encode import plain
from xai.v1.validation import (
    INT32_MAX,
    check_stops,
    non_empty,
    optional_bool,
    optional_int,
    optional_non_empty,
    optional_number,
)

if TYPE_CHECKING:
    from xai.v1.structured.json_value import JsonValue

#: Fields of a chunk that hold for the whole completion: set ones replace those of earlier chunks.
_FACTS: Final = ("id", "model", "system_fingerprint")
_MESSAGES: Final = ("created", "usage")


@attrs.frozen
class TextChoice:
    """One of the texts that a prompt was continued with, or what a chunk adds to it.

    Attributes:
        index: Which one it is.
        text: The text.
        finish_reason: Why sampling finished; `FinishReason.INVALID` until it has.
    """

    index: int
    text: str
    finish_reason: FinishReason


@attrs.frozen
class TextChunk(ProtoValue):
    """A chunk of a streamed completion.

    Attributes:
        choices: What it adds to which choices.
        proto: The protobuf message.
    """

    choices: tuple[TextChoice, ...]
    proto: pb.SampleTextResponse = attrs.field(repr=False, eq=False)

    @property
    def text(self) -> str:
        """What it adds to the first choice."""
        return "".join(choice.text for choice in self.choices if not choice.index)


class TextCompletion:
    """The texts that a prompt was continued with; in a stream, as far as they have come.

    Args:
        proto: The protobuf message.
        metadata: The metadata of the response, as pairs of keys and values.
    """

    def __init__(
        self, proto: pb.SampleTextResponse, metadata: tuple[tuple[str, str], ...] = ()
    ) -> None:
        self._source: pb.SampleTextResponse | TextAccumulator = proto
        #: What the server sent with the completion, as pairs of names and values. Of a streamed
        #: one it comes at the end.
        self.metadata = metadata

    @classmethod
    def _of(cls, accumulator: "TextAccumulator") -> "TextCompletion":
        """Return a view of what is being streamed; it is never behind."""
        completion = cls(accumulator.proto)
        completion._source = accumulator
        return completion

    def __reduce__(self) -> "tuple[object, ...]":
        """Pickle and copy what came so far."""
        return type(self), (self.proto, self.metadata)

    def __repr__(self) -> str:
        """Show how much there is, and nothing of what was said."""
        choices = self.choices
        length = sum(len(choice.text) for choice in choices)
        return f"<TextCompletion {self.id!r}: {len(choices)} choices, {length} characters>"

    def _repr_markdown_(self) -> str:
        """Show the texts in a notebook, which reads them as Markdown."""
        return "\n\n---\n\n".join(choice.text for choice in self.choices)

    @property
    def proto(self) -> pb.SampleTextResponse:
        """The protobuf message; in a stream, what was received so far."""
        source = self._source
        return source.proto if isinstance(source, TextAccumulator) else source

    @property
    def choices(self) -> tuple[TextChoice, ...]:
        """The texts, by their indices."""
        found = sorted(self.proto.choices, key=lambda choice: choice.index)
        return tuple(map(_choice, found))

    @property
    def text(self) -> str:
        """The first text; empty until there is one."""
        return next((choice.text for choice in self.choices), "")

    @property
    def finish_reason(self) -> FinishReason:
        """Why sampling the first text finished; `FinishReason.INVALID` until it has."""
        return next((choice.finish_reason for choice in self.choices), FinishReason.INVALID)

    @property
    def id(self) -> str:
        """The ID of the response."""
        return self.proto.id

    @property
    def model(self) -> str:
        """The model that was used."""
        return self.proto.model

    @property
    def system_fingerprint(self) -> str:
        """The configuration of the backend."""
        return self.proto.system_fingerprint

    @property
    def created(self) -> datetime | None:
        """When the response was created, in UTC; None when the server did not say."""
        return read_time(self.proto, "created")

    @property
    def usage(self) -> Usage:
        """The usage of all texts together."""
        return usage_of(self.proto)

    @property
    def cost_usd(self) -> float | None:
        """The cost in US dollars; None when the server did not say."""
        return self.usage.cost_usd

    def to_dict(self) -> "dict[str, JsonValue]":
        """Return the completion as JSON-compatible values."""
        return plain(self.proto)


class TextAccumulator:
    """The completion accumulated from the chunks so far.

    Adding a chunk takes the same time whatever came before: texts are joined when they are read.
    """

    def __init__(self) -> None:
        #: How many chunks came.
        self.chunks = 0
        self._proto = pb.SampleTextResponse()
        self._choices: dict[int, pb.SampleChoice] = {}
        # Deltas of texts that are not in the message yet, by the index of the choice; and what is
        # known of the whole and is not in it yet, by the field.
        self._deltas: dict[int, list[str]] = {}
        self._facts: dict[str, object] = {}

    @property
    def proto(self) -> pb.SampleTextResponse:
        """The completion so far: always the same object, brought up to date when this is read."""
        # One by one, and lists of their own: the stream may be read by another thread meanwhile.
        while self._facts:
            name, value = self._facts.popitem()
            setattr(self._proto, name, value)
        for index, deltas in list(self._deltas.items()):
            if deltas:
                taken = deltas[:]
                choice = self._choices[index]
                choice.text = "".join([choice.text, *taken])
                del deltas[: len(taken)]
        return self._proto

    def add(self, chunk: pb.SampleTextResponse) -> None:
        """Add the next chunk.

        Args:
            chunk: The chunk as received.

        Raises:
            ValueError: The index of a choice makes no sense. Nothing was added then.
        """
        for place, choice in enumerate(chunk.choices):
            if not 0 <= choice.index <= MAX_INDEX:
                raise ValueError(
                    f"choices[{place}].index must be from 0 to {MAX_INDEX}, not {choice.index}"
                )
        self.chunks += 1
        fields = fields_of(chunk)
        for name in _FACTS:
            if name in fields:
                value = fields[name]
                if value is not UNSET and value:
                    self._facts[name] = value
        for name in _MESSAGES:
            # An empty message is a value, too.
            if name in fields and fields[name] is not UNSET:
                self._facts[name] = fields[name]
        for choice in chunk.choices:
            self._add_choice(choice)

    def _add_choice(self, new: pb.SampleChoice) -> None:
        choice = self._choices.get(new.index)
        if choice is None:
            choice = pb.SampleChoice(index=new.index)
            self._deltas[new.index] = []
            self._choices[new.index] = choice
            self._proto.choices.append(choice)
        if new.finish_reason:
            choice.finish_reason = new.finish_reason
        if new.text:
            self._deltas[new.index].append(new.text)


def make_request(
    prompt: str | Sequence[str],
    *,
    model: Model,
    n: int | None = None,
    max_tokens: int | None = None,
    seed: int | None = None,
    stop: str | Sequence[str] | None = None,
    temperature: float | None = None,
    top_p: float | None = None,
    frequency_penalty: float | None = None,
    presence_penalty: float | None = None,
    logprobs: bool | None = None,
    top_logprobs: int | None = None,
    user: str | None = None,
) -> pb.SampleTextRequest:
    """Return the request for raw completions; what is None is not sent, and the server decides.

    Args:
        prompt: The text to continue, or several of them.
        model: The name or alias of the model.
        n: The number of completions, 1 to 128.
        max_tokens: The maximum number of tokens to sample.
        seed: The seed for sampling.
        stop: A stop sequence, or up to 8 of them.
        temperature: Sampling temperature, 0 to 2.
        top_p: The probability mass of the tokens to sample from, 0 to 1.
        frequency_penalty: Penalty on a token for each time it has occurred, -2 to 2.
        presence_penalty: Penalty on a token that has occurred at all, -2 to 2.
        logprobs: Return the log probability of each token.
        top_logprobs: How many of the most probable alternatives to return, 0 to 8.
        user: An ID of your own for the end user.

    Raises:
        TypeError: An argument is of another type; the error names it.
        ValueError: An argument is out of range or empty, or needs another one.
    """
    if isinstance(prompt, str):
        check_str("prompt", prompt)
        prompts = [prompt]
    else:
        prompts = check_strings("prompt", prompt)
    if not prompts:
        raise ValueError("prompt must not be empty")
    if n is not None:
        check_choices(n)
    if top_logprobs is not None and not logprobs:
        raise ValueError("top_logprobs needs logprobs=True")
    return pb.SampleTextRequest(
        prompt=prompts,
        model=non_empty("model", model),
        n=n,
        max_tokens=optional_int("max_tokens", max_tokens, 0, INT32_MAX),
        seed=optional_int("seed", seed, -INT32_MAX - 1, INT32_MAX),
        stop=check_stops(stop),
        temperature=optional_number("temperature", temperature, 0, 2),
        top_p=optional_number("top_p", top_p, 0, 1),
        frequency_penalty=optional_number("frequency_penalty", frequency_penalty, -2, 2),
        presence_penalty=optional_number("presence_penalty", presence_penalty, -2, 2),
        logprobs=optional_bool("logprobs", logprobs) or False,
        top_logprobs=optional_int("top_logprobs", top_logprobs, 0, 8),
        user=optional_non_empty("user", user) or "",
    )


def read_chunk(proto: pb.SampleTextResponse) -> TextChunk:
    """Return the value of a chunk."""
    return TextChunk(tuple(map(_choice, proto.choices)), proto)


def _choice(choice: pb.SampleChoice) -> TextChoice:
    return TextChoice(choice.index, choice.text, FinishReason(int(choice.finish_reason)))


for _class in (TextChoice, TextChunk, TextCompletion):
    _class.__module__ = "xai.v1"


resolve_lazily(globals())
