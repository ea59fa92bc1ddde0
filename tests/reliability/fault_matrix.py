"""What a caller sees of each fault: one table for the tests and for their readers.

``python -m tests.reliability.fault_matrix --write`` puts it into FAULTS.md.
"""

import enum
import sys
from pathlib import Path
from typing import Final

import attrs

from tests.reliability import fault_scenarios as scenarios
from tests.reliability.net.proxies import HTTPProxy, SOCKSProxy
from xai import (
    AbortedError,
    APIConnectionError,
    APIError,
    CancelledError,
    DeadlineExceededError,
    InternalServerError,
    InvalidArgumentError,
    PermissionDeniedError,
    RateLimitError,
    ServiceUnavailableError,
    StatusCode,
)

PAGE: Final = Path(__file__).resolve().parent / "FAULTS.md"
BEGIN: Final = "<!-- fault matrix: begin -->\n"
END: Final = "<!-- fault matrix: end -->\n"
#: How often the calls of the matrix are tried at most.
ATTEMPTS: Final = 2


class Kind(enum.Enum):
    """What a fault happens to."""

    IDEMPOTENT = "one reply, idempotent"
    OTHER = "one reply, not idempotent"
    BEFORE = "stream, before its first message"
    AFTER = "stream, after it"
    UPLOAD = "stream of requests, amid it"


class Bound(enum.Enum):
    """What ends a call at the latest; the values are what the page says."""

    NONE = "at once"
    DEADLINE = "`timeout`"
    IDLE = "`Timeouts.idle`"
    CONNECT = "`Timeouts.connect`, each attempt"
    KEEPALIVE = "`Keepalive`: `interval + timeout`"


@attrs.frozen
class Seen:
    """What the caller of one cell sees.

    Attributes:
        error: The class of the error; None for the right answer.
        code: Its status.
        attempts: How many attempts were made.
        bound: What ends the call at the latest.
    """

    error: type[APIError] | None = None
    code: StatusCode = StatusCode.OK
    attempts: int = 1
    bound: Bound = Bound.NONE

    @property
    def text(self) -> str:
        """What the page says; without the time."""
        if self.error is None:
            return "the answer" if self.attempts == 1 else "the answer, tried again"
        # The names of all other classes tell the status.
        code = f" ({self.code.name})" if self.error is InternalServerError else ""
        return f"`{self.error.__name__}`{code}" + (", tried again" if self.attempts > 1 else "")


GOOD: Final = Seen()
AGAIN: Final = Seen(attempts=2)
LOST: Final = Seen(APIConnectionError, StatusCode.UNAVAILABLE)
UNREACHABLE: Final = attrs.evolve(LOST, attempts=2)
INVALID: Final = Seen(InternalServerError, StatusCode.INTERNAL)
AWAY: Final = Seen(ServiceUnavailableError, StatusCode.UNAVAILABLE)
LATE: Final = Seen(DeadlineExceededError, StatusCode.DEADLINE_EXCEEDED)
OVER: Final = attrs.evolve(LATE, bound=Bound.DEADLINE)
SILENT: Final = attrs.evolve(LATE, bound=Bound.IDLE)


@attrs.frozen
class Row:
    """One fault.

    Attributes:
        fault: What happens, in the page's words.
        make: Lets it happen.
        cells: What is seen of it; a kind that is missing can't meet it.
    """

    fault: str
    make: scenarios.Make
    cells: dict[Kind, Seen]


def _row(
    fault: str,
    make: scenarios.Make,
    before: Seen,
    after: Seen | None = None,
    *,
    repeated: Seen | None = None,
    streamed: Seen | None = None,
) -> Row:
    """Return a row; all kinds but the streams that have begun see the same unless said."""
    cells = {
        Kind.IDEMPOTENT: repeated or before,
        Kind.OTHER: before,
        Kind.BEFORE: streamed or before,
        Kind.UPLOAD: streamed or before,
    }
    return Row(fault, make, cells if after is None else {**cells, Kind.AFTER: after})


def _reset(name: str, code: int, error: type[APIError], status: StatusCode) -> Row:
    seen = Seen(error, status)
    # A cut stream of the server's own making may be tried again when that does no harm.
    repeated = AGAIN if status in (StatusCode.INTERNAL, StatusCode.UNAVAILABLE) else seen
    scenario = scenarios.amid(scenarios.reset(code))
    return _row(f"stream reset: {name}", scenario, seen, seen, repeated=repeated)


def _status(code: StatusCode, error: type[APIError], *, repeated: Seen | None = None) -> Row:
    seen = Seen(error, code)
    scenario = scenarios.amid(scenarios.status(int(code)))
    return _row(f"status {code.name}", scenario, seen, seen, repeated=repeated)


