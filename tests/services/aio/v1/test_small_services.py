from datetime import datetime, timezone
from typing import Any

import grpc
import pytest

from tests.services.interop.reference import ReferenceServer
from tests.support import SECRET_KEY
from xai import AsyncClient, NotFoundError, v1
from xai.proto.xai_api import Modality
from xai.v1.models import EmbeddingModel, ImageGenerationModel, LanguageModel
from xai.v1.tokenize import Estimate, Token, TokenizedText

CREATED = {"seconds": 1_700_000_000}
COMMON: dict[str, Any] = {
    "name": "m-1",
    "aliases": ["m", "m-latest"],
    "version": "1.0",
    "input_modalities": ["TEXT", "IMAGE"],
    "output_modalities": ["TEXT"],
    "created": CREATED,
    "system_fingerprint": "fp",
}
LANGUAGE = {
    **COMMON,
    "prompt_text_token_price": 20_000,
    "prompt_image_token_price": 30_000,
    "cached_prompt_token_price": 5_000,
    "completion_text_token_price": 100_000,
    "search_price": 250_000_000,
    "max_prompt_length": 131_072,
}


def check_common(model: LanguageModel | EmbeddingModel | ImageGenerationModel) -> None:
    """Hold what all kinds of models have."""
    assert (model.name, model.aliases, model.version) == ("m-1", ("m", "m-latest"), "1.0")
    assert model.input_modalities == (Modality.TEXT, Modality.IMAGE)
    assert model.output_modalities == (Modality.TEXT,)
    assert model.created == datetime(2023, 11, 14, 22, 13, 20, tzinfo=timezone.utc)
    assert model.system_fingerprint == "fp"
    assert model.proto.name == "m-1"
    assert model.to_dict()["input_modalities"] == ["TEXT", "IMAGE"]


async def test_language_models(reference_server: ReferenceServer, client: AsyncClient) -> None:
    """Listed and by name they are the same, with prices in US dollars."""
    reference_server.script("Models/ListLanguageModels").says({"models": [LANGUAGE, {}]})
    one = reference_server.script("Models/GetLanguageModel")
    one.says(LANGUAGE)
    model, empty = await client.v1.models.list_language_models()
    check_common(model)
    assert model == await client.v1.models.get_language_model("m-latest")
    assert one.seen == [{"name": "m-latest"}]
    assert model.prompt_text_usd_per_million == pytest.approx(2)
    assert model.prompt_image_usd_per_million == pytest.approx(3)
    assert model.cached_prompt_usd_per_million == pytest.approx(0.5)
    assert model.completion_text_usd_per_million == pytest.approx(10)
    assert model.search_usd_per_million == pytest.approx(25_000)
    assert model.max_prompt_length == 131_072
    assert (empty.name, empty.created, empty.input_modalities) == ("", None, ())


async def test_embedding_models(reference_server: ReferenceServer, client: AsyncClient) -> None:
    """Listed and by name they are the same, with prices in US dollars."""
    fields = {**COMMON, "prompt_text_token_price": 100, "prompt_image_token_price": 200}
    reference_server.script("Models/ListEmbeddingModels").says({"models": [fields]})
    reference_server.script("Models/GetEmbeddingModel").says(fields)
    (model,) = await client.v1.models.list_embedding_models()
    check_common(model)
    assert model == await client.v1.models.get_embedding_model("m")
    assert model.prompt_text_usd_per_million == pytest.approx(0.01)
    assert model.prompt_image_usd_per_million == pytest.approx(0.02)


async def test_image_models(reference_server: ReferenceServer, client: AsyncClient) -> None:
    """Listed and by name they are the same, with the price of an image in US dollars."""
    fields = {**COMMON, "image_price": 7, "max_prompt_length": 1024}
    reference_server.script("Models/ListImageGenerationModels").says({"models": [fields]})
    reference_server.script("Models/GetImageGenerationModel").says(fields)
    (model,) = await client.v1.models.list_image_generation_models()
    check_common(model)
    assert model == await client.v1.models.get_image_generation_model("m")
    assert model.image_usd == pytest.approx(0.07)
    assert model.max_prompt_length == 1024


async def test_unknown_model_is_not_found(
    reference_server: ReferenceServer, client: AsyncClient
) -> None:
    """The server says so; an empty name and what is no name are refused before."""
    models = client.v1.models
    for kind, method in (
        ("Language", models.get_language_model),
        ("Embedding", models.get_embedding_model),
        ("ImageGeneration", models.get_image_generation_model),
    ):
        script = reference_server.script(f"Models/Get{kind}Model")
        script.says(status=(grpc.StatusCode.NOT_FOUND, "no such model"))
        with pytest.raises(NotFoundError, match="no such model"):
            await method("x")
        with pytest.raises(ValueError, match=r"^name must not be empty$"):
            await method("")
        with pytest.raises(TypeError, match=r"^name must be a str, not int$"):
            await method(5)  # type: ignore[arg-type]  # the point of the test
        assert len(script.calls) == 1


