"""Items as requests of a batch: their IDs, and what is said of those that nothing came of."""

from collections.abc import Iterable

from xai.errors import CLASS_BY_STATUS, APIError, StatusCode
from xai.v1.bulk.identity import digest
from xai.v1.bulk.result import CheckpointError


def request_id(key: str | int, item: object) -> str:
    """Return the ID of the request of an item: the same in each run, and no other item's."""
    return f"{digest(key)}-{digest(item)}"


class KnownRequests:
    """The requests that are in a batch already, of a run before.

    Args:
        batch_id: The ID of the batch.
        ids: Their IDs.
    """

    def __init__(self, batch_id: str, ids: Iterable[str]) -> None:
        self._batch_id = batch_id
        self._by_key = {name.partition("-")[0]: name for name in ids}

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._by_key)

    def has(self, name: str, key: str | int) -> bool:
        """Tell whether the request of an item is there.

        Args:
            name: The ID of the request.
            key: What names the item.

        Raises:
            CheckpointError: It was another item when it was sent.
        """
        found = self._by_key.get(name.partition("-")[0])
        if found is not None and found != name:
            raise CheckpointError(
                f"the item {key!r} is not the one that was sent in the batch {self._batch_id}: the"
                " items have changed. Take another checkpoint, or name them with key=…"
            )
        return found is not None


def no_result(batch_id: str, *, cancelled: bool) -> APIError:
    """Return the error of a request that nothing came of, though its batch is over."""
    if cancelled:
        code, text = StatusCode.CANCELLED, "was cancelled before this request was processed"
    else:
        code, text = StatusCode.DATA_LOSS, "is over, and has no result of this request"
    return CLASS_BY_STATUS[code](code, f"the batch {batch_id} {text}")
