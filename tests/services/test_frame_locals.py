"""Tools that print tracebacks with local variables show no credential from our frames."""

import asyncio
import io
import ssl
import traceback
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from rich.console import Console
from rich.traceback import Traceback

import xai
from tests.support import SECRET_KEY, SECRET_MARKER
from xai.proto.prompt_ide.sampler_public import TokenizeRequest
from xai.testing import LocalServer

PACKAGE = str(Path(xai.__file__).parent)
BAD_KEY = f"{SECRET_KEY}\n"
BAD_PROXY = f"http://user:{SECRET_MARKER}@proxy.example.com:3128/path"
PAIRS = (("authorization-token", SECRET_KEY),)


def frames(error: BaseException) -> Iterator[FrameType]:
    """Yield the frames of an error and of its causes."""
    todo: list[BaseException | None] = [error]
    known: set[int] = set()
    while todo:
        found = todo.pop()
        if found is None or id(found) in known:
            continue
        known.add(id(found))
        todo += [found.__cause__, found.__context__]
        for frame, _ in traceback.walk_tb(found.__traceback__):
            yield frame


def shown(value: object, depth: int = 3) -> Iterator[str]:
    """Yield what such tools show of a value: containers are entered, all else is repr'd."""
    if depth and isinstance(value, Mapping):
        for key, item in list(value.items()):
            yield from shown(key, depth - 1)
            yield from shown(item, depth - 1)
    elif depth and isinstance(value, (list, tuple, set, frozenset)):
        for item in list(value):
            yield from shown(item, depth - 1)
    else:
        yield repr(value)
        yield str(value)


def leaks(error: BaseException) -> list[str]:
    """Return the local variables of our frames that show the marker."""
    return [
        f"{Path(frame.f_code.co_filename).name}:{frame.f_code.co_name}:{name}"
        for frame in frames(error)
        if frame.f_code.co_filename.startswith(PACKAGE)
        for name, value in list(frame.f_locals.items())
        if any(SECRET_MARKER in text for text in shown(value))
    ]


def rendered(error: BaseException) -> str:
    """Return what rich prints, without the frames of this test."""
    assert error.__traceback__ is not None
    # The outermost frames are this file's, and hold what it gave.
    inner = error.__traceback__
    while inner.tb_next is not None and not inner.tb_frame.f_code.co_filename.startswith(PACKAGE):
        inner = inner.tb_next
    console = Console(file=io.StringIO(), width=200)
    trace = Traceback.from_exception(type(error), error, inner, show_locals=True)
    console.print(trace)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def check(error: BaseException) -> None:
    """Check that there is no marker in the error's frames, neither by our means nor by rich's."""
    assert leaks(error) == []
    hidden = SECRET_MARKER not in rendered(error)
    assert hidden, "rich shows it"


def services(client: Any) -> Any:  # noqa: ANN401  # of any kind
    """Return the services of v1 of a client."""
    return getattr(client, "v1", client)


