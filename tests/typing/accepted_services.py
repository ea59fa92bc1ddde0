"""Programs for the services that must pass ``mypy --strict``, with the types a user sees."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Future  # noqa: TC003  # as in a program of a user
from datetime import datetime
from pathlib import Path

from typing_extensions import assert_type

import xai
from xai.aio.prompt_ide.chat import AsyncConversation
from xai.aio.prompt_ide.grok_conversation import AsyncGrokConversation
from xai.aio.prompt_ide.grok_response import AsyncGrokResponse
from xai.prompt_ide.compat_types import (
    ChatCompletion,
    ChatCompletionChunk,
    ChoiceLogprobs,
    ChunkChoice,
    MessageParam,
    TopLogprob,
)
from xai.runtime.transport.blocking import Reply
from xai.sync.prompt_ide.chat import Conversation
from xai.sync.prompt_ide.grok_conversation import GrokConversation
from xai.sync.prompt_ide.grok_response import GrokResponse


def stateless_chat(client: xai.Client) -> None:
    """The pair is a stream of text and a future of the whole reply."""
    conversation = client.chat.create_conversation(
        fun_mode=True, disable_search=True, model_name="m"
    )
    assert_type(conversation, Conversation)
    pieces, reply = conversation.add_response("Hi", image_inputs=["aW1n"])
    assert_type(pieces, xai.Stream[str])
    assert_type(reply, Reply[xai.StatelessResponse])
    future: Future[xai.StatelessResponse] = reply
    assert_type(future.result(timeout=1), xai.StatelessResponse)
    assert_type(reply.result(), xai.StatelessResponse)
    assert_type(reply.exception(), BaseException | None)
    with pieces as same:
        assert_type(list(same), list[str])
    assert_type(conversation.add_response_no_stream("Hi"), xai.StatelessResponse)
    assert_type(conversation.history, Sequence[xai.StatelessResponse])
    assert_type(conversation.conversation_id, str)
    assert_type(conversation.fun_mode, bool)
    assert_type(client.chat.log_for_debugging(conversation), None)
    assert_type(client.chat.delete_logged_conversations("k"), None)


async def asynchronous_stateless_chat(client: xai.AsyncClient) -> None:
    """As above, with an asyncio future."""
    conversation = client.chat.create_conversation()
    assert_type(conversation, AsyncConversation)
    pieces, reply = conversation.add_response("Hi")
    assert_type(pieces, xai.AsyncStream[str])
    assert_type(reply, asyncio.Future[xai.StatelessResponse])
    assert_type([piece async for piece in pieces], list[str])
    assert_type(await reply, xai.StatelessResponse)
    assert_type(await conversation.add_response_no_stream("Hi"), xai.StatelessResponse)
    await client.chat.log_for_debugging(conversation)


def reply_values(reply: xai.StatelessResponse) -> None:
    """Every field of a reply has its type."""
    assert_type(reply.sender, xai.Sender)
    assert_type(reply.message, str)
    assert_type(reply.image_attachment, xai.ImageAttachment | None)
    assert_type(reply.x_post_ids, list[str])
    assert_type(reply.debug_log, xai.DebugLog | None)
    assert_type(reply.web_search_results, list[xai.WebSearchResult])


def stateful_chat(client: xai.Client) -> None:
    """Conversations, their responses and the pairs have their types."""
    talk = client.grok.create_conversation("m", fun_mode=True)
    assert_type(talk, GrokConversation)
    assert_type(client.grok.get_conversation("c"), GrokConversation)
    assert_type(client.grok.list_conversations(page_size=1), list[GrokConversation])
    assert_type(client.grok.search_conversations("q"), list[GrokConversation])
    pieces, reply = talk.add_response("Hi")
    assert_type(pieces, xai.Stream[str])
    assert_type(reply, Reply[GrokResponse])
    future: Future[GrokResponse] = reply
    response = future.result()
    assert_type(response, GrokResponse)
    assert_type(response.replace("No."), tuple[xai.Stream[str], Reply[GrokResponse]])
    assert_type(response.resample(), tuple[xai.Stream[str], Reply[GrokResponse]])
    assert_type(response.share(), str)
    assert_type(talk.root_responses, Sequence[GrokResponse])
    assert_type(talk.get_response("r"), GrokResponse)
    assert_type(talk.get_children("r"), Sequence[GrokResponse])
    assert_type((talk.conversation_id, talk.title, talk.starred), tuple[str, str, bool])
    assert_type((talk.create_time, talk.modify_time), tuple[datetime | None, datetime | None])
    assert_type(talk.generate_title(), str)
    for action in (talk.star, talk.unstar, talk.load, talk.delete):
        assert_type(action, Callable[[], None])


def response_values(response: GrokResponse) -> None:
    """Every field of a response has its type."""
    assert_type(response.parent_response, GrokResponse | None)
    assert_type(response.children, Sequence[GrokResponse])
    assert_type((response.response_id, response.message, response.sender), tuple[str, str, str])
    assert_type(response.create_time, datetime | None)
    assert_type(response.parent_response_id, str)
    assert_type((response.manual, response.partial, response.shared), tuple[bool, bool, bool])
    assert_type((response.query, response.query_type), tuple[str, str])
    assert_type(response.x_posts, list[xai.XPost])
    assert_type(response.web_search_results, list[xai.WebSearchResult])
    assert_type(response.images, list[xai.GeneratedImage])


async def asynchronous_stateful_chat(client: xai.AsyncClient) -> None:
    """As above, with an asyncio future."""
    talk = client.grok.create_conversation()
    assert_type(talk, AsyncGrokConversation)
    pieces, reply = talk.add_response("Hi")
    assert_type(pieces, xai.AsyncStream[str])
    assert_type(reply, asyncio.Future[AsyncGrokResponse])
    response = await reply
    assert_type(response.resample()[1], asyncio.Future[AsyncGrokResponse])
    assert_type(response.replace("No.")[0], xai.AsyncStream[str])
    assert_type(await response.share(), str)
    assert_type(await client.grok.list_conversations(), list[AsyncGrokConversation])
    assert_type(await talk.generate_title(), str)


def files(client: xai.Client, path: Path) -> None:
    """Files come and go as bytes."""
    assert_type(client.files.upload("a", b"text", overwrite=True), xai.FileMetadata)
    assert_type(client.files.upload_file(path, "a"), xai.FileMetadata)
    assert_type(client.files.download("a"), bytes)
    assert_type(client.files.list(), list[xai.FileMetadata])
    storage = client.files.storage()
    assert_type((storage.used, storage.total), tuple[int, int])
    assert_type(client.files.delete("b"), None)


async def asynchronous_files(client: xai.AsyncClient) -> None:
    """As above, awaited."""
    assert_type(await client.files.upload("a", b"text"), xai.FileMetadata)
    assert_type(await client.files.download("a"), bytes)


async def embedder(client: xai.Client, other: xai.AsyncClient) -> None:
    """An embedding unpacks."""
    assert_type(client.embedder.embed(["a"]), list[xai.Embedding])
    for values, shape in await other.embedder.embed(("a",), "m"):
        assert_type(values, list[float])
        assert_type(shape, list[int])


MESSAGES: list[MessageParam] = [
    {"role": "system", "content": "Be brief."},
    {
        "role": "user",
        "name": "Ann",
        "content": [
            {"type": "text", "text": "What is this?"},
            {"type": "image_url", "image_url": {"url": "https://x.ai/a.png", "detail": "low"}},
        ],
    },
]


def compat(client: xai.Client, *, either: bool) -> None:
    """What `stream` says decides what comes back."""
    create = client.compat.chat.completions.create
    assert_type(create(messages=MESSAGES), ChatCompletion)
    assert_type(create(messages=MESSAGES, stream=None), ChatCompletion)
    assert_type(create(messages=MESSAGES, stream=False), ChatCompletion)
    assert_type(create(messages=MESSAGES, stream=True), xai.Stream[ChatCompletionChunk])
    assert_type(
        create(messages=MESSAGES, stream=either), ChatCompletion | xai.Stream[ChatCompletionChunk]
    )
    create(messages=[{"role": "user", "content": "Hi"}], logit_bias={"1": 2}, stop="a")
    create(messages=[], logit_bias={1: 2.5}, stop=["a"], response_format={"type": "text"})
    with create(messages=MESSAGES, stream=True) as chunks:
        for chunk in chunks:
            assert_type(chunk, ChatCompletionChunk)


async def asynchronous_compat(client: xai.AsyncClient) -> None:
    """As above, awaited."""
    create = client.compat.chat.completions.create
    assert_type(await create(messages=MESSAGES), ChatCompletion)
    chunks = await create(messages=MESSAGES, stream=True)
    assert_type(chunks, xai.AsyncStream[ChatCompletionChunk])
    async for chunk in chunks:
        assert_type(chunk.choices[0].delta.content, str)


def completion_values(completion: ChatCompletion) -> None:
    """Every field of a completion has its type."""
    assert_type((completion.id, completion.created, completion.model), tuple[str, int, str])
    assert_type((completion.object, completion.system_fingerprint), tuple[str, str])
    choice = completion.choices[0]
    assert_type((choice.finish_reason, choice.index), tuple[str, int])
    assert_type((choice.message.content, choice.message.role), tuple[str, str])
    assert_type(choice.logprobs, ChoiceLogprobs | None)
    usage = completion.usage
    assert_type(usage.completion_tokens + usage.prompt_tokens + usage.total_tokens, int)


def chunk_values(chunk: ChatCompletionChunk) -> None:
    """Every field of a chunk has its type."""
    assert_type((chunk.id, chunk.created, chunk.model), tuple[str, int, str])
    assert_type((chunk.object, chunk.system_fingerprint), tuple[str, str])
    assert_type(chunk.choices, list[ChunkChoice])
    choice = chunk.choices[0]
    assert_type((choice.delta.content, choice.delta.role), tuple[str, str])
    assert_type((choice.finish_reason, choice.index), tuple[str | None, int])
    if choice.logprobs is not None:
        token = choice.logprobs.content[0]
        assert_type((token.token, token.logprob, token.bytes), tuple[str, float, list[int]])
        assert_type(token.top_logprobs, list[TopLogprob])
