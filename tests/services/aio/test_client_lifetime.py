import copy
import gc
import pickle
import traceback
import warnings

import pytest
from betterproto.lib.google.protobuf import Empty

from tests.services.aio.helpers import collect, texts, wait_for_call
from tests.services.recorded import CREDENTIALS, paths, requests
from tests.support import SECRET_KEY, SECRET_MARKER
from tests.twin_helpers import AsyncBackground
from xai import APIError, AsyncClient, ServiceUnavailableError, StatusCode
from xai.options import RetryPolicy
from xai.proto.prompt_ide.sampler_public import SAMPLER_SAMPLE_TOKENS, SAMPLER_TOKENIZE
from xai.testing import LocalServer

CLOSED = "closed"


async def test_block_gives_the_client_and_closes_it(server: LocalServer) -> None:
    """The block gives the client itself; at its end the connection is gone."""
    client = AsyncClient(SECRET_KEY, api_host=server.host)
    async with client as entered:
        assert entered is client
        await client.sampler.list_models()
        assert server.open_connections == 1
    server.wait_for_connections(0)


async def test_block_closes_when_an_error_leaves_it(server: LocalServer) -> None:
    """An error passes through the block unchanged, and the client is closed."""
    client = AsyncClient(SECRET_KEY, api_host=server.host)
    with pytest.raises(KeyError, match="mine"):  # noqa: PT012  # the block is what is tested
        async with client:
            await client.sampler.list_models()
            raise KeyError("mine")
    server.wait_for_connections(0)
    assert CLOSED in repr(client)


async def test_close_twice_or_before_use_is_fine(server: LocalServer) -> None:
    """Closing a client that never connected, and closing twice, do nothing."""
    unused = AsyncClient(SECRET_KEY, api_host=server.host)
    await unused.close()
    await unused.close()
    used = AsyncClient(SECRET_KEY, api_host=server.host)
    await used.sampler.list_models()
    await used.close()
    await used.close()
    assert server.connections == 1


@pytest.mark.parametrize("used", [False, True])
async def test_calls_after_close_raise_runtime_error(
    server: LocalServer,
    used: bool,  # noqa: FBT001
) -> None:
    """After close every call raises RuntimeError at once, on old and new service objects."""
    client = AsyncClient(SECRET_KEY, api_host=server.host)
    old = client.sampler
    if used:
        await old.list_models()
    view = client.with_options(timeout=1.0).sampler
    stream = old.sample("made before")
    await client.close()
    for sampler in (old, view):
        with pytest.raises(RuntimeError, match=CLOSED):
            await sampler.tokenize("text")
        with pytest.raises(RuntimeError, match=CLOSED):
            await sampler.tokenize("")
        with pytest.raises(RuntimeError, match=CLOSED):
            await sampler.list_models()
        with pytest.raises(RuntimeError, match=CLOSED):
            await sampler.get_token_budget()
        with pytest.raises(RuntimeError, match=CLOSED):
            await sampler.list_transactions()
        with pytest.raises(RuntimeError, match=CLOSED):
            sampler.sample("text")
    with pytest.raises(RuntimeError, match=CLOSED):
        await collect(stream)
    with pytest.raises(RuntimeError, match=CLOSED):
        async with client:
            pass
    assert server.connections == int(used)


async def test_service_is_taken_from_a_closed_client(server: LocalServer) -> None:
    """A service first asked for after the close says that the client is closed."""
    client = AsyncClient(SECRET_KEY, api_host=server.host)
    await client.close()
    with pytest.raises(RuntimeError, match=CLOSED):
        client.with_options().sampler.sample("text")
    with pytest.raises(RuntimeError, match=CLOSED):
        await client.sampler.list_models()
    with pytest.raises(RuntimeError, match=CLOSED):
        await client.stubs.sampler.list_models(Empty())


async def test_close_ends_calls_that_are_under_way(server: LocalServer) -> None:
    """A call that the user closes the client under ends in RuntimeError, not in a status."""
    server.stall(times=2)
    async with AsyncClient(SECRET_KEY, api_host=server.host) as client:
        unary = AsyncBackground(lambda: client.sampler.tokenize("text"))
        stream = AsyncBackground(lambda: texts(client.sampler.sample("text")))
        await wait_for_call(server, None, count=2)
        await client.close()
        for call in (unary, stream):
            with pytest.raises(RuntimeError, match=CLOSED):
                await call.result()


async def test_view_shares_the_connection(server: LocalServer, client: AsyncClient) -> None:
    """A view uses the connection of its client, whichever of them makes the first call."""
    view = client.with_options(timeout=5.0)
    await view.sampler.list_models()
    await client.sampler.list_models()
    await view.with_options(metadata=(("x-a", "1"),)).sampler.list_models()
    assert server.connections == 1


async def test_view_shares_the_seeds(server: LocalServer) -> None:
    """A client and its views count their seeds together."""
    async with AsyncClient(SECRET_KEY, api_host=server.host, initial_rng_seed=40) as client:
        view = client.with_options(timeout=5.0)
        for owner in (client, view, client, view.with_options()):
            await collect(owner.sampler.sample("text", max_len=1))
    seeds = [item.settings.rng_seed for item in requests(server, SAMPLER_SAMPLE_TOKENS)]
    assert seeds == [40, 41, 42, 43]


async def test_view_has_its_own_timeout(server: LocalServer, client: AsyncClient) -> None:
    """A timeout of a view holds for the view alone; its other options are the client's."""
    unlimited = client.with_options(timeout=None)
    limited = unlimited.with_options(timeout=100)
    for owner in (client, unlimited, limited, limited.with_options(), unlimited):
        await owner.sampler.list_models()
    seconds = [call.timeout for call in server.calls]
    assert [text is None for text in seconds] == [False, True, False, False, True]
    assert seconds[0] != seconds[2]