CONSTRUCTIONS: dict[str, Callable[[type[Any]], object]] = {
    "line break": lambda kind: kind(BAD_KEY),
    "line break, by name": lambda kind: kind(api_key=BAD_KEY),
    "not ASCII": lambda kind: kind(f"{SECRET_KEY}é"),
    "bytes": lambda kind: kind(SECRET_KEY.encode()),
    "list": lambda kind: kind([SECRET_KEY]),
    "good key, bad host": lambda kind: kind(SECRET_KEY, api_host="a b"),
    "good key, bad host of the management": lambda kind: kind(
        SECRET_KEY, management_api_host="a b"
    ),
    "good key, bad seed": lambda kind: kind(SECRET_KEY, initial_rng_seed=-1),
    "good key, bad size": lambda kind: kind(SECRET_KEY, max_message_bytes=0),
    "good key, bad timeout": lambda kind: kind(SECRET_KEY, timeout=-1.0),
    "good key, bad retry": lambda kind: kind(SECRET_KEY, retry=3),
    "good key, bad keepalive": lambda kind: kind(SECRET_KEY, keepalive=3),
    "good key, bad context": lambda kind: kind(SECRET_KEY, ssl_context=3),
    "good key, bad management key": lambda kind: kind(SECRET_KEY, management_api_key=BAD_KEY),
    "good key, empty management key": lambda kind: kind(SECRET_KEY, management_api_key=""),
    "management key of another type": lambda kind: kind(
        SECRET_KEY, management_api_key=SECRET_KEY.encode()
    ),
    "metadata, bad value": lambda kind: kind(SECRET_KEY, metadata=(("x-key", BAD_KEY),)),
    "metadata, bad key": lambda kind: kind(SECRET_KEY, metadata=((f"X-{SECRET_KEY}", "1"),)),
    "metadata, bytes": lambda kind: kind(SECRET_KEY, metadata=(("x", SECRET_KEY.encode()),)),
    "metadata, no pair": lambda kind: kind(SECRET_KEY, metadata=((SECRET_KEY,),)),
    "metadata, second is bad": lambda kind: kind(SECRET_KEY, metadata=(*PAIRS, ("x", "é"))),
    "metadata, a str": lambda kind: kind(SECRET_KEY, metadata=SECRET_KEY),
    "metadata, a dict": lambda kind: kind(SECRET_KEY, metadata={"x": SECRET_KEY}),
    "proxy with a path": lambda kind: kind(SECRET_KEY, proxy=BAD_PROXY),
    "proxy of another scheme": lambda kind: kind(
        SECRET_KEY, proxy=f"ftp://me:{SECRET_MARKER}@proxy:1"
    ),
    "proxy with a bad port": lambda kind: kind(
        SECRET_KEY, proxy=f"http://me:{SECRET_MARKER}@proxy:1x"
    ),
    "proxy with a bad user": lambda kind: kind(
        SECRET_KEY, proxy=f"http://m%0ae:{SECRET_MARKER}@proxy:1"
    ),
    "proxy for plain text": lambda kind: kind(
        SECRET_KEY, api_host="localhost:1", proxy=f"http://me:{SECRET_MARKER}@proxy:1"
    ),
    "view, bad metadata": lambda kind: kind(SECRET_KEY).with_options(
        metadata=(("x-key", BAD_KEY),)
    ),
    "view, bad timeout": lambda kind: kind(SECRET_KEY).with_options(timeout=-1, metadata=PAIRS),
    "chat's view, bad retry": lambda kind: (
        services(kind(SECRET_KEY)).chat.create("grok").with_options(retry=3, metadata=PAIRS)
    ),
}


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave nothing in the environment that a client reads."""
    for name in ("XAI_API_KEY", "XAI_MANAGEMENT_KEY", "https_proxy", "HTTPS_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize("kind", [xai.Client, xai.AsyncClient, xai.v1.Client, xai.v1.AsyncClient])
@pytest.mark.parametrize("name", CONSTRUCTIONS)
def test_refused_construction(kind: type[Any], name: str) -> None:
    """A constructor that refuses an argument holds no credential in its frames."""
    with pytest.raises((ValueError, TypeError)) as caught:
        CONSTRUCTIONS[name](kind)
    check(caught.value)


@pytest.mark.parametrize("kind", [xai.Client, xai.AsyncClient, xai.v1.Client, xai.v1.AsyncClient])
@pytest.mark.parametrize(
    "variables",
    [
        {"XAI_API_KEY": BAD_KEY},
        {"XAI_API_KEY": SECRET_KEY, "XAI_MANAGEMENT_KEY": BAD_KEY},
        {"XAI_API_KEY": SECRET_KEY, "https_proxy": BAD_PROXY},
        {"XAI_API_KEY": SECRET_KEY, "XAI_LOG": "loud"},
    ],
    ids=" ".join,
)
def test_refused_environment(
    kind: type[Any], variables: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor does one that refuses a variable of the environment; the environment is not shown."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ValueError, match=r"\S") as caught:
        kind()
    check(caught.value)


def _blocking(host: str, **options: Any) -> BaseException:  # noqa: ANN401  # as the client has them
    with (
        xai.Client(SECRET_KEY, api_host=host, metadata=PAIRS, **options) as client,
        pytest.raises(xai.APIError) as caught,
    ):
        client.with_options(metadata=PAIRS).sampler.tokenize("text")
    return caught.value


def _asynchronous(host: str, **options: Any) -> BaseException:  # noqa: ANN401  # as above
    async def run() -> BaseException:
        async with xai.AsyncClient(SECRET_KEY, api_host=host, metadata=PAIRS, **options) as client:
            with pytest.raises(xai.APIError) as caught:
                await client.with_options(metadata=PAIRS).sampler.tokenize("text")
        return caught.value

    return asyncio.run(run())


def _streamed(host: str, **options: Any) -> BaseException:  # noqa: ANN401  # as above
    with (
        xai.Client(SECRET_KEY, api_host=host, metadata=PAIRS, **options) as client,
        pytest.raises(xai.APIError) as caught,
    ):
        list(client.with_options(metadata=PAIRS).sampler.sample("text"))
    return caught.value


def _stub(host: str, **options: Any) -> BaseException:  # noqa: ANN401  # as above
    with (
        xai.Client(SECRET_KEY, api_host=host, **options) as client,
        pytest.raises(xai.APIError) as caught,
    ):
        client.stubs.sampler.tokenize(TokenizeRequest(text="text"), metadata=PAIRS)
    return caught.value


ways = pytest.mark.parametrize("way", [_blocking, _asynchronous, _streamed, _stub])


@ways
@pytest.mark.parametrize("times", [1, 3])
def test_failed_call(way: Callable[..., BaseException], times: int) -> None:
    """A call that the server refuses, at once or after retries, holds none either."""
    with LocalServer(api_keys={SECRET_KEY: ["*"]}) as server:
        server.fail(14 if times > 1 else 3, SECRET_KEY, times=times, trailers=PAIRS)
        retry = xai.RetryPolicy(max_attempts=times, initial_backoff=0.001)
        check(way(server.host, retry=retry))


@ways
@pytest.mark.parametrize("kind", ["protobuf", "cut", "http", "frame"])
def test_broken_answer(way: Callable[..., BaseException], kind: Any) -> None:  # noqa: ANN401
    """Nor does one whose answer is broken."""
    with LocalServer(api_keys={SECRET_KEY: ["*"]}) as server:
        server.send_garbage(kind=kind, times=None)
        check(way(server.host, retry=xai.RetryPolicy.none()))


@ways
def test_failed_connection(way: Callable[..., BaseException]) -> None:
    """Nor does one that finds no server, one without TLS, or a proxy that is not there."""
    with LocalServer() as server:
        host = server.host
    check(way(host, retry=xai.RetryPolicy.none()))
    check(way("127.0.0.1:9", retry=xai.RetryPolicy.none(), ssl_context=_context()))
    check(
        way(
            "api.example.com",
            retry=xai.RetryPolicy.none(),
            proxy=f"http://me:{SECRET_MARKER}@127.0.0.1:9",
        )
    )


def _context() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.set_alpn_protocols(["h2"])
    return context
