"""Conversations as prompts of the embedded model, and sampling its responses."""

import asyncio
import zlib
from collections import deque
from collections.abc import Generator, Iterable, Sequence
from itertools import islice
from typing import Final, Generic, Protocol, TypeVar

import attrs
from grpclib.const import Status
from grpclib.exceptions import GRPCError
from typing_extensions import Self

from xai.proto.prompt_ide.chat import AdditionalOptions
from xai.proto.prompt_ide.sampler_public import PromptInput, TokenBudget
from xai.testing.control.accounts import Transaction, caller
from xai.testing.engine.model import LanguageModel, SampledToken, SampleOptions
from xai.testing.engine.model_names import missing_model
from xai.testing.engine.steps import finish_in_turns
from xai.testing.engine.tokenizer import EOS, IMAGE, SPECIALS, Tokenizer

T = TypeVar("T")

HUMAN = "Human"
ASSISTANT = "Assistant"

_MOST_LABELS = 100
#: What a model reads at most, in tokens.
MAX_PROMPT_LENGTH: Final = 131_072
#: Of a text to be split into tokens or to be embedded, in characters.
MAX_TEXT_LENGTH: Final = 1_048_576

# The text behind the name of each system prompt, and its temperature.
_SYSTEM_PROMPTS = {
    "": ("", 0.7),
    "fun": ("You like to joke, and you would rather be wrong than dull.", 1.1),
}


@attrs.frozen
class Turn:
    """One message of a conversation: its author, its text and its images."""

    label: str
    text: str
    images: Sequence[str] = ()


class Prompt:
    """Text and images in the form in which the model reads them."""

    def __init__(self) -> None:
        # Images, and between them texts in parts.
        self._parts: list[str | list[str]] = []

    def add_text(self, text: str) -> None:
        """Add a text."""
        if not text:
            return
        last = self._parts[-1] if self._parts else None
        if isinstance(last, list):
            # Joined when they are read: to do so each time takes a time that grows with the square.
            last.append(text)
        else:
            self._parts.append([text])

    def add_image(self, image: str) -> None:
        """Add an image, given by its content or its address."""
        self._parts.append(image)

    def __str__(self) -> str:
        """Return the prompt as text, with a mark for each image."""
        return "".join(
            SPECIALS[IMAGE] if isinstance(part, str) else "".join(part) for part in self._parts
        )

    def inputs(self) -> list[PromptInput]:
        """Return the prompt as messages."""
        return [
            PromptInput(image_base64=part)
            if isinstance(part, str)
            else PromptInput(text="".join(part))
            for part in self._parts
        ]

    def ids(self, tokenizer: Tokenizer) -> Generator[None, None, list[int]]:
        """Compute the tokens of the prompt in steps of some milliseconds."""
        ids: list[int] = []
        for part in self._parts:
            if isinstance(part, str):
                ids.append(IMAGE)
            else:
                ids += yield from tokenizer.steps("".join(part))
        return ids


def write_prompt(turns: Iterable[Turn], preface: Iterable[str] = ()) -> Prompt:
    """Return the prompt that a response to a conversation is sampled from.

    Args:
        turns: The messages.
        preface: Lines in front of it; empty ones are left out.
    """
    prompt = Prompt()
    prompt.add_text("".join(f"{line}\n" for line in preface if line))
    for turn in turns:
        prompt.add_text(f"{turn.label}: ")
        for image in turn.images:
            prompt.add_image(image)
        prompt.add_text(f"{turn.text}\n")
    prompt.add_text(f"{ASSISTANT}:")
    return prompt


def turn_stops(labels: Iterable[str] = ()) -> list[str]:
    """Return the strings with which the next turn would begin."""
    found = dict.fromkeys((HUMAN, ASSISTANT, *labels))
    # Each is compared with every token; of a crowd the first ones have to do.
    return [f"\n{label}:" for label in islice(found, _MOST_LABELS)]


