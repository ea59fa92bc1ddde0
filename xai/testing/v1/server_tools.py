"""The tools that the local server runs itself, in the course of a response.

A tool is called when it finds something that has words of what the user said last, or when the
request makes a tool required; code is run where there is something to calculate. The model then
reads what was found, and goes on with its response.
"""

import json
import uuid
from collections.abc import Callable, Iterator, Sequence
from typing import Final

import attrs

from xai.proto.base import which_one_of
from xai.proto.xai_api import chat as pb
from xai.proto.xai_api.documents import HybridRetrieval, SearchMatch
from xai.proto.xai_api.sample import FinishReason
from xai.proto.xai_api.usage import ServerSideTool
from xai.testing.engine.calculation import Calculation, calculation_in, words_in
from xai.testing.engine.chunking import ChunkSizes, chunk
from xai.testing.engine.library import Library, terms
from xai.testing.engine.retrieval import IndexedChunk
from xai.testing.engine.tokenizer import Tokenizer
from xai.testing.v1.attachments import Attachment
from xai.testing.v1.chat_request import ParsedRequest, require
from xai.testing.v1.collection_state import CollectionStore
from xai.testing.v1.documents import best_chunks, search

_DEFAULT_LIMIT: Final = 10
_MAX_COLLECTIONS: Final = 10
_ATTACHMENT_CHUNKS: Final = ChunkSizes("chars", 1000, 100)
#: The tool that has code of its own to run, and finds nothing.
_CODE: Final = "code_execution"
_COMPLETED: Final = pb.ToolCallStatus.TOOL_CALL_STATUS_COMPLETED


@attrs.frozen
class Found:
    """Something that a tool has found.

    Attributes:
        url: Where it is.
        text: What it says.
        citation: How a response refers to it, without a number and a place.
        facts: What the tool returns about it.
    """

    url: str
    text: str
    citation: pb.InlineCitation
    facts: dict[str, object]


@attrs.frozen
class ToolRun:
    """A call of a tool, and what it returned.

    Attributes:
        call: The call.
        output: What the tool returned, as JSON.
        found: What is in it.
        tool: How the usage counts it.
        shown: Which option of a request asks for the output.
        read: What the model reads of it.
    """

    call: pb.ToolCall
    output: str
    found: Sequence[Found]
    tool: ServerSideTool
    shown: pb.IncludeOption
    read: str

    def messages(self) -> list[pb.Message]:
        """Return what the model reads before it goes on."""
        return [
            pb.Message(role=pb.MessageRole.ROLE_ASSISTANT, tool_calls=[self.call]),
            pb.Message(
                role=pb.MessageRole.ROLE_TOOL,
                content=[pb.Content(text=self.read)],
                tool_call_id=self.call.id,
            ),
        ]

    def outputs(self, include: Sequence[pb.IncludeOption]) -> list[pb.CompletionOutput]:
        """Return the steps of the response: the call, and the result as far as it is asked for."""
        content = self.output if self.shown in include else ""
        called = pb.CompletionMessage(role=pb.MessageRole.ROLE_ASSISTANT, tool_calls=[self.call])
        result = pb.CompletionMessage(
            role=pb.MessageRole.ROLE_TOOL, content=content, tool_calls=[self.call]
        )
        reason = FinishReason.REASON_TOOL_CALLS
        stop = FinishReason.REASON_STOP
        return [
            pb.CompletionOutput(finish_reason=reason, message=called),
            pb.CompletionOutput(finish_reason=stop, message=result),
        ]


