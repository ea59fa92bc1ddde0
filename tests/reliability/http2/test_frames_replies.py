"""Answers that are wrong, odd or not from a gRPC server."""

import base64
import re
from collections.abc import Callable

import attrs
import pytest

from tests.reliability.links import Link, both, failure_of
from tests.reliability.peer import GOOD, Asked, Peer, Wire, framed
from tests.support import SECRET_KEY
from xai import AsyncClient, Client
from xai.errors import (
    APIError,
    FailedPreconditionError,
    InternalServerError,
    PermissionDeniedError,
    ServiceUnavailableError,
    StatusCode,
)
from xai.options import RetryPolicy
from xai.proto.prompt_ide.sampler_public import GetTokenBudgetRequest
from xai.runtime.retry.controller import may_retry
from xai.runtime.retry.policy import Failure

HTML = ((":status", "200"), ("content-type", "text/html"))


@attrs.frozen
class Fault:
    """An answer, and what the client makes of it."""

    send: Callable[[Wire, int], None]
    code: StatusCode
    says: str
    final: bool = True


def _answer(*pieces: bytes, status: int | None = 0) -> Callable[[Wire, int], None]:
    """Return what sends good headers, DATA frames, and trailers unless the status is None."""

    def send(wire: Wire, stream: int) -> None:
        wire.headers(stream)
        for number, piece in enumerate(pieces, 1):
            wire.data(stream, piece, end=status is None and number == len(pieces))
        if status is not None:
            wire.status(stream, status)

    return send


def _trailers(*fields: tuple[str | bytes, str | bytes]) -> Callable[[Wire, int], None]:
    def send(wire: Wire, stream: int) -> None:
        wire.headers(stream)
        wire.headers(stream, fields, end=True)

    return send


def _http(status: str, body: bytes, kind: str | None = "text/html") -> Callable[[Wire, int], None]:
    def send(wire: Wire, stream: int) -> None:
        given = [("content-type", kind)] if kind is not None else []
        wire.headers(stream, [(":status", status), *given], end=not body)
        if body:
            wire.data(stream, body, end=True)

    return send


def _untyped_with_trailers(wire: Wire, stream: int) -> None:
    wire.headers(stream, HTML)
    wire.data(stream, b"<h1>Moved</h1>")
    wire.status(stream)


def _http_with_trailers(wire: Wire, stream: int) -> None:
    wire.headers(stream, [(":status", "502"), ("content-type", "text/html")])
    wire.data(stream, b"<h1>No upstream</h1>")
    wire.headers(stream, [("x-proxy", "yes")], end=True)


