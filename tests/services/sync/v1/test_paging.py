# Do not edit: produced by "nox -s generate" from
# tests/services/aio/v1/test_paging.py
"""Pages of a list: one at a time, and one after the other."""

from collections.abc import Sequence

import pytest

from xai.sync.v1.paging import PAGE_SIZE, Page


class Numbers:
    """A server that hands out numbers, and notes what it was asked for."""

    def __init__(self, count: int, *, most: int = PAGE_SIZE) -> None:
        self.asked: list[tuple[str | None, int]] = []
        self._count = count
        self._most = most

    def fetch(self, token: str | None, size: int) -> tuple[Sequence[int], str | None]:
        """Return a page, and the token of the next."""
        self.asked.append((token, size))
        start = int(token or 0)
        end = min(self._count, start + min(size, self._most))
        return range(start, end), str(end) if end < self._count else ""

    def list(self, limit: int | None = None, pagination_token: str | None = None) -> Page[int]:
        """Return the first page."""
        return Page.first(self.fetch, limit=limit, pagination_token=pagination_token)


def test_iteration_fetches_every_page_in_time() -> None:
    """The next page is fetched when the one before is used up, and not sooner."""
    server = Numbers(250)
    found = []
    for number in server.list():
        found.append(number)
        assert len(server.asked) == 1 + number // PAGE_SIZE
    assert found == list(range(250))
    assert [token for token, _ in server.asked] == [None, "100", "200"]


@pytest.mark.parametrize(
    ("limit", "sizes"), [(1, [1]), (100, [100]), (101, [100, 1]), (230, [100, 100, 30])]
)
def test_limit_bounds_the_total(limit: int, sizes: list[int]) -> None:
    """No more is asked for than is wanted."""
    server = Numbers(1000)
    assert [number for number in server.list(limit)] == list(range(limit))
    assert [size for _, size in server.asked] == sizes


def test_pages_by_hand() -> None:
    """Each has its items and the token with which a later call goes on."""
    server = Numbers(150)
    page = server.list()
    assert (page.items, page.next_page_token) == (tuple(range(100)), "100")
    assert page.has_next_page
    assert repr(page).endswith("of 100 items, more to come>")
    following = page.next_page()
    assert following is not None
    assert (following.items, following.next_page_token) == (tuple(range(100, 150)), None)
    assert not following.has_next_page
    assert following.next_page() is None
    again = server.list(pagination_token="100")
    assert again.items == following.items
    # Iterating twice starts at the same page.
    assert [number for number in page] == [number for number in page]


def test_limit_leaves_the_token() -> None:
    """The list goes on there in another call, not by itself."""
    page = Numbers(150).list(30)
    assert (len(page.items), page.next_page_token, page.has_next_page) == (30, "30", False)
    assert page.next_page() is None


def test_server_with_its_own_page_sizes() -> None:
    """Small pages, empty ones and too large ones are taken as they come."""
    assert len([number for number in Numbers(40, most=7).list(30)]) == 30

    def fetch(token: str | None, size: int) -> tuple[Sequence[int], str | None]:
        del size
        return ((), "1") if token is None else (range(500), None)

    page = Page.first(fetch, limit=None, pagination_token=None)
    assert len([number for number in page]) == 500
    page = Page.first(fetch, limit=3, pagination_token=None)
    assert [number for number in page] == [0, 1, 2]


def test_token_that_comes_again_ends_the_list() -> None:
    """A server at fault does not make an endless list."""

    def fetch(token: str | None, size: int) -> tuple[Sequence[int], str | None]:
        del token, size
        return (1,), "same"

    page = Page.first(fetch, limit=None, pagination_token=None)
    with pytest.raises(RuntimeError, match="page token again"):
        [number for number in page]


@pytest.mark.parametrize(
    ("limit", "token", "error", "text"),
    [
        (0, None, ValueError, "limit"),
        (-1, None, ValueError, "limit"),
        (True, None, TypeError, "limit"),
        (1.5, None, TypeError, "limit"),
        (None, "", ValueError, "pagination_token"),
        (None, b"x", TypeError, "pagination_token"),
    ],
)
def test_refused_arguments(
    limit: int | None, token: str | None, error: type[Exception], text: str
) -> None:
    """Before anything is asked for."""
    server = Numbers(3)
    with pytest.raises(error, match=text):
        server.list(limit, token)
    assert server.asked == []