class ServerTools:
    """Runs tools for responses.

    Args:
        collections: What can be searched.
        library: The pages and posts that stand for the web and for X.
        tokenizer: Makes the tokens of chunks.
    """

    def __init__(
        self, collections: CollectionStore, library: Library, tokenizer: Tokenizer
    ) -> None:
        self._collections = collections
        self._library = library
        self._tokenizer = tokenizer

    def runs(self, parsed: ParsedRequest, attachments: Sequence[Attachment]) -> list[ToolRun]:
        """Return the calls of tools for a request, and what they returned.

        Args:
            parsed: The request.
            attachments: The files in its messages.

        Raises:
            GRPCError: A tool of the request makes no sense.
        """
        request = parsed.request
        kind, mode = which_one_of(request.tool_choice, "tool_choice")
        kinds = [which_one_of(tool, "tool") for tool in request.tools]
        tools = [(name, value) for name, value in kinds if name in (*_TOOLS, _CODE)]
        for name, value in tools:
            if name == "collections_search":
                self._check(value)
        refused = kind == "mode" and mode == pb.ToolMode.TOOL_MODE_NONE
        spoken = parsed.messages[-1].role == pb.MessageRole.ROLE_USER
        if refused or not spoken or parsed.count > 1 or request.max_turns == 0:
            return []
        required = kind == "mode" and mode == pb.ToolMode.TOOL_MODE_REQUIRED
        said = parsed.last_words()
        runs = []
        for name, value in tools:
            if name == _CODE:
                calculation = calculation_in(said) or (words_in(said) if required else None)
                runs += [] if calculation is None else [_calculated(calculation)]
                continue
            found = list(_TOOLS[name].find(self, attachments, said, value))
            about = set(terms(said))
            if required or any(about.intersection(terms(each.text)) for each in found):
                runs.append(_run(name, said, found))
        return runs

    def _check(self, tool: pb.CollectionsSearch) -> None:
        count = len(tool.collection_ids)
        text = f"collections_search.collection_ids must have 1 to {_MAX_COLLECTIONS} IDs."
        require(1 <= count <= _MAX_COLLECTIONS, text)
        self._collections.several(tool.collection_ids)

    def find_in_collections(
        self,
        attachments: Sequence[Attachment],  # noqa: ARG002  # as of the others
        said: str,
        tool: pb.CollectionsSearch,
    ) -> Iterator[Found]:
        """Search collections."""
        _, mode = which_one_of(tool, "retrieval_mode")
        limit = _DEFAULT_LIMIT if tool.limit is None else tool.limit
        query = f"{said}\n{tool.instructions}" if tool.instructions else said
        for match in search(self._collections.several(tool.collection_ids), query, limit, mode):
            url = f"collections://{match.collection_ids[0]}/files/{match.file_id}"
            citation = pb.InlineCitation(collections_citation=_citation(match))
            facts: dict[str, object] = {
                "file_id": match.file_id,
                "chunk_id": match.chunk_id,
                "chunk_content": match.chunk_content,
                "score": match.score,
                "collection_ids": match.collection_ids,
            }
            yield Found(url, match.chunk_content, citation, facts)

    def find_in_attachments(
        self, attachments: Sequence[Attachment], said: str, tool: pb.AttachmentSearch
    ) -> Iterator[Found]:
        """Search the files in the messages of a request."""
        limit = _DEFAULT_LIMIT if tool.limit is None else tool.limit
        require(limit >= 1, f"attachment_search.limit must be 1 or more, got {limit}.")
        names: dict[str, str] = {}
        chunks: list[IndexedChunk] = []
        for number, attachment in enumerate(attachments):
            file_id = attachment.file_id or f"attachment_{number}"
            names[file_id] = attachment.name
            parts = chunk(attachment.text, _ATTACHMENT_CHUNKS, self._tokenizer)
            for place, part in enumerate(parts):
                chunks.append(IndexedChunk.of(f"{file_id}_{place}", file_id, part))
        for each, score in best_chunks(said, chunks, limit, HybridRetrieval()):
            name = names[each.file_id]
            match = SearchMatch(
                file_id=each.file_id, chunk_id=each.chunk_id, chunk_content=each.text, score=score
            )
            citation = pb.InlineCitation(collections_citation=_citation(match))
            facts: dict[str, object] = {"filename": name, "content": each.text, "score": score}
            yield Found(f"attachment://{name or each.file_id}", each.text, citation, facts)

    def find_on_the_web(
        self,
        attachments: Sequence[Attachment],  # noqa: ARG002  # as of the others
        said: str,
        tool: pb.WebSearch,  # noqa: ARG002  # as above
    ) -> Iterator[Found]:
        """Search the pages of the library."""
        for page in self._library.find_pages(said):
            text = " ".join(self._library.summary(page, said))
            citation = pb.InlineCitation(web_citation=pb.WebCitation(url=page.url))
            facts: dict[str, object] = {"url": page.url, "title": page.title, "text": text}
            yield Found(page.url, text, citation, facts)

    def find_on_x(
        self,
        attachments: Sequence[Attachment],  # noqa: ARG002  # as of the others
        said: str,
        tool: pb.XSearch,  # noqa: ARG002  # as above
    ) -> Iterator[Found]:
        """Search the posts of the library."""
        for post in self._library.find_posts(said):
            url = f"https://x.com/{post.username}/status/{post.post_id}"
            citation = pb.InlineCitation(x_citation=pb.XCitation(url=url))
            facts: dict[str, object] = {"url": url, "username": post.username, "text": post.text}
            yield Found(url, post.text, citation, facts)


