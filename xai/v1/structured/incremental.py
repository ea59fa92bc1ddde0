"""The value of an answer in JSON that is being streamed."""

from xai.proto import xai_api as pb
from xai.v1.structured.partial import Incomplete, PartialReader
from xai.v1.structured.schema import JsonValue


class GrowingValue:
    """What is readable of the text that `Response.content` is when the stream ends.

    Each piece is read once, whatever came before.
    """

    def __init__(self) -> None:
        self._reader = PartialReader()
        # The output that is read: the last one of the model so far.
        self._current = -1
        # Texts of outputs whose speaker is not known yet.
        self._waiting: dict[int, list[str]] = {}

    def add(self, chunk: pb.GetChatCompletionChunk, index: int | None) -> JsonValue | Incomplete:
        """Add the next piece.

        Args:
            chunk: It.
            index: The alternative that is looked at; None for an answer in steps.

        Returns:
            The value so far, which does not change when more comes, or `INCOMPLETE`. Values share
            the lists and objects in them that are finished.
        """
        for piece in chunk.outputs:
            at = piece.index
            if at >= self._current and index in (None, at) and piece.is_set("delta"):
                self._add_delta(at, piece.delta)
        return self._reader.snapshot()

    def _add_delta(self, at: int, delta: pb.Delta) -> None:
        if at > self._current:
            self._waiting.setdefault(at, []).append(delta.content)
            if delta.role != pb.MessageRole.ROLE_ASSISTANT:
                return
            # A later step of the model: what it says takes the place of what it said before.
            self._current = at
            self._reader = PartialReader()
            text = "".join(self._waiting.pop(at))
        else:
            text = delta.content
        if text:
            self._reader.feed(text)
