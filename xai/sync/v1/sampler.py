# Do not edit: produced by "nox -s generate" from
# xai/aio/v1/sampler.py
"""Raw completions of texts: the service xai_api.Sample."""

from collections.abc import Sequence

from xai._annotations import resolve_lazily
from xai.proto.xai_api import sample as pb
from xai.sync.rpc.accumulating import AccumulatingCall, AccumulatingStream
from xai.sync.rpc.caller import Caller
from xai.v1.chat.enums import Model
from xai.v1.sampler import (
    TextAccumulator,
    TextChoice,
    TextChunk,
    TextCompletion,
    make_request,
    read_chunk,
)


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


class TextStream(AccumulatingStream[tuple[TextCompletion, TextChunk], TextCompletion]):
    """A streamed completion: pairs of the completion so far and the chunk that was added to it.

    It is an `xai.Stream`. The completion is the same object each time; it stays readable
    after an error, which has it as ``partial``, and after an early `close`.

    Args:
        caller: Makes the call.
        request: The request.
    """

    def __init__(self, caller: Caller, request: pb.SampleTextRequest) -> None:
        accumulator = TextAccumulator()
        call = AccumulatingCall(caller, pb.SAMPLE_SAMPLE_TEXT_STREAMING, request, accumulator)
        completion = call.partial = TextCompletion._of(accumulator)  # noqa: SLF001  # made for this

        def read(data: bytes) -> tuple[TextCompletion, TextChunk]:
            return completion, read_chunk(call.take(data))

        super().__init__(call, read, [completion])

    @property
    def completion(self) -> TextCompletion:
        """The completion so far."""
        return self._found[0]

    def until_done(self) -> TextCompletion:
        """Read the rest, and return the whole completion.

        Raises:
            APIError: The call failed; ``partial`` is the completion so far.
            RuntimeError: The stream was closed before its end.
        """
        self._read_rest()
        return self.completion


resolve_lazily(globals())
