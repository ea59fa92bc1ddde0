"""Every public method that makes a call, with something that makes it do so."""

from collections.abc import (
    Awaitable,  # twin: async-only
    Callable,
)
from pathlib import Path
from typing import Any, TypeVar

import attrs
import pytest
from betterproto.lib.google.protobuf import Empty

import xai
from tests.services.aio.helpers import collect
from tests.services.aio.rpc.reply_helpers import outcome
from xai import AsyncClient
from xai.aio.prompt_ide.chat import AsyncChat, AsyncConversation
from xai.aio.prompt_ide.compat import AsyncCompletions
from xai.aio.prompt_ide.embedder import AsyncEmbedder
from xai.aio.prompt_ide.files import AsyncFiles
from xai.aio.prompt_ide.grok import AsyncGrok
from xai.aio.prompt_ide.grok_conversation import AsyncGrokConversation
from xai.aio.prompt_ide.grok_response import AsyncGrokResponse
from xai.aio.prompt_ide.sampler import AsyncSampler
from xai.aio.stubs.prompt_ide import AsyncStubs
from xai.prompt_ide.compat_types import MessageParam
from xai.proto.prompt_ide import prod_search as search_pb
from xai.proto.prompt_ide.sampler_public import TokenizeAndSampleTokensRequest

#: The classes whose public methods make calls.
CLASSES: tuple[type, ...] = (
    AsyncSampler,
    AsyncChat,
    AsyncConversation,
    AsyncGrok,
    AsyncGrokConversation,
    AsyncGrokResponse,
    AsyncFiles,
    AsyncEmbedder,
    AsyncCompletions,
)
HERE = Path(__file__)
SIZE = HERE.stat().st_size
QUESTION = "Tell me about the river."
MESSAGES: list[MessageParam] = [{"role": "user", "content": QUESTION}]

# twin: sync Action = Callable[[Client], object]
Action = Callable[[AsyncClient], Awaitable[object]]
A = TypeVar("A", bound=Action)


@attrs.frozen
class Case:
    """A public method, one of the RPCs it makes, and something that makes it last."""

    name: str
    path: str
    action: Action


CASES: list[Case] = []


def case(method: Callable[..., Any], path: str) -> Callable[[A], A]:
    """Note what calls a method so that it makes an RPC."""

    def note(action: A) -> A:
        CASES.append(Case(method.__qualname__, path, action))
        return action

    return note


def stub(path: str) -> Callable[[A], A]:
    """Note what makes an RPC that no other public method makes."""

    def note(action: A) -> A:
        CASES.append(Case(AsyncStubs.__name__, path, action))
        return action

    return note


async def reply_of(pair: tuple[xai.AsyncStream[str], Any]) -> Any:  # noqa: ANN401  # of any service
    """Read a pair to its end, and return the reply."""
    stream, reply = pair
    pieces = await collect(stream)
    found = await outcome(reply)
    assert "".join(pieces) == found.message != ""
    return found


async def begun(client: AsyncClient) -> tuple[AsyncGrokConversation, AsyncGrokResponse]:
    """Return a conversation the server keeps, with a question and its answer."""
    talk = client.grok.create_conversation()
    answer = await reply_of(talk.add_response(QUESTION))
    assert isinstance(answer, AsyncGrokResponse)
    return talk, answer


@case(AsyncSampler.tokenize, "/prompt_ide.Sampler/Tokenize")
async def tokenize(client: AsyncClient) -> None:
    """Cut a text into tokens."""
    assert await client.sampler.tokenize(QUESTION)


@case(AsyncSampler.sample, "/prompt_ide.Sampler/SampleTokens")
async def sample(client: AsyncClient) -> None:
    """Continue a text."""
    assert await collect(client.sampler.sample(QUESTION, max_len=3, temperature=0.0))


@case(AsyncSampler.list_models, "/prompt_ide.Sampler/ListModels")
async def list_models(client: AsyncClient) -> None:
    """List the models."""
    assert await client.sampler.list_models()


@case(AsyncSampler.get_token_budget, "/prompt_ide.Sampler/GetTokenBudget")
async def get_token_budget(client: AsyncClient) -> None:
    """Ask for the budget."""
    assert isinstance(await client.sampler.get_token_budget(), xai.TokenBudget)


@case(AsyncSampler.list_transactions, "/prompt_ide.Sampler/ListTransactions")
async def list_transactions(client: AsyncClient) -> None:
    """List what was spent, for a text that was just continued."""
    await collect(client.sampler.sample(QUESTION, max_len=1))
    assert await client.sampler.list_transactions()


@stub("/prompt_ide.Sampler/TokenizeAndSampleTokens")
async def tokenize_and_sample(client: AsyncClient) -> None:
    """Continue a text, in one call."""
    request = TokenizeAndSampleTokensRequest(text=QUESTION)
    assert await collect(client.stubs.sampler.tokenize_and_sample_tokens(request))


@case(AsyncConversation.add_response, "/prompt_ide.StatelessChat/AddResponse")
async def chat(client: AsyncClient) -> None:
    """Say something, and read the answer."""
    conversation = client.chat.create_conversation()
    await reply_of(conversation.add_response(QUESTION))
    assert len(conversation.history) == 2


