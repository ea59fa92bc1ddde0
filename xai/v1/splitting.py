"""Lists that are too long for one request, in parts that are not."""

from collections.abc import Sequence

#: The tag of a field, and the length of a message of up to 4 GiB.
_OVERHEAD = 6


def split_by_size(
    argument: str, sizes: Sequence[int], *, max_count: int, max_bytes: int
) -> list[tuple[int, int]]:
    """Split a list into runs that fit into a request each, in order.

    Args:
        argument: The name of the list, for errors.
        sizes: The size of each item on the wire, in bytes.
        max_count: The number of items that a run may have.
        max_bytes: The number of bytes that a run may have.

    Returns:
        The places of the first item of each run and of the one after its last.

    Raises:
        ValueError: An item is too large on its own.
    """
    runs: list[tuple[int, int]] = []
    start, total = 0, 0
    for place, size in enumerate(sizes):
        if size + _OVERHEAD > max_bytes:
            raise ValueError(
                f"{argument}[{place}] has {size} bytes, which fit into no request:"
                f" max_message_bytes leaves room for {max(0, max_bytes - _OVERHEAD)}"
            )
        total += size + _OVERHEAD
        if place - start >= max_count or total > max_bytes:
            runs.append((start, place))
            start, total = place, size + _OVERHEAD
    if sizes:
        runs.append((start, len(sizes)))
    return runs
