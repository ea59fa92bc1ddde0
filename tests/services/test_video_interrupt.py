"""Interrupts and cancellation while a video is waited for, or fetched."""

import asyncio
from pathlib import Path

import pytest

from tests.services.aio.v1.image_helpers import names_in
from xai.testing import LocalServer

MODEL = "grok-imagine-video"


def test_interrupt_has_the_id_of_the_video() -> None:
    """What was started and paid for can be found again after Ctrl-C."""

    def interrupt(progress: int) -> None:
        if progress:
            raise KeyboardInterrupt

    with LocalServer() as server, server.client() as client:
        with pytest.raises(KeyboardInterrupt) as caught:
            client.v1.video.generate("A tree", MODEL, on_progress=interrupt)
        told = [*getattr(caught.value, "__notes__", ()), *caught.value.args]
        request_id = told[0].partition(" as ")[2].partition(";")[0]
        assert client.v1.video.job(request_id).wait(interval=0.01).url


def test_interrupted_download_leaves_no_file(tmp_path: Path) -> None:
    """Ctrl-C in the middle of a download removes what was written."""

    def interrupt(done: int, _total: int | None) -> None:
        assert done
        assert len(names_in(tmp_path)) == 1
        raise KeyboardInterrupt

    with LocalServer() as server, server.client() as client:
        video = client.v1.video.generate("A tree", MODEL, duration=1, interval=0.01)
        with pytest.raises(KeyboardInterrupt):
            video.download(tmp_path / "a.mp4", on_progress=interrupt)
        assert names_in(tmp_path) == []


def test_cancelled_download_leaves_no_file(tmp_path: Path) -> None:
    """A task that is cancelled while nothing comes removes what was written, and its connection."""

    async def run(server: LocalServer) -> None:
        async with server.async_client() as client:
            video = await client.v1.video.generate("A tree", MODEL, duration=1, interval=0.01)
            server.stall(method="GET", after_messages=0)
            task = asyncio.create_task(video.download(tmp_path / "a.mp4"))
            await server.wait_for_call_async("GET")
            assert len(names_in(tmp_path)) == 1
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert names_in(tmp_path) == []

    with LocalServer() as server:
        asyncio.run(run(server))


def test_many_threads_fetch_an_image_once() -> None:
    """Whoever asks first fetches it, and all get the same bytes."""
    with LocalServer() as server, server.client() as client:
        image = client.v1.image.sample("A tree", "grok-imagine-image")

        async def together() -> list[bytes]:
            return await asyncio.gather(*(asyncio.to_thread(image.read) for _ in range(8)))

        found = asyncio.run(together())
        assert len({id(data) for data in found}) == 1
        assert sum(call.method == "/http/GET" for call in server.calls) == 1
