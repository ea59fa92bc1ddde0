import betterproto
import pytest
from betterproto.lib.google.protobuf import Empty

from tests.services.aio.helpers import texts
from xai import AsyncClient, DeadlineExceededError, InternalServerError
from xai.proto import xai_api as v1
from xai.proto.prompt_ide import sampler_public as pb
from xai.runtime.codec import api as codec
from xai.runtime.transport import decoding
from xai.testing import LocalServer
from xai.v1 import models

MODELS = "ListLanguageModels"
#: Over what is decoded with an eye on the deadline.
LARGE = 300_000


def with_fields(message: betterproto.Message, data: bytes) -> betterproto.Message:
    """Return a message that is sent with fields as no honest server would send them."""
    message._unknown_fields = data  # they are not checked
    return message


async def large_stream(client: AsyncClient) -> list[str]:
    """Read a stream."""
    return await texts(client.sampler.sample("a question", temperature=0.0))


def large_token() -> pb.SampleTokensResponse:
    """Return a large message of a stream."""
    return pb.SampleTokensResponse(token=pb.Token(final_logit=pb.Logit(string_token="a" * LARGE)))


async def test_large_replies_are_decoded(server: LocalServer, client: AsyncClient) -> None:
    """One of a call, and several of a stream, between small ones and in order."""
    server.reply("ListModels", pb.ListModelsResponse(model_names=["n" * 10] * LARGE))
    assert await client.sampler.list_models() == ["n" * 10] * LARGE
    small = pb.SampleTokensResponse(token=pb.Token(final_logit=pb.Logit(string_token="b")))
    server.reply(pb.SAMPLER_SAMPLE_TOKENS, [small, large_token(), small, large_token(), small])
    assert await large_stream(client) == ["b", "a" * LARGE, "b", "a" * LARGE, "b"]


async def test_deadline_ends_the_decoding_of_a_reply(
    server: LocalServer, client: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reply that takes too long to decode ends as any other call that takes too long."""
    left = [5.0, 4.0, 3.0]
    monkeypatch.setattr(decoding, "remaining", lambda _: left.pop(0) if left else 0.0)
    # Numbers of an enum that have no name, of two bytes.
    data = b"\x0a\x80\x80\x20" + b"\x1a\xfc\xff\x1f" + b"\x80\x05" * (2**18 - 2)
    server.reply(MODELS, with_fields(v1.ListLanguageModelsResponse(), data))
    with pytest.raises(DeadlineExceededError, match="over while the reply was decoded"):
        await client.v1.models.list_language_models()
    assert not left
    server.reply(pb.SAMPLER_SAMPLE_TOKENS, [large_token(), large_token()])
    with pytest.raises(DeadlineExceededError, match="over while the reply was decoded"):
        await large_stream(client)
    assert len(server.calls) == 2


async def test_deadline_ends_the_making_of_values(
    server: LocalServer, client: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a large reply is turned into takes its part of the time of the call as well."""
    made: list[v1.LanguageModel] = []
    # Loaded by now: it would take what is put in the place of the function for its own.
    assert client.v1.models is client.v1.models
    monkeypatch.setattr(models, "read_language_model", made.append)
    monkeypatch.setattr(decoding, "remaining", lambda _: 0.0 if made else 5.0)
    model = v1.LanguageModel(name="n" * 1000)
    server.reply(MODELS, v1.ListLanguageModelsResponse(models=[model] * 1000))
    with pytest.raises(DeadlineExceededError, match="over while the reply was decoded"):
        await client.v1.models.list_language_models()
    assert 0 < len(made) < 1000


@pytest.mark.parametrize(
    ("field", "unit"),
    [pytest.param(1, b"", id="empty"), pytest.param(1, b"\x48\x01", id="one field")],
)
async def test_reply_of_nearly_empty_messages_is_refused(
    server: LocalServer, client: AsyncClient, field: int, unit: bytes
) -> None:
    """It would take far more memory than it has bytes; the text names the limit."""
    item = bytes([field << 3 | 2, len(unit)]) + unit
    data = item * (4 * LARGE // len(item))
    server.reply(MODELS, with_fields(v1.ListLanguageModelsResponse(), data))
    with pytest.raises(InternalServerError, match=r"refused: it holds more than .* messages with"):
        await client.v1.models.list_language_models()
    assert len(server.calls) == 1


async def test_malformed_large_reply_is_one_error(server: LocalServer, client: AsyncClient) -> None:
    """With the same text as a small one."""
    data = b"\x0a\x05" * LARGE
    server.reply(MODELS, with_fields(v1.ListLanguageModelsResponse(), data))
    with pytest.raises(InternalServerError, match="not a valid ListLanguageModelsResponse"):
        await client.v1.models.list_language_models()
    assert await client.v1.models.list_language_models()


async def test_unknown_fields_and_enum_numbers_of_a_large_reply_are_kept(
    server: LocalServer, client: AsyncClient
) -> None:
    """What this package has no names for is part of the reply."""
    data = b"\x0a\x80\x80\x20" + b"\x1a\xfc\xff\x1f" + b"\x63" * (2**19 - 4) + b"\xfa\x7f\x01a"
    server.reply(MODELS, with_fields(v1.ListLanguageModelsResponse(), data))
    reply = await client.stubs.v1.models.list_language_models(Empty())
    numbers = reply.models[0].input_modalities
    assert numbers[0] is numbers[-1]
    assert (len(numbers), int(numbers[0])) == (2**19 - 4, 99)
    assert codec.encode(reply) == data