@attrs.frozen
class _Tool:
    find: Callable[..., Iterator[Found]]
    call_type: pb.ToolCallType
    tool: ServerSideTool
    shown: pb.IncludeOption


_TOOLS: Final = {
    "collections_search": _Tool(
        ServerTools.find_in_collections,
        pb.ToolCallType.TOOL_CALL_TYPE_COLLECTIONS_SEARCH_TOOL,
        ServerSideTool.SERVER_SIDE_TOOL_COLLECTIONS_SEARCH,
        pb.IncludeOption.INCLUDE_OPTION_COLLECTIONS_SEARCH_CALL_OUTPUT,
    ),
    "attachment_search": _Tool(
        ServerTools.find_in_attachments,
        pb.ToolCallType.TOOL_CALL_TYPE_ATTACHMENT_SEARCH_TOOL,
        ServerSideTool.SERVER_SIDE_TOOL_ATTACHMENT_SEARCH,
        pb.IncludeOption.INCLUDE_OPTION_ATTACHMENT_SEARCH_CALL_OUTPUT,
    ),
    "web_search": _Tool(
        ServerTools.find_on_the_web,
        pb.ToolCallType.TOOL_CALL_TYPE_WEB_SEARCH_TOOL,
        ServerSideTool.SERVER_SIDE_TOOL_WEB_SEARCH,
        pb.IncludeOption.INCLUDE_OPTION_WEB_SEARCH_CALL_OUTPUT,
    ),
    "x_search": _Tool(
        ServerTools.find_on_x,
        pb.ToolCallType.TOOL_CALL_TYPE_X_SEARCH_TOOL,
        ServerSideTool.SERVER_SIDE_TOOL_X_SEARCH,
        pb.IncludeOption.INCLUDE_OPTION_X_SEARCH_CALL_OUTPUT,
    ),
}


def is_run_here(tool: pb.Tool) -> bool:
    """Tell whether the local server runs a tool itself."""
    return which_one_of(tool, "tool")[0] in (*_TOOLS, _CODE)


def _run(name: str, said: str, found: Sequence[Found]) -> ToolRun:
    tool = _TOOLS[name]
    call = pb.ToolCall(
        id=f"call_{uuid.uuid4().hex}",
        type=tool.call_type,
        status=_COMPLETED,
        function=pb.FunctionCall(name=name, arguments=json.dumps({"query": said})),
    )
    output = json.dumps([each.facts for each in found], ensure_ascii=False)
    read = "\n".join(each.text for each in found)
    return ToolRun(call, output, found, tool.tool, tool.shown, read)


def _calculated(calculation: Calculation) -> ToolRun:
    """Return a run of the code that a calculation is."""
    call = pb.ToolCall(
        id=f"call_{uuid.uuid4().hex}",
        type=pb.ToolCallType.TOOL_CALL_TYPE_CODE_EXECUTION_TOOL,
        status=_COMPLETED,
        function=pb.FunctionCall(name=_CODE, arguments=json.dumps({"code": calculation.code})),
    )
    output = json.dumps({"stdout": f"{calculation.result}\n", "stderr": "", "exit_code": 0})
    return ToolRun(
        call,
        output,
        (),
        ServerSideTool.SERVER_SIDE_TOOL_CODE_EXECUTION,
        pb.IncludeOption.INCLUDE_OPTION_CODE_EXECUTION_CALL_OUTPUT,
        calculation.result,
    )


def _citation(match: SearchMatch) -> pb.CollectionsCitation:
    return pb.CollectionsCitation(
        file_id=match.file_id,
        chunk_id=match.chunk_id,
        chunk_content=match.chunk_content,
        score=match.score,
        collection_ids=match.collection_ids,
    )
