"""Output of the embedded model that is a JSON object: drawn within a grammar, token by token."""

import re
from collections.abc import Iterator, Sequence

import attrs

from xai.testing.engine.dialogue import Cutter
from xai.testing.engine.model import IndexedPrompt, LanguageModel, SampledToken, SampleOptions
from xai.testing.engine.tokenizer import EOS, MARKER

_OPENING, _COLON, _CLOSING = '{"', '":"', '"}'
# The key is one more token.
_FRAME = len(_OPENING) + 1 + len(_COLON) + len(_CLOSING)
_KEY = re.compile("[a-z]{2,}")
# What a JSON string can't hold as it is, written as tokens.
_UNSAFE = ('"', "\\", "\t", *(f"<0x{byte:02X}>" for byte in (*range(0x20), 0x22, 0x5C, 0x7F)))


class JsonGeneration(Iterator[SampledToken]):
    """Tokens of an object with one key, a word, and one value, a text that the model samples.

    Where the grammar leaves one choice the token has the probability 1. What the object takes to
    be closed is kept back, so that it is whole even when the value is cut short; only less than
    two tokens in all can't hold an object.

    Args:
        model: The model.
        prompt: What it continues.
        options: How to sample; a stop token or string ends the value.
        stops: Strings that end the value without being part of it.

    Attributes:
        finish_reason: ``stop`` or ``length`` when there are no more tokens, else empty.
    """

    def __init__(
        self,
        model: LanguageModel,
        prompt: "Sequence[int] | IndexedPrompt",
        options: SampleOptions,
        stops: Sequence[str],
    ) -> None:
        self.finish_reason = ""
        self._model = model
        prompt = prompt if isinstance(prompt, IndexedPrompt) else model.index(prompt)
        self._options = options
        self._stops = stops
        # Asked for now: a mistake of the caller's must show before the first token.
        self._key = model.sample(prompt, self._key_options())
        self._value = model.sample(prompt, self._value_options())
        self._tokens = self._run()

    def __next__(self) -> SampledToken:
        """Draw the next token."""
        return next(self._tokens)

    def _run(self) -> Iterator[SampledToken]:
        room = self._options.max_len
        if room < _FRAME:
            yield from self._forced("{}"[:room])
            self.finish_reason = "stop" if room >= len("{}") else "length"
            return
        yield from self._forced(_OPENING)
        yield from self._key
        yield from self._forced(_COLON)
        yield from self._cut_value()
        yield from self._forced(_CLOSING)
        self.finish_reason = self._value.finish_reason or "stop"

    def _cut_value(self) -> Iterator[SampledToken]:
        tokenizer = self._model.tokenizer
        cutter: Cutter[tuple[SampledToken, str]] = Cutter(self._stops)
        decoder = tokenizer.decoder()
        for number, drawn in enumerate(self._value):
            token = self._without_space(drawn) if number == 0 else drawn
            text = decoder.push(token.token_id)
            for released, (passed, whole) in cutter.push(text, (token, text)):
                # A token can't be sent in part: one that a stop string begins in is left out.
                if released == whole:
                    yield passed
            if cutter.cut:
                return
        for _, (passed, _) in cutter.flush():
            yield passed

    def _without_space(self, token: SampledToken) -> SampledToken:
        """Return the token of the same word without the space in front of it, if there is one."""
        tokenizer = self._model.tokenizer
        bare = tokenizer.find(tokenizer.strings[token.token_id].removeprefix(MARKER))
        return token if bare is None else attrs.evolve(token, token_id=bare)

    def _forced(self, text: str) -> Iterator[SampledToken]:
        for token_id in self._ids(text):
            top_k = [(token_id, 1.0)][: self._options.top_k]
            yield SampledToken(token_id, 1.0, top_k, [])

    def _ids(self, characters: Sequence[str]) -> list[int]:
        found = (self._model.tokenizer.find(character) for character in characters)
        return [token_id for token_id in found if token_id is not None]

    def _key_options(self) -> SampleOptions:
        tokenizer = self._model.tokenizer
        words = [
            number
            for number, string in enumerate(tokenizer.strings)
            # Not every run of letters is a word: there are pieces of words as well.
            if _KEY.fullmatch(string) and tokenizer.find(MARKER + string) is not None
        ]
        return attrs.evolve(self._options, max_len=1, allowed_tokens=words)

    def _value_options(self) -> SampleOptions:
        newline = self._ids("\n")
        return attrs.evolve(
            self._options,
            max_len=max(0, self._options.max_len - _FRAME),
            disallowed_tokens=self._ids(_UNSAFE),
            # The end of a line is the end of the text: the next turn would begin there.
            stop_tokens=["\n"],
            not_first=(EOS, *newline),
        )