async def test_view_has_its_own_retries(server: LocalServer, client: AsyncClient) -> None:
    """A policy of a view holds for the view alone, and views of it inherit it."""
    server.fail(StatusCode.UNAVAILABLE, "later", times=3)
    never = client.with_options(retry=RetryPolicy.none())
    for owner in (never, never.with_options(timeout=5.0)):
        with pytest.raises(ServiceUnavailableError, match="later") as caught:
            await owner.sampler.list_models()
        assert caught.value.attempts == 1
    assert await client.sampler.list_models() == ["grok-local"]
    assert len(server.calls) == 4


async def test_view_adds_metadata(server: LocalServer) -> None:
    """Pairs of a view come after those of its client, which is left as it was."""
    async with AsyncClient(
        SECRET_KEY, api_host=server.host, metadata=(("x-client", "1"),)
    ) as client:
        view = client.with_options(metadata=[("x-view", "2")])
        await view.with_options(
            metadata=(("x-inner", "3"), ("x-client", "4"))
        ).sampler.list_models()
        await client.sampler.list_models()
    first, second = (call.metadata for call in server.calls)
    assert first == [
        ("x-client", "1"),
        *CREDENTIALS,
        ("x-view", "2"),
        ("x-inner", "3"),
        ("x-client", "4"),
    ]
    assert second == [("x-client", "1"), *CREDENTIALS]


@pytest.mark.parametrize(
    ("options", "error", "text"),
    [
        ({"timeout": "5"}, TypeError, "timeout must be"),
        ({"timeout": -0.5}, ValueError, "timeout must be"),
        ({"metadata": "a"}, TypeError, "metadata must be a sequence"),
        ({"metadata": [("te", "x")]}, ValueError, r"metadata\[0\]"),
        ({"unknown": 1}, TypeError, "unknown"),
    ],
)
def test_view_option_that_is_bad_is_named(
    options: dict[str, object], error: type[Exception], text: str
) -> None:
    """A bad option of a view is refused by `with_options`, with a text that names it."""
    client = AsyncClient(SECRET_KEY)
    with pytest.raises(error, match=text):
        client.with_options(**options)  # type: ignore[arg-type]  # the point of the test


async def test_close_of_a_view_closes_all(server: LocalServer, client: AsyncClient) -> None:
    """A view and its client are closed together."""
    view = client.with_options()
    await view.sampler.list_models()
    await view.close()
    with pytest.raises(RuntimeError, match=CLOSED):
        await client.sampler.list_models()
    assert paths(server) == ["ListModels"]


async def test_repr_shows_the_host_and_never_the_key(server: LocalServer) -> None:
    """The repr of a client has its host; nothing that hangs on it shows the key."""
    client = AsyncClient(SECRET_KEY, api_host=server.host, metadata=(("x-a", SECRET_MARKER),))
    async with client:
        await client.sampler.list_models()
        view = client.with_options(metadata=(("x-b", SECRET_MARKER),))
        shown = [repr(client), str(client), repr(view), f"{client}", repr(vars(client))]
        shown += [repr(view.sampler), repr(client.stubs), repr(client.stubs.sampler)]
        shown += [repr(value) for value in vars(view).values()]
        assert server.host in shown[0]
        assert CLOSED not in shown[0]
    shown.append(repr(client))
    assert CLOSED in shown[-1]
    assert type(client).__name__ in shown[-1]
    assert SECRET_MARKER not in "".join(shown)


@pytest.mark.parametrize("used", [False, True])
async def test_client_cannot_be_pickled_or_deeply_copied(
    server: LocalServer,
    used: bool,  # noqa: FBT001
) -> None:
    """Pickling would write the key out, so it is refused, with a text without the key."""
    async with AsyncClient(SECRET_KEY, api_host=server.host) as client:
        if used:
            await client.sampler.list_models()
        for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
            with pytest.raises(TypeError) as caught:
                pickle.dumps(client, protocol)
            assert SECRET_MARKER not in "".join(traceback.format_exception(caught.value))
        with pytest.raises(TypeError):
            copy.deepcopy(client)


async def test_errors_of_calls_never_show_the_key(
    server: LocalServer, client: AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither an error, nor its traceback, nor a log line of a failed call has the key."""
    server.fail(StatusCode.UNAVAILABLE, "no", times=None)
    hasty = client.with_options(
        retry=RetryPolicy(max_attempts=2, initial_backoff=0.001),
        metadata=(("x-secret", SECRET_MARKER),),
    )
    with pytest.raises(APIError) as caught:
        await hasty.sampler.list_models()
    shown = "".join(traceback.format_exception(caught.value))
    assert "prompt_ide.Sampler/ListModels" in shown
    assert SECRET_MARKER not in shown + repr(caught.value) + caplog.text


def test_client_never_used_is_dropped_without_a_word(server: LocalServer) -> None:
    """Dropping a client that never connected warns of nothing."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        client = AsyncClient(SECRET_KEY, api_host=server.host)
        del client
        gc.collect()


async def test_client_is_usable_after_a_refused_argument(
    server: LocalServer, client: AsyncClient
) -> None:
    """A mistake in a call costs neither a connection nor the client."""
    with pytest.raises(TypeError, match="prompt must be a str"):
        await client.sampler.tokenize(5)  # type: ignore[arg-type]  # the point of the test
    assert server.connections == 0
    assert await client.sampler.tokenize("text")
    assert len(requests(server, SAMPLER_TOKENIZE)) == 1
