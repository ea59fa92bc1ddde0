"""``xai.django``: its clients, streamed responses, checks, command and test case."""

import re
from collections.abc import Iterator

import pytest

from tests.support import run_child
from xai.errors import StatusCode
from xai.testing import LocalServer

UNAVAILABLE = StatusCode.UNAVAILABLE
SITE = """
import asyncio, functools, os, sys, threading
from django.conf import settings
from django.urls import path

settings.configure(
    ROOT_URLCONF="site_urls", ALLOWED_HOSTS=["*"], INSTALLED_APPS=["xai.django"], MIDDLEWARE=[],
    XAI={"TIMEOUT": 25.0} if len(sys.argv) < 2 else {
        "API_KEY": os.environ["SITE_KEY"], "API_HOST": sys.argv[1], "TIMEOUT": 25.0,
    },
)
import django
django.setup()
from django.core.management import call_command
from django.test import AsyncClient, Client, SimpleTestCase, override_settings
from xai.django import async_client, client, sse_response, text_response
from xai.v1 import user
import types, xai

def ask():
    return client.chat.create("grok-4", messages=[user("Does it work?")])

def ask_async():
    return async_client.chat.create("grok-4", messages=[user("Does it work?")])

def sse(request):
    return sse_response(ask().stream())

def text(request):
    return text_response(ask().stream())

async def sse_async(request):
    return sse_response(ask_async().stream())

async def text_async(request):
    return text_response(ask_async().stream())

def texts(request):
    return text_response(iter(["one ", "", "two"]))

urls = types.ModuleType("site_urls")
urls.urlpatterns = [path(view.__name__, view) for view in (sse, text, sse_async, text_async, texts)]
sys.modules["site_urls"] = urls

async def read(name):
    found = await AsyncClient().get("/" + name)
    return [part async for part in found], found
"""


def run_site(server: LocalServer, script: str) -> str:
    """Run a script in a process with a site whose clients call a server; return what it prints."""
    env: dict[str, str | None] = {"SITE_KEY": server.api_key}
    return run_child(SITE + script, args=[server.host], env=env).stdout


@pytest.fixture
def server() -> Iterator[LocalServer]:
    """Give a server for a site in another process."""
    with LocalServer() as server:
        yield server


def test_streams_are_sent_by_chunk(server: LocalServer) -> None:
    """Blocking and asynchronous views, under WSGI and ASGI, send events or text as they come."""
    script = r"""
events = b"".join(Client().get("/sse")).decode()
assert events.startswith('data: {"content": "Yes"}\n\n'), events
assert events.endswith("event: done\ndata: {}\n\n"), events
assert b"".join(Client().get("/text")) == b"Yes, it does."
assert b"".join(Client().get("/texts")) == b"one two"

async def main():
    for name in ("sse", "sse_async"):
        parts, found = await read(name)
        assert len(parts) > 3 and b"".join(parts).decode() == events, parts
        assert found["Content-Type"] == "text/event-stream" and found["X-Accel-Buffering"] == "no"
    for name in ("text", "text_async"):
        parts, found = await read(name)
        assert len(parts) > 2 and b"".join(parts) == b"Yes, it does.", parts
    await async_client.close()

asyncio.run(main())
"""
    run_site(server, script)


def test_error_amid_a_stream_is_an_event(server: LocalServer) -> None:
    """The browser is told of a call that fails; the server's text stays here without DEBUG."""
    for _ in range(4):
        server.fail(UNAVAILABLE, "a secret", method="GetCompletionChunk", after_messages=2)
    script = r"""
import json, logging
logging.disable()
told = b"".join(Client().get("/sse")).decode()
last = told.split("\n\n")[-2]
data = json.dumps({"type": "ServiceUnavailableError", "code": "UNAVAILABLE"})
assert last == f"event: error\ndata: {data}", told
assert b"".join(Client().get("/text")).endswith(b"\n[ServiceUnavailableError]\n")
parts, _ = asyncio.run(read("sse_async"))
assert b"event: error" in parts[-1] and b"a secret" not in b"".join(parts), parts
with override_settings(DEBUG=True):
    assert b"a secret" in b"".join(Client().get("/sse"))
"""
    run_site(server, script)


