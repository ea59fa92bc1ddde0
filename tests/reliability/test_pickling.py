"""What can be pickled or copied, and what is refused because the key would go with it."""

import copy
import multiprocessing.reduction
import pickle
import traceback
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest

import xai
import xai.v1
from tests.support import SECRET_KEY, SECRET_MARKER
from xai.testing import LocalServer

_REFUSAL = "a client can't be pickled: its API key would be written out with it"
_PARTS: dict[str, Callable[[Any], object]] = {
    "client": lambda client: client,
    "view": lambda client: client.with_options(timeout=1.0, metadata=(("x", "y"),)),
    "chat": lambda client: client.chat,
    "compat": lambda client: client.compat,
    "completions": lambda client: client.compat.chat.completions,
    "embedder": lambda client: client.embedder,
    "files": lambda client: client.files,
    "grok": lambda client: client.grok,
    "sampler": lambda client: client.sampler,
    "stubs": lambda client: client.stubs,
    "stub": lambda client: client.stubs.sampler,
    "stubs of today": lambda client: client.stubs.v1,
    "stream": lambda client: client.sampler.sample("Does it work?"),
}


def _travelled(thing: Any) -> Any:  # noqa: ANN401  # whatever can be pickled
    return pickle.loads(pickle.dumps(thing))  # noqa: S301  # made right here


@pytest.mark.parametrize("twin", [xai.v1.Client, xai.v1.AsyncClient])
@pytest.mark.parametrize(
    "part", ["", *(name for name in dir(xai.v1.Client) if not name.startswith("_"))]
)
def test_clients_of_v1_and_their_services_refuse(twin: Any, part: str, server: LocalServer) -> None:  # noqa: ANN401  # both twins
    """So does a client of v1 with all that it offers, its methods included."""
    client = twin(SECRET_KEY, SECRET_KEY, api_host=server.host, management_api_host=server.host)
    thing = getattr(client, part) if part else client
    for number in range(pickle.HIGHEST_PROTOCOL + 1):
        with pytest.raises(TypeError, match=_REFUSAL) as caught:
            pickle.dumps(thing, protocol=number)
        assert SECRET_MARKER not in "".join(traceback.format_exception(caught.value))


@pytest.fixture(params=["blocking", "asynchronous"])
def client(request: pytest.FixtureRequest, server: LocalServer) -> Iterator[Any]:
    """Give a client of either twin; the blocking one has been used."""
    if request.param == "asynchronous":
        yield xai.AsyncClient(SECRET_KEY, api_host=server.host)
        return
    with (
        LocalServer(api_keys={SECRET_KEY: ["*"]}) as other,
        xai.Client(SECRET_KEY, api_host=other.host) as made,
    ):
        made.sampler.list_models()
        yield made


@pytest.mark.parametrize("part", _PARTS)
def test_clients_and_their_parts_refuse(client: Any, part: str) -> None:  # noqa: ANN401  # both twins
    """A client and all that leads back to it refuse every protocol of pickling, and deep copies."""
    thing = _PARTS[part](client)
    ways: list[Callable[[object], object]] = [
        *(partial(pickle.dumps, protocol=number) for number in range(pickle.HIGHEST_PROTOCOL + 1)),
        copy.deepcopy,
        multiprocessing.reduction.ForkingPickler.dumps,
    ]
    for way in ways:
        with pytest.raises(TypeError, match=_REFUSAL) as caught:
            way(thing)
        assert SECRET_MARKER not in "".join(traceback.format_exception(caught.value))


def test_closed_client_refuses(server: LocalServer) -> None:
    """A closed client still has its key, and is not pickled either."""
    client = server.client()
    client.close()
    with pytest.raises(TypeError, match=_REFUSAL):
        pickle.dumps(client)


def test_open_stream_refuses_and_goes_on(server: LocalServer) -> None:
    """An attempt to pickle or copy a stream that is being read disturbs nothing."""
    with (
        server.client() as client,
        client.sampler.sample("Does it work?", max_len=10, temperature=0.0) as stream,
    ):
        next(stream)
        for way in (pickle.dumps, copy.deepcopy):
            with pytest.raises(TypeError, match=_REFUSAL):
                way(stream)
        assert len(list(stream)) == 9


def test_shallow_copy_is_the_same_client(server: LocalServer) -> None:
    """`copy.copy` gives a view: one connection, one sequence of seeds, and one end for both."""
    with server.client(initial_rng_seed=5) as client:
        twin = copy.copy(client)
        assert twin is not client
        assert list(twin.sampler.sample("Does it work?", max_len=2, temperature=0.0))
        assert list(client.sampler.sample("Does it work?", max_len=2, temperature=0.0))
        assert server.connections == 1
        del twin
        assert client.sampler.list_models()
    twin = copy.copy(client)
    with pytest.raises(RuntimeError, match="the client is closed"):
        twin.sampler.list_models()


_OPTIONS = [
    xai.Timeouts(total=5.0, connect=1.0),
    xai.RetryPolicy(max_attempts=7),
    xai.Keepalive(interval=60.0),
]


@pytest.mark.parametrize("options", _OPTIONS, ids=lambda options: type(options).__name__)
@pytest.mark.parametrize("way", [copy.copy, copy.deepcopy, _travelled])
def test_options_travel(options: object, way: Callable[[object], object]) -> None:
    """Options have no key in them: they are copied and pickled, so that a worker makes its own."""
    assert way(options) == options


def test_results_travel(server: LocalServer) -> None:
    """What calls return is pickled and copied, so that a worker can send it back."""
    with server.client() as client:
        tokens = [
            *client.sampler.tokenize("Does it work?"),
            *client.sampler.sample("Does it work?", max_len=3, temperature=0.0),
        ]
    for way in (copy.copy, copy.deepcopy, _travelled):
        assert way(tokens) == tokens


@pytest.mark.parametrize("code", [code for code in xai.StatusCode if code])
def test_errors_travel(server: LocalServer, code: xai.StatusCode) -> None:
    """An error of a call has all of its fields and notes after the journey, and its own class."""
    server.fail(code, "no", times=None)
    once = xai.RetryPolicy(max_attempts=1)
    with server.client(retry=once) as client, pytest.raises(xai.APIError) as caught:
        client.sampler.list_models()
    error = caught.value
    error.add_note("seen by a worker")
    for way in (copy.copy, copy.deepcopy, _travelled):
        other = way(error)
        assert type(other) is type(error)
        assert vars(other) == vars(error)
        assert (str(other), repr(other)) == (str(error), repr(error))
