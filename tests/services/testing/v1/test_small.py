"""The local server's models, tokens and key of v1."""

from collections.abc import Iterator
from typing import get_args

import pytest
from betterproto.lib.google.protobuf import Empty
from hypothesis import given, settings
from hypothesis import strategies as st

import xai
from xai.proto.xai_api.models import GetModelRequest, Modality
from xai.proto.xai_api.tokenize import TokenizeTextRequest
from xai.testing import LocalServer
from xai.testing.engine.model import default_model
from xai.testing.engine.tokenizer import MARKER
from xai.testing.v1.tokenize import written
from xai.v1.images import ImageModelName

LONG_KEY = "xai-0123456789abcdef"


@pytest.fixture
def server() -> Iterator[LocalServer]:
    """A local server with two models and two keys."""
    keys = {LONG_KEY: ["models:read", "chat:write"], "short": ["*"]}
    with LocalServer(api_keys=keys, models=("grok-a", "grok-b")) as server:
        yield server


@pytest.fixture
def client(server: LocalServer) -> Iterator[xai.Client]:
    """A client of it that may do everything."""
    with server.client(api_key="short") as client:
        yield client


# The key.


def test_key_is_described_without_its_secret(server: LocalServer) -> None:
    """Of a long key the last four characters are shown, and its ACLs are its own."""
    with server.client() as client:
        found = client.stubs.v1.auth.get_api_key_info(Empty())
    assert found.redacted_api_key == "*" * (len(LONG_KEY) - 4) + "cdef"
    assert found.acls == ["chat:write", "models:read"]
    assert found.api_key_id == "key-000001"
    assert found.create_time == found.modify_time
    assert [found.api_key_blocked, found.team_blocked, found.disabled] == [False] * 3


def test_short_key_is_not_shown_at_all(client: xai.Client) -> None:
    """Of a short key nothing is shown but its length."""
    found = client.stubs.v1.auth.get_api_key_info(Empty())
    assert (found.redacted_api_key, found.acls) == ("*****", ["*"])


# The models.


def test_models_are_listed_with_prices(client: xai.Client) -> None:
    """Each model of the server is listed, with prices and what it reads and writes."""
    found = client.stubs.v1.models.list_language_models(Empty()).models
    assert [model.name for model in found] == ["grok-a", "grok-b"]
    for model in found:
        assert model.aliases == [f"{model.name}-latest"]
        assert model.input_modalities == [Modality.TEXT, Modality.IMAGE]
        prices = (model.cached_prompt_token_price, model.prompt_text_token_price)
        assert 0 < prices[0] < prices[1] < model.completion_text_token_price
        assert model.max_prompt_length > 0


def test_model_is_found_by_name_and_alias(client: xai.Client) -> None:
    """Every listed model of each kind is found by its name and by its alias."""
    models = client.stubs.v1.models
    embedding = models.list_embedding_models(Empty()).models
    image = models.list_image_generation_models(Empty()).models
    assert [model.name for model in image] == ["image-local", *get_args(ImageModelName)]
    assert len(embedding) == 1
    for name in ("grok-b", "grok-b-latest"):
        assert models.get_language_model(GetModelRequest(name=name)).name == "grok-b"
    for name in (embedding[0].name, embedding[0].aliases[0]):
        assert models.get_embedding_model(GetModelRequest(name=name)) == embedding[0]
    for name in (image[0].name, image[0].aliases[0]):
        assert models.get_image_generation_model(GetModelRequest(name=name)) == image[0]
    assert image[0].image_price > 0


def test_name_of_a_model_is_no_alias_of_another() -> None:
    """A model whose name another would have as an alias keeps it."""
    with LocalServer(models=("m", "m-latest")) as server, server.client() as client:
        models = client.stubs.v1.models
        first, second = models.list_language_models(Empty()).models
        assert (first.aliases, second.aliases) == ([], ["m-latest-latest"])
        assert models.get_language_model(GetModelRequest(name="m-latest")).name == "m-latest"


@pytest.mark.parametrize("kind", ["language", "embedding", "image_generation"])
def test_unknown_model_is_not_found(client: xai.Client, kind: str) -> None:
    """A name that no model has gets NOT_FOUND, and the name is in the text."""
    get = getattr(client.stubs.v1.models, f"get_{kind}_model")
    with pytest.raises(xai.NotFoundError, match="'nothing'"):
        get(GetModelRequest(name="nothing"))


# The tokens.


def test_tokens_are_those_of_the_model(client: xai.Client) -> None:
    """A text is cut as the model reads it; the space belongs to the word after it."""
    request = TokenizeTextRequest(text="Does it work?", model="grok-b-latest")
    found = client.stubs.v1.tokenize.tokenize_text(request)
    assert found.model == "grok-b"
    assert [token.string_token for token in found.tokens] == ["Does", " it", " work", "?"]
    assert [token.token_id for token in found.tokens] == default_model().tokenizer.tokenize(
        "Does it work?"
    )


@given(text=st.text())
@settings(max_examples=50, deadline=None)
def test_bytes_of_tokens_add_up(text: str) -> None:
    """Joined, the bytes of the tokens of any text are the text, so that offsets can be counted."""
    tokenizer = default_model().tokenizer
    ids = tokenizer.tokenize(text)
    assert b"".join(map(tokenizer.token_bytes, ids)) == text.encode()
    assert all(written(tokenizer, token_id) for token_id in ids)


def test_letters_of_many_bytes_come_as_bytes(client: xai.Client) -> None:
    """A token that is no text on its own has a name, and its byte."""
    text = f"naïve 🙂 {MARKER}"
    request = TokenizeTextRequest(text=text, model="grok-a")
    tokens = client.stubs.v1.tokenize.tokenize_text(request).tokens
    assert b"".join(token.token_bytes for token in tokens) == text.encode()
    assert "<0xC3>" in [token.string_token for token in tokens]


def test_tokens_of_an_unknown_model_are_not_found(client: xai.Client) -> None:
    """A model that the server doesn't have has no tokens."""
    with pytest.raises(xai.NotFoundError, match="'grok-c'"):
        client.stubs.v1.tokenize.tokenize_text(TokenizeTextRequest(text="a", model="grok-c"))


def test_empty_text_has_no_tokens(client: xai.Client) -> None:
    """An empty text is no mistake."""
    request = TokenizeTextRequest(model="grok-a")
    assert client.stubs.v1.tokenize.tokenize_text(request).tokens == []
