from typing import Any

import pytest

from tests.services.aio.helpers import collect, texts
from tests.services.recorded import requests
from tests.support import SECRET_KEY
from xai import AsyncClient
from xai.proto.prompt_ide import sampler_public as pb
from xai.testing import LocalServer

IMAGE = "data:image/png;base64,aGk="


async def send(server: LocalServer, client: AsyncClient, *args: Any, **options: Any) -> Any:  # noqa: ANN401  # of many types
    """Make a call that has no tokens, and return the request that arrived."""
    server.reply(pb.SAMPLER_SAMPLE_TOKENS, [])
    assert await collect(client.sampler.sample(*args, **options)) == []
    return requests(server, pb.SAMPLER_SAMPLE_TOKENS)[-1]


async def test_defaults_are_the_documented_ones(server: LocalServer) -> None:
    """A call with a prompt alone sends each documented default, and nothing else."""
    async with AsyncClient(SECRET_KEY, api_host=server.host, initial_rng_seed=5) as client:
        request = await send(server, client, "Once")
    settings = request.settings
    assert request.inputs == [pb.PromptInput(text="Once")]
    assert (request.model_name, request.return_attention) == ("", False)
    assert (settings.max_len, settings.rng_seed) == (256, 5)
    assert settings.temperature == pytest.approx(0.7)
    assert settings.nucleus_p == pytest.approx(0.95)
    assert settings.stop_tokens == settings.stop_strings == []
    assert settings.allowed_tokens == settings.disallowed_tokens == []


async def test_every_argument_reaches_its_field(server: LocalServer, client: AsyncClient) -> None:
    """Each argument is sent in the field of its name, and in no other."""
    request = await send(
        server,
        client,
        inputs=["text", b"\x89PNG", IMAGE, [1, 2]],
        model_name="grok-local",
        max_len=17,
        temperature=0.5,
        nucleus_p=0.25,
        stop_tokens=["a", "▁b"],
        stop_strings=["c", "d e"],
        rng_seed=2**64 - 1,
        return_attention=True,
        allowed_tokens=["f", 7],
        augment_tokens=False,
    )
    assert request == pb.SampleTokensRequest(
        inputs=[
            pb.PromptInput(text="text"),
            pb.PromptInput(image_bytes=b"\x89PNG"),
            pb.PromptInput(image_base64=IMAGE),
            pb.PromptInput(token_ids=pb.TokenIds(tokens=[1, 2])),
        ],
        settings=pb.SampleSettings(
            max_len=17,
            temperature=0.5,
            nucleus_p=0.25,
            stop_tokens=["a", "▁b"],
            stop_strings=["c", "d e"],
            rng_seed=2**64 - 1,
            allowed_tokens=[pb.InputToken(string_token="f"), pb.InputToken(token_id=7)],
        ),
        return_attention=True,
        model_name="grok-local",
    )


async def test_tokens_of_tokenize_are_a_prompt(server: LocalServer, client: AsyncClient) -> None:
    """What `tokenize` returns can be given to `sample`, and continues like the text itself."""
    tokens = await client.sampler.tokenize("Does it work?")
    by_text = await texts(client.sampler.sample("Does it work?", temperature=0.0, max_len=5))
    by_tokens = await texts(client.sampler.sample(tokens, temperature=0.0, max_len=5))
    ids = [token.token_id for token in tokens]
    by_ids = await texts(client.sampler.sample(ids, temperature=0.0, max_len=5))
    assert by_text
    assert by_text == by_tokens == by_ids
    assert len(requests(server, pb.SAMPLER_SAMPLE_TOKENS)) == 3


async def test_later_changes_of_lists_change_nothing(
    server: LocalServer, client: AsyncClient
) -> None:
    """The request is fixed by the call; what happens to its arguments before iterating is late."""
    server.reply(pb.SAMPLER_SAMPLE_TOKENS, [])
    inputs, stops, ids = ["a"], ["b"], [1]
    stream = client.sampler.sample(inputs=[*inputs, ids], stop_tokens=stops, stop_strings=stops)
    inputs.append("late")
    stops.append("late")
    ids.append(2)
    await collect(stream)
    (request,) = requests(server, pb.SAMPLER_SAMPLE_TOKENS)
    assert request.inputs[1] == pb.PromptInput(token_ids=pb.TokenIds(tokens=[1]))
    assert request.settings.stop_tokens == ["b", "▁b"]
    assert request.settings.stop_strings == ["b"]
