"""Calls that are recorded once, and replayed without a network."""

import base64
import json
import os
from pathlib import Path

import pytest

import xai
from tests.services.aio.helpers import collect
from tests.support import SECRET_KEY
from xai import v1
from xai.testing import LocalServer, RecordingError, record

TOKEN = "token-of-an-mcp-server"


async def program(client: v1.AsyncClient) -> list[object]:
    """Make calls of every kind, some of which fail or are left, and return what came."""
    tool = v1.mcp("https://a.example/mcp", server_label="mine", authorization=TOKEN)
    chat = client.chat.create("grok-4", messages=[v1.user("Hi")], tools=[tool])
    response = await chat.sample()
    found: list[object] = [response.content, response.usage]
    found += [chunk.content for _, chunk in await collect(chat.stream())]
    async with chat.stream() as stream:
        async for _, chunk in stream:
            found.append(chunk.content)
            break
    with pytest.raises(xai.NotFoundError) as caught:
        await client.chat.create("none").ask("Hi")
    found += [caught.value.message, caught.value.code]
    file = await client.files.upload(b"The word is plover.", filename="word.txt")
    found += [file.id, await client.files.content(file.id)]
    found.append((await chat.defer(interval=0.01)).content)
    return found


async def recorded(server: LocalServer, path: Path) -> list[object]:
    """Record the program."""
    with record(path) as recording:
        assert not recording.replaying
        async with recording.wrap(v1.AsyncClient(SECRET_KEY, api_host=server.host)) as client:
            return await program(client)


async def test_replayed_calls_have_the_replies_of_the_recorded_ones(
    server: LocalServer, tmp_path: Path
) -> None:
    """A second run gets the same from the file alone, errors and streams included."""
    path = tmp_path / "calls.jsonl"
    found = await recorded(server, path)
    server.stop()
    with record(path) as recording:
        assert recording.replaying
        async with recording.wrap(v1.AsyncClient("other", api_host="localhost:1")) as client:
            assert await program(client) == found


async def test_recording_has_no_secrets(server: LocalServer, tmp_path: Path) -> None:
    """Neither keys nor metadata nor the authorization of tools, in replies that echo it either."""
    path = tmp_path / "calls.jsonl"
    await recorded(server, path)
    text = path.read_text("utf-8")
    lines = [json.loads(line) for line in text.splitlines()]
    replies = [base64.b64decode(reply) for line in lines for reply in line["replies"]]
    for secret in (SECRET_KEY, TOKEN):
        assert secret not in text
        assert not any(secret.encode() in reply for reply in replies)
    assert os.listdir(tmp_path) == ["calls.jsonl"]  # noqa: PTH208  # pathlib blocks the loop no less


async def test_call_that_was_not_recorded_names_the_expected_one(
    server: LocalServer, tmp_path: Path
) -> None:
    """The error says what differs; a call that was replayed is not replayed again."""
    path = tmp_path / "calls.jsonl"
    with record(path) as recording:
        async with recording.wrap(v1.AsyncClient(SECRET_KEY, api_host=server.host)) as client:
            await client.chat.create("grok-4", messages=[v1.user("one")]).sample()
    with record(path, mode="replay") as recording:
        async with recording.wrap(v1.AsyncClient("other")) as client:
            two = client.chat.create("grok-4", messages=[v1.user("two")])
            with pytest.raises(RecordingError, match="call 1 of the recording expects") as caught:
                await two.sample()
            assert 'content[0].text: recorded "one", now "two"' in str(caught.value)
            one = client.chat.create("grok-4", messages=[v1.user("one")])
            await one.sample()
            with pytest.raises(RecordingError, match="all of its calls were replayed"):
                await one.sample()


async def test_stream_is_not_longer_than_it_was_recorded(
    server: LocalServer, tmp_path: Path
) -> None:
    """What was left early can't be read on."""
    path = tmp_path / "calls.jsonl"
    await recorded(server, path)
    lines = path.read_text("utf-8").splitlines(keepends=True)
    path.write_text("".join(line for line in lines if '"left": true' in line), "utf-8")
    tool = v1.mcp("https://a.example/mcp", server_label="mine", authorization=TOKEN)
    with record(path) as recording:
        async with recording.wrap(v1.AsyncClient("other")) as client:
            chat = client.chat.create("grok-4", messages=[v1.user("Hi")], tools=[tool])
            with pytest.raises(RecordingError, match="was left after"):
                await collect(chat.stream())


async def test_failed_program_leaves_no_recording(server: LocalServer, tmp_path: Path) -> None:
    """Half of the calls would be replayed as if they were all; what was there before stays."""
    path = tmp_path / "calls.jsonl"
    await recorded(server, path)
    before = path.read_bytes()
    # The block is what is tested: its end writes the recording.
    with pytest.raises(ZeroDivisionError), record(path, mode="record") as recording:  # noqa: PT012
        async with recording.wrap(v1.AsyncClient(SECRET_KEY, api_host=server.host)) as client:
            await client.models.list_language_models()
            raise ZeroDivisionError
    assert path.read_bytes() == before


async def test_client_that_made_calls_is_not_wrapped(server: LocalServer, tmp_path: Path) -> None:
    """Its first calls would be missing."""
    with record(tmp_path / "calls.jsonl") as recording:
        async with v1.AsyncClient(SECRET_KEY, api_host=server.host) as client:
            await client.models.list_language_models()
            with pytest.raises(ValueError, match="wrap it before its first one"):
                recording.wrap(client)
