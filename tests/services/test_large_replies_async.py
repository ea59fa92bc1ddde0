"""Large replies of the asynchronous client: the loop goes on while they are decoded."""

import asyncio
import contextvars
import importlib
import inspect
import os
import pkgutil
import sys
import threading
from collections.abc import Callable
from contextlib import nullcontext
from types import FrameType
from typing import Any, Final

import freezegun
import pytest

from tests.services.rpcs_v1 import CALLS, RPCS
from xai import AsyncClient, DeadlineExceededError
from xai.proto import collections
from xai.proto import xai_api as v1
from xai.proto.base import Message, Method
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


METHODS: Final = {
    method.path: method
    for package in (collections, v1)
    for _, name, _ in pkgutil.iter_modules(package.__path__, f"{package.__name__}.")
    for method in vars(importlib.import_module(name)).values()
    if isinstance(method, Method)
}


def filled(cls: type[Any]) -> Any:  # noqa: ANN401  # of any class
    """Return a message with something in its fields: a text, one item, a status that is final."""
    message = cls()
    for name, field in cls()._betterproto.meta_by_field_name.items():
        kind = message._betterproto.cls_by_field.get(name)
        value: object = None
        if field.proto_type == "string":
            value = "AAAAAA=="  # a number in Base64
        elif field.proto_type == "enum":
            value = 1
        elif inspect.isclass(kind) and issubclass(kind, Message):
            value = filled(kind)
        if value is not None:
            repeated = message._betterproto.default_gen[name] is list
            setattr(message, name, [value] if repeated else value)
    return message


class LoopProfile:
    """Notes which functions of values run here once the bytes of a large reply are decoded.

    Args:
        monkeypatch: Puts it in the place of the codec's function.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.decoded = False
        self.found: list[str] = []
        self._decode = codec.decode
        monkeypatch.setattr(codec, "decode", self)

    def __call__(self, cls: Any, data: bytes, *check: Callable[[], None]) -> Any:  # noqa: ANN401  # of any class
        """Decode."""
        message = self._decode(cls, data, *check)
        self.decoded = self.decoded or len(data) > LARGE
        return message

    def look(self, frame: FrameType, event: str, _: object) -> None:
        """Look at what is called."""
        code = frame.f_code
        place = code.co_filename.replace(os.sep, "/")
        # What attrs has made has no file.
        values = "/xai/v1/" in place or "generated init xai.v1" in place
        # An ID in a reply becomes an argument.
        check = code.co_name.startswith("check_") or place.endswith("/validation.py")
        if event == "call" and self.decoded and values and not check:
            self.found.append(f"{place}: {code.co_name}")


async def test_no_method_makes_the_value_of_a_large_reply_on_the_loop(
    xai_server: LocalServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever is made of it is made where it was decoded."""
    found: dict[str, list[str]] = {}
    async with xai_server.async_client() as client:
        for path in (path for path, kind in RPCS.items() if kind != "US"):
            reply = filled(METHODS[path].reply)
            # A field that nobody knows.
            reply._unknown_fields = b"\xfa\x7f\x80\x80\x20" + b"a" * 2**19
            xai_server.reply(METHODS[path], reply)
            await CALLS[path](client.v1)  # loads what it needs
            xai_server.reply(METHODS[path], reply)
            with monkeypatch.context() as patch:
                profile = LoopProfile(patch)
                sys.setprofile(profile.look)
                try:
                    await CALLS[path](client.v1)
                finally:
                    sys.setprofile(None)
            assert profile.decoded, path
            found[path] = profile.found
    assert not {path: calls for path, calls in found.items() if calls}
