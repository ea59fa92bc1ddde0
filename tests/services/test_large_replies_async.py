"""Large replies of the asynchronous client: the loop goes on while they are decoded."""

import asyncio
import contextvars
import threading
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import freezegun
import pytest

from xai import AsyncClient, DeadlineExceededError
from xai.proto import xai_api as v1
from xai.proto.prompt_ide import sampler_public as pb
from xai.runtime.codec import api as codec
from xai.testing import LocalServer
from xai.v1 import models

LARGE = 300_000
LIMIT = 20.0
NAMES = pb.ListModelsResponse(model_names=["n" * LARGE])
user: contextvars.ContextVar[str] = contextvars.ContextVar("user", default="nobody")


class Decoder:
    """Decodes when it is told to.

    Args:
        monkeypatch: Puts it in the place of the codec's.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.began, self.go, self.ended = threading.Event(), threading.Event(), threading.Event()
        self.user = ""
        self.error: BaseException | None = None
        self._decode = codec.decode
        monkeypatch.setattr(codec, "decode", self)

    def __call__(self, cls: Any, data: bytes, check: Callable[[], None] | None = None) -> Any:  # noqa: ANN401  # of any class
        """Wait, and decode."""
        if len(data) < LARGE:
            return self._decode(cls, data)
        assert check is not None
        self.user = user.get()
        self.began.set()
        try:
            # A check now and then, as the real one.
            while not self.go.wait(0.01):
                check()
            return self._decode(cls, data, check)
        except BaseException as error:
            self.error = error
            raise
        finally:
            self.ended.set()


async def meanwhile(event: threading.Event) -> None:
    """Wait for something that happens in a thread."""
    assert await asyncio.to_thread(event.wait, LIMIT)


async def test_loop_goes_on_while_a_large_reply_is_decoded(
    xai_server: LocalServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a thread, with the context of the caller; other calls are made meanwhile."""
    decoder = Decoder(monkeypatch)
    xai_server.reply("ListModels", NAMES)
    user.set("somebody")
    async with xai_server.async_client() as client:
        task = asyncio.create_task(client.sampler.list_models())
        await meanwhile(decoder.began)
        assert await client.sampler.tokenize("text")
        assert not task.done()
        decoder.go.set()
        assert await task == ["n" * LARGE]
    assert decoder.user == "somebody"


async def test_values_are_made_where_a_large_reply_is_decoded(
    xai_server: LocalServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not on the loop either; those of a small reply are."""
    threads: list[int] = []
    # Loaded by now: it would take what is put in the place of the function for its own.
    loaded = xai_server.async_client().v1.models
    assert loaded is not None
    monkeypatch.setattr(
        models, "read_language_model", lambda _: threads.append(threading.get_ident())
    )
    for size in (10, LARGE):
        model = v1.LanguageModel(name="n" * size)
        xai_server.reply("ListLanguageModels", v1.ListLanguageModelsResponse(models=[model]))
    async with xai_server.async_client() as client:
        await client.v1.models.list_language_models()
        await client.v1.models.list_language_models()
    here = threading.get_ident()
    assert [thread == here for thread in threads] == [True, False]


async def test_cancelled_task_stops_the_decoding(
    xai_server: LocalServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The thread ends as well, at its next check, and nothing is said about it."""
    decoder = Decoder(monkeypatch)
    xai_server.reply("ListModels", NAMES)
    async with xai_server.async_client() as client:
        task = asyncio.create_task(client.sampler.list_models())
        await meanwhile(decoder.began)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await meanwhile(decoder.ended)
        assert decoder.error is not None
        assert await client.sampler.tokenize("text")


@pytest.mark.parametrize("time", ["real", "frozen"])
async def test_deadline_ends_the_wait_for_a_thread(
    xai_server: LocalServer, monkeypatch: pytest.MonkeyPatch, time: str
) -> None:
    """Also when the threads are busy with something else, or do not look at the clock."""
    decoder = Decoder(monkeypatch)
    xai_server.reply("ListModels", NAMES)
    busy = threading.Event()
    loop = asyncio.get_running_loop()
    others = [loop.run_in_executor(None, busy.wait, LIMIT) for _ in range(64)]
    async with xai_server.async_client() as client:
        quick: AsyncClient = client.with_options(timeout=1.0)
        frozen = freezegun.freeze_time("2031-01-01") if time == "frozen" else nullcontext()
        with frozen, pytest.raises(DeadlineExceededError):
            await quick.sampler.list_models()
    busy.set()
    await asyncio.gather(*others)
    assert not decoder.began.is_set()