INTERNAL = StatusCode.INTERNAL
FAULTS = {
    # Each of these is an AssertionError or worse upstream.
    "OK without a message": Fault(_answer(), INTERNAL, "OK without a reply"),
    "nothing but empty frames": Fault(_answer(b"", b""), INTERNAL, "OK without a reply"),
    "cut in the prefix": Fault(_answer(framed(b"reply")[:3]), INTERNAL, "cut off in the middle"),
    "cut in the message": Fault(_answer(framed(b"reply")[:-1]), INTERNAL, "cut off in the middle"),
    "cut without trailers": Fault(
        _answer(framed(b"reply")[:-1], status=None), INTERNAL, "cut off in the middle"
    ),
    "two messages": Fault(_answer(framed(b"a") + framed(b"b")), INTERNAL, "second reply"),
    "two messages, two frames": Fault(_answer(framed(b"a"), framed(b"b")), INTERNAL, "second rep"),
    "no trailers": Fault(_answer(framed(b"reply"), status=None), INTERNAL, "without a status"),
    "trailers without a status": Fault(_trailers(("x", "y")), INTERNAL, "without a status"),
    "headers alone": Fault(
        lambda wire, stream: wire.headers(stream, GOOD, end=True), INTERNAL, "without a status"
    ),
    "compressed": Fault(_answer(framed(b"reply", flag=1)), INTERNAL, "compressed a message"),
    "odd flag": Fault(_answer(framed(b"reply", flag=0xFF)), INTERNAL, "compressed a message"),
    "status is no number": Fault(_trailers(("grpc-status", "fine")), StatusCode.UNKNOWN, ""),
    "status is empty": Fault(_trailers(("grpc-status", "")), StatusCode.UNKNOWN, ""),
    "status is not ASCII": Fault(_trailers((b"grpc-status", b"\xff\xb2")), StatusCode.UNKNOWN, ""),
    "status is unheard of": Fault(_trailers(("grpc-status", "99")), StatusCode.UNKNOWN, ""),
    "status is negative": Fault(_trailers(("grpc-status", "-1")), StatusCode.UNKNOWN, ""),
    "status is a long number": Fault(
        _trailers(("grpc-status", "9" * 5000)), StatusCode.UNKNOWN, ""
    ),
    "status is nearly zero": Fault(_trailers(("grpc-status", "+0")), StatusCode.UNKNOWN, ""),
    "message is percent-encoded": Fault(
        _trailers(("grpc-status", "5"), ("grpc-message", "caf%C3%A9 %25 %e2%82%ac")),
        StatusCode.NOT_FOUND,
        "^caf\u00e9 % \u20ac$",
    ),
    "message is badly percent-encoded": Fault(
        _trailers(("grpc-status", "5"), ("grpc-message", "100% %zz %C3 %")),
        StatusCode.NOT_FOUND,
        "^100% %zz \ufffd %$",
    ),
    "message is raw UTF-8": Fault(
        _trailers(("grpc-status", "5"), (b"grpc-message", "caf\u00e9".encode())),
        StatusCode.NOT_FOUND,
        "^caf\u00e9$",
    ),
    "message is no text": Fault(
        _trailers(("grpc-status", "5"), (b"grpc-message", b"\xff\xfe\x80")),
        StatusCode.NOT_FOUND,
        "^\ufffd+$",
    ),
    "502": Fault(
        _http("502", b"<h1>Bad gateway</h1>\n  of example"),
        StatusCode.UNAVAILABLE,
        "HTTP status 502.*text/html.*<h1>Bad gateway</h1> of example",
        final=False,
    ),
    "503": Fault(
        _http("503", b"busy", "text/plain"), StatusCode.UNAVAILABLE, "503.*: busy", final=False
    ),
    "503, nothing said": Fault(
        _http("503", b"", None), StatusCode.UNAVAILABLE, "HTTP status 503", final=False
    ),
    "403": Fault(
        _http("403", b"<p>blocked by policy 7</p>"),
        StatusCode.PERMISSION_DENIED,
        "403.*blocked by policy 7",
    ),
    "401": Fault(_http("401", b"who?"), StatusCode.UNAUTHENTICATED, "401.*who"),
    "404": Fault(_http("404", b"not here"), StatusCode.UNIMPLEMENTED, "404.*not here"),
    "302": Fault(_http("302", b""), StatusCode.UNKNOWN, "302"),
    "200, HTML": Fault(_http("200", b"<p>Log in"), StatusCode.UNKNOWN, "text/html.*<p>Log in"),
    "no content-type": Fault(_http("200", b"hm", None), StatusCode.UNKNOWN, "content nothing.*hm"),
    "body is no text": Fault(_http("500", b"\xff\x00"), StatusCode.UNKNOWN, "HTTP status 500"),
    "HTML with status 0": Fault(_untyped_with_trailers, StatusCode.UNKNOWN, "text/html.*Moved"),
    "502 with trailers": Fault(
        _http_with_trailers, StatusCode.UNAVAILABLE, "502.*No upstream", final=False
    ),
}


def fail_once(fault: Callable[[Wire, int], None], connect: type[Link]) -> Failure:
    """Return the failure of a call; the next call succeeds on the same connection."""

    def script(wire: Wire) -> None:
        fault(wire, wire.request().stream)

    with Peer(script) as peer, connect(peer) as link:
        failure = failure_of(link.unary)
        link.works()
        assert len(peer.wires) == 1
    return failure


@both
@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
def test_bad_answer_is_one_clear_failure(fault: Fault, connect: type[Link]) -> None:
    """The call fails with a status and a text; the connection goes on."""
    failure = fail_once(fault.send, connect)
    assert failure.code is fault.code
    assert re.search(fault.says, failure.message), failure.message
    assert may_retry(failure, RetryPolicy()) is not fault.final
    assert not failure.connection


@both
def test_explanation_is_cut(connect: type[Link]) -> None:
    """2 KiB of a page are kept, and what comes after is still read and given back."""
    failure = fail_once(_http("500", b"why? " * 3000), connect)
    assert 2000 < len(failure.message) < 2200


