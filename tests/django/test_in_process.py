import re

from tests.django.processes import Api
from tests.docs.documents import GUIDES, blocks, run_program
from tests.support import ROOT, run_child

SETUP = """
import asyncio, os, threading
import django
from django.test import AsyncClient, Client
from xai.testing import LocalServer

def site(server):
    os.environ.update(
        XAI_API_KEY=server.api_key,
        SITE_API_HOST=server.host,
        DJANGO_SETTINGS_MODULE="tests.django.site.settings",
    )
    django.setup()
    return Client()
"""


def test_blocking_views() -> None:
    """Django's own test client gets right answers from blocking views, a stream among them."""
    script = """
with LocalServer() as server:
    browser = site(server)
    assert browser.get("/tokens", {"text": "the river"}).content.decode() == "the|\u2581river"
    assert browser.get("/chat", {"text": "hello"}).content
    lines = list(browser.get("/stream", {"text": "Once", "length": "5"}).streaming_content)
    assert len(lines) == 5, lines
    assert {call.state for call in server.calls} == {"ok"}
"""
    run_child(SETUP + script)


def test_stream_is_cancelled_when_the_answer_is_closed() -> None:
    """Closing an answer, as a WSGI server does when the browser left, cancels the call."""
    script = """
with LocalServer(token_delay=0.01) as server:
    answer = site(server).get("/stream", {"text": "Once", "length": "100000"})
    assert next(iter(answer.streaming_content))
    answer.close()
    call = server.wait_for_call("SampleTokens", "cancelled")
    assert call.reset_code == 8
"""
    run_child(SETUP + script)


def test_stream_nobody_reads_makes_no_call() -> None:
    """An answer that is closed before its first line was read costs nothing."""
    script = """
with LocalServer() as server:
    site(server).get("/stream", {"text": "Once", "length": "100000"}).close()
    assert server.calls == []
"""
    run_child(SETUP + script)


def test_asynchronous_views_in_many_loops() -> None:
    """One AsyncClient serves a loop per request, then three at once, then one for all."""
    script = """
def ask(number):
    with_loop_of_its_own = Client().get("/tokens-async", {"text": f"the river {number}"})
    answers.append(with_loop_of_its_own.content.decode())

async def all_in_one():
    browser = AsyncClient()
    query = {"text": "the river 7"}
    calls = [browser.get(path, query) for path in ("/tokens-async", "/tokens")]
    both = await asyncio.gather(*calls)
    assert {answer.content.decode() for answer in both} == {"the|\u2581river|\u2581|7"}
    stream = await browser.get("/stream-async", {"text": "Once", "length": "5"})
    assert len([line async for line in stream.streaming_content]) == 5

with LocalServer() as server:
    site(server)
    answers = []
    for number in range(3):
        ask(number)
    threads = [threading.Thread(target=ask, args=(number,)) for number in range(3, 6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [f"the|\u2581river|\u2581|{n}" for n in range(6)], answers
    asyncio.run(all_in_one())
    assert {call.state for call in server.calls} == {"ok"}
"""
    # The loops are Django's, and die with their connections open; asyncio warns of each.
    options = ("-W", "error", "-W", "ignore::ResourceWarning")
    run_child(SETUP + script, python_args=options)


RUN_COMMAND = """
from django.core.management import execute_from_command_line
execute_from_command_line(["manage.py", "continue_text", *sys.argv[1:]])
"""


def environment(api: Api) -> dict[str, str | None]:
    """Return what a management command finds in its environment."""
    return {
        "XAI_API_KEY": api.key,
        "SITE_API_HOST": api.host,
        "DJANGO_SETTINGS_MODULE": "tests.django.site.settings",
        "PYTHONPATH": str(ROOT),
    }


def test_management_command(api: Api) -> None:
    """A command uses the clients of the site, and ends at once and without a word of its own."""
    args = ["In the beginning", "--length", "4"]
    result = run_child("import sys" + RUN_COMMAND, env=environment(api), args=args)
    assert len(result.stdout.splitlines()) == 4
    api.ask("connections", 0)


def test_management_command_that_fails(api: Api) -> None:
    """An error of the API ends a command as Django's own errors do: one line and the status 1."""
    args = ["Once", "--model", "no-such-model"]
    result = run_child("import sys" + RUN_COMMAND, env=environment(api), args=args, check=False)
    assert (result.rc, result.stdout) == (1, "")
    assert re.fullmatch(r"CommandError: .*no-such-model.*\n", result.stderr), result.stderr


GUIDE_VIEWS = """
import asyncio
import sys

from django.conf import settings
from django.test import AsyncClient, Client
from django.urls import path

urlpatterns = [path(view.__name__, view) for view in (count, story, story_async)]
settings.configure(ROOT_URLCONF=__name__, ALLOWED_HOSTS=["testserver"])
sys.modules[__name__].urlpatterns = urlpatterns

async def read():
    answer = await AsyncClient().get("/story_async", {"text": "Once"})
    print(len([piece async for piece in answer.streaming_content]) > 1)
    await async_client.close()

print(Client().get("/count", {"text": "hello"}).content.decode())
print(len(list(Client().get("/story", {"text": "Once"}).streaming_content)) > 1)
asyncio.run(read())
client.close()
"""


def test_views_of_the_guide() -> None:
    """The views that the guide shows answer, each in its way."""
    views = blocks("python", [GUIDES / "django.md"])[0].text
    assert run_program(views + GUIDE_VIEWS).stdout == "2\nTrue\nTrue\n"
