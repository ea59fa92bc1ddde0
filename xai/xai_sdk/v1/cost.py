"""What a request has cost."""

from typing import TYPE_CHECKING, Final

from xai._annotations import resolve_lazily

if TYPE_CHECKING:
    from xai.xai_sdk.v1.proto.messages import Message

#: The unit of costs in messages, in US dollars.
USD_PER_TICK: Final = 1e-10


def cost_usd_from_usage(usage: "Message") -> float | None:
    """Return a cost in US dollars; None when the server named none.

    Args:
        usage: A ``SamplingUsage``.
    """
    if not usage.HasField("cost_in_usd_ticks"):
        return None
    return float(usage.cost_in_usd_ticks * USD_PER_TICK)


resolve_lazily(globals())
