"""Files that the local server serves over plain HTTP."""

import concurrent.futures
import http.client
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from typing import TypeVar
from urllib.parse import urlsplit

import pytest

from xai.errors import StatusCode
from xai.testing import LocalServer
from xai.testing.http_files import HttpFiles

T = TypeVar("T")
DATA = bytes(range(256)) * 1024


@pytest.fixture
def server() -> Iterator[LocalServer]:
    """Return a server that runs."""
    with LocalServer() as server:
        yield server


def on_loop(server: LocalServer, function: Callable[[HttpFiles], T]) -> T:
    """Call a function with the files of a server, on the server's loop."""
    done: concurrent.futures.Future[T] = concurrent.futures.Future()

    def run() -> None:
        try:
            done.set_result(function(server._core.http))
        except BaseException as error:  # noqa: BLE001  # raised where it is waited for
            done.set_exception(error)

    server._runner.post(run)
    return done.result(10)


def publish(server: LocalServer, expires_at: datetime | None = None) -> str:
    """Publish the data."""
    return on_loop(
        server,
        lambda files: files.publish(DATA, "image/png", expires_at=expires_at, filename="a b.png"),
    )


def fetch(
    url: str, method: str = "GET", **headers: str
) -> tuple[int, "http.client.HTTPMessage", bytes]:
    """Make one request on a connection of its own."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=20)
    try:
        connection.request(method, parts.path, headers=headers)
        response = connection.getresponse()
        return response.status, response.headers, response.read()
    finally:
        connection.close()


def test_url_leads_to_the_bytes_and_ends_when_it_is_revoked(server: LocalServer) -> None:
    """GET gives the bytes and their type, HEAD the same without them; revoked, nothing."""
    url = publish(server)
    assert url.startswith("http://127.0.0.1:")
    assert url.endswith("/a%20b.png")
    status, headers, body = fetch(url)
    assert (status, headers["content-type"], body) == (200, "image/png", DATA)
    status, headers, body = fetch(url, "HEAD")
    assert (status, headers["content-length"], body) == (200, str(len(DATA)), b"")
    assert [call.method for call in server.calls] == ["/http/GET", "/http/HEAD"]
    assert [call.state for call in server.calls] == ["ok", "ok"]
    assert on_loop(server, lambda files: files.revoke(url))
    assert not on_loop(server, lambda files: files.revoke(url))
    assert fetch(url)[0] == 404


def test_url_ends_at_its_time(server: LocalServer) -> None:
    """After its time the file is gone; before, it is there."""
    now = datetime.now(timezone.utc)
    assert fetch(publish(server, now - timedelta(seconds=1)))[0] == 404
    assert fetch(publish(server, now + timedelta(days=1)))[0] == 200


@pytest.mark.parametrize(
    ("given", "status", "expected"),
    [
        ("bytes=10-19", 206, DATA[10:20]),
        ("bytes=262100-", 206, DATA[262100:]),
        ("bytes=-5", 206, DATA[-5:]),
        ("bytes=0-1000000", 200, DATA),
        ("bytes=1-2,5-6", 200, DATA),
        ("lines=1-2", 200, DATA),
        ("bytes=262144-", 416, None),
    ],
)
def test_range_gives_a_part(
    server: LocalServer, given: str, status: int, expected: bytes | None
) -> None:
    """One range of bytes is a part; a header that is not understood is ignored."""
    found, headers, body = fetch(publish(server), Range=given)
    assert found == status
    if expected is None:
        assert headers["content-range"] == f"bytes */{len(DATA)}"
    else:
        assert body == expected


def test_many_requests_on_one_connection(server: LocalServer) -> None:
    """A connection stays open between requests, and ends after one that is refused."""
    parts = urlsplit(publish(server))
    connection = http.client.HTTPConnection(parts.netloc, timeout=20)
    for _ in range(3):
        connection.request("GET", parts.path)
        assert connection.getresponse().read() == DATA
    connection.request("POST", parts.path, body=b"x")
    refused = connection.getresponse()
    assert (refused.status, refused.headers["connection"]) == (400, "close")
    connection.close()
    assert fetch(publish(server), "DELETE")[0] == 405


def test_faults_act_on_requests_that_they_name(server: LocalServer) -> None:
    """A failure becomes its HTTP status, a cut comes in the middle, a delay changes nothing."""
    url = publish(server)
    server.fail(StatusCode.UNAVAILABLE, method="GET")
    assert fetch(url)[0] == 503
    server.drop_connection(method="GET", after_messages=2)
    with pytest.raises(http.client.IncompleteRead) as cut:
        fetch(url)
    assert cut.value.partial == DATA[: 2 * 64 * 1024]
    server.drop_connection(method="GET")
    with pytest.raises(ConnectionError):
        fetch(url)
    server.send_garbage(method="GET")
    with pytest.raises(http.client.BadStatusLine):
        fetch(url)
    server.delay(0.01, method="GET")
    server.fail(StatusCode.INTERNAL)
    assert fetch(url)[2] == DATA
    server.clear_faults()


def test_urls_are_good_again_after_a_restart() -> None:
    """A server that is started again listens on the same port for files, and has them."""
    server = LocalServer()
    with server:
        url = publish(server)
    with pytest.raises(ConnectionError):
        fetch(url)
    with server:
        assert fetch(url)[2] == DATA


def test_server_stops_while_a_download_hangs(server: LocalServer) -> None:
    """Stopping ends a download that nobody reads on, and leaves no connection."""
    url = urlsplit(publish(server))
    server.stall(method="GET", after_messages=1)
    connection = http.client.HTTPConnection(url.netloc, timeout=20)
    connection.request("GET", url.path)
    response = connection.getresponse()
    assert response.read(10) == DATA[:10]
    server.stop()
    with pytest.raises((ConnectionError, http.client.IncompleteRead)):
        response.read()
    connection.close()


def test_old_files_make_room() -> None:
    """Beyond its limits the oldest URL leads nowhere, and the newest stays."""
    with LocalServer() as server:
        server._core.http._files._max_count = 2
        first, _, last = (publish(server) for _ in range(3))
        assert fetch(first)[0] == 404
        assert fetch(last)[2] == DATA