_AMID: Final = scenarios.amid

ROWS: Final = (
    # Getting there.
    _row("name unknown", scenarios.dialing(name=True, always=True), UNREACHABLE),
    _row("name unknown for a moment", scenarios.dialing(name=True, always=False), AGAIN),
    _row(
        "name lookup hangs",
        scenarios.slow_names,
        attrs.evolve(UNREACHABLE, bound=Bound.CONNECT),
    ),
    _row("connection refused", scenarios.dialing(name=False, always=True), UNREACHABLE),
    _row("connection refused for a moment", scenarios.dialing(name=False, always=False), AGAIN),
    _row("TLS alert", scenarios.handshake(scenarios.alert), UNREACHABLE),
    _row(
        "TLS handshake hangs",
        scenarios.handshake(scenarios.silent),
        attrs.evolve(UNREACHABLE, bound=Bound.CONNECT),
    ),
    _row("certificate not trusted", scenarios.untrusted, LOST),
    _row(
        "HTTP proxy answers 407",
        scenarios.proxied(
            HTTPProxy, scenarios.http_says(b"HTTP/1.1 407 Proxy Authentication Required")
        ),
        LOST,
    ),
    _row(
        "HTTP proxy answers 502",
        scenarios.proxied(HTTPProxy, scenarios.http_says(b"HTTP/1.1 502 Bad Gateway")),
        UNREACHABLE,
    ),
    _row(
        "SOCKS proxy can't reach the host",
        scenarios.proxied(SOCKSProxy, scenarios.socks_unreachable),
        UNREACHABLE,
    ),
    # The connection.
    _row("server restarted between calls", scenarios.after_a_call(lambda wire: wire.close()), GOOD),
    _row("server restarted amid the call", _AMID(scenarios.leave), LOST, LOST, repeated=AGAIN),
    _row("connection reset before the headers", _AMID(scenarios.cut), LOST, repeated=AGAIN),
    _row(
        "connection reset after the headers",
        _AMID(scenarios.cut_after_headers),
        LOST,
        LOST,
        repeated=AGAIN,
    ),
    _row(
        "connection reset amid a message",
        _AMID(scenarios.cut_in_message),
        LOST,
        LOST,
        repeated=AGAIN,
    ),
    _row(
        "connection half-open",
        _AMID(scenarios.deaf),
        attrs.evolve(LOST, bound=Bound.KEEPALIVE),
        attrs.evolve(LOST, bound=Bound.KEEPALIVE),
        repeated=attrs.evolve(AGAIN, bound=Bound.KEEPALIVE),
    ),
    _row("GOAWAY without the call", _AMID(scenarios.goaway_without), AGAIN, LOST),
    _row("GOAWAY, the call is served", _AMID(scenarios.goaway_with), GOOD, GOOD),
    _row(
        "GOAWAY, then the end at once",
        _AMID(scenarios.goaway_and_leave),
        LOST,
        LOST,
        repeated=AGAIN,
    ),
    _row("bytes that are not HTTP/2", _AMID(scenarios.not_http2), LOST, LOST, repeated=AGAIN),
    _row("flood of control frames", _AMID(scenarios.flood), LOST, LOST, repeated=AGAIN),
    _row("machine slept, the connection is forgotten", scenarios.slept, GOOD),
    # The stream.
    _row("stream refused (REFUSED_STREAM)", _AMID(scenarios.reset(7)), AGAIN, AWAY),
    _reset("NO_ERROR", 0, InternalServerError, StatusCode.INTERNAL),
    _reset("PROTOCOL_ERROR", 1, InternalServerError, StatusCode.INTERNAL),
    _reset("INTERNAL_ERROR", 2, InternalServerError, StatusCode.INTERNAL),
    _reset("CANCEL", 8, CancelledError, StatusCode.CANCELLED),
    _reset("ENHANCE_YOUR_CALM", 11, RateLimitError, StatusCode.RESOURCE_EXHAUSTED),
    _reset("INADEQUATE_SECURITY", 12, PermissionDeniedError, StatusCode.PERMISSION_DENIED),
    _row("response against HTTP/2's rules", _AMID(scenarios.headers_twice), INVALID, INVALID),
    # The answer.
    _row("message that is not protobuf", _AMID(scenarios.not_protobuf), INVALID, INVALID),
    _row("message over `max_message_bytes`", _AMID(scenarios.oversize), INVALID, INVALID),
    _row("answer ends amid a message", _AMID(scenarios.unfinished), INVALID, INVALID),
    _row("messages compressed with gzip", _AMID(scenarios.compressed("gzip")), GOOD),
    _row("messages compressed in an unknown way", _AMID(scenarios.compressed("br")), INVALID),
    _row(
        "trailers over 64 KiB",
        _AMID(scenarios.large_trailers),
        Seen(RateLimitError, StatusCode.RESOURCE_EXHAUSTED),
        Seen(RateLimitError, StatusCode.RESOURCE_EXHAUSTED),
    ),
    _row("no trailers", _AMID(scenarios.no_trailers), INVALID, INVALID),
    _row(
        "status that is no status",
        _AMID(scenarios.status("fine")),
        Seen(InternalServerError, StatusCode.UNKNOWN),
        Seen(InternalServerError, StatusCode.UNKNOWN),
    ),
    _row("web page, HTTP status 502", _AMID(scenarios.web_page), AGAIN),
    _row("status UNAVAILABLE for a moment", _AMID(scenarios.status(14)), AGAIN, AWAY),
    _row(
        "status UNAVAILABLE",
        _AMID(scenarios.status(14), always=True),
        attrs.evolve(AWAY, attempts=2),
        AWAY,
    ),
    _row(
        "status RESOURCE_EXHAUSTED, with a wait",
        _AMID(scenarios.status(8, ("grpc-retry-pushback-ms", "0"))),
        AGAIN,
        Seen(RateLimitError, StatusCode.RESOURCE_EXHAUSTED),
    ),
    _row(
        "status RESOURCE_EXHAUSTED for a moment",
        _AMID(scenarios.status(8)),
        AGAIN,
        Seen(RateLimitError, StatusCode.RESOURCE_EXHAUSTED),
    ),
    _row(
        "status RESOURCE_EXHAUSTED",
        _AMID(scenarios.status(8), always=True),
        Seen(RateLimitError, StatusCode.RESOURCE_EXHAUSTED, attempts=2),
        Seen(RateLimitError, StatusCode.RESOURCE_EXHAUSTED),
    ),
    _row(
        "status RESOURCE_EXHAUSTED, a message is too large",
        _AMID(scenarios.status(8, ("grpc-message", "Received message larger than max (5 vs. 4)"))),
        Seen(RateLimitError, StatusCode.RESOURCE_EXHAUSTED),
        Seen(RateLimitError, StatusCode.RESOURCE_EXHAUSTED),
    ),
    _status(StatusCode.ABORTED, AbortedError, repeated=AGAIN),
    _status(StatusCode.INTERNAL, InternalServerError),
    _status(StatusCode.INVALID_ARGUMENT, InvalidArgumentError),
    # Time.
    _row("server falls silent", _AMID(scenarios.stall), OVER, SILENT, streamed=SILENT),
    _row("answer comes byte by byte, without end", _AMID(scenarios.drip), OVER, OVER),
    _row("no free stream", scenarios.after_a_call(scenarios.full), OVER),
    _row("no time left when the call is made", scenarios.no_time, LATE),
    _row("UNAVAILABLE, with a wait past the deadline", _AMID(scenarios.pushback), AWAY, AWAY),
    _status(StatusCode.DEADLINE_EXCEEDED, DeadlineExceededError),
)


