"""What a server attaches to a status: ``google.rpc`` messages."""

from datetime import timedelta

from xai.runtime.codec import api as codec


def read_details(data: bytes) -> list[object]:
    """Decode what ``grpc-status-details-bin`` holds.

    Args:
        data: A ``google.rpc.Status``; nothing when empty or malformed.

    Returns:
        The messages; one of a type this library does not know stays a pair of name and bytes.
    """
    if not data:
        return []
    from xai.proto.google import rpc

    try:
        status = codec.decode(rpc.Status, data)
    except codec.DecodeError:
        # A malformed attachment must not take the place of the status it came with.
        return []
    details: list[object] = []
    for item in status.details:
        name = item.type_url.rpartition("/")[2]
        known = None
        # The name comes from the wire: only a message this library knows is looked up.
        if name.startswith("google.rpc.") and name.removeprefix("google.rpc.") in rpc.__all__:
            known = getattr(rpc, name.removeprefix("google.rpc."))
        try:
            details.append((name, item.value) if known is None else codec.decode(known, item.value))
        except codec.DecodeError:
            details.append((name, item.value))
    return details


def retry_delay(data: bytes) -> float | None:
    """Return the wait before the next attempt that a ``google.rpc.RetryInfo`` names.

    Args:
        data: A ``google.rpc.Status``.

    Returns:
        Seconds; None when there is none, or a negative one.
    """
    from xai.proto.google import rpc

    for item in read_details(data):
        # Asked before it is read: an unset wait would read as 0.
        if isinstance(item, rpc.RetryInfo) and item.is_set("retry_delay"):
            wait: timedelta = item.retry_delay
            return wait.total_seconds() if wait >= timedelta() else None
    return None
