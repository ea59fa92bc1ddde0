"""A pytest plugin with the fixture ``xai_server``, a local xAI server for each test that asks.

It uses nothing that is newer than pytest 6.2, since pytest loads it in every session of an
environment in which the package is installed. PYTEST_DONT_REWRITE: there is no assertion in it.
"""

from typing import TYPE_CHECKING

import pytest

from xai._annotations import resolve_lazily

if TYPE_CHECKING:
    from collections.abc import Iterator

    from xai.testing.server import LocalServer

_FAILED = "_xai_test_failed"


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: "pytest.Item") -> "Iterator[None]":
    """Store on the item whether the test itself failed."""
    outcome = yield
    report = outcome.get_result()  # type: ignore[attr-defined]  # pluggy sends a Result
    if report.when == "call":
        setattr(item, _FAILED, report.failed)


@pytest.fixture
def xai_server(request: "pytest.FixtureRequest") -> "Iterator[LocalServer]":
    """Give a fresh local xAI server to a test.

    A test that scripts a fault or a reply no call ever meets fails; one that failed anyway is left
    with its own error.
    """
    from xai.testing.server import LocalServer  # costly, and not needed by all

    with LocalServer() as server:
        yield server
        if getattr(request.node, _FAILED, False):
            server.clear_faults()


@pytest.fixture
def xai_django(xai_server: "LocalServer") -> "Iterator[LocalServer]":
    """Give a fresh local xAI server, and put it behind both clients of `xai.django`."""
    from xai.django.testing import local_clients

    with local_clients(xai_server):
        yield xai_server


resolve_lazily(globals())
