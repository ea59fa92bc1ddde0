# Do not edit: produced by "nox -s generate" from
# tests/services/aio/rpc/test_echoed_credentials.py
"""A server or a gateway quotes the credentials it was sent: no error, log or pickle has them."""

import base64
import copy
import logging
import pickle
import traceback
import urllib.parse
from collections.abc import Callable

import pytest
from betterproto import Message
from betterproto.lib.google.protobuf import Any

from tests.services.sync.helpers import QUESTION, texts, until_error
from tests.support import SECRET_KEY, SECRET_MARKER
from xai import APIError, Client, RetryEvent, RetryPolicy, StatusCode
from xai.proto.google import rpc
from xai.proto.prompt_ide.sampler_public import SAMPLER_SAMPLE_TOKENS, TokenizeRequest
from xai.testing import LocalServer
from xai.v1 import user

_DETAILS = "grpc-status-details-bin"
_TOKEN = f"view-{SECRET_MARKER}-77aa"
_MANAGEMENT = f"mgmt-{SECRET_MARKER}-e0e0"
_HALF = len(SECRET_KEY) // 2

SPELLINGS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "percent-encoded": lambda key: "".join(f"%{ord(letter):02X}" for letter in key),
    "base64": lambda key: base64.b64encode(f"me:{key}".encode()).decode(),
    "broken in two": lambda key: f"{key[:_HALF]} {key[_HALF:]}",
    "cut off": lambda key: key[:_HALF],
    "escaped": lambda key: "".join(f"\\u{ord(letter):04x}" for letter in key),
}


def _packed(name: str, value: bytes) -> Any:
    return Any(type_url=f"type.googleapis.com/{name}", value=value)


def everything(error: BaseException) -> str:
    """Return all that can be seen of an error, its causes and its copies."""
    seen: list[str] = []
    todo: list[BaseException | None] = [error]
    known: set[int] = set()
    while todo:
        found = todo.pop()
        if found is None or id(found) in known:
            continue
        known.add(id(found))
        todo += [found.__cause__, found.__context__]
        seen += [str(found), repr(found), repr(found.args), repr(vars(found))]
        details = [item for item in vars(found).get("details", ()) if isinstance(item, Message)]
        seen += [repr(bytes(item)) for item in details]
        for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
            seen += [repr(pickle.dumps(found, protocol))]
        if isinstance(found, APIError):
            other = copy.copy(found)
            seen += [str(other), repr(vars(other))]
    return "\n".join((*seen, *traceback.format_exception(error)))


def check(error: BaseException, *spelled: str) -> str:
    """Check that none of these texts can be seen in an error, and return what can."""
    text = everything(error)
    for spelling in (*spelled, SECRET_MARKER):
        # Not by an assertion on the text itself: it would be shown.
        hidden = spelling not in text
        assert hidden, "the credential is in the error"
    return text


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_key_in_message_trailers_and_details(
    server: LocalServer, client: Client, spelling: str
) -> None:
    """Wherever the server quotes the key, and however it is spelled, it is masked there."""
    spelled = SPELLINGS[spelling](SECRET_KEY)
    known = rpc.ErrorInfo(reason="BAD_KEY", domain="x.ai", metadata={"given": spelled, "n": "5"})
    status = rpc.Status(
        code=16,
        message=spelled,
        details=[
            _packed("google.rpc.ErrorInfo", bytes(known)),
            _packed("google.rpc.DebugInfo", bytes(rpc.DebugInfo(stack_entries=[spelled, "main"]))),
            _packed("acme.Unknown", b"\x0a\x05" + spelled.encode() + b"\xff"),
        ],
    )
    server.fail(
        StatusCode.UNAUTHENTICATED,
        f"Incorrect API key provided: {spelled}. See x.ai.",
        trailers=[
            ("x-before", "1"),
            ("x-echo", spelled),
            ("x-echo-bin", spelled.encode()),
            (_DETAILS, bytes(status)),
        ],
    )
    with pytest.raises(APIError) as caught:
        client.sampler.tokenize("text")
    error = caught.value
    check(error, spelled)
    assert str(error).startswith("Incorrect API key provided: ***")
    assert str(error).endswith(" See x.ai.")
    assert error.metadata[0] == ("x-before", "1")
    info, debug, unknown = error.details
    assert isinstance(info, rpc.ErrorInfo)
    assert (info.reason, info.domain, info.metadata["n"]) == ("BAD_KEY", "x.ai", "5")
    assert isinstance(debug, rpc.DebugInfo)
    assert debug.stack_entries[1] == "main"
    assert isinstance(unknown, tuple)
    assert unknown[0] == "acme.Unknown"
    assert len(unknown[1]) == len(spelled) + 3