async def test_modality_without_a_name_is_kept(
    reference_server: ReferenceServer, client: AsyncClient
) -> None:
    """A number of a newer server is there, and shown as a number."""
    reference_server.script("Models/GetLanguageModel").says({"input_modalities": [1, 9]})
    model = await client.v1.models.get_language_model("m")
    assert [int(modality) for modality in model.input_modalities] == [1, 9]
    assert model.to_dict() == {"input_modalities": ["TEXT", 9]}


def tokens(*pieces: bytes) -> dict[str, Any]:
    """Return the tokens of a text, by the fields of the reply."""
    found = [
        {"token_id": 10 + n, "string_token": piece.decode(errors="replace"), "token_bytes": piece}
        for n, piece in enumerate(pieces)
    ]
    return {"tokens": found, "model": "m-1"}


async def test_tokens_have_their_places(
    reference_server: ReferenceServer, client: AsyncClient
) -> None:
    """Put together the bytes are the text, and each token says where it stands in it."""
    script = reference_server.script("Tokenize/TokenizeText")
    script.says(tokens(b"Caf", b"\xc3", b"\xa9 !"))
    found = await client.v1.tokenize.tokenize_text("Café !", "m", user="u-1")
    assert isinstance(found, TokenizedText)
    assert (len(found), found.model) == (3, "m-1")
    assert found[0] == Token(10, "Caf", b"Caf", 0, 3)
    data = "Café !".encode()
    assert [data[token.start : token.end] for token in found] == [t.token_bytes for t in found]
    assert found[1:] == tuple(found)[1:]
    assert found.to_dict()["model"] == "m-1"
    assert script.seen == [{"text": "Café !", "model": "m", "user": "u-1"}]


async def test_empty_text_has_no_tokens(
    reference_server: ReferenceServer, client: AsyncClient
) -> None:
    """It is sent like any other."""
    script = reference_server.script("Tokenize/TokenizeText")
    script.says({"model": "m-1"})
    found = await client.v1.tokenize.tokenize_text("", "m")
    assert list(found) == []
    assert script.seen == [{"model": "m"}]


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ((5, "m"), "text must be a str, not int"),
        (("a", ""), "model must not be empty"),
        (("a", None), "model must be a str, not NoneType"),
    ],
)
async def test_bad_text_is_refused(
    reference_server: ReferenceServer, client: AsyncClient, arguments: tuple[object, ...], text: str
) -> None:
    """The argument is named before anything is sent."""
    with pytest.raises((TypeError, ValueError), match=f"^{text}$"):
        await client.v1.tokenize.tokenize_text(*arguments)  # type: ignore[arg-type]  # the point of the test
    with pytest.raises((TypeError, ValueError), match=r"^messages.0. must be a Message"):
        await client.v1.tokenize.estimate(["Hi"], "m")  # type: ignore[list-item]  # the point of the test
    assert reference_server.calls == []


async def test_price_of_a_prompt_is_told_before_it_is_sent(
    reference_server: ReferenceServer, client: AsyncClient
) -> None:
    """The texts of all messages are counted; an image is not, and the estimate says so."""
    reference_server.script("Models/GetLanguageModel").says(LANGUAGE)
    script = reference_server.script("Tokenize/TokenizeText")
    script.says(tokens(b"a", b"\n", b"b", b"\n", b"c"))
    said = [v1.system("a"), v1.user("b", v1.image("https://x.ai/a.png"), "c")]
    found = await client.v1.tokenize.estimate(said, "m")
    assert found == Estimate(5, found.prompt_usd, 1, "m-1")
    assert found.prompt_usd == pytest.approx(5 * 2e-6)
    assert script.seen == [{"text": "a\nb\nc", "model": "m"}]


async def test_key_is_described(reference_server: ReferenceServer, client: AsyncClient) -> None:
    """Every field is there, times are in UTC, and the secret is nowhere."""
    script = reference_server.script("Auth/get_api_key_info")
    script.says(
        {
            "redacted_api_key": "xai-...b14",
            "user_id": "u-1",
            "name": "Mine",
            "create_time": CREATED,
            "modified_by": "u-2",
            "team_id": "t-1",
            "acls": ["api-key:model:*"],
            "api_key_id": "k-1",
        }
    )
    info = await client.v1.auth.get_api_key_info()
    assert (info.redacted_api_key, info.name, info.api_key_id) == ("xai-...b14", "Mine", "k-1")
    assert (info.user_id, info.modified_by, info.team_id) == ("u-1", "u-2", "t-1")
    assert info.create_time == datetime(2023, 11, 14, 22, 13, 20, tzinfo=timezone.utc)
    assert info.modify_time is None
    assert info.acls == ("api-key:model:*",)
    assert info.usable
    assert info.to_dict()["create_time"] == "2023-11-14T22:13:20+00:00"
    assert SECRET_KEY not in repr(info)
    assert ("authorization", f"Bearer {SECRET_KEY}") in script.calls[0].metadata


@pytest.mark.parametrize("flag", ["api_key_blocked", "team_blocked", "disabled"])
async def test_blocked_key_is_not_usable(
    reference_server: ReferenceServer, client: AsyncClient, flag: str
) -> None:
    """Any of the three flags makes it so."""
    reference_server.script("Auth/get_api_key_info").says({flag: True})
    info = await client.v1.auth.get_api_key_info()
    assert getattr(info, flag)
    assert not info.usable
