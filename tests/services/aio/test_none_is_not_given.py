"""None stands for an optional argument that is not given, wherever it has no meaning of its own."""

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.services.aio.helpers import collect
from xai import AsyncClient
from xai.testing import LocalServer
from xai.v1 import user

#: Arguments for which None means something else than their default does.
OWN_MEANING = frozenset({"timeout", "proxy", "keepalive"})
HELLO = [user("Hello")]
QUESTION = "Does it work?"


def optional(function: Callable[..., object]) -> list[str]:
    """Return the parameters whose default is a value, and is to be the same as None."""
    parameters = inspect.signature(function).parameters.values()
    return [
        parameter.name
        for parameter in parameters
        if parameter.default not in (parameter.empty, None) and parameter.name not in OWN_MEANING
    ]


def path() -> str:
    """Return the path of a file."""
    return str(Path(__file__))


def chat_of(client: AsyncClient) -> Any:  # noqa: ANN401  # methods are looked up by name
    """Return a chat with a message."""
    return client.v1.chat.create("grok-local", messages=HELLO, temperature=0.0, seed=1)


def stored() -> dict[str, Any]:
    """Return a chat as JSON."""
    chat = AsyncClient("the key").v1.chat.create("grok-local", messages=HELLO)
    return dict(chat.to_dict())


#: Methods by name: how to find one, and the arguments that it needs.
METHODS: dict[str, tuple[Callable[[AsyncClient], Any], dict[str, Any]]] = {
    "v1.chat.create": (lambda c: c.v1.chat.create, {"model": "grok-local"}),
    "v1.chat.from_dict": (lambda c: c.v1.chat.from_dict, {"data": stored()}),
    "v1.chat.deferred": (lambda c: c.v1.chat.deferred, {"request_id": "r"}),
    "Chat.start_deferred": (lambda c: chat_of(c).start_deferred, {}),
    "Chat.compact": (lambda c: chat_of(c).compact, {}),
    "Chat.run": (lambda c: chat_of(c).run, {}),
    "Chat.run_stream": (lambda c: chat_of(c).run_stream, {}),
    "Chat.with_options": (lambda c: chat_of(c).with_options, {}),
    "Client.with_options": (lambda c: c.with_options, {}),
    "sampler.tokenize": (lambda c: c.sampler.tokenize, {"prompt": "a"}),
    "sampler.get_token_budget": (lambda c: c.sampler.get_token_budget, {}),
    "embedder.embed": (lambda c: c.embedder.embed, {"texts": ["a"]}),
    "chat.create_conversation": (lambda c: c.chat.create_conversation, {}),
    "Conversation.add_response": (
        lambda c: c.chat.create_conversation().add_response,
        {"user_message": QUESTION},
    ),
    "Conversation.add_response_no_stream": (
        lambda c: c.chat.create_conversation().add_response_no_stream,
        {"user_message": QUESTION},
    ),
    "grok.create_conversation": (lambda c: c.grok.create_conversation, {}),
    "files.upload": (lambda c: c.files.upload, {"file_name": "none", "content": b"x"}),
    "files.upload_file": (
        lambda c: c.files.upload_file,
        {"local_file_name": path(), "remote_file_name": "none"},
    ),
}


async def finished(found: Any) -> Any:  # noqa: ANN401  # what a method returns
    """Wait for a result, and read a stream to its end."""
    # twin: sync result = found
    result = await found if inspect.isawaitable(found) else found
    if isinstance(result, tuple):
        await collect(result[0])
    elif hasattr(result, "__anext__"):
        await collect(result)
    return result


@pytest.mark.parametrize("name", METHODS)
async def test_none_for_all_optional_arguments(
    server: LocalServer, client: AsyncClient, name: str
) -> None:
    """A call with None for every optional argument sends what a call without them does."""
    find, needed = METHODS[name]
    names = optional(find(client))
    assert names
    sent = []
    for arguments in ({}, dict.fromkeys(names)):
        before = len(server.calls)
        await finished(find(client)(**needed, **arguments))
        sent.append([call.request for call in server.calls[before:]])
        for stored in await client.files.list():
            await client.files.delete(stored.file_name)
    assert len(sent[0]) == len(sent[1])
    for usual, none in zip(*sent, strict=True):
        # The ID of a conversation that is kept here is another one each time.
        if hasattr(usual, "stateless_conversation_id"):
            usual.stateless_conversation_id = none.stateless_conversation_id
        assert none == usual


async def test_none_for_the_arguments_of_sample(server: LocalServer, client: AsyncClient) -> None:
    """`sample` needs a prompt, and takes a seed of the client for each call."""
    names = [name for name in optional(client.sampler.sample) if name != "prompt"]
    assert len(names) > 6
    for arguments in ({}, dict.fromkeys(names)):
        await collect(client.sampler.sample("text", rng_seed=1, stop_strings=["."], **arguments))
    first, second = [call.request for call in server.calls]
    assert first == second
    with pytest.raises(ValueError, match="prompt"):
        client.sampler.sample(None)


async def test_none_for_the_arguments_of_get_conversation(client: AsyncClient) -> None:
    """A conversation that the server keeps is loaded with the defaults."""
    conversation = client.grok.create_conversation()
    await finished(conversation.add_response(QUESTION))
    found = await client.grok.get_conversation(
        conversation.conversation_id, model_name=None, fun_mode=None
    )
    assert found.conversation_id == conversation.conversation_id


def test_no_method_is_forgotten(client: AsyncClient) -> None:
    """Whatever public method has optional arguments is tried here."""
    chat = client.v1.chat.create("grok-local")
    things = {
        "Client": client,
        "v1.chat": client.v1.chat,
        "v1.models": client.v1.models,
        "v1.tokenize": client.v1.tokenize,
        "v1.auth": client.v1.auth,
        "Chat": chat,
        "sampler": client.sampler,
        "embedder": client.embedder,
        "chat": client.chat,
        "Conversation": client.chat.create_conversation(),
        "grok": client.grok,
        "GrokConversation": client.grok.create_conversation(),
        "files": client.files,
    }
    found = {
        f"{name}.{method}"
        for name, thing in things.items()
        for method in dir(type(thing))
        if not method.startswith("_")
        and inspect.isroutine(getattr(type(thing), method))
        and optional(getattr(type(thing), method))
    }
    assert found - set(METHODS) == {"sampler.sample", "grok.get_conversation"}
