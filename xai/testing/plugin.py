"""A pytest plugin with a local xAI server, which is loaded by the first test that asks."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from xai.testing.server import LocalServer

_FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Remember whether the test itself failed."""
    outcome = yield
    report = outcome.get_result()  # type: ignore[attr-defined]  # pluggy sends a Result
    if report.when == "call":
        item.stash[_FAILED] = report.failed


@pytest.fixture
def xai_server(request: pytest.FixtureRequest) -> "Iterator[LocalServer]":
    """Give a fresh local xAI server to a test.

    A test that scripts a fault or a reply no call ever meets fails; one that failed anyway is left
    with its own error.
    """
    from xai.testing.server import LocalServer  # costly, and not needed by all

    with LocalServer() as server:
        yield server
        if request.node.stash.get(_FAILED, False):
            server.clear_faults()
