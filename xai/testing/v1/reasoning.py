"""What the local server's model thinks before it responds; pure."""

import re
from collections.abc import Sequence
from typing import Final

import attrs

from xai.proto.xai_api.chat import GetCompletionsRequest, ReasoningEffort
from xai.testing.engine.tokenizer import Tokenizer
from xai.testing.v1.chat_request import ParsedRequest
from xai.testing.v1.encryption import OpaqueCodec

#: The public models that reason without being asked to.
_REASONERS: Final = re.compile(r"(?<!non-)reasoning|^grok-3-mini")
_QUOTED: Final = 200
#: How many sentences an effort is good for.
_SENTENCES: Final = {
    ReasoningEffort.EFFORT_LOW: 1,
    ReasoningEffort.EFFORT_MEDIUM: 2,
    ReasoningEffort.EFFORT_HIGH: 3,
    ReasoningEffort.EFFORT_XHIGH: 4,
}
_DEFAULT: Final = 2


@attrs.frozen
class Reasoning:
    """What the model thinks before it responds.

    Attributes:
        sentences: The text, in the parts in which it is streamed.
        count: The number of its tokens.
        encrypted: The same as nobody else can read it; empty when it was not asked for.
    """

    sentences: Sequence[str]
    count: int
    encrypted: str

    @property
    def text(self) -> str:
        """The whole text."""
        return "".join(self.sentences)


def reasons(model_name: str, request: GetCompletionsRequest) -> bool:
    """Tell whether a model reasons before it responds: when asked to, or by its name."""
    if request.reasoning_effort is not None:
        return request.reasoning_effort != ReasoningEffort.EFFORT_NONE
    return _REASONERS.search(model_name) is not None


def think(
    parsed: ParsedRequest, model_name: str, tokenizer: Tokenizer, codec: OpaqueCodec
) -> Reasoning | None:
    """Return what a model thinks before it responds, or None if it does not reason.

    Args:
        parsed: The parsed request.
        model_name: The model.
        tokenizer: Counts the tokens.
        codec: Encrypts the text.
    """
    request = parsed.request
    if not reasons(model_name, request):
        return None
    said = " ".join(parsed.last_words()[:_QUOTED].split())
    sentences = [
        f"The user says: {said!r}.",
        f" There are {len(parsed.messages)} messages in all, and the last one counts the most.",
        " What was said before should not be repeated.",
        " The response should be short, and go on from there.",
    ]
    effort = request.reasoning_effort
    count = _DEFAULT if effort is None else _SENTENCES.get(effort, _DEFAULT)
    chosen = sentences[:count]
    text = "".join(chosen)
    encrypted = codec.encode(text) if request.use_encrypted_content else ""
    return Reasoning(chosen, len(tokenizer.tokenize(text)), encrypted)