class Cutter(Generic[T]):
    """Passes texts with their items on until a stop string comes up, which may span many of them.

    What may become a stop string is held back. The rest of what had a part in one is dropped.

    Attributes:
        cut: Whether a stop string came up.
    """

    def __init__(self, stops: Sequence[str]) -> None:
        self._stops = [stop for stop in stops if stop]
        self._pending: deque[tuple[str, T]] = deque()
        self._text = ""
        self.cut = False

    def push(self, text: str, item: T) -> list[tuple[str, T]]:
        """Take a text; return what may pass, the part before a stop string included."""
        self._pending.append((text, item))
        self._text += text
        places = [place for stop in self._stops if (place := self._text.find(stop)) >= 0]
        if places:
            self.cut = True
            return self._release(min(places), partly=True)
        return self._release(len(self._text) - self._risky(), partly=False)

    def flush(self) -> list[tuple[str, T]]:
        """Return what was held back, since nothing more comes."""
        return self._release(len(self._text), partly=False)

    def _risky(self) -> int:
        """Return the length of the longest end of the text with which a stop string begins."""
        longest = min(len(self._text), max(map(len, self._stops), default=1) - 1)
        for size in range(longest, 0, -1):
            if any(stop.startswith(self._text[-size:]) for stop in self._stops):
                return size
        return 0

    def _release(self, size: int, *, partly: bool) -> list[tuple[str, T]]:
        released: list[tuple[str, T]] = []
        while self._pending and len(self._pending[0][0]) <= size:
            text, item = self._pending.popleft()
            self._text = self._text[len(text) :]
            size -= len(text)
            released.append((text, item))
            if partly and not size:
                return released
        if partly and size:
            text, item = self._pending[0]
            released.append((text[:size], item))
        return released


class TokenSource(Protocol):
    """A source of tokens, which tells why there are no more at the end."""

    finish_reason: str

    def __next__(self) -> SampledToken:
        """Return the next token."""
        ...


@attrs.frozen
class TokenText:
    """A token and what it adds to a text, which may be nothing."""

    text: str
    token: SampledToken


@attrs.frozen(eq=False)
class Backend:
    """The embedded model as the services use it.

    Attributes:
        model: The language model behind every model name.
        model_names: The names that callers may ask for; the first is the default.
        token_limit: How many tokens a key may spend; 0 is no limit.
        token_delay: Seconds between two tokens.
    """

    model: LanguageModel
    model_names: Sequence[str]
    token_limit: int
    token_delay: float

    def model_name(self, name: str) -> str:
        """Return the name of a model, the default one for an empty name."""
        name = name or self.model_names[0]
        if name not in self.model_names:
            raise missing_model(name, self.model_names)
        return name

    def budget(self) -> TokenBudget:
        """Return the tokens that the caller has spent and may spend."""
        account = caller()
        return TokenBudget(
            token_limit=self.token_limit,
            tokens_spent=account.tokens_spent,
            requests_spent=account.transaction_count,
        )

    def open(self, kind: str, model_name: str, prompt: Sequence[int]) -> Transaction:
        """Charge a prompt to the caller, who must have tokens left.

        Raises:
            GRPCError: The prompt is too long, or the token budget is spent.
        """
        check_length(prompt)
        account = caller()
        if 0 < self.token_limit <= account.tokens_spent:
            text = f"The token budget of {self.token_limit} tokens is spent."
            raise GRPCError(Status.RESOURCE_EXHAUSTED, text)
        return account.open(kind, model_name, len(prompt))

    async def answer(
        self, prompt: Prompt, options: SampleOptions, *, kind: str, model_name: str
    ) -> "Reply":
        """Sample a response to a conversation; it has at least one token of text."""
        ids = await finish_in_turns(prompt.ids(self.model.tokenizer))
        check_length(ids)
        newline = self.model.tokenizer.tokenize("\n")
        try:
            options = attrs.evolve(options, not_first=(EOS, *newline))
            source = self.model.sample(ids, options)
        except ValueError as error:
            raise GRPCError(Status.INVALID_ARGUMENT, str(error)) from error
        return Reply(self, source, turn_stops(), self.open(kind, model_name, ids))


def checked_text(text: str) -> str:
    """Return a text to be split into tokens.

    Raises:
        GRPCError: It is too long.
    """
    if len(text) > MAX_TEXT_LENGTH:
        error = f"text has {len(text)} characters; it may have {MAX_TEXT_LENGTH}."
        raise GRPCError(Status.INVALID_ARGUMENT, error)
    return text


