from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from tests.services.aio.helpers import collect
from tests.services.interop.compat import CompatScript
from tests.support import SECRET_KEY
from xai import AsyncClient

if TYPE_CHECKING:
    from tests.services.interop.server import GrpcioServer

HI = [{"role": "user", "content": "Hi"}]
#: What is sent when nothing but the messages is given, besides them and the seed.
DEFAULTS = {"max_tokens": 128, "n": 1, "temperature": 0.7, "top_p": 0.95}
UNSUPPORTED = (
    *("function_call", "functions", "tool_choice", "tools"),
    *("extra_headers", "extra_query", "extra_body"),
)


@pytest.fixture
def script(grpcio_server: "GrpcioServer") -> CompatScript:
    """The service, which always has an answer."""
    return CompatScript(grpcio_server)


@pytest.fixture
def remote(grpcio_server: "GrpcioServer") -> Iterator[AsyncClient]:
    """A client of the server made with grpcio; the hook that runs the test enters it."""
    client = AsyncClient(SECRET_KEY, api_host=grpcio_server.host)
    yield client
    # twin: sync client.close()
    assert "closed" in repr(client)


async def send(script: CompatScript, remote: AsyncClient, **options: Any) -> dict[str, Any]:  # noqa: ANN401  # of many types
    """Ask in both ways, and return what was set in the request, which is the same."""
    options = {"messages": HI, "seed": 5, **options}
    await remote.compat.chat.completions.create(**options)
    stream: Any = await remote.compat.chat.completions.create(**options, stream=True)
    await collect(stream)
    one, two = script.completion.seen[-1], script.chunks.seen[-1]
    if options["seed"] is not None:
        assert one == two
    return one


async def test_defaults_are_the_documented_ones(script: CompatScript, remote: AsyncClient) -> None:
    """Messages alone send the documented defaults, and nothing else."""
    sent = await send(script, remote)
    assert sent == {
        "messages": [{"role": "user", "content": [{"type": "text", "text": "Hi"}]}],
        "seed": 5,
        **DEFAULTS,
    }
    # None is the same as leaving it out.
    names = "model frequency_penalty logit_bias logprobs top_logprobs max_tokens n stop user"
    more = "presence_penalty response_format temperature top_p timeout"
    given = dict.fromkeys([*names.split(), *more.split(), *UNSUPPORTED])
    assert await send(script, remote, **given) == sent


async def test_seed_is_random_when_it_is_not_given(
    script: CompatScript, remote: AsyncClient
) -> None:
    """Without a seed each call has one of its own, from 1 to 10,000."""
    for _ in range(10):
        await send(script, remote, seed=None)
    seeds = [request.seed for request in script.completion.requests + script.chunks.requests]
    assert all(1 <= seed <= 10_000 for seed in seeds)
    assert len(set(seeds)) > 10


@pytest.mark.parametrize(
    ("name", "value", "sent"),
    [
        ("model", "grok-9", "grok-9"),
        ("frequency_penalty", 0.5, 0.5),
        ("frequency_penalty", -2, -2.0),
        ("logit_bias", {5: 0.5, 0: -100}, {"5": 0.5, "0": -100.0}),
        ("logit_bias", {"7": 1.5, "2147483647": -1}, {"7": 1.5, "2147483647": -1.0}),
        ("logprobs", True, True),
        ("top_logprobs", 3, 3),
        ("max_tokens", 2**31 - 1, 2**31 - 1),
        ("n", 4, 4),
        ("presence_penalty", -0.5, -0.5),
        ("response_format", {"type": "json_object"}, {"type": "json_object"}),
        ("seed", 2**31 - 1, 2**31 - 1),
        ("seed", -(2**31), -(2**31)),
        ("stop", "END", ["END"]),
        ("stop", ["a", "b"], ["a", "b"]),
        ("stop", ("a",), ["a"]),
        ("stop", "", [""]),
        ("temperature", 1.5, 1.5),
        ("temperature", 2, 2.0),
        ("top_p", 0.25, 0.25),
        ("user", "somebody", "somebody"),
    ],
)
async def test_argument_reaches_its_field(
    script: CompatScript,
    remote: AsyncClient,
    name: str,
    value: object,
    sent: object,
) -> None:
    """Each argument is sent in the field of its name, and in no other."""
    expected = {"messages": [{"role": "user", "content": [{"type": "text", "text": "Hi"}]}]}
    found = await send(script, remote, **{name: value})
    assert found == {**expected, "seed": 5, **DEFAULTS, name: sent}


@pytest.mark.parametrize(
    "name",
    [
        *("frequency_penalty", "top_logprobs", "max_tokens", "n"),
        *("presence_penalty", "seed", "temperature", "top_p"),
    ],
)
@pytest.mark.parametrize("zero", [0, 0.0])
async def test_zero_is_a_value(
    script: CompatScript, remote: AsyncClient, name: str, zero: float
) -> None:
    """0 and 0.0 are sent as given, never replaced by a default."""
    if name in ("top_logprobs", "max_tokens", "n", "seed"):
        zero = int(zero)
    await send(script, remote, **{name: zero})
    for request in (script.completion.requests[-1], script.chunks.requests[-1]):
        assert getattr(request, name) == 0


