"""Test a program without a network: put answers into the model's mouth."""

import pytest

import xai
from xai.testing import LocalServer


def capital(client: xai.v1.Client, country: str) -> str:
    """Return the capital of a country: the program under test."""
    chat = client.chat.create("grok-4", messages=[xai.v1.user(f"The capital of {country}?")])
    return chat.sample().content.strip(" .")


def test_capital(xai_server: LocalServer) -> None:
    """The response is cleaned up, and the question names the country."""
    xai_server.answer(" Oslo.", when="Norway")
    with xai_server.v1_client() as client:
        assert capital(client, "Norway") == "Oslo"
    assert xai_server.requests[-1].messages[0].content[0].text == "The capital of Norway?"


def test_restart_goes_unnoticed(xai_server: LocalServer) -> None:
    """What fails for a moment is tried again."""
    xai_server.fail(xai.StatusCode.UNAVAILABLE, times=2)
    xai_server.answer("Rome")
    with xai_server.v1_client() as client:
        assert capital(client, "Italy") == "Rome"


if __name__ == "__main__":
    raise SystemExit(pytest.main(["-q", "-p", "no:cacheprovider", __file__]))
