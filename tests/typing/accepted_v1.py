"""Calls of the v1 API that must pass ``mypy --strict``, with the types a user sees."""

from collections.abc import AsyncIterator, Sequence  # as in a program of a user
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path  # as above

from typing_extensions import assert_type

import xai
from xai import v1
from xai.aio.v1.chat.chat import AsyncChat
from xai.aio.v1.chat.deferred import AsyncDeferred
from xai.proto import xai_api as pb
from xai.sync.v1.chat.chat import Chat
from xai.sync.v1.chat.deferred import Deferred
from xai.v1.auth import ApiKeyInfo
from xai.v1.chat.chunks import Chunk
from xai.v1.chat.history import Compaction
from xai.v1.chat.response import Response
from xai.v1.models import LanguageModel
from xai.v1.tokenize import Estimate, Token, TokenizedText


@dataclass
class City:
    """What an answer is read into."""

    name: str


def conversation(client: xai.Client) -> None:
    """Settings are checked by name; answers are typed."""
    tools = [v1.web_search(), v1.code_execution()]
    chat = client.v1.chat.create(
        "some-new-model",
        messages=[v1.system("Be brief."), v1.user("Hi", v1.image("https://x.ai/a.png"))],
        stop="END",
        reasoning_effort="high",
        tools=tools,
        tool_choice="auto",
        response_format=City,
        include=["inline_citations"],
        agent_count=16,
        service_tier="priority",
        guidelines=[{"type": "policy", "category": "nsfw", "behavior": "decline"}],
        auto_append=True,
    )
    assert_type(chat, Chat)
    response = chat.sample()
    assert_type(response, Response)
    assert_type(response.content, str)
    assert_type(response.cost_usd, float | None)
    assert_type(chat.append(response).append(v1.user("More")), Chat)
    assert_type(chat.sample_batch(2), list[Response])
    assert_type(chat.with_options(timeout=5, retry=xai.RetryPolicy.none()).copy(), Chat)
    assert_type(chat.ask("Hi", v1.text("there")), Response)
    assert_type(chat.messages, list[pb.Message])
    assert_type(chat.proto, pb.GetCompletionsRequest)
    assert_type(chat.compact(), Compaction)


def pieces(client: xai.Client) -> None:
    """Streams are what `xai.Stream` says, and know more."""
    chat = client.v1.chat.create("m")
    stream = chat.stream()
    same: xai.Stream[tuple[Response, Chunk]] = stream
    with stream as inner:
        for response, chunk in inner:
            assert_type(response, Response)
            assert_type(chunk, Chunk)
    assert_type(list(same), list[tuple[Response, Chunk]])
    assert_type(stream.until_done(), Response)
    assert_type(list(chat.stream_batch(2)), list[tuple[list[Response], list[Chunk]]])
    parsed = chat.stream_parse(City)
    assert_type(list(parsed), list[tuple[Response, v1.JsonValue]])
    assert_type(parsed.result, City)
    assert_type(parsed.until_done(), tuple[Response, City])
    assert_type(v1.display_stream(chat.stream()), Response)
    assert_type(v1.display_stream(chat.stream_batch(2)), list[Response])
    assert_type(v1.display_stream(chat.stream_parse(City)), tuple[Response, City])
    assert_type(v1.display_stream(chat.run_stream()), v1.RunResult[None])
    assert_type(chat.parse(City), tuple[Response, City])
    assert_type(chat.parse(list[int])[1], list[int])


def deferred(client: xai.Client) -> None:
    """Answers that come later."""
    chat = client.v1.chat.create("m")
    assert_type(chat.defer(timeout=timedelta(minutes=1), interval=0.5), Response)
    assert_type(chat.defer_batch(2), list[Response])
    started = chat.start_deferred()
    assert_type(started, Deferred)
    assert_type(started.get(), Response | None)
    assert_type(client.v1.chat.deferred(started.request_id).wait(), Response)
    assert_type(client.v1.chat.get_stored_completion("r"), Response)
    assert_type(client.v1.chat.get_stored_choices("r"), list[Response])
    assert_type(client.v1.chat.delete_stored_completion("r"), str)
    assert_type(client.v1.chat.compact_context("m", [v1.user("Hi")]), Compaction)


def small_services(client: xai.Client) -> None:
    """Models, tokens and the key."""
    assert_type(client.v1.models.list_language_models(), list[LanguageModel])
    assert_type(client.v1.models.get_language_model("m").prompt_text_usd_per_million, float)
    tokens = client.v1.tokenize.tokenize_text("Hi", "m")
    assert_type(tokens, TokenizedText)
    as_sequence: Sequence[Token] = tokens
    assert_type(as_sequence[0].start, int)
    assert_type(tokens[1:], tuple[Token, ...])
    assert_type(client.v1.tokenize.estimate([v1.user("Hi")], "m"), Estimate)
    assert_type(client.v1.auth.get_api_key_info(), ApiKeyInfo)
    xai.Client("k", management_api_key="m", management_api_host="localhost:1")


