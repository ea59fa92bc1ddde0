# Do not edit: produced by "nox -s generate" from
# tests/services/aio/prompt_ide/method_cases.py
"""Every public method that makes a call, with something that makes it do so."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import attrs
import pytest
from betterproto.lib.google.protobuf import Empty

import xai
from tests.services.sync.helpers import collect
from tests.services.sync.rpc.reply_helpers import outcome
from xai import Client
from xai.prompt_ide.compat_types import MessageParam
from xai.proto.prompt_ide import prod_search as search_pb
from xai.proto.prompt_ide.sampler_public import TokenizeAndSampleTokensRequest
from xai.sync.prompt_ide.chat import Chat, Conversation
from xai.sync.prompt_ide.compat import Completions
from xai.sync.prompt_ide.embedder import Embedder
from xai.sync.prompt_ide.files import Files
from xai.sync.prompt_ide.grok import Grok
from xai.sync.prompt_ide.grok_conversation import GrokConversation
from xai.sync.prompt_ide.grok_response import GrokResponse
from xai.sync.prompt_ide.sampler import Sampler
from xai.sync.stubs.prompt_ide import Stubs

#: The classes whose public methods make calls.
CLASSES: tuple[type, ...] = (
    Sampler,
    Chat,
    Conversation,
    Grok,
    GrokConversation,
    GrokResponse,
    Files,
    Embedder,
    Completions,
)
HERE = Path(__file__)
SIZE = HERE.stat().st_size
QUESTION = "Tell me about the river."
MESSAGES: list[MessageParam] = [{"role": "user", "content": QUESTION}]

Action = Callable[[Client], object]
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
        CASES.append(Case(Stubs.__name__, path, action))
        return action

    return note


def reply_of(pair: tuple[xai.Stream[str], Any]) -> Any:  # noqa: ANN401  # of any service
    """Read a pair to its end, and return the reply."""
    stream, reply = pair
    pieces = collect(stream)
    found = outcome(reply)
    assert "".join(pieces) == found.message != ""
    return found


def begun(client: Client) -> tuple[GrokConversation, GrokResponse]:
    """Return a conversation the server keeps, with a question and its answer."""
    talk = client.grok.create_conversation()
    answer = reply_of(talk.add_response(QUESTION))
    assert isinstance(answer, GrokResponse)
    return talk, answer


@case(Sampler.tokenize, "/prompt_ide.Sampler/Tokenize")
def tokenize(client: Client) -> None:
    """Cut a text into tokens."""
    assert client.sampler.tokenize(QUESTION)


@case(Sampler.sample, "/prompt_ide.Sampler/SampleTokens")
def sample(client: Client) -> None:
    """Continue a text."""
    assert collect(client.sampler.sample(QUESTION, max_len=3, temperature=0.0))


@case(Sampler.list_models, "/prompt_ide.Sampler/ListModels")
def list_models(client: Client) -> None:
    """List the models."""
    assert client.sampler.list_models()


@case(Sampler.get_token_budget, "/prompt_ide.Sampler/GetTokenBudget")
def get_token_budget(client: Client) -> None:
    """Ask for the budget."""
    assert isinstance(client.sampler.get_token_budget(), xai.TokenBudget)


@case(Sampler.list_transactions, "/prompt_ide.Sampler/ListTransactions")
def list_transactions(client: Client) -> None:
    """List what was spent, for a text that was just continued."""
    collect(client.sampler.sample(QUESTION, max_len=1))
    assert client.sampler.list_transactions()


@stub("/prompt_ide.Sampler/TokenizeAndSampleTokens")
def tokenize_and_sample(client: Client) -> None:
    """Continue a text, in one call."""
    request = TokenizeAndSampleTokensRequest(text=QUESTION)
    assert collect(client.stubs.sampler.tokenize_and_sample_tokens(request))


@case(Conversation.add_response, "/prompt_ide.StatelessChat/AddResponse")
def chat(client: Client) -> None:
    """Say something, and read the answer."""
    conversation = client.chat.create_conversation()
    reply_of(conversation.add_response(QUESTION))
    assert len(conversation.history) == 2


@case(Conversation.add_response_no_stream, "/prompt_ide.StatelessChat/AddResponse")
def chat_without_stream(client: Client) -> None:
    """Say something, and wait for the answer."""
    conversation = client.chat.create_conversation()
    assert conversation.add_response_no_stream(QUESTION).message
    assert len(conversation.history) == 2


@case(Chat.log_for_debugging, "/prompt_ide.StatelessChat/LogForDebugging")
def log_for_debugging(client: Client) -> None:
    """Log a conversation."""
    client.chat.log_for_debugging(client.chat.create_conversation())


@case(Chat.delete_logged_conversations, "/prompt_ide.StatelessChat/DeleteLoggedConversations")
def delete_logged(client: Client) -> None:
    """Delete what was logged."""
    client.chat.delete_logged_conversations("key")


@case(GrokConversation.add_response, "/prompt_ide.Chat/CreateConversation")
def begin(client: Client) -> None:
    """Create a conversation by saying something."""
    talk = client.grok.create_conversation()
    reply_of(talk.add_response(QUESTION))
    assert talk.conversation_id


@case(GrokConversation.add_response, "/prompt_ide.Chat/AddResponse")
def talk_on(client: Client) -> None:
    """Say something in a conversation."""
    talk, _ = begun(client)
    reply_of(talk.add_response("And then?"))


@case(Grok.get_conversation, "/prompt_ide.Chat/GetConversation")
def get_conversation(client: Client) -> None:
    """Load a conversation."""
    talk, _ = begun(client)
    again = client.grok.get_conversation(talk.conversation_id)
    assert len(again.root_responses) == 1


@case(Grok.list_conversations, "/prompt_ide.Chat/ListConversations")
def list_conversations(client: Client) -> None:
    """List the conversations."""
    talk, _ = begun(client)
    (listed,) = client.grok.list_conversations(page_size=1)
    assert listed.conversation_id == talk.conversation_id


@case(Grok.search_conversations, "/prompt_ide.Chat/SearchConversations")
def search_conversations(client: Client) -> None:
    """Search the conversations."""
    talk, _ = begun(client)
    (found,) = client.grok.search_conversations("river")
    assert found.conversation_id == talk.conversation_id


@case(GrokConversation.load, "/prompt_ide.Chat/GetConversation")
def load(client: Client) -> None:
    """Load a conversation again."""
    talk, _ = begun(client)
    talk.load()
    assert len(talk.root_responses) == 1


@case(GrokConversation.set_title, "/prompt_ide.Chat/UpdateConversation")
def set_title(client: Client) -> None:
    """Give a conversation a title."""
    talk, _ = begun(client)
    talk.set_title("Mine")
    assert talk.title == "Mine"


@case(GrokConversation.star, "/prompt_ide.Chat/UpdateConversation")
def star(client: Client) -> None:
    """Mark a conversation."""
    talk, _ = begun(client)
    talk.star()
    assert talk.starred


@case(GrokConversation.unstar, "/prompt_ide.Chat/UpdateConversation")
def unstar(client: Client) -> None:
    """Take the mark away."""
    talk, _ = begun(client)
    talk.unstar()


@case(GrokConversation.generate_title, "/prompt_ide.Chat/GenerateTitle")
def generate_title(client: Client) -> None:
    """Have a title made."""
    talk, _ = begun(client)
    assert talk.generate_title() == talk.title != ""


@case(GrokConversation.delete, "/prompt_ide.Chat/DeleteConversation")
def delete_conversation(client: Client) -> None:
    """Delete a conversation."""
    talk, _ = begun(client)
    talk.delete()
    with pytest.raises(RuntimeError, match="deleted"):
        talk.add_response("Hi")


@case(GrokResponse.replace, "/prompt_ide.Chat/AddResponse")
def replace_question(client: Client) -> None:
    """Ask something else in the place of a question."""
    _, answer = begun(client)
    question = answer.parent_response
    assert question is not None
    reply_of(question.replace("Tell me about the bridge."))


@case(GrokResponse.replace, "/prompt_ide.Chat/AddModelResponse")
def replace_answer(client: Client) -> None:
    """Put a text in the place of the model's."""
    _, answer = begun(client)
    assert reply_of(answer.replace("No.")).message == "No."


