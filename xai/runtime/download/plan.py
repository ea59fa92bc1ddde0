"""One attempt of a download: where it may go, how long and how large it may be; does no I/O."""

import functools
import ssl
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, NoReturn, Protocol, TypeAlias
from urllib.parse import quote, urljoin, urlsplit

import attrs

from xai._version import __version__
from xai.errors import StatusCode
from xai.runtime.net.proxy import Proxy, on_loopback
from xai.runtime.net.tls import default_context
from xai.runtime.retry.policy import CallFailed, Failure, remaining

if TYPE_CHECKING:
    import httpx

_MAX_REDIRECTS: Final = 5
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
#: HTTP statuses that are gRPC statuses; other ones of 500 and more are UNAVAILABLE, which is tried
#: again, and the rest is UNKNOWN.
_STATUSES: Final = {
    400: StatusCode.INVALID_ARGUMENT,
    401: StatusCode.UNAUTHENTICATED,
    403: StatusCode.PERMISSION_DENIED,
    404: StatusCode.NOT_FOUND,
    408: StatusCode.UNAVAILABLE,
    410: StatusCode.NOT_FOUND,
    429: StatusCode.RESOURCE_EXHAUSTED,
    500: StatusCode.INTERNAL,
    501: StatusCode.UNIMPLEMENTED,
}


#: Told the bytes that came, and how many there will be if that is known.
DownloadProgress: TypeAlias = Callable[[int, int | None], object]


class Sink(Protocol):
    """Where a download goes."""

    def begin(self) -> None:
        """Forget what an earlier attempt has written."""

    def write(self, data: bytes) -> None:
        """Take the next bytes."""


