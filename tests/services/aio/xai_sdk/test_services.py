"""The other services in the shape of xai-sdk 1.x, on this package."""

import io
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from tests.support import SECRET_KEY
from xai.proto.xai_api import video as pb
from xai.proto.xai_api.deferred import DeferredStatus
from xai.testing import LocalServer
from xai.xai_sdk.v1.aio.client import Client
from xai.xai_sdk.v1.chat import user
from xai.xai_sdk.v1.video import VideoGenerationError


@pytest.fixture
def server() -> Iterator[LocalServer]:
    """A local server that knows the secret key."""
    with LocalServer(api_keys={SECRET_KEY: ["*"]}) as server:
        yield server


@pytest.fixture
def sdk(server: LocalServer) -> Client:
    """A client of the local server; each test enters and leaves it."""
    keys = (SECRET_KEY, server.management_api_key)
    return Client(*keys, api_host=server.host, management_api_host=server.host)


async def test_small_services(sdk: Client) -> None:
    """Models, tokens and the key are messages."""
    async with sdk:
        models = await sdk.models.list_language_models()
        one = await sdk.models.get_language_model(models[0].name)
        assert one == models[0]
        assert one.created.ToDatetime().tzinfo is None
        tokens = await sdk.tokenize.tokenize_text("Does it work?", "grok-4")
        assert b"".join(token.token_bytes for token in tokens) == b"Does it work?"
        assert (await sdk.auth.get_api_key_info()).acls == ["*"]


async def test_files(sdk: Client, tmp_path: Path) -> None:
    """Paths, bytes and files are uploaded under the name that was given, and told of in steps."""
    async with sdk:
        path = tmp_path / "a.txt"
        path.write_bytes(b"from a path")
        told: list[tuple[int, int]] = []
        data = bytes(7 * 2**20)
        large = await sdk.files.upload(
            data,
            filename="large.bin",
            expires_after=timedelta(hours=2),
            on_progress=lambda sent, total: told.append((sent, total)),
        )
        step = 3 * 2**20
        assert told == [(step, 7 * 2**20), (2 * step, 7 * 2**20), (7 * 2**20, 7 * 2**20)]
        assert (large.filename, large.size) == ("large.bin", len(data))
        assert large.HasField("expires_at")
        named = await sdk.files.upload(str(path), filename="b.txt")
        assert (await sdk.files.content(named.id), named.filename) == (b"from a path", "b.txt")
        steps: list[int] = []
        opened = io.BytesIO(b"from a file")
        await sdk.files.upload(opened, filename="c", on_progress=steps.append)
        assert steps == [11]
        page = await sdk.files.list(limit=2, order="desc", sort_by="size")
        assert page.data[0].filename == "large.bin"
        assert page.HasField("pagination_token")
        assert (await sdk.files.delete(named.id)).deleted
        for bad, error in ((b"x", ValueError), ("none.txt", FileNotFoundError), (5, ValueError)):
            with pytest.raises(error):
                await sdk.files.upload(bad)  # type: ignore[arg-type]  # refused


async def test_files_at_once(sdk: Client, tmp_path: Path) -> None:
    """Each has a result at its place, an error where it failed, and is told of once."""
    path = tmp_path / "a.txt"
    path.write_bytes(b"a")
    told = []
    async with sdk:
        results = await sdk.files.batch_upload(
            [str(path), str(tmp_path / "none.txt")],
            on_file_complete=lambda at, item, result: told.append((at, item, result)),
        )
        assert sorted(at for at, _, _ in told) == [0, 1]
        assert isinstance(results[1], FileNotFoundError)
        assert getattr(results[0], "filename", "") == "a.txt"
        with pytest.raises(ValueError, match="files"):
            await sdk.files.batch_upload([])


async def test_images(sdk: Client) -> None:
    """Images come by URL or in Base64, and are fetched when they are wanted."""
    async with sdk:
        made = await sdk.image.sample("A tree", "grok-imagine-image", image_format="base64")
        assert made.base64.startswith("data:image/")
        assert (await made.image)[:2] == b"\xff\xd8"
        assert made.respect_moderation
        with pytest.raises(ValueError, match="url is not available"):
            made.url  # noqa: B018  # it raises
        by_url = await sdk.image.sample_batch("A tree", "grok-imagine-image", 2)
        assert [len(await image.image) > 0 for image in by_url] == [True, True]
        with pytest.raises(ValidationError):
            await sdk.image.sample("A tree", "m", storage_options={"public_url": 7})  # type: ignore[arg-type]  # refused


