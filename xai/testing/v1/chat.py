"""The local server's chat of today: the service xai_api.Chat."""

import asyncio
import functools
import uuid
from collections.abc import AsyncIterator, Mapping

from xai.proto.xai_api.chat import (
    CompactContextRequest,
    CompactContextResponse,
    DeleteStoredCompletionRequest,
    DeleteStoredCompletionResponse,
    GetChatCompletionChunk,
    GetChatCompletionResponse,
    GetCompletionsRequest,
    GetDeferredCompletionResponse,
    GetStoredCompletionRequest,
    ToolCall,
)
from xai.proto.xai_api.chat_server import ChatBase
from xai.proto.xai_api.deferred import GetDeferredRequest, StartDeferredResponse
from xai.testing.control.accounts import Account, caller
from xai.testing.engine.dialogue import Backend, Reply, TokenSource, check_length
from xai.testing.engine.steps import finish_in_turns
from xai.testing.v1.chat_request import (
    ParsedRequest,
    read_request,
    require,
    write_messages,
    written_call,
)
from xai.testing.v1.chat_response import Answer, Choice, make_usage
from xai.testing.v1.compaction import shorten
from xai.testing.v1.deferred import Jobs
from xai.testing.v1.encryption import OpaqueCodec
from xai.testing.v1.models import Names
from xai.testing.v1.stored import Store, StoredCompletion
from xai.testing.v1.token_sources import check_format, source_of, stops_of, written
from xai.testing.v1.tool_calls import ToolCallPlanner

_PATH = "/xai_api.Chat/"
_KIND = "v1"


class LocalV1Chat(ChatBase):
    """Serves ``xai_api.Chat``.

    Args:
        backend: The model.
        names: What the models are called.
        system_fingerprint: The name of the server's set-up.
    """

    acls: Mapping[str, str] = {
        _PATH + "GetCompletion": "chat:write",
        _PATH + "GetCompletionChunk": "chat:write",
        _PATH + "StartDeferredCompletion": "chat:write",
        _PATH + "GetDeferredCompletion": "chat:read",
        _PATH + "GetStoredCompletion": "chat:read",
        _PATH + "DeleteStoredCompletion": "chat:write",
        _PATH + "CompactContext": "chat:write",
    }

    def __init__(self, backend: Backend, names: Names, system_fingerprint: str) -> None:
        self._backend = backend
        self._names = names
        self._fingerprint = system_fingerprint
        self._sealer = OpaqueCodec()
        self._archive = Store()
        self._jobs = Jobs()

    async def get_completion(self, request: GetCompletionsRequest) -> GetChatCompletionResponse:
        """Answer a conversation in one piece."""
        return await self._finished(await self._begin(request), caller())

    async def get_completion_chunk(
        self, request: GetCompletionsRequest
    ) -> AsyncIterator[GetChatCompletionChunk]:
        """Answer a conversation, and stream the answer token by token."""
        answer, account = await self._begin(request), caller()
        async for chunk in answer.chunks():
            yield chunk
        self._keep(answer, account)

    async def start_deferred_completion(
        self, request: GetCompletionsRequest
    ) -> StartDeferredResponse:
        """Begin to answer a conversation in the background."""
        require(not request.guidelines, "guidelines makes no sense with a deferred completion.")
        work = functools.partial(self._finished, await self._begin(request), caller())
        return StartDeferredResponse(request_id=self._jobs.start(caller(), work))

    async def get_deferred_completion(
        self, request: GetDeferredRequest
    ) -> GetDeferredCompletionResponse:
        """Tell how far an answer in the background is, and give it out when it is there."""
        return self._jobs.look(caller(), request.request_id)

    async def get_stored_completion(
        self, request: GetStoredCompletionRequest
    ) -> GetChatCompletionResponse:
        """Return an answer that was stored."""
        return self._archive.get(caller(), request.response_id).response

    async def delete_stored_completion(
        self, request: DeleteStoredCompletionRequest
    ) -> DeleteStoredCompletionResponse:
        """Forget an answer that was stored."""
        self._archive.delete(caller(), request.response_id)
        return DeleteStoredCompletionResponse(response_id=request.response_id)

    async def compact_context(self, request: CompactContextRequest) -> CompactContextResponse:
        """Shorten a conversation to something that only this server can read."""
        model_name = self._names.resolve(request.model)
        require(bool(request.input), "input is empty.")
        tokenizer = self._backend.model.tokenizer
        written = write_messages(request.input, self._sealer, "input")
        prompt = await finish_in_turns(written.ids(tokenizer))
        check_length(prompt)
        left = shorten(request.input, self._sealer)
        kept = await finish_in_turns(tokenizer.steps(left))
        account = caller()
        transaction = self._backend.open(_KIND, model_name, prompt)
        for _ in kept:
            account.spend(transaction)
        transaction.confirmed = True
        return CompactContextResponse(
            id=str(uuid.uuid4()),
            encrypted_content=self._sealer.seal(left),
            dropped_message_count=len(request.input),
            usage=make_usage(prompt, len(kept)),
        )

    async def _begin(self, request: GetCompletionsRequest) -> Answer:
        """Return the answer to a request, of which nothing has been said yet."""
        model_name = self._names.resolve(request.model)
        before: StoredCompletion | None = None
        if request.previous_response_id is not None:
            before = self._archive.get(caller(), request.previous_response_id)
        history = before.history() if before is not None else []
        steps = read_request(request, history, self._backend.model.tokenizer, self._sealer)
        ask = await finish_in_turns(steps)
        return Answer(
            ask=ask,
            choices=await self._choices(ask, model_name),
            model_name=model_name,
            system_fingerprint=self._fingerprint,
            cached=before.shared(ask.prompt) if before is not None else 0,
        )

    async def _choices(self, ask: ParsedRequest, model_name: str) -> list[Choice]:
        model = self._backend.model
        check_format(ask.request.response_format)
        found: list[tuple[TokenSource, list[ToolCall]]] = []
        planner = ToolCallPlanner(ask)
        prompt = model.index(ask.prompt)
        for index in range(ask.count):
            calls = planner.calls(ask.options.rng_seed + index)
            text = "".join(map(written_call, calls))
            source = written(model, ask, text) if calls else source_of(model, ask, prompt, index)
            found.append((source, calls))
            # Many choices of a long prompt take their time, and others must get their turn.
            await asyncio.sleep(0)
        stops = stops_of(ask)
        transaction = self._backend.open(_KIND, model_name, ask.prompt)
        return [
            Choice(
                index,
                Reply(self._backend, source, () if calls else stops, transaction),
                calls,
                model.tokenizer,
            )
            for index, (source, calls) in enumerate(found)
        ]

    async def _finished(self, answer: Answer, account: Account) -> GetChatCompletionResponse:
        response = await answer.finish()
        self._keep(answer, account)
        return response

    def _keep(self, answer: Answer, account: Account) -> None:
        if answer.ask.request.store_messages:
            kept = StoredCompletion(answer.response(), answer.ask.messages, answer.ask.prompt)
            self._archive.put(account, kept)