class MemorySink:
    """Keeps a download in memory."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def begin(self) -> None:
        """Forget what an earlier attempt has written."""
        self._parts.clear()

    def write(self, data: bytes) -> None:
        """Take the next bytes."""
        self._parts.append(data)

    def data(self) -> bytes:
        """Return all of it."""
        return b"".join(self._parts)


@attrs.frozen(kw_only=True, slots=False)
class Download:
    """What to fetch, within which limits.

    Attributes:
        url: From where.
        max_bytes: How large it may be.
        deadline: When it must have ended, on the monotonic clock; None is never.
        connect: Seconds for a connection; None for no limit.
        idle: Seconds without a byte; None for no limit.
        proxy: What hosts other than this machine are reached through.
        ssl_context: The TLS settings of the client; None for the default ones. It is not used
            itself: HTTP needs another ALPN than gRPC.
    """

    url: str = attrs.field(repr=False)
    max_bytes: int
    deadline: float | None = None
    connect: float | None = None
    idle: float | None = None
    proxy: Proxy | None = None
    ssl_context: ssl.SSLContext | None = None

    @functools.cached_property
    def http_context(self) -> ssl.SSLContext:
        """The TLS settings of all attempts: making them reads every certificate there is."""
        return http_context(self.ssl_context)


class Plan:
    """The way of one attempt, from URL to URL.

    Args:
        download: What to fetch.

    Raises:
        CallFailed: The URL is not one that is fetched.
    """

    def __init__(self, download: Download) -> None:
        self._download = download
        self._redirects = 0
        self._done = 0
        #: The bytes there will be, where the server says.
        self.total: int | None = None
        self.url = download.url
        #: Only who begins on this machine may be sent on within it.
        self._local = _is_local(self.url)
        self._check()

    def client_options(self) -> dict[str, Any]:
        """Return the arguments of an ``httpx`` client for where the plan leads now."""
        import httpx

        options: dict[str, Any] = {
            # No variables, no netrc: what the client was made with decides.
            "trust_env": False,
            "headers": {"user-agent": f"xai-client/{__version__}", "accept-encoding": "identity"},
        }
        # In plain text there is nothing to verify.
        options["verify"] = self._download.http_context if self.url.startswith("https:") else False
        proxy = self._download.proxy
        if self._local:
            # Nor does a gRPC connection to this machine take another way.
            proxy = None
        if proxy is not None:
            auth = None
            if proxy.username is not None:
                auth = (proxy.username, proxy.password or "")
            options["proxy"] = httpx.Proxy(proxy.shown, auth=auth)
        return options

    def timeout(self) -> "httpx.Timeout":
        """Return the limits of one request.

        Raises:
            CallFailed: The deadline has passed.
        """
        import httpx

        self.check_deadline()
        left = remaining(self._download.deadline)
        limits = [
            min((limit for limit in (given, left) if limit is not None), default=None)
            for given in (self._download.connect, self._download.idle)
        ]
        connect, idle = limits
        return httpx.Timeout(connect=connect, read=idle, write=idle, pool=connect)

    def redirected(self, status: int, headers: Mapping[str, str]) -> bool:
        """Look at the head of a response; return whether it leads to another URL.

        Raises:
            CallFailed: It is no success, leads where nobody may go, or announces too much.
        """
        location = headers.get("location")
        if status in _REDIRECTS and location:
            self._redirects += 1
            if self._redirects > _MAX_REDIRECTS:
                text = f"the URL led to more than {_MAX_REDIRECTS} others"
                self._fail(StatusCode.INTERNAL, text, final=True)
            try:
                self.url = urljoin(self.url, location)
            except ValueError:
                self._fail(StatusCode.INTERNAL, "the URL led to one that is not valid", final=True)
            self._check()
            return True
        if status != 200:
            code = _STATUSES.get(status)
            if code is None:
                code = StatusCode.UNAVAILABLE if status >= 500 else StatusCode.UNKNOWN
            text = f"{shown_url(self.url)} was answered with HTTP status {status}"
            self._fail(code, text, from_server=True)
        length = headers.get("content-length", "")
        if length.isdecimal() and "content-encoding" not in headers:
            self.total = int(length)
            self._check_size(self.total)
        return False

    def count(self, size: int) -> int:
        """Count bytes that came; return how many there are so far.

        Raises:
            CallFailed: There are too many, or the deadline has passed.
        """
        self._done += size
        self._check_size(self._done)
        self.check_deadline()
        return self._done

    def check_deadline(self) -> None:
        """Raise when the time is over.

        Raises:
            CallFailed: It is.
        """
        if remaining(self._download.deadline) == 0.0:
            self._fail(StatusCode.DEADLINE_EXCEEDED, self.late())

    def late(self) -> str:
        """Return what to say when the time is over."""
        return f"the download of {shown_url(self.url)} was not done in time"

    def translate(self, error: "httpx.HTTPError | httpx.InvalidURL") -> Failure:
        """Return the failure that an error of ``httpx`` stands for."""
        import httpx

        where = shown_url(self.url)
        if isinstance(error, httpx.TimeoutException):
            if isinstance(error, httpx.ConnectTimeout):
                text = f"no connection for {where} in time"
                return Failure(StatusCode.UNAVAILABLE, text, connection=True, cause=error)
            text = f"nothing more of {where} came in time"
            return Failure(StatusCode.DEADLINE_EXCEEDED, text, cause=error)
        final = isinstance(error, (httpx.InvalidURL, httpx.UnsupportedProtocol))
        # A certificate that is not trusted now will not be in a moment.
        final = final or "CERTIFICATE_VERIFY_FAILED" in str(error)
        text = f"the download of {where} failed: {str(error) or type(error).__name__}"
        code = StatusCode.INTERNAL if final else StatusCode.UNAVAILABLE
        return Failure(code, text, connection=not final, final=final, cause=error)

    def _check(self) -> None:
        parts = _split(self.url)
        if parts is None:
            self._fail(StatusCode.INTERNAL, "the server named no valid URL", final=True)
        scheme, host = parts
        if scheme == "https" and (self._local or not on_loopback(host)):
            return
        if scheme == "http" and self._local and on_loopback(host):
            return
        text = f"{shown_url(self.url)} is not fetched: it must begin with https://"
        if on_loopback(host):
            text = f"{shown_url(self.url)} is not fetched: another host led to this machine"
        self._fail(StatusCode.INTERNAL, text, final=True)

    def _check_size(self, size: int) -> None:
        if size > self._download.max_bytes:
            text = f"{shown_url(self.url)} has more than {self._download.max_bytes} bytes"
            self._fail(StatusCode.OUT_OF_RANGE, text, final=True)

    def _fail(
        self, code: StatusCode, text: str, *, final: bool = False, from_server: bool = False
    ) -> NoReturn:
        raise CallFailed(Failure(code, text, final=final, from_server=from_server))


def check_httpx() -> None:
    """Raise when the package ``httpx`` is not there.

    Raises:
        ImportError: The extra ``xai-client[media]`` is not installed.
    """
    try:
        import httpx  # noqa: F401  # those who need it import it then
    except ImportError as error:
        raise ImportError(
            "downloads need an extra: pip install 'xai-client[media]'", name="httpx"
        ) from error


def http_context(given: ssl.SSLContext | None) -> ssl.SSLContext:
    """Return TLS settings for HTTP/1.1 that trust whom the client trusts.

    ``httpx`` writes the protocols it speaks into the settings it is given, and with those of the
    client no gRPC connection could be made any more.

    Args:
        given: The settings of the client; None for the default ones.
    """
    if given is None:
        context = default_context()
    else:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = given.verify_mode
        context.check_hostname = given.check_hostname
        context.verify_flags = given.verify_flags
        context.minimum_version = given.minimum_version
        context.maximum_version = given.maximum_version
        trusted = given.get_ca_certs(binary_form=True)
        if trusted:
            context.load_verify_locations(cadata=b"".join(trusted))
        else:
            # They are in a folder, or in the system's store, and looked up when needed.
            context.load_default_certs()
    context.set_alpn_protocols(["http/1.1"])
    return context


def shown_url(url: str) -> str:
    """Return a URL for an error: without its query, which may be what gives access."""
    parts = _split(url)
    if parts is None:
        return "a URL that is not valid"
    split = urlsplit(url)
    path = quote(split.path, safe="/%:@!$&'()*+,;=~")
    port = "" if split.port is None else f":{split.port}"
    return f"{parts[0]}://{parts[1]}{port}{path[:200]}"


def host_of(url: str) -> str:
    """Return the host and port of a URL; empty when it has none."""
    if _split(url) is None:
        return ""
    parts = urlsplit(url)
    name = parts.hostname or ""
    port = parts.port or (80 if parts.scheme == "http" else 443)
    return f"[{name}]:{port}" if ":" in name else f"{name}:{port}"


def _split(url: str) -> tuple[str, str] | None:
    """Return the scheme and the host of a URL; None if it has none."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
        _ = parts.port
    except ValueError:
        return None
    if not host or not parts.scheme or parts.username is not None or not url.isprintable():
        return None
    return parts.scheme, host


def _is_local(url: str) -> bool:
    parts = _split(url)
    return parts is not None and on_loopback(parts[1])