@pytest.mark.parametrize(
    ("name", "value"),
    [("logit_bias", {}), ("logprobs", False), ("stop", []), ("stop", ()), ("user", "")],
)
async def test_empty_values_are_values(
    script: CompatScript, remote: AsyncClient, name: str, value: object
) -> None:
    """What is empty is sent as empty."""
    assert name not in await send(script, remote, **{name: value})


async def test_contents_become_parts(script: CompatScript, remote: AsyncClient) -> None:
    """A string is one text part; each kind of part goes to its fields; the old field is empty."""
    messages = [
        {"role": "system", "content": "Be brief", "name": "boss"},
        {"role": "user", "content": ""},
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "a"},
                {"type": "text_file", "text": "b"},
                {"type": "image_url", "image_url": {"url": "https://x.ai/a.png"}},
                {"type": "image_url", "image_url": {"url": "data:image/png;,", "detail": "low"}},
            ],
        },
        {"role": "assistant", "content": []},
        {"role": "tool", "content": ({"type": "text", "text": ""},)},
    ]
    assert (await send(script, remote, messages=messages))["messages"] == [
        {"role": "system", "name": "boss", "content": [{"type": "text", "text": "Be brief"}]},
        {"role": "user", "content": [{"type": "text"}]},
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "a"},
                {"type": "text_file", "text": "b"},
                {"type": "image_url", "image_url": {"url": "https://x.ai/a.png"}},
                {"type": "image_url", "image_url": {"url": "data:image/png;,", "detail": "low"}},
            ],
        },
        {"role": "assistant"},
        {"role": "tool", "content": [{"type": "text"}]},
    ]
    assert (await send(script, remote, messages=())) == {"seed": 5, **DEFAULTS}


@pytest.mark.parametrize("name", UNSUPPORTED)
@pytest.mark.parametrize("value", [{}, [], "auto", 0, False])
async def test_unsupported_argument_is_refused(
    script: CompatScript, remote: AsyncClient, name: str, value: object
) -> None:
    """Whatever it is but None, the documented text says to remove it."""
    options: Any = {"messages": HI, name: value}
    with pytest.raises(ValueError, match="not supported") as caught:
        await remote.compat.chat.completions.create(**options)
    assert str(caught.value) == (
        f"The '{name}' argument is not supported by the xAI API. Please remove it from the "
        "completions.create call."
    )
    assert script.completion.calls == []


@pytest.mark.parametrize("kind", ["input_audio", "refusal", "", "TEXT", None, 5, "image"])
async def test_unsupported_content_is_refused(
    script: CompatScript, remote: AsyncClient, kind: object
) -> None:
    """A part of another type is refused with the documented text."""
    part = {"type": kind, "text": "x"}
    messages: Any = [*HI, {"role": "user", "content": [{"type": "text", "text": "a"}, part]}]
    with pytest.raises(ValueError, match="content type") as caught:
        await remote.compat.chat.completions.create(messages=messages)
    assert str(caught.value) == (
        f"The '{kind}' content type is not supported by the xAI API. Please remove it."
    )
    assert script.completion.calls == []


async def test_callers_objects_are_never_modified(
    script: CompatScript, remote: AsyncClient
) -> None:
    """Messages, lists and mappings are as they were, and may change afterwards."""
    messages: Any = [{"role": "user", "content": [{"type": "text", "text": "a"}]}]
    stop = ["a"]
    bias = {5: 1.0}
    stream = await remote.compat.chat.completions.create(
        messages=messages, stop=stop, logit_bias=bias, stream=True
    )
    assert messages == [{"role": "user", "content": [{"type": "text", "text": "a"}]}]
    assert (stop, bias) == (["a"], {5: 1.0})
    messages[0]["content"][0]["text"] = stop[0] = "late"
    bias.clear()
    await collect(stream)
    (sent,) = script.chunks.seen
    assert sent["messages"][0]["content"] == [{"type": "text", "text": "a"}]
    assert (sent["stop"], sent["logit_bias"]) == (["a"], {"5": 1.0})


async def test_timeout_is_the_calls_own(script: CompatScript, remote: AsyncClient) -> None:
    """The time limit is the given one, the client's when not given, and none for None."""
    create = remote.compat.chat.completions.create
    messages: Any = HI
    await create(messages=messages, timeout=50)
    await create(messages=messages)
    await create(messages=messages, timeout=None)
    await collect(await create(messages=messages, timeout=40.5, stream=True))
    seconds = [call.seconds for call in (*script.completion.calls, *script.chunks.calls)]
    assert seconds[0] is not None
    assert 0 < seconds[0] <= 50
    assert seconds[1] is not None
    assert 50 < seconds[1] <= 1620
    # grpcio says "none" with a very large number.
    assert seconds[2] is None or seconds[2] > 10**6
    assert seconds[3] is not None
    assert 0 < seconds[3] <= 40.5
