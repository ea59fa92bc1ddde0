"""The service xai_api.Chat of the local server."""

import asyncio
import functools
import uuid
from collections.abc import AsyncIterator, Mapping, Sequence

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
    Message,
    ToolCall,
)
from xai.proto.xai_api.chat_server import ChatBase
from xai.proto.xai_api.deferred import GetDeferredRequest, StartDeferredResponse
from xai.testing.control.accounts import Account, caller
from xai.testing.engine.dialogue import Backend, Reply, TokenSource, check_length
from xai.testing.engine.steps import finish_in_turns
from xai.testing.v1.answers import AnswerPlan, Said
from xai.testing.v1.attachments import attach, find_attachments
from xai.testing.v1.chat_request import (
    ParsedRequest,
    read_request,
    require,
    write_messages,
    written_call,
)
from xai.testing.v1.chat_response import Choice, Completion, make_usage
from xai.testing.v1.compaction import shorten
from xai.testing.v1.deferred import Jobs
from xai.testing.v1.encryption import OpaqueCodec
from xai.testing.v1.file_store import FileStore
from xai.testing.v1.models import Names
from xai.testing.v1.reasoning import think
from xai.testing.v1.server_tools import ServerTools, ToolRun
from xai.testing.v1.stored import Store, StoredCompletion
from xai.testing.v1.token_sources import check_format, fixed_tokens, source_of, stops_of
from xai.testing.v1.tool_calls import ToolCallPlanner, make_call

_PATH = "/xai_api.Chat/"
_KIND = "v1"