async def test_videos(sdk: Client, server: LocalServer) -> None:
    """Failures are those of that package; a video is polled for, or asked for by its ID."""
    async with sdk:
        model = "grok-imagine-video"
        video = await sdk.video.generate("A tree", model, duration=2)
        assert (video.duration, video.model) == (2, model)
        assert video.url
        started = await sdk.video.extend_start("On", model, video.url, duration=2)
        assert (await sdk.video.get(started.request_id)).status in (1, 3)
        failed = pb.VideoResponse(error=pb.VideoError(code="moderation", message="no"))
        reply = pb.GetDeferredVideoResponse(status=DeferredStatus.FAILED, response=failed)
        server.reply(pb.VIDEO_GET_DEFERRED_VIDEO, reply)
        with pytest.raises(VideoGenerationError) as caught:
            await sdk.video.generate("A tree", model, duration=1)
        assert (caught.value.code, caught.value.message) == ("moderation", "no")
        gone = pb.GetDeferredVideoResponse(status=DeferredStatus.EXPIRED)
        server.reply(pb.VIDEO_GET_DEFERRED_VIDEO, gone)
        with pytest.raises(RuntimeError, match=r"expired|no longer"):
            await sdk.video.generate("A tree", model, duration=1)
        with pytest.raises(ValidationError):
            await sdk.video.start("x", model, keyframes=[{"image_url": "u"}])


async def test_batches(sdk: Client) -> None:
    """Chats and what is prepared go into a batch, and their results come out of it."""
    async with sdk:
        batch = await sdk.batch.create("b")
        chat = sdk.chat.create("grok-4", messages=[user("Hello")], batch_request_id="one")
        image = sdk.image.prepare("A tree", "grok-imagine-image", batch_request_id="two")
        await sdk.batch.add(batch.batch_id, [chat, image])
        with pytest.raises(ValueError, match="Unsupported request type"):
            await sdk.batch.add(batch.batch_id, ["text"])
        while (await sdk.batch.get(batch.batch_id)).state.num_pending:
            pass
        page = await sdk.batch.list_batch_results(batch.batch_id)
        by_id = {result.batch_request_id: result for result in page.succeeded}
        assert by_id["one"].response.content
        assert by_id["two"].image_response.respect_moderation
        assert (page.failed, page.pagination_token) == ([], None)


async def test_collections(sdk: Client, server: LocalServer) -> None:
    """Dictionaries and names become messages; an upload without a management key sends nothing."""
    async with sdk:
        fields = {"key": "k", "required": False, "inject_into_chunk": False, "unique": False}
        chunks = {"chars_configuration": {"max_chunk_size_chars": 100, "chunk_overlap_chars": 10}}
        made = await sdk.collections.create(
            "c",
            chunk_configuration=chunks,  # type: ignore[arg-type]  # as programs pass it
            field_definitions=[fields],  # type: ignore[list-item]  # as programs pass it
            metric_space="cosine",
        )
        document = await sdk.collections.upload_document(
            made.collection_id, "d.txt", b"It works well.", {"k": "v"}, wait_for_indexing=True
        )
        found = await sdk.collections.search("works", [made.collection_id], retrieval_mode="hybrid")
        assert found.matches[0].file_id == document.file_metadata.file_id
        assert document.fields["k"] == "v"
        with pytest.raises(ValueError, match="metric_space"):
            await sdk.collections.create("c", metric_space="far")  # type: ignore[arg-type]  # refused
        with pytest.raises(ValidationError):
            await sdk.collections.create("c", field_definitions=[{"key": 1}])  # type: ignore[list-item]  # refused
    server.clear_calls()
    async with Client(SECRET_KEY, api_host=server.host) as without:
        with pytest.raises(ValueError, match="management API key"):
            await without.collections.upload_document("c", "d", b"")
    assert server.calls == []


async def test_arguments_of_the_client(
    server: LocalServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Empty keys count as missing, options without a use are named once, others are read."""
    monkeypatch.delenv("XAI_API_KEY", raising=False)
    with pytest.raises(ValueError, match="XAI_API_KEY"):
        Client("")
    monkeypatch.setenv("XAI_API_KEY", SECRET_KEY)
    monkeypatch.setattr("xai.xai_sdk.v1.client._warned", set())
    options: list[tuple[str, object]] = [
        ("grpc.max_receive_message_length", -1),
        ("grpc.enable_retries", 0),
        ("grpc.use_local_subchannel_pool", 1),
    ]
    with pytest.warns(UserWarning, match=r"no effect here: grpc\.use_local_subchannel_pool$"):
        Client("", api_host=server.host, channel_options=options)
    # Once: a second warning would be an error.
    again = Client(api_host=server.host, channel_options=options)
    async with again:
        assert (await again.auth.get_api_key_info()).acls == ["*"]
    plain = Client(api_host=f"127.0.0.1:{server.port}", use_insecure_channel=True)
    async with plain:
        assert (await plain.auth.get_api_key_info()).acls == ["*"]
    with pytest.raises(ValueError, match="in plain text"):
        Client(api_host="example.com:80", use_insecure_channel=True)
    monkeypatch.setenv("XAI_SDK_ALLOW_INSECURE_CHANNEL", "1")
    Client(api_host="example.com:80", use_insecure_channel=True)