@case(AsyncConversation.add_response_no_stream, "/prompt_ide.StatelessChat/AddResponse")
async def chat_without_stream(client: AsyncClient) -> None:
    """Say something, and wait for the answer."""
    conversation = client.chat.create_conversation()
    assert (await conversation.add_response_no_stream(QUESTION)).message
    assert len(conversation.history) == 2


@case(AsyncChat.log_for_debugging, "/prompt_ide.StatelessChat/LogForDebugging")
async def log_for_debugging(client: AsyncClient) -> None:
    """Log a conversation."""
    await client.chat.log_for_debugging(client.chat.create_conversation())


@case(AsyncChat.delete_logged_conversations, "/prompt_ide.StatelessChat/DeleteLoggedConversations")
async def delete_logged(client: AsyncClient) -> None:
    """Delete what was logged."""
    await client.chat.delete_logged_conversations("key")


@case(AsyncGrokConversation.add_response, "/prompt_ide.Chat/CreateConversation")
async def begin(client: AsyncClient) -> None:
    """Create a conversation by saying something."""
    talk = client.grok.create_conversation()
    await reply_of(talk.add_response(QUESTION))
    assert talk.conversation_id


@case(AsyncGrokConversation.add_response, "/prompt_ide.Chat/AddResponse")
async def talk_on(client: AsyncClient) -> None:
    """Say something in a conversation."""
    talk, _ = await begun(client)
    await reply_of(talk.add_response("And then?"))


@case(AsyncGrok.get_conversation, "/prompt_ide.Chat/GetConversation")
async def get_conversation(client: AsyncClient) -> None:
    """Load a conversation."""
    talk, _ = await begun(client)
    again = await client.grok.get_conversation(talk.conversation_id)
    assert len(again.root_responses) == 1


@case(AsyncGrok.list_conversations, "/prompt_ide.Chat/ListConversations")
async def list_conversations(client: AsyncClient) -> None:
    """List the conversations."""
    talk, _ = await begun(client)
    (listed,) = await client.grok.list_conversations(page_size=1)
    assert listed.conversation_id == talk.conversation_id


@case(AsyncGrok.search_conversations, "/prompt_ide.Chat/SearchConversations")
async def search_conversations(client: AsyncClient) -> None:
    """Search the conversations."""
    talk, _ = await begun(client)
    (found,) = await client.grok.search_conversations("river")
    assert found.conversation_id == talk.conversation_id


@case(AsyncGrokConversation.load, "/prompt_ide.Chat/GetConversation")
async def load(client: AsyncClient) -> None:
    """Load a conversation again."""
    talk, _ = await begun(client)
    await talk.load()
    assert len(talk.root_responses) == 1


@case(AsyncGrokConversation.set_title, "/prompt_ide.Chat/UpdateConversation")
async def set_title(client: AsyncClient) -> None:
    """Give a conversation a title."""
    talk, _ = await begun(client)
    await talk.set_title("Mine")
    assert talk.title == "Mine"


@case(AsyncGrokConversation.star, "/prompt_ide.Chat/UpdateConversation")
async def star(client: AsyncClient) -> None:
    """Mark a conversation."""
    talk, _ = await begun(client)
    await talk.star()
    assert talk.starred


@case(AsyncGrokConversation.unstar, "/prompt_ide.Chat/UpdateConversation")
async def unstar(client: AsyncClient) -> None:
    """Take the mark away."""
    talk, _ = await begun(client)
    await talk.unstar()


@case(AsyncGrokConversation.generate_title, "/prompt_ide.Chat/GenerateTitle")
async def generate_title(client: AsyncClient) -> None:
    """Have a title made."""
    talk, _ = await begun(client)
    assert await talk.generate_title() == talk.title != ""


@case(AsyncGrokConversation.delete, "/prompt_ide.Chat/DeleteConversation")
async def delete_conversation(client: AsyncClient) -> None:
    """Delete a conversation."""
    talk, _ = await begun(client)
    await talk.delete()
    with pytest.raises(RuntimeError, match="deleted"):
        talk.add_response("Hi")


@case(AsyncGrokResponse.replace, "/prompt_ide.Chat/AddResponse")
async def replace_question(client: AsyncClient) -> None:
    """Ask something else in the place of a question."""
    _, answer = await begun(client)
    question = answer.parent_response
    assert question is not None
    await reply_of(question.replace("Tell me about the bridge."))


@case(AsyncGrokResponse.replace, "/prompt_ide.Chat/AddModelResponse")
async def replace_answer(client: AsyncClient) -> None:
    """Put a text in the place of the model's."""
    _, answer = await begun(client)
    assert (await reply_of(answer.replace("No."))).message == "No."


@case(AsyncGrokResponse.resample, "/prompt_ide.Chat/AddResponse")
async def resample(client: AsyncClient) -> None:
    """Have a question answered again."""
    _, answer = await begun(client)
    await reply_of(answer.resample())


