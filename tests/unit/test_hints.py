"""Mistakes of newcomers, and the errors that say what to do instead."""

import asyncio

import pytest

import xai
import xai.v1


@pytest.mark.parametrize("kind", [xai.AsyncClient, xai.v1.AsyncClient])
def test_with_on_an_asynchronous_client(kind: type[xai.AsyncClient]) -> None:
    """It names both ways out."""
    with (
        pytest.raises(TypeError, match="AsyncClient needs 'async with', or use the blocking"),
        kind("k"),  # type: ignore[attr-defined]  # what is tested
    ):
        pytest.fail("it was entered")


@pytest.mark.parametrize("kind", [xai.Client, xai.v1.Client])
def test_async_with_on_a_blocking_client(kind: type[xai.Client]) -> None:
    """Likewise the other way round."""

    async def enter() -> None:
        async with kind("k"):  # type: ignore[attr-defined]  # what is tested
            pytest.fail("it was entered")

    with pytest.raises(TypeError, match="Client is blocking: use 'with', or AsyncClient"):
        asyncio.run(enter())


@pytest.mark.parametrize("kind", [xai.v1.Client, xai.v1.AsyncClient])
def test_completions_of_a_chat(kind: type[xai.v1.Client]) -> None:
    """The way of the OpenAI client is answered with the way here."""
    with pytest.raises(AttributeError, match=r"chat\.create\(model, messages=\[…\]\) makes a chat"):
        kind("k").chat.completions  # type: ignore[attr-defined]  # noqa: B018  # what is tested
    with pytest.raises(AttributeError, match=r"no attribute 'other'$"):
        kind("k").chat.other  # type: ignore[attr-defined]  # noqa: B018  # as above
