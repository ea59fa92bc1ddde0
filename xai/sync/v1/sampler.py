# Do not edit: produced by "nox -s generate" from
# xai/aio/v1/sampler.py
"""Raw completions of texts: the service xai_api.Sample."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from xai._annotations import resolve_lazily
from xai._sentinel import NOT_GIVEN
from xai.errors import APIError
from xai.proto.xai_api import sample as pb
from xai.runtime.retry.policy import Failure
from xai.sync.rpc.caller import Caller
from xai.sync.rpc.stream import ReplyStream, StreamCall
from xai.v1.chat.enums import Model
from xai.v1.sampler import (
    TextAccumulator,
    TextChoice,
    TextChunk,
    TextCompletion,
    make_request,
    read_chunk,
)

if TYPE_CHECKING:
    import betterproto


class Sampler:
    """Continues texts, without a conversation around them.

    Args:
        caller: Makes the calls.
    """

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def sample(
        self,
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
    ) -> TextCompletion:
        """Continue a text; a parameter that is None is left to the server.

        Args:
            prompt: The text, or several of them in one request.
            model: The name or alias of the model.
            n: The number of completions, 1 to 128.
            max_tokens: The maximum number of tokens to sample.
            seed: The seed for sampling.
            stop: A stop sequence, or up to 8 of them: sampling ends where one appears.
            temperature: Sampling temperature, 0 to 2; higher is more random.
            top_p: Nucleus sampling: sample from the most probable tokens that together have this
                probability, 0 to 1.
            frequency_penalty: Penalty on a token for each time it has occurred, -2 to 2.
            presence_penalty: Penalty on a token that has occurred at all, -2 to 2.
            logprobs: Ask for the log probability of each token. The service's reply has no field
                for them.
            top_logprobs: How many of the most probable alternatives to ask for at each token, 0 to
                8; needs ``logprobs``.
            user: An ID of your own for the end user.

        Returns:
            The completion: its `text`, and all ``choices`` where several were requested.

        Raises:
            APIError: The call failed.
            TypeError: An argument is of another type; the error names it.
            ValueError: An argument is out of range or empty, or needs another one.

        RPC: ``/xai_api.Sample/SampleText``.
        """
        request = make_request(
            prompt,
            model=model,
            n=n,
            max_tokens=max_tokens,
            seed=seed,
            stop=stop,
            temperature=temperature,
            top_p=top_p,
            frequency_penalty=frequency_penalty,
            presence_penalty=presence_penalty,
            logprobs=logprobs,
            top_logprobs=top_logprobs,
            user=user,
        )
        return self._caller.unary_with_metadata(pb.SAMPLE_SAMPLE_TEXT, request, TextCompletion)

    def sample_batch(
        self,
        prompt: str | Sequence[str],
        n: int,
        *,
        model: Model,
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
    ) -> list[TextChoice]:
        """Continue a text several times, and return the texts that came.

        Args:
            prompt: As for `sample`.
            n: The number of completions, 1 to 128.
            model: As for `sample`.
            max_tokens: As for `sample`.
            seed: As for `sample`.
            stop: As for `sample`.
            temperature: As for `sample`.
            top_p: As for `sample`.
            frequency_penalty: As for `sample`.
            presence_penalty: As for `sample`.
            logprobs: As for `sample`.
            top_logprobs: As for `sample`.
            user: As for `sample`.

        Returns:
            The texts, by their indices.

        Raises:
            APIError: The call failed.
            TypeError: An argument is of another type; the error names it.
            ValueError: An argument is out of range or empty, or needs another one.

        RPC: ``/xai_api.Sample/SampleText``.
        """
        completion = self.sample(
            prompt,
            model=model,
            n=n,
            max_tokens=max_tokens,
            seed=seed,
            stop=stop,
            temperature=temperature,
            top_p=top_p,
            frequency_penalty=frequency_penalty,
            presence_penalty=presence_penalty,
            logprobs=logprobs,
            top_logprobs=top_logprobs,
            user=user,
        )
        return list(completion.choices)

    def stream(
        self,
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
    ) -> "TextStream":
        """Continue a text and stream what comes.

        Arguments are checked by this call; nothing is sent before the first iteration. Leave the
        stream early with `close`, or use it in an ``with`` block.

        Args:
            prompt: As for `sample`.
            model: As for `sample`.
            n: As for `sample`.
            max_tokens: As for `sample`.
            seed: As for `sample`.
            stop: As for `sample`.
            temperature: As for `sample`.
            top_p: As for `sample`.
            frequency_penalty: As for `sample`.
            presence_penalty: As for `sample`.
            logprobs: As for `sample`.
            top_logprobs: As for `sample`.
            user: As for `sample`.

        Returns:
            A stream of pairs: the completion so far, and the chunk that was added to it.

        Raises:
            TypeError: An argument is of another type; the error names it.
            ValueError: An argument is out of range or empty, or needs another one.

        RPC: ``/xai_api.Sample/SampleTextStreaming``. While iterating: `APIError`.
        """
        request = make_request(
            prompt,
            model=model,
            n=n,
            max_tokens=max_tokens,
            seed=seed,
            stop=stop,
            temperature=temperature,
            top_p=top_p,
            frequency_penalty=frequency_penalty,
            presence_penalty=presence_penalty,
            logprobs=logprobs,
            top_logprobs=top_logprobs,
            user=user,
        )
        return TextStream(self._caller, request)


class TextCall(StreamCall[pb.SampleTextResponse]):
    """The call of a streamed completion, whose errors carry the completion so far.

    Args:
        caller: Makes the call.
        request: The request.
    """

    def __init__(self, caller: Caller, request: pb.SampleTextRequest) -> None:
        super().__init__(caller.context, pb.SAMPLE_SAMPLE_TEXT_STREAMING, request, NOT_GIVEN, ())
        self.accumulator = TextAccumulator()
        self.completion = TextCompletion._of(self.accumulator)  # noqa: SLF001  # made for this

    def finished(
        self, error: BaseException | None, reply: "betterproto.Message | None" = None
    ) -> None:
        """Tell the observers of the end, with the completion as far as it came."""
        if self.observer is not None and self.accumulator.chunks:
            reply = self.accumulator.proto
        super().finished(error, reply)

    def error(self, failure: Failure) -> APIError:
        """Return the error of a failure."""
        error = super().error(failure)
        error.partial = self.completion
        return error

    def take(self, data: bytes) -> tuple[TextCompletion, TextChunk]:
        """Decode a chunk, and add it to the completion.

        Raises:
            InternalServerError: It is not a valid chunk.
        """
        chunk = self.decode(data)
        try:
            self.accumulator.add(chunk)
        except ValueError as error:
            text = f"the stream has a chunk that belongs to no text: {error}"
            self.fail(self.malformed(text, error))
        return self.completion, read_chunk(chunk)


class TextStream(ReplyStream[tuple[TextCompletion, TextChunk]]):
    """A streamed completion: pairs of the completion so far and the chunk that was added to it.

    It is an `xai.Stream`. The completion is the same object each time; it stays readable
    after an error, which has it as ``partial``, and after an early `close`.

    Args:
        caller: Makes the call.
        request: The request.
    """

    _in_order = True

    def __init__(self, caller: Caller, request: pb.SampleTextRequest) -> None:
        # What reads the chunks is the call, never the stream: a stream that is dropped has to be
        # collected at once, which ends the call.
        call = TextCall(caller, request)
        super().__init__(call, call.take)
        self._texts = call
        self._whole = False

    @property
    def completion(self) -> TextCompletion:
        """The completion so far."""
        return self._texts.completion

    def _ended(self) -> None:
        self._whole = True
        self._texts.completion.metadata = self._texts.response_metadata

    def until_done(self) -> TextCompletion:
        """Read the rest, and return the whole completion.

        Raises:
            APIError: The call failed; ``partial`` is the completion so far.
            RuntimeError: The stream was closed before its end.
        """
        for _ in self:
            pass
        if not self._whole:
            raise RuntimeError("the stream was closed before its end: the text is not whole")
        return self.completion

    def __repr__(self) -> str:
        """Return how much has come."""
        state = "whole" if self._whole else "not at its end"
        return f"<{type(self).__name__}, {self._texts.accumulator.chunks} chunks, {state}>"


resolve_lazily(globals())