def test_browser_that_leaves_cancels_the_call() -> None:
    """Closing a response ends its call, under WSGI, and under ASGI from both kinds of views."""
    script = r"""
answer = Client().get("/sse")
assert next(iter(answer.streaming_content))
answer.close()

async def leave(name):
    answer = await AsyncClient().get("/" + name)
    parts = aiter(answer)
    assert await anext(parts)
    await parts.aclose()

for name in ("sse", "sse_async", "text_async"):
    asyncio.run(leave(name))
"""
    with LocalServer() as server:
        # None of them can end by itself.
        server.stall(method="GetCompletionChunk", after_messages=2, times=4)
        run_site(server, script)
        for _ in range(4):
            assert server.wait_for_call("GetCompletionChunk", "cancelled").state == "cancelled"


def test_one_client_a_process_made_at_the_first_call(server: LocalServer) -> None:
    """Threads that ask at once share a client; an overridden setting makes another one."""
    script = r"""
assert repr(client) == "<Client of Django's settings>" and "AsyncClient" in repr(async_client)
made = []
real = xai.v1.Client.__init__
@functools.wraps(real)
def count(self, *args, **kwargs):
    made.append(self)
    real(self, *args, **kwargs)
xai.v1.Client.__init__ = count
threads = [threading.Thread(target=lambda: client.auth) for _ in range(8)]
for thread in threads: thread.start()
for thread in threads: thread.join()
assert len(made) == 1, made
assert isinstance(client, xai.v1.Client)
with override_settings(XAI={"API_KEY": "another"}):
    assert client.models is not None and len(made) == 2
assert client.models is not None and len(made) == 3
child = os.fork()
if child == 0:
    os._exit(0 if ask().sample().content == "Yes, it does." else 1)
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
"""
    run_site(server, script)


def test_checks(server: LocalServer) -> None:
    """No key is a warning, what no client can be made of an error that says what to write."""
    script = r"""
import contextlib, io
from django.core.management.base import SystemCheckError

def checked(**setting):
    said = io.StringIO()
    with override_settings(XAI=setting), contextlib.redirect_stderr(said):
        try:
            call_command("check")
        except SystemCheckError as error:
            return str(error)
    return said.getvalue()

assert "xai.W001" in checked() and "XAI_API_KEY" in checked()
assert checked(API_KEY="a key", TIMEOUT=5.0) == ""

assert "xai.E001" in checked(TIMEOT=5.0) and "expected TIMEOUT" in checked(TIMEOT=5.0)
assert "xai.E001" in checked(timeout=5.0) and "expected TIMEOUT" in checked(timeout=5.0)
wrong = checked(API_KEY="a key", TIMEOUT="soon")
assert "xai.E002" in wrong and "timeout" in wrong
with override_settings(XAI=5):
    try:
        call_command("check")
    except SystemCheckError as error:
        assert "must be a dict" in str(error)
call_command("xai", "check")
"""
    printed = run_site(server, script)
    assert re.search(r"The key \S+ works: .*grok-4", printed)


def test_site_starts_without_a_key() -> None:
    """Commands that call nothing pass, and a call says what is missing."""
    script = r"""
call_command("check")
try:
    client.models
except ValueError as error:
    assert "XAI_API_KEY" in str(error)
"""
    result = run_child(SITE + script, env={"XAI_API_KEY": None}, check=False)
    assert result.rc == 0, result
    assert "xai.W001" in result.stderr


def test_case_with_a_server_of_its_own(server: LocalServer) -> None:
    """`XAITestMixin` puts a new server behind both clients for each test, and the fixture too."""
    script = r"""
import unittest
from xai.django.testing import XAITestMixin

class Tests(XAITestMixin, SimpleTestCase):
    def test_view(self):
        assert b"".join(self.client.get("/text")) == b"Yes, it does."
        assert len(self.xai_server.calls) == 1

    async def test_async_view(self):
        assert len(self.xai_server.calls) == 0
        found = await self.async_client.get("/text_async")
        assert b"".join([part async for part in found]) == b"Yes, it does."
        assert len(self.xai_server.calls) == 1

    def test_fault(self):
        self.xai_server.fail(xai.StatusCode.NOT_FOUND, "gone", times=1)
        with self.assertRaises(xai.NotFoundError):
            client.models.list_language_models()

found = unittest.TextTestRunner(stream=open(os.devnull, "w")).run(
    unittest.defaultTestLoader.loadTestsFromTestCase(Tests)
)
assert found.testsRun == 3 and found.wasSuccessful(), (found.errors, found.failures)
assert ask().sample().content
"""
    run_site(server, script)


def test_without_django_the_error_names_the_extra() -> None:
    """Who has not installed Django is told how."""
    script = """
import sys
sys.modules["django"] = None
try:
    import xai.django
except ImportError as error:
    print(error)
"""
    assert 'pip install "xai-client[django]"' in run_child(script).stdout
