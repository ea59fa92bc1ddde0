# Do not edit: produced by "nox -s generate" from
# xai/aio/v1/paging.py
"""Lists that the server hands out page by page."""

import copy
from collections.abc import Callable, Iterator, Sequence
from typing import Final, Generic, TypeVar

import betterproto

from xai._validation import check_int
from xai.proto.base import Method
from xai.sync.rpc.caller import Caller
from xai.v1.validation import optional_non_empty

T = TypeVar("T")
Q = TypeVar("Q", bound=betterproto.Message)
R = TypeVar("R", bound=betterproto.Message)

#: The most items that the server returns at once.
PAGE_SIZE: Final = 100
_MOST: Final = 2**63 - 1


class Page(Generic[T]):
    """A page of a list; iterating over it goes on with the pages that follow.

    Attributes:
        items: What is on this page.
        next_page_token: Where the next page begins, to be passed as ``pagination_token``; None
            on the last page.
    """

    __module__ = "xai.v1"

    def __init__(
        self,
        fetch: Callable[[str | None, int], tuple[Sequence[T], str | None]],
        items: Sequence[T],
        next_page_token: str | None,
        left: int | None,
        seen: frozenset[str],
    ) -> None:
        self.items = tuple(items)
        self.next_page_token = next_page_token
        self._fetch = fetch
        self._left = left
        self._seen = seen

    @classmethod
    def first(
        cls,
        fetch: Callable[[str | None, int], tuple[Sequence[T], str | None]],
        *,
        limit: int | None,
        pagination_token: str | None,
    ) -> "Page[T]":
        """Fetch the first page of a list.

        Args:
            fetch: Fetches a page: takes its token (None for the first) and the most items it may
                have, and returns them with the token of the next page (None or empty: the last).
            limit: The most items of all pages together; None for all there are.
            pagination_token: Where to begin; None for the beginning.

        Raises:
            TypeError: An argument is of the wrong type.
            ValueError: The limit is less than 1, or the token is empty.
        """
        check_limit(limit)
        token = optional_non_empty("pagination_token", pagination_token)
        return cls._fetched(fetch, token, limit, frozenset())

    @classmethod
    def listed(
        cls,
        caller: Caller,
        method: Method[Q, R],
        request: Q,
        read: Callable[[R], Sequence[T]],
        *,
        limit: int | None,
        pagination_token: str | None,
    ) -> "Page[T]":
        """Fetch the first page of what an RPC lists.

        Args:
            caller: Makes the calls.
            method: The RPC; its messages say ``limit`` and ``pagination_token``.
            request: What each page is asked for with, besides these two; it is not changed.
            read: Makes the items of a reply.
            limit: As for `first`.
            pagination_token: As for `first`.

        Raises:
            APIError: The call failed.
            TypeError: An argument is of the wrong type.
            ValueError: The limit is less than 1, or the token is empty.
        """

        def fetch(token: str | None, size: int) -> tuple[Sequence[T], str | None]:
            # A copy: several threads may go on from the same page.
            page = _asking(copy.copy(request), limit=size, pagination_token=token)
            return caller.unary_of(method, page, read_page)

        def read_page(reply: R) -> tuple[Sequence[T], str | None]:
            following: str | None = getattr(reply, "pagination_token")  # noqa: B009  # which bases of messages have not
            return read(reply), following

        return cls.first(fetch, limit=limit, pagination_token=pagination_token)

    @classmethod
    def _fetched(
        cls,
        fetch: Callable[[str | None, int], tuple[Sequence[T], str | None]],
        token: str | None,
        left: int | None,
        seen: frozenset[str],
    ) -> "Page[T]":
        size = PAGE_SIZE if left is None else min(left, PAGE_SIZE)
        items, following = fetch(token, size)
        if left is not None:
            items = items[:left]
            left -= len(items)
        return cls(fetch, items, following or None, left, seen if token is None else seen | {token})

    @property
    def has_next_page(self) -> bool:
        """Whether `next_page` returns one: there is one, and the limit is not reached."""
        return self.next_page_token is not None and self._left != 0

    def next_page(self) -> "Page[T] | None":
        """Fetch the page after this one.

        Returns:
            The page; None after the last, or where the limit is reached.

        Raises:
            APIError: The call failed.
            RuntimeError: The server returned the token of a page that came before.
        """
        token = self.next_page_token
        if token is None or not self.has_next_page:
            return None
        if token in self._seen:
            raise RuntimeError("the server goes round in circles: it returned a page token again")
        return self._fetched(self._fetch, token, self._left, self._seen)

    def __iter__(self) -> Iterator[T]:
        """Iterate over the items of this page and of all that follow; each is fetched in time."""
        page: Page[T] | None = self
        while page is not None:
            for item in page.items:
                yield item
            page = page.next_page()

    def __repr__(self) -> str:
        """Return the number of items, and whether there are more."""
        more = ", more to come" if self.has_next_page else ""
        return f"<{type(self).__name__} of {len(self.items)} items{more}>"


def _asking(request: Q, **values: object) -> Q:
    for name, value in values.items():
        setattr(request, name, value)
    return request


def check_limit(limit: int | None) -> None:
    """Check the argument ``limit``.

    Raises:
        TypeError: It is not an int.
        ValueError: It is less than 1.
    """
    if limit is not None:
        check_int("limit", limit, 1, _MOST)
