"""The service xai_api.Sample of the local server."""

import uuid
import zlib
from collections.abc import AsyncIterator, Mapping
from datetime import datetime, timezone

import attrs

from xai.proto.xai_api.sample import (
    FinishReason,
    SampleChoice,
    SampleTextRequest,
    SampleTextResponse,
)
from xai.proto.xai_api.sample_server import SampleBase
from xai.proto.xai_api.usage import SamplingUsage
from xai.testing.engine.dialogue import Backend, Reply, check_length
from xai.testing.engine.model import SampleOptions
from xai.testing.engine.steps import finish_in_turns
from xai.testing.v1.chat_request import (
    DEFAULT_LENGTH,
    DEFAULT_TEMPERATURE,
    DEFAULT_TOP_P,
    check_numbers,
    check_stops,
    require,
)
from xai.testing.v1.chat_response import make_usage
from xai.testing.v1.models import Names

_PATH = "/xai_api.Sample/"
_KIND = "v1"
_MOST_CHOICES = 128
_REASONS = {"stop": FinishReason.REASON_STOP, "length": FinishReason.REASON_MAX_LEN}


@attrs.frozen(eq=False)
class _Completion:
    """The continuations of some prompts while they are sampled, and what is known of all."""

    head: SampleTextResponse
    prompt: list[int]
    replies: list[Reply]

    def usage(self) -> SamplingUsage:
        return make_usage(self.prompt, sum(reply.count for reply in self.replies))

    def response(self, choices: list[SampleChoice]) -> SampleTextResponse:
        head = self.head
        return SampleTextResponse(
            id=head.id,
            choices=choices,
            created=head.created,
            model=head.model,
            system_fingerprint=head.system_fingerprint,
            usage=self.usage(),
        )


class LocalV1Sampler(SampleBase):
    """Serves ``xai_api.Sample``.

    Args:
        backend: The model.
        names: The names of the models.
        system_fingerprint: Identifies the server's configuration.
    """

    acls: Mapping[str, str] = {
        _PATH + "SampleText": "sampler:write",
        _PATH + "SampleTextStreaming": "sampler:write",
    }

    def __init__(self, backend: Backend, names: Names, system_fingerprint: str) -> None:
        self._backend = backend
        self._names = names
        self._fingerprint = system_fingerprint

    async def sample_text(self, request: SampleTextRequest) -> SampleTextResponse:
        """Continue texts."""
        completion = await self._begin(request)
        choices: list[SampleChoice] = []
        for index, reply in enumerate(completion.replies):
            async for _ in reply:
                pass
            reason = _REASONS[reply.finish_reason]
            choices.append(SampleChoice(index=index, text=reply.text, finish_reason=reason))
        return completion.response(choices)

    async def sample_text_streaming(
        self, request: SampleTextRequest
    ) -> AsyncIterator[SampleTextResponse]:
        """Continue texts side by side, token by token."""
        completion = await self._begin(request)
        running = dict(enumerate(completion.replies))
        while running:
            for index, reply in list(running.items()):
                choice = SampleChoice(index=index)
                try:
                    choice.text = (await reply.__anext__()).text
                except StopAsyncIteration:
                    del running[index]
                    choice.finish_reason = _REASONS[reply.finish_reason]
                if choice.text or choice.finish_reason:
                    yield completion.response([choice])

    async def _begin(self, request: SampleTextRequest) -> _Completion:
        """Return the completions of a request, before their first tokens are sampled."""
        model_name = self._names.resolve(request.model)
        check_numbers(request)
        check_stops(request.stop)
        count = 1 if request.n is None else request.n
        require(bool(request.prompt), "prompt is empty.")
        most = _MOST_CHOICES
        require(
            len(request.prompt) * count <= most, f"prompt and n ask for more than {most} choices."
        )
        head = SampleTextResponse(
            id=str(uuid.uuid4()),
            created=datetime.now(timezone.utc),
            model=model_name,
            system_fingerprint=self._fingerprint,
        )
        completion = _Completion(head, [], [])
        for text in request.prompt:
            await self._add(completion, request, text, count, model_name)
        return completion

    async def _add(
        self,
        completion: _Completion,
        request: SampleTextRequest,
        text: str,
        count: int,
        model_name: str,
    ) -> None:
        model = self._backend.model
        ids = await finish_in_turns(model.tokenizer.steps(text))
        check_length(ids)
        completion.prompt.extend(ids)
        transaction = self._backend.open(_KIND, model_name, ids)
        prompt = model.index(ids)
        options = _options(request, text)
        for number in range(count):
            # Each has a seed of its own; with the same one all would be equal.
            own = attrs.evolve(options, rng_seed=options.rng_seed + number)
            source = model.sample(prompt, own)
            completion.replies.append(
                Reply(self._backend, source, request.stop, transaction, raw=True)
            )


def _options(request: SampleTextRequest, text: str) -> SampleOptions:
    # Numbers that differ in nothing but their sign would be the same seed. Without one the same
    # text has the same continuation, as with chats.
    seed = zlib.crc32(text.encode()) if request.seed is None else request.seed % 2**32
    temperature, top_p = request.temperature, request.top_p
    return SampleOptions(
        max_len=DEFAULT_LENGTH if request.max_tokens is None else request.max_tokens,
        temperature=DEFAULT_TEMPERATURE if temperature is None else temperature,
        nucleus_p=DEFAULT_TOP_P if top_p is None else top_p,
        rng_seed=seed,
        frequency_penalty=request.frequency_penalty or 0.0,
        presence_penalty=request.presence_penalty or 0.0,
    )
