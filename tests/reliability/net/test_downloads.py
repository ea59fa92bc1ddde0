"""Downloads of images and videos: redirects, TLS, proxies, and a full disk."""

import asyncio
import ssl
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import attrs
import pytest
import trustme

from tests.support import run_child
from xai.errors import StatusCode
from xai.runtime.download.asynchronous import AsyncDownloader
from xai.runtime.download.blocking import Downloader
from xai.runtime.download.plan import Download, MemorySink, http_context
from xai.runtime.net.proxy import Proxy
from xai.runtime.retry.policy import CallFailed, Failure

BODY = b"picture" * 1000


@attrs.define
class Web:
    """A web server, and the requests it got."""

    url: str
    #: Answers a path with a status, headers and a body.
    answer: Callable[[str], tuple[int, dict[str, str], bytes]]
    paths: list[str] = attrs.field(factory=list)
    headers: list[dict[str, str]] = attrs.field(factory=list)


def _whole(_path: str) -> tuple[int, dict[str, str], bytes]:
    return 200, {}, BODY


def serve(context: ssl.SSLContext | None) -> Iterator[Web]:
    """Serve until the end of a test."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            site.paths.append(self.path)
            site.headers.append({key.lower(): value for key, value in self.headers.items()})
            status, headers, body = site.answer(self.path)
            self.send_response(status)
            for key, value in {"content-length": str(len(body)), **headers}.items():
                self.send_header(key, value)
            self.end_headers()
            self.wfile.write(body)

        def do_CONNECT(self) -> None:
            site.headers.append({key.lower(): value for key, value in self.headers.items()})
            self.send_error(502)

        def log_message(self, *_args: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        if context is not None:
            server.socket = context.wrap_socket(server.socket, server_side=True)
        scheme = "http" if context is None else "https"
        site = Web(f"{scheme}://127.0.0.1:{server.server_port}/a", _whole)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield site
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def web() -> Iterator[Web]:
    """A server in plain text."""
    yield from serve(None)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    """Somebody who signs certificates, and whom nobody knows."""
    return trustme.CA()


@pytest.fixture
def tls_web(authority: trustme.CA) -> Iterator[Web]:
    """A server with a certificate of that authority."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    yield from serve(context)


def fetch(twin: str, download: Download) -> bytes:
    """Fetch something as one of the clients does."""
    sink = MemorySink()
    if twin == "blocking":
        Downloader().fetch(download, sink)
    else:
        asyncio.run(AsyncDownloader().fetch(download, sink))
    return sink.data()


def failure(twin: str, download: Download) -> Failure:
    """Return how a download fails."""
    with pytest.raises(CallFailed) as caught:
        fetch(twin, download)
    return caught.value.failure


def of(url: str, **options: Any) -> Download:  # noqa: ANN401  # of all kinds
    """Return a download with generous limits."""
    return attrs.evolve(Download(url=url, max_bytes=10_000, idle=20.0, connect=20.0), **options)


twins = pytest.mark.parametrize("twin", ["blocking", "async"])


@twins
def test_redirects_are_followed_to_a_limit(web: Web, twin: str) -> None:
    """A few lead to the file; a circle ends, and so does one that leaves this machine or TLS."""
    web.answer = lambda path: (
        (302, {"location": "/b?x=1"}, b"") if path == "/a" else (200, {}, BODY)
    )
    assert fetch(twin, of(web.url)) == BODY
    assert web.paths == ["/a", "/b?x=1"]
    web.answer = lambda _path: (302, {"location": "/a"}, b"")
    found = failure(twin, of(web.url))
    assert (found.final, "more than 5 others" in found.message) == (True, True)
    for location in (
        "http://example.com/a",
        "file:///etc/passwd",
        "https://user:pw@example.com/",
        "http://[",
    ):
        web.answer = lambda _path, to=location: (302, {"location": to}, b"")  # type: ignore[misc]  # mypy can't infer it
        found = failure(twin, of(web.url))
        assert (found.final, found.code) == (True, StatusCode.INTERNAL)
        assert "pw" not in found.message


@twins
def test_size_is_bounded_whether_it_is_announced_or_not(web: Web, twin: str) -> None:
    """What announces too much is not read, and what does not ends at the limit."""
    assert failure(twin, of(web.url, max_bytes=6_999)).code is StatusCode.OUT_OF_RANGE
    web.answer = lambda _path: (200, {"content-length": "999999999999"}, b"")
    assert "more than 10000 bytes" in failure(twin, of(web.url)).message
    web.answer = lambda _path: (200, {"content-length": "7000"}, BODY[:100])
    assert failure(twin, of(web.url, idle=0.2)).final is False


@twins
def test_only_certificates_that_the_client_trusts_are_good(
    tls_web: Web, authority: trustme.CA, twin: str
) -> None:
    """The client's own settings count, and stay as they are: gRPC needs their ALPN."""
    refused = failure(twin, of(tls_web.url))
    assert (refused.final, "CERTIFICATE_VERIFY_FAILED" in refused.message) == (True, True)
    context = ssl.create_default_context()
    authority.configure_trust(context)
    context.set_alpn_protocols(["h2"])
    assert fetch(twin, of(tls_web.url, ssl_context=context)) == BODY
    assert http_context(context) is not context
    assert "authorization" not in tls_web.headers[-1]


def test_proxy_is_for_other_hosts_alone(web: Web) -> None:
    """A host elsewhere is asked for through the proxy, which gets its credentials."""
    port = int(web.url.rpartition(":")[2].partition("/")[0])
    proxy = Proxy("http", "127.0.0.1", port, "me", "secret")
    assert fetch("blocking", of(web.url, proxy=proxy)) == BODY
    found = failure("blocking", of("https://files.example/a.png?signature=s", proxy=proxy))
    assert found.connection
    assert web.headers[-1]["proxy-authorization"].startswith("Basic ")
    assert "signature" not in found.message
    assert "secret" not in found.message


_FULL = """
import resource, signal, sys, os
from pathlib import Path
from typing import Any
import xai
from xai.testing import LocalServer

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
folder = Path(sys.argv[1])
with LocalServer() as server, server.client() as client:
    image = client.v1.image.sample("A tree", "grok-imagine-image")
    video = client.v1.video.generate("A tree", "grok-imagine-video", duration=1, interval=0.01)
    # Bytecode that others share would be cut off as well.
    sys.dont_write_bytecode = True
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
    for save in (lambda: image.save(folder / "a.jpg"), lambda: video.download(folder / "a.mp4")):
        try:
            save()
        except OSError as error:
            print(type(error).__name__, os.listdir(folder))
"""


def test_full_disk_is_an_os_error_and_leaves_nothing(tmp_path: Path) -> None:
    """Neither the file nor a part of it is there."""
    shown = run_child(_FULL, args=[str(tmp_path)]).stdout
    assert shown == "OSError []\nOSError []\n"