@case(GrokResponse.resample, "/prompt_ide.Chat/AddResponse")
def resample(client: Client) -> None:
    """Have a question answered again."""
    _, answer = begun(client)
    reply_of(answer.resample())


@case(GrokResponse.share, "/prompt_ide.Chat/ShareConversation")
def share(client: Client) -> None:
    """Publish a conversation."""
    _, answer = begun(client)
    url = f"https://share.x.ai/conversations/{answer.response_id}"
    assert answer.share() == url


@case(Files.upload, "/prompt_ide.File/UploadFile")
def upload(client: Client) -> None:
    """Store a text."""
    assert client.files.upload("a.txt", b"text", "text/plain").size_bytes == 4


@case(Files.upload_file, "/prompt_ide.File/UploadFile")
def upload_file(client: Client) -> None:
    """Store a file: the one that this is written in."""
    stored = client.files.upload_file(HERE, "test.py")
    assert stored.size_bytes == SIZE


@case(Files.download, "/prompt_ide.File/DownloadFile")
def download(client: Client) -> None:
    """Fetch what was stored."""
    upload(client)
    assert client.files.download("a.txt") == b"text"


@case(Files.list, "/prompt_ide.File/ListFiles")
def list_files(client: Client) -> None:
    """List what was stored."""
    upload(client)
    assert [item.file_name for item in client.files.list()] == ["a.txt"]


