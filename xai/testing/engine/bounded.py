"""Stores with a limit: values that were put in first make room for later ones."""

from collections.abc import Iterator
from typing import Final, Generic, TypeVar

from grpclib.const import Status
from grpclib.exceptions import GRPCError

from xai.testing.control.accounts import Account

V = TypeVar("V")

_MIB: Final = 1024 * 1024
MAX_COUNT: Final = 10_000
MAX_BYTES: Final = 64 * _MIB


class BoundedStore(Generic[V]):
    """Values by ID, in the order in which they were put in; the oldest are dropped at the limit.

    A server that runs for days must not grow without end. The value that was put in last is kept
    in any case.

    Args:
        noun: What one value is, for error texts, such as ``stored completion``.
        max_count: How many values are kept.
        max_bytes: How many bytes they may have together.
    """

    def __init__(
        self, noun: str, *, max_count: int = MAX_COUNT, max_bytes: int = MAX_BYTES
    ) -> None:
        self._noun = noun
        self._max_count = max_count
        self._max_bytes = max_bytes
        self._values: dict[str, tuple[V, int]] = {}
        self._bytes = 0
        self._dropped = 0

    def __len__(self) -> int:
        """Return how many values there are."""
        return len(self._values)

    def __iter__(self) -> Iterator[V]:
        """Iterate over the values, the oldest first."""
        return iter([value for value, _ in self._values.values()])

    def put(self, key: str, value: V, size: int = 0) -> None:
        """Store a value, in the place of an earlier one with the same ID.

        Args:
            key: Its ID.
            value: The value.
            size: Its bytes, as far as they count.
        """
        self._remove(key)
        self._values[key] = value, size
        self._bytes += size
        while len(self._values) > 1 and (
            len(self._values) > self._max_count or self._bytes > self._max_bytes
        ):
            self._remove(next(iter(self._values)))
            self._dropped += 1

    def get(self, key: str) -> V:
        """Return a value.

        Raises:
            LookupError: There is none with this ID; the text tells if old ones were dropped.
        """
        if key not in self._values:
            text = f"There is no {self._noun} {key!r}."
            if self._dropped:
                text += (
                    f" The local server keeps the last {self._max_count:,} of them, with at most "
                    f"{self._max_bytes / _MIB:g} MiB; {self._dropped:,} older ones were dropped."
                )
            raise LookupError(text)
        return self._values[key][0]

    def find(self, key: str) -> V | None:
        """Return a value, or None without one."""
        found = self._values.get(key)
        return None if found is None else found[0]

    def pop(self, key: str) -> V:
        """Return a value and remove it.

        Raises:
            LookupError: As with `get`.
        """
        value = self.get(key)
        self._remove(key)
        return value

    def _remove(self, key: str) -> None:
        _, size = self._values.pop(key, (None, 0))
        self._bytes -= size


class AccountStore(Generic[V]):
    """Values by ID, of which each API key has its own, with a limit for each key.

    Args:
        noun: What one value is, for error texts, such as ``stored completion``.
        max_count: How many values of a key are kept.
        max_bytes: How many bytes those of a key may have together.
    """

    def __init__(
        self, noun: str, *, max_count: int = MAX_COUNT, max_bytes: int = MAX_BYTES
    ) -> None:
        self._noun = noun
        self._limits = max_count, max_bytes
        self._stores: dict[Account, BoundedStore[V]] = {}

    def __iter__(self) -> Iterator[V]:
        """Iterate over the values of all keys."""
        return (value for store in self._stores.values() for value in store)

    def of(self, account: Account) -> BoundedStore[V]:
        """Return the values of a key."""
        store = self._stores.get(account)
        if store is None:
            count, size = self._limits
            store = BoundedStore(self._noun, max_count=count, max_bytes=size)
            self._stores[account] = store
        return store

    def put(self, account: Account, key: str, value: V, size: int = 0) -> None:
        """Store a value; see `BoundedStore.put`."""
        self.of(account).put(key, value, size)

    def get(self, account: Account, key: str) -> V:
        """Return a value.

        Raises:
            GRPCError: The key has none with this ID.
        """
        try:
            return self.of(account).get(key)
        except LookupError as error:
            raise GRPCError(Status.NOT_FOUND, str(error.args[0])) from error

    def pop(self, account: Account, key: str) -> V:
        """Return a value and remove it.

        Raises:
            GRPCError: The key has none with this ID.
        """
        self.get(account, key)
        return self.of(account).pop(key)
