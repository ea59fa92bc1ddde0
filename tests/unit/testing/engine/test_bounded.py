import pytest
from grpclib.const import Status
from grpclib.exceptions import GRPCError

from xai.testing.control.accounts import Account
from xai.testing.engine.bounded import AccountStore, BoundedStore


def test_store_drops_the_oldest_beyond_its_count() -> None:
    """The last values stay, and the error for a dropped one tells that there is a limit."""
    store: BoundedStore[int] = BoundedStore("thing", max_count=3)
    for number in range(5):
        store.put(str(number), number)
    assert (list(store), len(store)) == ([2, 3, 4], 3)
    assert (store.find("4"), store.find("1")) == (4, None)
    with pytest.raises(LookupError, match=r"no thing '1'.*keeps the last 3 .*2 older ones"):
        store.get("1")


def test_store_drops_the_oldest_beyond_its_bytes() -> None:
    """Sizes are counted, those of replaced and removed values no longer; the last one stays."""
    store: BoundedStore[str] = BoundedStore("thing", max_bytes=10)
    store.put("a", "one", 6)
    store.put("a", "two", 4)
    store.put("b", "three", 6)
    assert list(store) == ["two", "three"]
    assert store.pop("b") == "three"
    store.put("c", "four", 6)
    store.put("d", "five", 100)
    assert list(store) == ["five"]


def test_store_without_a_limit_reached_does_not_speak_of_it() -> None:
    """The error for an ID that never was is short."""
    with pytest.raises(LookupError, match=r"^There is no thing 'x'\.$"):
        BoundedStore[int]("thing").get("x")


def test_keys_have_values_of_their_own() -> None:
    """What one key stored is not found for another, and takes none of its room."""
    store: AccountStore[int] = AccountStore("thing", max_count=1)
    one, two = Account(frozenset()), Account(frozenset())
    store.put(one, "a", 1)
    store.put(two, "b", 2)
    assert (store.get(one, "a"), store.pop(two, "b"), list(store)) == (1, 2, [1])
    with pytest.raises(GRPCError, match="no thing 'a'") as caught:
        store.get(two, "a")
    assert caught.value.status is Status.NOT_FOUND