def _unary(row: Row) -> str:
    repeated, other = row.cells[Kind.IDEMPOTENT].text, row.cells[Kind.OTHER].text
    return other if repeated == other else f"idempotent: {repeated}; else {other}"


def _bounds(row: Row) -> str:
    unary = row.cells[Kind.OTHER].bound
    streamed = row.cells[Kind.BEFORE].bound
    return unary.value if unary is streamed else f"{unary.value}; stream {streamed.value}"


def table() -> str:
    """Return the table in Markdown."""
    lines = [
        "| fault | one reply | stream, before its first message | after it | upload | ends |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for row in ROWS:
        after = row.cells.get(Kind.AFTER)
        texts = (
            row.cells[Kind.BEFORE].text,
            after.text if after else "—",
            row.cells[Kind.UPLOAD].text,
            _bounds(row),
        )
        lines.append(f"| {' | '.join((row.fault, _unary(row), *texts))} |")
    return "\n".join(lines) + "\n"


def written(text: str) -> str:
    """Return a text with the table of today between its marks.

    Args:
        text: The page's text.
    """
    head, begin, rest = text.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the marks {BEGIN.strip()} and {END.strip()} are missing")
    return head + BEGIN + table() + END + tail


if __name__ == "__main__":
    if sys.argv[1:] == ["--write"]:
        PAGE.write_text(written(PAGE.read_text("utf-8")), "utf-8")
    else:
        sys.stdout.write(table())
