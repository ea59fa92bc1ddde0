"""A local server behind the clients of Django's settings, for tests."""

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from asgiref.sync import async_to_sync
from django.test import TestCase

from xai._annotations import resolve_lazily
from xai.django.clients import replace
from xai.testing import LocalServer

__all__ = ["XAITestCase", "XAITestMixin", "local_clients"]

if TYPE_CHECKING:
    from unittest import TestCase as _TestCase
    from unittest import TestResult
else:
    # What it is mixed with has all of it.
    _TestCase = object


@contextlib.contextmanager
def local_clients(server: LocalServer) -> Iterator[None]:
    """Let `xai.django.client` and `async_client` call a local server during a block.

    Args:
        server: The server.
    """
    asynchronous = server.async_v1_client()
    with server.v1_client() as blocking:
        replace(blocking, asynchronous)
        try:
            yield
        finally:
            replace()
            async_to_sync(asynchronous.close)()


class XAITestMixin(_TestCase):
    """Gives each test of a class a local server of its own, as `xai_server`."""

    xai_server: LocalServer

    def run(self, result: "TestResult | None" = None) -> "TestResult | None":
        """Run one test.

        Args:
            result: Where its outcome goes.
        """
        with LocalServer() as self.xai_server, local_clients(self.xai_server):
            return super().run(result)


class XAITestCase(XAITestMixin, TestCase):
    """A test case of Django whose xAI clients call a local server, `self.xai_server`.

    A site without a database uses the mixin, and `django.test.SimpleTestCase`.
    """


resolve_lazily(globals())
