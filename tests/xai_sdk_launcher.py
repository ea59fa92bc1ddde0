"""Runs programs of ``xai_sdk``, one after the other, each in a fork of this process.

It is a program of its own, for `tests.xai_sdk_examples`: its argument is what to run, as JSON.
"""

import asyncio
import functools
import http.server
import json
import os
import runpy
import sys
import threading
import time
import traceback
import urllib.parse
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any, Final

#: The longest that a program sleeps, in seconds.
_SLEEP: Final = 0.02
#: What is at each URL of the network: a text that can be indexed and searched.
_PAGE: Final = b"In 2024 and 2025 the company produced a total of three million vehicles. "
#: What the programs load besides.
_LOADED: Final = ("absl.app", "aiohttp", "httpx", "opentelemetry.sdk.trace", "pydantic", "requests")
_SERVICES: Final = ("chat", "collections", "files", "image", "models", "video")


class _Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("content-length", str(len(_PAGE)))
        self.send_header("content-type", "text/plain")
        self.end_headers()
        self.wfile.write(_PAGE)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # as in the base
        """Write nothing."""


def _main(orders: dict[str, Any]) -> None:
    if orders["as_xai_sdk"]:
        import_module("xai").install_as_xai_sdk("1")
    sdk = import_module("xai_sdk")
    # What the programs load anyway, once for all of them.
    for name in (
        *_LOADED,
        *(f"xai_sdk.{twin}.{name}" for twin in ("sync", "aio") for name in _SERVICES),
    ):
        import_module(name)
    for client in (sdk.Client, sdk.AsyncClient):
        _connect_to(orders["host"], client)
    for run in orders["runs"]:
        child = os.fork()
        if child == 0:
            _be_program(**run)
        _, status = os.waitpid(child, 0)
        Path(run["folder"], "status").write_text(str(os.waitstatus_to_exitcode(status)))


def _connect_to(host: str, client: Any) -> None:  # noqa: ANN401  # of either package
    first: Callable[..., None] = client.__init__

    @functools.wraps(first)
    def connected(self: object, *args: object, **options: object) -> None:
        first(self, *args, **{"api_host": host, "management_api_host": host, **options})

    client.__init__ = connected


def _be_program(folder: str, path: str, args: list[str]) -> None:
    status = 1
    try:
        os.chdir(folder)
        # The descriptors too: whatever writes to them.
        for number, name in enumerate(("stdin", "stdout", "stderr")):
            flags = os.O_CREAT | os.O_APPEND | (os.O_WRONLY if number else os.O_RDONLY)
            os.dup2(os.open(name, flags, 0o600), number)
        sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115  # for the process's life
        sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115  # as above
        sys.stderr = open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115  # as above
        _shorten_sleeps()
        _stay_local()
        sys.argv = [path, *args]
        sys.path[0] = str(Path(path).parent)
        try:
            runpy.run_path(path, run_name="__main__")
            status = 0
        except SystemExit as end:
            status = end.code if isinstance(end.code, int) else int(end.code is not None)
        except BaseException:  # noqa: BLE001  # as the interpreter does
            traceback.print_exc()
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(status)


def _shorten_sleeps() -> None:
    sleep, sleep_async = time.sleep, asyncio.sleep

    def slept(seconds: float) -> None:
        sleep(min(seconds, _SLEEP))

    async def slept_async(delay: float, result: object = None) -> object:
        return await sleep_async(min(delay, _SLEEP), result)

    for module, short in ((time, slept), (asyncio, slept_async)):
        vars(module)["sleep"] = short


def _stay_local() -> None:
    """Let each request for a URL of the network go to a server of this process."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    here = f"http://127.0.0.1:{server.server_port}/"
    places = (
        ("requests.sessions", "Session", "request"),
        ("httpx", "AsyncClient", "request"),
        ("aiohttp", "ClientSession", "_request"),
    )
    for module, kind, name in places:
        owner = getattr(import_module(module), kind)
        setattr(owner, name, _redirected(getattr(owner, name), here))


def _redirected(request: Callable[..., object], here: str) -> Callable[..., object]:
    @functools.wraps(request)
    def redirected(self: object, method: str, url: object, **options: object) -> object:
        local = urllib.parse.urlsplit(str(url)).hostname in ("127.0.0.1", "localhost")
        return request(self, method, url if local else here, **options)

    return redirected


if __name__ == "__main__":
    _main(json.loads(sys.argv[1]))
