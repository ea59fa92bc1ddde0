"""The wait before a retry: how long it may be at most."""

from typing import TYPE_CHECKING, Final

from xai.errors import StatusCode
from xai.options import DEFAULT_RETRY, RetryPolicy

if TYPE_CHECKING:
    from collections.abc import Callable

    import tenacity

#: What the waits grow to after RESOURCE_EXHAUSTED, in seconds, unless the policy names another
#: limit than the default one: a rate limit takes longer to pass than an outage.
_EXHAUSTED_BACKOFF: Final = 20.0


def backoff(policy: RetryPolicy, code: StatusCode) -> "Callable[[tenacity.RetryCallState], float]":
    """Return what gives the longest wait in seconds, ``initial_backoff * multiplier ** step``.

    Args:
        policy: The caller's policy.
        code: The status of the attempt that failed.
    """
    # Needed after a failure only: the import costs more than a call.
    import tenacity

    if not policy.initial_backoff:
        # Any power of the multiplier, also one that no float can hold, times nothing.
        return tenacity.wait_none()
    limit = policy.max_backoff
    if code is StatusCode.RESOURCE_EXHAUSTED and limit == DEFAULT_RETRY.max_backoff:
        limit = _EXHAUSTED_BACKOFF
    return tenacity.wait_exponential(
        multiplier=policy.initial_backoff, max=limit, exp_base=float(policy.multiplier)
    )