@pytest.mark.parametrize(
    ("pairs", "echoed"),
    [
        ((("authorization-token", _TOKEN),), _TOKEN),
        ((("x-api-key", _TOKEN),), _TOKEN),
        ((("cookie", f"sid={_TOKEN}"),), _TOKEN),
        ((("proxy-authorization", f"Bearer {_TOKEN}"),), _TOKEN),
    ],
)
def test_secret_metadata_of_view_and_call(
    server: LocalServer, client: Client, pairs: tuple[tuple[str, str], ...], echoed: str
) -> None:
    """What a view or a call adds is masked when its name says that it is a credential."""
    server.fail(3, f"bad header {echoed}", times=2)
    with pytest.raises(APIError) as caught:
        client.with_options(metadata=pairs).sampler.tokenize("text")
    check(caught.value, echoed)
    with pytest.raises(APIError) as caught:
        client.stubs.sampler.tokenize(TokenizeRequest(text="text"), metadata=pairs)
    check(caught.value, echoed)


def test_other_metadata_is_shown(server: LocalServer) -> None:
    """A value that is no credential stays in the text, where it helps."""
    server.fail(3, "no such team: blue-and-green")
    pairs = (("x-team", "blue-and-green"),)
    with Client(SECRET_KEY, api_host=server.host, metadata=pairs) as client:
        with pytest.raises(APIError, match="no such team: blue-and-green"):
            client.sampler.tokenize("text")


def test_management_key_and_client_metadata(server: LocalServer) -> None:
    """All credentials of a client are masked, whichever of them the server quotes."""
    with Client(
        SECRET_KEY,
        api_host=server.host,
        metadata=(("x-auth", _TOKEN),),
        management_api_key=_MANAGEMENT,
    ) as client:
        for secret in (_MANAGEMENT, _TOKEN, SECRET_KEY):
            server.fail(7, f"not allowed with {urllib.parse.quote(secret)}")
            with pytest.raises(APIError) as caught:
                client.sampler.tokenize("text")
            assert str(caught.value) == "not allowed with ***"
            check(caught.value, secret)


def test_key_in_a_stream_that_fails(server: LocalServer, client: Client) -> None:
    """A stream that fails half-way is no exception, nor is one read to a reply."""
    server.fail(
        StatusCode.ABORTED, f"{SECRET_KEY} is over", method=SAMPLER_SAMPLE_TOKENS, after_messages=1
    )
    with pytest.raises(APIError) as caught:
        texts(client.sampler.sample(QUESTION, temperature=0.0))
    assert check(caught.value)
    assert str(caught.value) == "*** is over"

    server.fail(3, f"{SECRET_KEY} is over", after_messages=1)
    chat = client.v1.chat.create("grok-local")
    chat.append(user("Hello"))
    _, error = until_error(chat.stream())
    check(error)


def test_key_in_what_is_tried_again(
    server: LocalServer, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither the hook nor the log of retries has what the server said."""
    caplog.set_level(logging.DEBUG)
    events: list[RetryEvent] = []
    retry = RetryPolicy(max_attempts=3, initial_backoff=0.001, on_retry=events.append)
    server.fail(14, f"busy, {SECRET_KEY}", trailers=[("x-echo", SECRET_KEY)], times=3)
    with pytest.raises(APIError) as caught:
        client.with_options(retry=retry).sampler.tokenize("text")
    check(caught.value)
    hidden = SECRET_MARKER not in repr(events) + repr(pickle.dumps(events)) + caplog.text
    assert hidden
    assert len(events) == 2
