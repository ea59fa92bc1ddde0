import copy
from collections.abc import Sequence
from typing import Any

import betterproto
import pytest

from tests.services.aio.helpers import collect, texts
from tests.services.recorded import requests
from tests.support import SECRET_KEY
from xai import AsyncClient, Token
from xai.proto.prompt_ide import sampler_public as pb
from xai.testing import LocalServer

IMAGE = "data:image/png;base64,aGk="


async def send(server: LocalServer, client: AsyncClient, *args: Any, **options: Any) -> Any:  # noqa: ANN401  # of many types
    """Make a call that has no tokens, and return the request that arrived."""
    server.reply(pb.SAMPLER_SAMPLE_TOKENS, [])
    assert await collect(client.sampler.sample(*args, **options)) == []
    return requests(server, pb.SAMPLER_SAMPLE_TOKENS)[-1]


def names(tokens: Sequence[pb.InputToken]) -> list[object]:
    """Return tokens in the form in which callers give them."""
    return [betterproto.which_one_of(token, "token")[1] for token in tokens]


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


async def test_disallowed_tokens_reach_their_field(
    server: LocalServer, client: AsyncClient
) -> None:
    """Disallowed tokens travel as strings and numbers, in their order, and apart from allowed."""
    request = await send(
        server, client, "a", disallowed_tokens=[3, "▁x", 0, ""], augment_tokens=False
    )
    assert names(request.settings.disallowed_tokens) == [3, "▁x", 0, ""]
    assert request.settings.allowed_tokens == []


@pytest.mark.parametrize("name", ["max_len", "temperature", "nucleus_p", "rng_seed"])
@pytest.mark.parametrize("zero", [0, 0.0])
async def test_zero_is_a_value(
    server: LocalServer, client: AsyncClient, name: str, zero: float
) -> None:
    """0 is sent as given, never replaced by a default."""
    if isinstance(zero, float) and name in ("max_len", "rng_seed"):
        zero = 0
    request = await send(server, client, "a", **{name: zero})
    assert getattr(request.settings, name) == 0


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("text", pb.PromptInput(text="text")),
        ("data:image/png;base64,aGk=", pb.PromptInput(text=IMAGE)),
        (" ", pb.PromptInput(text=" ")),
        ([1, 0, 2**32 - 1], pb.PromptInput(token_ids=pb.TokenIds(tokens=[1, 0, 2**32 - 1]))),
        ((5,), pb.PromptInput(token_ids=pb.TokenIds(tokens=[5]))),
        (range(3), pb.PromptInput(token_ids=pb.TokenIds(tokens=[0, 1, 2]))),
        (
            [Token(4, "four"), Token(0, "zero")],
            pb.PromptInput(token_ids=pb.TokenIds(tokens=[4, 0])),
        ),
    ],
)
async def test_prompt_becomes_one_input(
    server: LocalServer, client: AsyncClient, prompt: object, expected: pb.PromptInput
) -> None:
    """A prompt in each of its forms is sent in ``inputs``; the old field stays empty."""
    request = await send(server, client, prompt)
    assert request.inputs == [expected]
    assert request.prompt == []


@pytest.mark.parametrize(
    ("item", "kind", "value"),
    [
        ("text", "text", "text"),
        ("", "text", ""),
        (IMAGE, "image_base64", IMAGE),
        ("data:image", "image_base64", "data:image"),
        ("see data:image/png", "text", "see data:image/png"),
        ("Data:image/png;base64,", "text", "Data:image/png;base64,"),
        ("data:text/plain,", "text", "data:text/plain,"),
        (b"\x89PNG\0", "image_bytes", b"\x89PNG\0"),
        (b"", "image_bytes", b""),
        (bytearray(b"\x89PNG"), "image_bytes", b"\x89PNG"),
        (memoryview(b"\x89PNG"), "image_bytes", b"\x89PNG"),
        ([1, 2**32 - 1], "token_ids", pb.TokenIds(tokens=[1, 2**32 - 1])),
        ((0,), "token_ids", pb.TokenIds(tokens=[0])),
        ([], "token_ids", pb.TokenIds()),
    ],
)
async def test_input_goes_to_the_member_of_its_kind(
    server: LocalServer, client: AsyncClient, item: object, kind: str, value: object
) -> None:
    """Each kind of item fills one member of the oneof, and only that."""
    request = await send(server, client, inputs=["first", item])
    assert betterproto.which_one_of(request.inputs[0], "payload") == ("text", "first")
    assert betterproto.which_one_of(request.inputs[1], "payload") == (kind, value)
    assert len(request.inputs) == 2
    assert request.prompt == []


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


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        (["a"], ["a", "▁a"]),
        (["▁a"], ["▁a"]),
        (["a", "▁a"], ["a", "▁a", "▁a"]),
        ([""], ["", "▁"]),
        (["▁"], ["▁"]),
        ([" a", "a▁"], [" a", "▁ a", "a▁", "▁a▁"]),
        ([], []),
    ],
)
async def test_strings_are_augmented(
    server: LocalServer, client: AsyncClient, given: list[str], sent: list[str]
) -> None:
    """Each string is also sent with a leading ``▁`` unless it has one, in all three lists."""
    request = await send(server, client, "a", stop_tokens=given, allowed_tokens=given)
    assert request.settings.stop_tokens == sent
    assert names(request.settings.allowed_tokens) == sent
    request = await send(server, client, "a", disallowed_tokens=given)
    assert names(request.settings.disallowed_tokens) == sent


async def test_numbers_are_never_augmented(server: LocalServer, client: AsyncClient) -> None:
    """Token IDs stay as they are among augmented strings; stop strings are left alone."""
    request = await send(
        server, client, "a", allowed_tokens=[1, "b", 0], stop_strings=["c"], stop_tokens=()
    )
    assert names(request.settings.allowed_tokens) == [1, "b", "▁b", 0]
    assert request.settings.stop_strings == ["c"]


async def test_augmentation_can_be_turned_off(server: LocalServer, client: AsyncClient) -> None:
    """With ``augment_tokens=False`` every string is sent as given."""
    given = ["a", "▁b"]
    request = await send(
        server, client, "a", stop_tokens=given, allowed_tokens=given, augment_tokens=False
    )
    assert request.settings.stop_tokens == given
    assert names(request.settings.allowed_tokens) == given


async def test_callers_lists_are_never_modified(server: LocalServer, client: AsyncClient) -> None:
    """No list that is given to `sample` is changed by it."""
    for tokens in ("allowed_tokens", "disallowed_tokens"):
        options: dict[str, Any] = {
            "inputs": ["a", [1, 2], b"x"],
            "stop_tokens": ["a", "▁b"],
            "stop_strings": ["c"],
            tokens: ["d", 4],
        }
        before = copy.deepcopy(options)
        await send(server, client, **options)
        assert options == before


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