async def asynchronous(client: xai.AsyncClient) -> None:
    """The same, awaited."""
    chat = client.v1.chat.create("m")
    assert_type(chat, AsyncChat)
    assert_type(await chat.sample(), Response)
    stream: xai.AsyncStream[tuple[Response, Chunk]] = chat.stream()
    async with stream as inner:
        assert_type([chunk.content async for _, chunk in inner], list[str])
    assert_type(await chat.stream().until_done(), Response)
    assert_type(await v1.display_stream(chat.stream()), Response)
    assert_type(await v1.display_stream(chat.stream_parse(City)), tuple[Response, City])
    assert_type(await chat.parse(City), tuple[Response, City])
    assert_type(await chat.start_deferred(2), AsyncDeferred)
    assert_type(await client.v1.models.list_language_models(), list[LanguageModel])
    assert_type(await client.v1.auth.get_api_key_info(), ApiKeyInfo)


def files(client: xai.Client, path: Path) -> None:
    """Uploads of every kind, downloads, pages and URLs."""
    service = client.v1.files
    for source in (
        path,
        "a",
        b"a",
        bytearray(),
        memoryview(b""),
        path.open("rb"),
        [b"a"],
        iter([b"a"]),
    ):
        assert_type(service.upload(source, filename="a", expires_after=3600), v1.File)
    service.upload(path, expires_after=timedelta(days=1), on_progress=print)
    many = service.upload_many([v1.Upload(path, filename="b"), v1.Upload(path)], concurrency=2)
    assert_type(many, list[v1.File | Exception])
    names: dict[int, tuple[str, v1.File | Exception]] = {}
    service.upload_many(
        [path], on_complete=lambda place, item, end: names.update({place: (item.name, end)})
    )
    page = service.list(limit=5, order="desc", sort_by="size", filter="size_bytes > 1")
    assert_type(page, v1.Page[v1.File])
    assert_type([file.size for file in page], list[int])
    assert_type(service.download("id", path, format="text"), int)
    service.download("id", path.open("wb"))
    assert_type(service.content("id"), bytes)
    with service.iter_content("id") as chunks:
        assert_type(list(chunks), list[bytes])
    assert_type(service.get("id").created_at, datetime | None)
    assert_type(service.delete("id"), str)
    assert_type(service.create_public_url("id", expires_after=60).url, str)
    assert_type(service.revoke_public_url("id").revoked, bool)


async def chunks() -> AsyncIterator[bytes]:
    """Yield what is uploaded."""
    yield b""


async def asynchronous_files(client: xai.AsyncClient, path: Path) -> None:
    """As above, awaited; chunks may be, too."""
    service = client.v1.files
    assert_type(await service.upload(chunks(), filename="a"), v1.File)
    assert_type(await service.upload_many([path]), list[v1.File | Exception])
    page = await service.list()
    assert_type([file.id async for file in page], list[str])
    async with service.iter_content("id") as stream:
        assert_type([chunk async for chunk in stream], list[bytes])


def embeddings_and_texts(client: xai.Client, path: Path) -> None:
    """Vectors, and raw completions."""
    found = client.v1.embedder.embed(
        ["a", v1.image("https://x.ai/a.png"), b"\x89PNG", path], model="m"
    )
    assert_type(found, v1.Embeddings)
    assert_type(
        client.v1.embedder.embed("a", model="m", encoding_format="base64")[0].vector[0], float
    )
    assert_type(found.to_list(), list[list[float]])
    assert_type(found.to_numpy().ndim, int)
    assert_type(found.usage.num_text_embeddings, int)
    sampler = client.v1.sampler
    assert_type(sampler.sample("a", model="m", n=2, stop="."), v1.TextCompletion)
    assert_type(sampler.sample_batch(["a", "b"], 2, model="m"), list[v1.TextChoice])
    stream: xai.Stream[tuple[v1.TextCompletion, v1.TextChunk]] = sampler.stream("a", model="m")
    with stream as inner:
        assert_type([chunk.text for _, chunk in inner], list[str])


def batches(client: xai.Client, path: Path, message: v1.BatchRequest) -> None:
    """Requests that are processed later."""
    batch = client.v1.batch
    created = batch.create("mine", input_file_id="f-1")
    assert_type(created, v1.Batch)
    chat = client.v1.chat.create("m", batch_request_id="r-1")
    assert_type(batch.add(created.batch_id, [chat, message]), v1.AddedRequests)
    assert_type(batch.wait("b", timeout=5, on_progress=lambda found: found.done), v1.Batch)
    assert_type(created.cost_usd, float | None)
    assert_type(batch.list(limit=5), v1.Page[v1.Batch])
    for info in batch.requests("b", status=["failed", v1.BatchRequestState.PENDING]):
        assert_type(info.state, v1.BatchRequestState)
    assert_type([result.chat for result in batch.results("b")], list[Response])
    assert_type(batch.result("b", "r").error, xai.APIError | None)
    assert_type(batch.write_input(path, (chat,)), int)