@both
def test_headers_that_are_not_ascii(connect: type[Link]) -> None:
    """A header with any bytes spoils neither the call nor the connection."""

    def script(wire: Wire) -> None:
        asked = wire.request()
        wire.headers(asked.stream, [*GOOD, (b"x-odd", b"\xff\x00\x80")])
        wire.data(asked.stream, framed(b"good"))
        wire.headers(asked.stream, [(b"x-o\xffd", b"\xfe"), ("grpc-status", "0")], end=True)
        failing: Asked = wire.request()
        wire.refuse(failing.stream, 5)
        failing = wire.request()
        wire.headers(failing.stream, [*GOOD, ("grpc-status", "5"), (b"x-odd", b"\xe9")], end=True)

    with Peer(script) as peer, connect(peer) as link:
        assert link.unary() == b"good"
        assert failure_of(link.unary).trailers == ()
        assert failure_of(link.unary).trailers == (("x-odd", "\xe9"),)
        link.works()
        assert len(peer.wires) == 1


DETAILS = b"\x08\x05\x12\x04text"


@both
@pytest.mark.parametrize(
    ("value", "details"),
    [
        (base64.b64encode(DETAILS), DETAILS),
        (base64.b64encode(DETAILS).rstrip(b"="), DETAILS),
        (b"%%% not base64 %%%", b""),
        (b"A", b""),
        (b"\xff\xfe", b""),
        (b"CA=US", b""),
        (b"", b""),
    ],
)
def test_malformed_details_leave_the_status(
    connect: type[Link], value: bytes, details: bytes
) -> None:
    """Base64 that is none, in any trailer, never takes the place of the status."""

    def fault(wire: Wire, stream: int) -> None:
        wire.headers(stream)
        fields: list[tuple[str | bytes, str | bytes]] = [
            ("grpc-status", "9"),
            ("grpc-message", "not now"),
            (b"grpc-status-details-bin", value),
            (b"other-bin", value),
        ]
        wire.headers(stream, fields, end=True)

    failure = fail_once(fault, connect)
    assert (failure.code, failure.message) == (StatusCode.FAILED_PRECONDITION, "not now")
    assert failure.details == details
    assert failure.trailers == (("other-bin", value.decode("latin-1")),)


# -- what the user sees --------------------------------------------------------------------------


def _details(value: bytes) -> Callable[[Wire, int], None]:
    encoded = base64.b64encode(value).decode()
    return _trailers(("grpc-status", "9"), ("grpc-status-details-bin", encoded), ("x-id", "7"))


USERS: dict[str, tuple[Callable[[Wire, int], None], type[APIError], str]] = {
    "403": (_http("403", b"<p>policy 7"), PermissionDeniedError, "HTTP status 403.*policy 7"),
    "502": (_http("502", b"<p>no upstream"), ServiceUnavailableError, "HTTP status 502.*no upst"),
    "cut": (_answer(framed(b"reply")[:-1]), InternalServerError, "cut off"),
    # Bytes that decode and are no google.rpc.Status.
    "odd details": (_details(b"\xff\xff\xff"), FailedPreconditionError, "FAILED_PRECONDITION"),
}


def _check_user(error: APIError, cls: type[APIError], says: str) -> None:
    assert type(error) is cls
    assert re.search(says, str(error))
    assert (error.attempts, error.details) == (1, ())
    assert ("x-id", "7") in error.metadata or cls is not FailedPreconditionError


@pytest.mark.parametrize("case", USERS.values(), ids=USERS.keys())
def test_user_sees_one_clear_error(
    case: tuple[Callable[[Wire, int], None], type[APIError], str],
) -> None:
    """The exception has the class of the status and the explanation; calls go on."""
    fault, cls, says = case
    with (
        Peer(lambda wire: fault(wire, wire.request().stream)) as peer,
        Client(SECRET_KEY, api_host=peer.host, retry=RetryPolicy.none()) as client,
    ):
        with pytest.raises(cls) as caught:
            client.stubs.sampler.get_token_budget(GetTokenBudgetRequest())
        _check_user(caught.value, cls, says)
        client.stubs.sampler.get_token_budget(GetTokenBudgetRequest())
        assert len(peer.wires) == 1


@pytest.mark.parametrize("case", USERS.values(), ids=USERS.keys())
async def test_asynchronous_user_sees_one_clear_error(
    case: tuple[Callable[[Wire, int], None], type[APIError], str],
) -> None:
    """As above."""
    fault, cls, says = case
    with Peer(lambda wire: fault(wire, wire.request().stream)) as peer:
        async with AsyncClient(SECRET_KEY, api_host=peer.host, retry=RetryPolicy.none()) as client:
            with pytest.raises(cls) as caught:
                await client.stubs.sampler.get_token_budget(GetTokenBudgetRequest())
            _check_user(caught.value, cls, says)
            await client.stubs.sampler.get_token_budget(GetTokenBudgetRequest())
