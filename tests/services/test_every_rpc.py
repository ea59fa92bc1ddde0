"""Every RPC on the wire of v1 has a typed method, which calls it."""

import contextlib
import inspect
import re
from typing import Any

import pytest

import xai
from tests.services.rpcs_v1 import CALLS, RPCS
from tests.support import SECRET_KEY
from xai import APIError
from xai.testing import LocalServer
from xai.v1 import AsyncClient, Client


def test_every_rpc_has_a_method() -> None:
    """The table has all RPCs of the wire, and no others."""
    assert set(CALLS) == set(RPCS)


def test_every_method_calls_its_rpc() -> None:
    """By the log of the server, whatever it answers."""
    with (
        LocalServer(api_keys={SECRET_KEY: ["*"]}) as server,
        Client(
            SECRET_KEY,
            "management-key",
            api_host=server.host,
            management_api_host=server.host,
            retry=xai.RetryPolicy.none(),
        ) as client,
    ):
        for path, call in CALLS.items():
            server.clear_calls()
            with contextlib.suppress(APIError):
                call(client)
            assert path in [each.method for each in server.calls], path


@pytest.mark.parametrize("client", [Client, AsyncClient])
def test_every_rpc_is_documented_with_a_method(client: type[object]) -> None:
    """The docstrings of the public methods name each RPC, in both twins."""
    found: set[str] = set()
    waiting: list[Any] = [
        inspect.get_annotations(item.fget, eval_str=True)["return"]
        for _, item in inspect.getmembers(client, lambda item: isinstance(item, property))
    ]
    seen: set[Any] = set()
    while waiting:
        service = waiting.pop()
        if service in seen or not inspect.isclass(service) or "xai" not in service.__module__:
            continue
        seen.add(service)
        for name, method in inspect.getmembers(service, inspect.isfunction):
            if not name.startswith("_"):
                text = inspect.getdoc(method) or ""
                found |= set(re.findall(r"``(/[\w.]+/\w+)``", text.partition("RPC: ")[2]))
                # What a method makes has methods of its own, such as a chat.
                waiting.append(inspect.get_annotations(method, eval_str=True).get("return"))
    assert set(RPCS) <= found
