"""A gateway, or a broken peer, quotes the key outside of a status: it is masked there as well."""

import base64
import pickle
import traceback
from collections.abc import Callable

import pytest

import xai
from tests.reliability.peer import GOOD, Peer, Wire, framed
from tests.support import SECRET_KEY, SECRET_MARKER
from xai.proto import xai_api as pb
from xai.v1 import Response, user

_PAGE = f"<html><h1>403</h1>\n<p>Bearer {SECRET_KEY}</p>\x1b]0;pwned\x07</html>".encode()


def _web_page(wire: Wire) -> None:
    asked = wire.request()
    wire.headers(asked.stream, [(":status", "403"), ("content-type", "text/html")])
    wire.data(asked.stream, _PAGE, end=True)
    wire.until_closed()


def _page_cut_in_the_key(wire: Wire) -> None:
    asked = wire.request()
    wire.headers(asked.stream, [(":status", "502"), ("content-type", f"text/{SECRET_KEY}")])
    # What is kept of a page is bounded, and ends within the key here.
    wire.data(asked.stream, b"x" * (2048 - 20) + _PAGE[-100:] + SECRET_KEY.encode(), end=True)
    wire.until_closed()


def _goaway(wire: Wire) -> None:
    wire.request()
    wire.goaway(0, 11, f"too many calls with {SECRET_KEY}".encode())
    wire.close()


def _unknown_status(wire: Wire) -> None:
    asked = wire.request()
    wire.headers(asked.stream, [*GOOD, ("grpc-status", SECRET_KEY)], end=True)
    wire.until_closed()


def _encoded_trailer(wire: Wire) -> None:
    asked = wire.request()
    basic = base64.b64encode(f"me:{SECRET_KEY}".encode()).decode()
    wire.headers(asked.stream)
    wire.status(asked.stream, 7, ("grpc-message", f"Basic%20{basic}"), ("x-echo", basic))
    wire.until_closed()


def _invalid_reply(wire: Wire) -> None:
    asked = wire.request()
    wire.headers(asked.stream)
    body = SECRET_KEY.encode()
    wire.data(asked.stream, b"\0" + len(body).to_bytes(4, "big") + body)
    wire.status(asked.stream)
    wire.until_closed()


def _invalid_large_reply(wire: Wire) -> None:
    asked = wire.request()
    wire.headers(asked.stream)
    body = f"{SECRET_KEY} ".encode() * 20_000
    message = b"\0" + len(body).to_bytes(4, "big") + body
    for start in range(0, len(message), 16384):
        wire.data(asked.stream, message[start : start + 16384])
    wire.status(asked.stream)
    wire.until_closed()


SCRIPTS: list[Callable[[Wire], None]] = [
    _web_page,
    _page_cut_in_the_key,
    _goaway,
    _unknown_status,
    _encoded_trailer,
    _invalid_reply,
    _invalid_large_reply,
]


@pytest.mark.parametrize("streamed", [False, True], ids=["one reply", "stream"])
@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.__name__[1:])
def test_key_quoted_by_a_peer(script: Callable[[Wire], None], *, streamed: bool) -> None:
    """No part of the key is in the error, its causes, its pickle, or their frames."""
    retry = xai.RetryPolicy.none()
    with (
        Peer(*[script] * 3) as peer,
        xai.Client(SECRET_KEY, api_host=peer.host, retry=retry, timeout=10.0) as client,
    ):
        with pytest.raises(xai.APIError) as caught:
            list(client.sampler.sample("text") if streamed else client.sampler.list_models())
        error: BaseException | None = caught.value
        seen = [pickle.dumps(error).decode("latin-1"), *traceback.format_exception(caught.value)]
        while error is not None:
            seen += [repr(error), str(error), repr(error.args), repr(vars(error))]
            for frame, _ in traceback.walk_tb(error.__traceback__):
                if "/xai/" in frame.f_code.co_filename:
                    seen += [repr(value) for value in frame.f_locals.values()]
            error = error.__cause__ or error.__context__
    text = "\n".join(seen)
    encoded = base64.b64encode(f"me:{SECRET_KEY}".encode()).decode()
    for part in (SECRET_MARKER, SECRET_MARKER.lower(), SECRET_KEY[:12], encoded[8:24]):
        hidden = part not in text
        assert hidden, "the key is in the error"
    assert "\x1b" not in str(caught.value)


def test_key_quoted_in_a_stream_that_breaks() -> None:
    """What had come is data and stays as it was; neither the error nor its own repr shows it."""

    def script(wire: Wire) -> None:
        asked = wire.request()
        wire.headers(asked.stream)
        delta = pb.Delta(content=f"your key is {SECRET_KEY}", role=pb.MessageRole.ROLE_ASSISTANT)
        chunk = bytes(pb.GetChatCompletionChunk(outputs=[pb.CompletionOutputChunk(delta=delta)]))
        wire.data(asked.stream, framed(chunk))
        wire.status(asked.stream, 13, ("grpc-message", "broken"))
        wire.until_closed()

    with (
        Peer(script) as peer,
        xai.Client(SECRET_KEY, api_host=peer.host, timeout=10.0) as client,
        pytest.raises(xai.InternalServerError) as caught,
    ):
        list(client.v1.chat.create("grok-4", messages=[user("text")]).stream())
    error = caught.value
    assert isinstance(error.partial, Response)
    shown = f"{error} {error!r} {error.args} {pickle.dumps(error)!r} {vars(error)}"
    assert SECRET_MARKER not in shown, "the key is shown"
    kept = error.partial.content == f"your key is {SECRET_KEY}"
    assert kept
