"""Real browsers, so to speak: requests over HTTP, from threads of a process of its own.

``argv``: the port, and how many threads. stdin: a line with the expected body of each path, as
JSON; then, when there was enough, its end. stdout: a line for each worker process that was met,
and at the end the tally.

A connection that was closed before the first byte of an answer came is no lost request: a server
may close an idle connection at any time, and the request on its way then was never looked at.
Whoever keeps connections open, as browsers and reverse proxies do, sends it again on a new one. A
new connection on which this happens counts as a lost request, and so does half an answer.
"""

import http.client
import json
import sys
import threading
from typing import Any

_LIMIT = 60.0
#: How often a connection is used.
_USES = 10
_NEVER_LOOKED_AT = (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError)


class Load:
    """What all threads share."""

    def __init__(self, port: int, expected: dict[str, str]) -> None:
        self._port = port
        self._expected = expected
        self._mutex = threading.Lock()
        self._workers: set[str] = set()
        self.enough = threading.Event()
        self.tally: dict[str, Any] = {"answers": 0, "again": 0, "lost": [], "wrong": []}

    def run(self, offset: int) -> None:
        """Make requests on one connection after the other, until there was enough.

        Each connection is used some times, so that the idle worker gets its share of them.
        """
        paths = list(self._expected)
        connection, fresh = self._dial(), True
        while not self.enough.is_set():
            offset += 1
            path = paths[offset % len(paths)]
            try:
                fresh = self._request(connection, path, last=offset % _USES == 0)
            except _NEVER_LOOKED_AT as error:
                self._note("lost" if fresh else "again", f"{path}: {error!r}")
                connection.close()
                connection, fresh = self._dial(), True
            except (OSError, http.client.HTTPException) as error:
                self._note("lost", f"{path}: {error!r}")
                connection.close()
                connection, fresh = self._dial(), True
        connection.close()

    def _dial(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self._port, timeout=_LIMIT)

    def _request(self, connection: http.client.HTTPConnection, path: str, *, last: bool) -> bool:
        """Make a request, and tell whether the next one needs a new connection."""
        connection.request("GET", path, headers={"Connection": "close"} if last else {})
        response = connection.getresponse()
        body = response.read().decode()
        if (response.status, body) != (200, self._expected[path]):
            self._note("wrong", f"{path}: {response.status} {body[:300]!r}")
        with self._mutex:
            self.tally["answers"] += 1
            worker = response.headers.get("X-Worker", "")
            if worker and worker not in self._workers:
                self._workers.add(worker)
                print(json.dumps(int(worker)), flush=True)  # noqa: T201  # told to the test
        # http.client dials again by itself when the answer said that the connection closes.
        return connection.sock is None

    def _note(self, kind: str, text: str) -> None:
        with self._mutex:
            if kind == "again":
                self.tally[kind] += 1
            else:
                self.tally[kind].append(text)


def main() -> None:
    """Make requests until stdin ends."""
    load = Load(int(sys.argv[1]), json.loads(sys.stdin.readline()))
    threads = [threading.Thread(target=load.run, args=(7 * n,)) for n in range(int(sys.argv[2]))]
    for thread in threads:
        thread.start()
    sys.stdin.read()
    load.enough.set()
    for thread in threads:
        thread.join()
    print(json.dumps(load.tally), flush=True)  # noqa: T201  # told to the test


if __name__ == "__main__":
    main()
