# Do not edit: produced by "nox -s generate" from
# xai/aio/rpc/context.py
"""What all calls of a client, or of one view of it, have in common."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import attrs

from xai._annotations import resolve_lazily
from xai._secrets import Secret, conceal
from xai._sentinel import NOT_GIVEN, NotGiven
from xai.errors import APIError, Metadata
from xai.options import RetryPolicy, Timeouts, check_retry, resolve_timeouts
from xai.runtime.net.endpoint import check_metadata
from xai.runtime.retry.policy import Failure
from xai.runtime.retry.throttle import RetryState, state_of
from xai.runtime.transport.blocking import BlockingTransport

if TYPE_CHECKING:
    from typing_extensions import Self


@attrs.frozen
class CallContext:
    """What all calls of a client view share.

    Attributes:
        transport: Carries the bytes of single attempts.
        timeouts: Limits for a call that brings none.
        retry: When a call is tried again.
        metadata: Pairs sent with every call, after those of the transport.
        host: The host and port that is called.
        retry_state: The budget and the clock of retries; one for all views of a client.
        reshape: Makes of an error the one that is raised, for programs that know errors of
            another shape; None for the error itself.
    """

    transport: BlockingTransport
    timeouts: Timeouts
    retry: RetryPolicy
    metadata: Metadata
    host: str
    retry_state: RetryState
    reshape: Callable[[APIError, Failure], APIError] | None = None

    @classmethod
    def of(
        cls,
        transport: BlockingTransport,
        *,
        timeouts: Timeouts,
        retry: RetryPolicy,
        metadata: Metadata = (),
    ) -> "Self":
        """Return the context of calls on a transport.

        Args:
            transport: Carries the bytes.
            timeouts: Limits for a call that brings none.
            retry: When a call is tried again.
            metadata: Pairs sent with every call, after those of the transport.
        """
        host = transport.config.endpoint.authority
        return cls(transport, timeouts, retry, metadata, host, state_of(transport))

    def with_options(
        self,
        *,
        timeout: float | Timeouts | NotGiven | None = NOT_GIVEN,
        retry: RetryPolicy | NotGiven = NOT_GIVEN,
        metadata: Sequence[tuple[str, str]] | Secret[Sequence[tuple[str, str]]] = (),
    ) -> "Self":
        """Return the context of calls on the same connection with other options.

        Args:
            timeout: Seconds for a whole call, None for no limit, or `Timeouts`.
            retry: When a call is tried again.
            metadata: Pairs sent besides those that are sent anyway.

        Raises:
            TypeError: An argument is of the wrong type.
            ValueError: An argument is not valid.
        """
        pairs = conceal(metadata)
        del metadata
        return attrs.evolve(
            self,
            timeouts=resolve_timeouts(timeout, self.timeouts),
            retry=self.retry if retry is NOT_GIVEN else check_retry(retry),
            metadata=self.metadata + check_metadata(pairs),
        )


resolve_lazily(globals())