class LocalV1Chat(ChatBase):
    """Serves ``xai_api.Chat``.

    Args:
        backend: The model.
        names: The names of the models.
        system_fingerprint: Identifies the server's configuration.
        files: What chats can name by ID.
        tools: The tools that the server runs itself.
        answers: What the model says when a test has told it so.
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

    def __init__(
        self,
        backend: Backend,
        names: Names,
        system_fingerprint: str,
        files: FileStore,
        tools: ServerTools,
        *,
        answers: AnswerPlan,
    ) -> None:
        self._answers = answers
        self._tools = tools
        self._backend = backend
        self._files = files
        self._names = names
        self._fingerprint = system_fingerprint
        self._codec = OpaqueCodec()
        self._store = Store()
        self._jobs = Jobs()

    async def get_completion(self, request: GetCompletionsRequest) -> GetChatCompletionResponse:
        """Return the response to a conversation."""
        return await self._finished(await self._begin(request), caller())

    async def get_completion_chunk(
        self, request: GetCompletionsRequest
    ) -> AsyncIterator[GetChatCompletionChunk]:
        """Stream the response to a conversation token by token."""
        completion, account = await self._begin(request), caller()
        async for chunk in completion.chunks():
            yield chunk
        self._store_if_asked(completion, account)

    async def start_deferred_completion(
        self, request: GetCompletionsRequest
    ) -> StartDeferredResponse:
        """Start to sample a response in the background."""
        require(not request.guidelines, "guidelines makes no sense with a deferred completion.")
        work = functools.partial(self._finished, await self._begin(request), caller())
        return StartDeferredResponse(request_id=self._jobs.start(caller(), work))

    async def get_deferred_completion(
        self, request: GetDeferredRequest
    ) -> GetDeferredCompletionResponse:
        """Return the state of a deferred completion, and its response once there is one."""
        return self._jobs.look(caller(), request.request_id)

    async def get_stored_completion(
        self, request: GetStoredCompletionRequest
    ) -> GetChatCompletionResponse:
        """Return a stored completion."""
        return self._store.get(caller(), request.response_id).response

    async def delete_stored_completion(
        self, request: DeleteStoredCompletionRequest
    ) -> DeleteStoredCompletionResponse:
        """Delete a stored completion."""
        self._store.delete(caller(), request.response_id)
        return DeleteStoredCompletionResponse(response_id=request.response_id)

    async def compact_context(self, request: CompactContextRequest) -> CompactContextResponse:
        """Shorten a conversation to an opaque text that only this server can read."""
        model_name = self._names.resolve(request.model)
        require(bool(request.input), "input is empty.")
        tokenizer = self._backend.model.tokenizer
        request.input = attach(request.input, self._files, caller())
        written = write_messages(request.input, self._codec, "input")
        prompt = await finish_in_turns(written.ids(tokenizer))
        check_length(prompt)
        left = shorten(request.input, self._codec)
        kept = await finish_in_turns(tokenizer.steps(left))
        account = caller()
        transaction = self._backend.open(_KIND, model_name, prompt)
        for _ in kept:
            account.spend(transaction)
        transaction.confirmed = True
        return CompactContextResponse(
            id=str(uuid.uuid4()),
            encrypted_content=self._codec.encode(left),
            dropped_message_count=len(request.input),
            usage=make_usage(prompt, len(kept)),
        )

    async def _begin(self, request: GetCompletionsRequest) -> Completion:
        """Return the completion for a request, before its first token is sampled."""
        model_name = self._names.resolve(request.model)
        before: StoredCompletion | None = None
        if request.previous_response_id is not None:
            before = self._store.get(caller(), request.previous_response_id)
        history = before.history() if before is not None else []
        attachments = find_attachments(request.messages, self._files, caller())
        request.messages = attach(request.messages, self._files, caller())
        parsed = await self._parse(request, history)
        runs: Sequence[ToolRun] = ()
        planner = ToolCallPlanner(parsed)
        check_format(parsed.request.response_format)
        said = self._answers.take(request)
        if not (planner.names if said is None else said.calls):
            runs = self._tools.runs(parsed, attachments)
        if runs:
            # The model reads what was found, and goes on with a text.
            found = [message for run in runs for message in run.messages()]
            parsed = await self._parse(request, history, found)
            planner = ToolCallPlanner(parsed)
        return Completion(
            runs=runs,
            parsed=parsed,
            choices=await self._choices(parsed, planner, model_name, said),
            model_name=model_name,
            system_fingerprint=self._fingerprint,
            cached=before.shared(parsed.prompt) if before is not None else 0,
            reasoning=think(parsed, model_name, self._backend.model.tokenizer, self._codec),
        )

    async def _parse(
        self,
        request: GetCompletionsRequest,
        history: Sequence[Message],
        found: Sequence[Message] = (),
    ) -> ParsedRequest:
        tokenizer = self._backend.model.tokenizer
        return await finish_in_turns(read_request(request, history, tokenizer, self._codec, found))

    async def _choices(
        self, parsed: ParsedRequest, planner: ToolCallPlanner, model_name: str, said: Said | None
    ) -> list[Choice]:
        model = self._backend.model
        found: list[tuple[TokenSource, list[ToolCall]]] = []
        prompt = model.index(parsed.prompt)
        for index in range(parsed.count):
            if said is None:
                calls = planner.calls(parsed.options.rng_seed + index)
            else:
                calls = [make_call(call.name, call.arguments) for call in said.calls]
            source: TokenSource
            if calls:
                source = fixed_tokens(model, parsed, "".join(map(written_call, calls)))
            elif said is not None:
                source = fixed_tokens(model, parsed, said.text)
            else:
                source = source_of(model, parsed, prompt, index)
            found.append((source, calls))
            # Many choices of a long prompt take their time, and others run in between.
            await asyncio.sleep(0)
        # What a test wants said is not cut where the model would begin to speak for others.
        stops = stops_of(parsed) if said is None else parsed.request.stop
        transaction = self._backend.open(_KIND, model_name, parsed.prompt)
        return [
            Choice(
                index,
                Reply(
                    self._backend,
                    source,
                    () if calls else stops,
                    transaction,
                    raw=said is not None,
                ),
                calls,
                model.tokenizer,
            )
            for index, (source, calls) in enumerate(found)
        ]

    async def _finished(
        self, completion: Completion, account: Account
    ) -> GetChatCompletionResponse:
        response = await completion.finish()
        self._store_if_asked(completion, account)
        return response

    def _store_if_asked(self, completion: Completion, account: Account) -> None:
        if completion.parsed.request.store_messages:
            parsed = completion.parsed
            stored = StoredCompletion(completion.response(), parsed.messages, parsed.prompt)
            self._store.put(account, stored)
