"""Names of other APIs' chat on `client.chat`, which is the one of the PromptIDE API."""

import pickle

import pytest

from tests.support import SECRET_KEY
from xai import AsyncClient
from xai.aio.v1.chat.service import AsyncChats
from xai.aio.v1.namespace import AsyncV1


@pytest.mark.parametrize(
    "name", sorted(name for name in vars(AsyncChats) if not name.startswith("_"))
)
def test_methods_of_v1_are_looked_for_at_v1(name: str) -> None:
    """Every method of v1's chat that this one has not says where it is."""
    client = AsyncClient(SECRET_KEY)
    with pytest.raises(AttributeError, match=rf"call client\.v1\.chat\.{name}$") as caught:
        getattr(client.chat, name)
    assert caught.value.name == name
    assert not hasattr(client.chat, name)
    assert hasattr(client.v1.chat, name)


def test_chat_of_the_openai_client_is_looked_for_at_compat() -> None:
    """``client.chat.completions.create`` is what programs for the OpenAI client call."""
    client = AsyncClient(SECRET_KEY)
    with pytest.raises(AttributeError, match=r"OpenAI client is client\.compat\.chat$"):
        client.chat.completions  # type: ignore[attr-defined]  # noqa: B018  # the point of the test
    assert callable(client.compat.chat.completions.create)


@pytest.mark.parametrize("name", ["crate", "_private", "__copy__", "__reduce_of__"])
def test_other_names_are_plainly_missing(name: str) -> None:
    """What is a mistake, or asked by Python itself, gets Python's own text."""
    client = AsyncClient(SECRET_KEY)
    kind = type(client.chat).__name__
    with pytest.raises(AttributeError, match=f"^'{kind}' object has no attribute '{name}'$"):
        getattr(client.chat, name)


def test_service_without_its_state_says_so() -> None:
    """An object that was never constructed leads to an error, not to an endless search."""
    client = AsyncClient(SECRET_KEY)
    empty = object.__new__(type(client.chat))
    with pytest.raises(AttributeError, match="_caller"):
        empty.create_conversation()
    with pytest.raises(TypeError, match="pickle"):
        pickle.dumps(client.chat)


@pytest.mark.parametrize("name", sorted(name for name in vars(AsyncV1) if not name.startswith("_")))
def test_services_of_v1_are_looked_for_at_v1(name: str) -> None:
    """Every service of v1 is at the client itself, or the error says where it is."""
    client = AsyncClient(SECRET_KEY)
    if hasattr(client, name):
        return
    with pytest.raises(AttributeError, match=rf"it is client\.v1\.{name}$"):
        getattr(client, name)
    assert getattr(client.v1, name)