def check_length(prompt: Sequence[int]) -> None:
    """Refuse a prompt that no model reads.

    Raises:
        GRPCError: It has too many tokens.
    """
    size = len(prompt)
    if size > MAX_PROMPT_LENGTH:
        text = f"The prompt has {size} tokens; the model reads {MAX_PROMPT_LENGTH} at most."
        raise GRPCError(Status.INVALID_ARGUMENT, text)


class Reply:
    """A response to a prompt, sampled while it is iterated over; that can be done once.

    Args:
        backend: The model.
        source: Gives the tokens.
        stops: Strings that end the text and are not part of it.
        transaction: What the tokens are booked on.
        raw: The text continues another one: it keeps the space at its start, and its last newline.

    Attributes:
        count: How many tokens were sampled so far.
        finish_reason: ``stop`` or ``length`` in the end.
        raw: Whether the text keeps the space at its start, and its last newline.
    """

    def __init__(
        self,
        backend: Backend,
        source: TokenSource,
        stops: Sequence[str],
        transaction: Transaction,
        *,
        raw: bool = False,
    ) -> None:
        self._texts: list[str] = []
        self.count = 0
        self.finish_reason = ""
        self._account = caller()
        self._delay = backend.token_delay
        self._source = source
        self._transaction = transaction
        self._cutter: Cutter[SampledToken] = Cutter(stops)
        self._decoder = backend.model.tokenizer.decoder()
        self._ready: deque[tuple[str, SampledToken]] = deque()
        self.raw = self._begun = raw

    @property
    def text(self) -> str:
        """The text so far."""
        return "".join(self._texts)

    def __aiter__(self) -> Self:
        """Return the reply itself."""
        return self

    async def __anext__(self) -> TokenText:
        """Return the next token and its text."""
        while not self._ready:
            if self.finish_reason:
                self._transaction.confirmed = True
                raise StopAsyncIteration
            # Also without a delay: other calls of the server must get their turn.
            await asyncio.sleep(self._delay)
            self._pull()
        text, token = self._ready.popleft()
        self._account.spend(self._transaction)
        self.count += 1
        self._texts.append(text)
        return TokenText(text, token)

    def _pull(self) -> None:
        try:
            token = next(self._source)
        except StopIteration:
            self.finish_reason = self._source.finish_reason
            rest = self._cutter.flush()
            # The end of the last line belongs to the turn, not to its text.
            kept = self.raw or any(text.strip() for text, _ in rest)
            if self.finish_reason != "stop" or kept:
                self._ready.extend(rest)
            return
        text = self._decoder.push(token.token_id)
        if not self._begun:
            # The space between the label of the turn and its text.
            text = text.removeprefix(" ")
            self._begun = True
        self._ready.extend(self._cutter.push(text, token))
        if self._cutter.cut:
            self.finish_reason = "stop"


def system_text(name: str) -> str:
    """Return the text behind the name of a system prompt."""
    if name not in _SYSTEM_PROMPTS:
        text = f"system_prompt_name must be one of {sorted(_SYSTEM_PROMPTS)}, got {name!r}."
        raise GRPCError(Status.INVALID_ARGUMENT, text)
    return _SYSTEM_PROMPTS[name][0]


def chat_options(
    additional: AdditionalOptions, system_prompt_name: str, prompt: Prompt, attempt: int = 0
) -> SampleOptions:
    """Return how to sample an answer.

    Without a seed it follows from the prompt and the attempt: the same conversation has the same
    answer, and asking again gives another chance.
    """
    temperature = additional.temperature
    seed = additional.seed
    max_len = additional.max_len
    if seed is None:
        seed = zlib.crc32(str(prompt).encode("utf-8", "surrogatepass")) + attempt
    if temperature is None:
        temperature = _SYSTEM_PROMPTS[system_prompt_name][1]
    try:
        return SampleOptions(
            max_len=256 if max_len is None else max_len, temperature=temperature, rng_seed=seed
        )
    except ValueError as error:
        raise GRPCError(Status.INVALID_ARGUMENT, f"additional_options: {error}") from error