@case(AsyncGrokResponse.share, "/prompt_ide.Chat/ShareConversation")
async def share(client: AsyncClient) -> None:
    """Publish a conversation."""
    _, answer = await begun(client)
    url = f"https://share.x.ai/conversations/{answer.response_id}"
    assert await answer.share() == url


@case(AsyncFiles.upload, "/prompt_ide.File/UploadFile")
async def upload(client: AsyncClient) -> None:
    """Store a text."""
    assert (await client.files.upload("a.txt", b"text", "text/plain")).size_bytes == 4


@case(AsyncFiles.upload_file, "/prompt_ide.File/UploadFile")
async def upload_file(client: AsyncClient) -> None:
    """Store a file: the one that this is written in."""
    stored = await client.files.upload_file(HERE, "test.py")
    assert stored.size_bytes == SIZE


@case(AsyncFiles.download, "/prompt_ide.File/DownloadFile")
async def download(client: AsyncClient) -> None:
    """Fetch what was stored."""
    await upload(client)
    assert await client.files.download("a.txt") == b"text"


@case(AsyncFiles.list, "/prompt_ide.File/ListFiles")
async def list_files(client: AsyncClient) -> None:
    """List what was stored."""
    await upload(client)
    assert [item.file_name for item in await client.files.list()] == ["a.txt"]


@case(AsyncFiles.storage, "/prompt_ide.File/ListFiles")
async def storage(client: AsyncClient) -> None:
    """Ask for the space."""
    await upload(client)
    assert (await client.files.storage()).used == 4


@case(AsyncFiles.rename, "/prompt_ide.File/RenameFile")
async def rename(client: AsyncClient) -> None:
    """Give a file another name."""
    await upload(client)
    await client.files.rename("a.txt", "b.txt")


@case(AsyncFiles.delete, "/prompt_ide.File/DeleteFile")
async def delete_file(client: AsyncClient) -> None:
    """Delete a file."""
    await upload(client)
    await client.files.delete("a.txt")


@case(AsyncEmbedder.embed, "/prompt_ide.Embedder/Embed")
async def embed(client: AsyncClient) -> None:
    """Embed two texts."""
    for values, shape in await client.embedder.embed(["a", "b"]):
        assert shape == [len(values)]


@case(AsyncCompletions.create, "/compat.chat.Chat/GetCompletion")
async def complete(client: AsyncClient) -> None:
    """Complete a conversation."""
    completion = await client.compat.chat.completions.create(messages=MESSAGES)
    assert completion.choices[0].message.content


@case(AsyncCompletions.create, "/compat.chat.Chat/GetCompletionChunk")
async def complete_in_chunks(client: AsyncClient) -> None:
    """Complete a conversation, chunk by chunk."""
    stream = await client.compat.chat.completions.create(messages=MESSAGES, stream=True)
    assert "".join([chunk.choices[0].delta.content for chunk in await collect(stream)])


@stub("/prompt_ide.Search/Search")
async def search(client: AsyncClient) -> str:
    """Search, and return the name of the search."""
    replies = await collect(client.stubs.search.search(search_pb.SearchRequest(query="the river")))
    return replies[0].search_id


@stub("/prompt_ide.Search/GetMostRecentSearchQuery")
async def recent_searches(client: AsyncClient) -> None:
    """List what was searched for."""
    name = await search(client)
    request = search_pb.GetMostRecentSearchQueryRequest()
    found = await client.stubs.search.get_most_recent_search_query(request)
    assert [query.search_id for query in found.queries] == [name]


@stub("/prompt_ide.Search/DeleteSearchQuery")
async def forget_search(client: AsyncClient) -> None:
    """Forget a search."""
    request = search_pb.DeleteSearchQueryRequest(search_id=await search(client))
    assert await client.stubs.search.delete_search_query(request) == Empty()


@stub("/prompt_ide.Search/CompleteQuery")
async def complete_query(client: AsyncClient) -> None:
    """Complete what is being typed."""
    request = search_pb.CompleteQueryRequest(query="the riv")
    assert (await client.stubs.search.complete_query(request)).query == "the river"


@stub("/prompt_ide.Search/SummarizeWebResult")
async def summarize(client: AsyncClient) -> None:
    """Have a page summarised."""
    replies = await collect(client.stubs.search.search(search_pb.SearchRequest(query="the river")))
    found = [reply for reply in replies if reply.is_set("web_search_results")]
    url = found[0].web_search_results.results[0].url
    request = search_pb.SummarizeWebResultRequest(query="the river", url=url)
    assert await collect(client.stubs.search.summarize_web_result(request))


@stub("/prompt_ide.Search/GetXCuratedTrends")
async def trends(client: AsyncClient) -> str:
    """List the trends, and return the ID of the first."""
    request = search_pb.GetXCuratedTrendsRequest()
    return (await client.stubs.search.get_x_curated_trends(request)).trends[0].rest_id


@stub("/prompt_ide.Search/GetXTrendById")
async def one_trend(client: AsyncClient) -> None:
    """Look up a trend."""
    name = await trends(client)
    request = search_pb.GetXTrendByIdRequest(id=name)
    assert (await client.stubs.search.get_x_trend_by_id(request)).trend.rest_id == name