@case(Files.storage, "/prompt_ide.File/ListFiles")
def storage(client: Client) -> None:
    """Ask for the space."""
    upload(client)
    assert client.files.storage().used == 4


@case(Files.rename, "/prompt_ide.File/RenameFile")
def rename(client: Client) -> None:
    """Give a file another name."""
    upload(client)
    client.files.rename("a.txt", "b.txt")


@case(Files.delete, "/prompt_ide.File/DeleteFile")
def delete_file(client: Client) -> None:
    """Delete a file."""
    upload(client)
    client.files.delete("a.txt")


@case(Embedder.embed, "/prompt_ide.Embedder/Embed")
def embed(client: Client) -> None:
    """Embed two texts."""
    for values, shape in client.embedder.embed(["a", "b"]):
        assert shape == [len(values)]


@case(Completions.create, "/compat.chat.Chat/GetCompletion")
def complete(client: Client) -> None:
    """Complete a conversation."""
    completion = client.compat.chat.completions.create(messages=MESSAGES)
    assert completion.choices[0].message.content


@case(Completions.create, "/compat.chat.Chat/GetCompletionChunk")
def complete_in_chunks(client: Client) -> None:
    """Complete a conversation, chunk by chunk."""
    stream = client.compat.chat.completions.create(messages=MESSAGES, stream=True)
    assert "".join([chunk.choices[0].delta.content for chunk in collect(stream)])


@stub("/prompt_ide.Search/Search")
def search(client: Client) -> str:
    """Search, and return the name of the search."""
    replies = collect(client.stubs.search.search(search_pb.SearchRequest(query="the river")))
    return replies[0].search_id


@stub("/prompt_ide.Search/GetMostRecentSearchQuery")
def recent_searches(client: Client) -> None:
    """List what was searched for."""
    name = search(client)
    request = search_pb.GetMostRecentSearchQueryRequest()
    found = client.stubs.search.get_most_recent_search_query(request)
    assert [query.search_id for query in found.queries] == [name]


@stub("/prompt_ide.Search/DeleteSearchQuery")
def forget_search(client: Client) -> None:
    """Forget a search."""
    request = search_pb.DeleteSearchQueryRequest(search_id=search(client))
    assert client.stubs.search.delete_search_query(request) == Empty()


@stub("/prompt_ide.Search/CompleteQuery")
def complete_query(client: Client) -> None:
    """Complete what is being typed."""
    request = search_pb.CompleteQueryRequest(query="the riv")
    assert client.stubs.search.complete_query(request).query == "the river"


@stub("/prompt_ide.Search/SummarizeWebResult")
def summarize(client: Client) -> None:
    """Have a page summarised."""
    replies = collect(client.stubs.search.search(search_pb.SearchRequest(query="the river")))
    found = [reply for reply in replies if reply.is_set("web_search_results")]
    url = found[0].web_search_results.results[0].url
    request = search_pb.SummarizeWebResultRequest(query="the river", url=url)
    assert collect(client.stubs.search.summarize_web_result(request))


@stub("/prompt_ide.Search/GetXCuratedTrends")
def trends(client: Client) -> str:
    """List the trends, and return the ID of the first."""
    request = search_pb.GetXCuratedTrendsRequest()
    return client.stubs.search.get_x_curated_trends(request).trends[0].rest_id


@stub("/prompt_ide.Search/GetXTrendById")
def one_trend(client: Client) -> None:
    """Look up a trend."""
    name = trends(client)
    request = search_pb.GetXTrendByIdRequest(id=name)
    assert client.stubs.search.get_x_trend_by_id(request).trend.rest_id == name
