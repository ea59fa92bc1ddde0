# Do not edit: produced by "nox -s generate" from
# tests/services/aio/rpc/test_retries_burst.py
"""Many calls that fail for one reason: a connection that carried them all, or could not be made."""

from collections.abc import Callable

import pytest

from tests.support import SECRET_KEY, refused_port
from tests.twin_helpers import Background
from xai import (
    APIConnectionError,
    APIError,
    Client,
    RetryPolicy,
    StatusCode,
    Token,
    UnimplementedError,
)
from xai.proto.prompt_ide import sampler_public as pb
from xai.testing import ControlledRetries, LocalServer

TOKENIZE = pb.SAMPLER_TOKENIZE
#: Far more calls than the budget of a client holds retries.
BURST = 300
NOTE = "not tried again: too many calls of this client have failed of late"

Cut = Callable[[LocalServer], None]

#: What ends a connection with everything that it carries, when the last call of a burst arrives.
CUTS: dict[str, Cut] = {
    "connection lost": lambda server: server.drop_connection(method=TOKENIZE),
    "connection lost after headers": lambda server: server.drop_connection(
        method=TOKENIZE, after_messages=0
    ),
}


def burst(client: Client, count: int = BURST) -> list[Background[list[Token]]]:
    """Begin as many calls at once, on a connection that is there already."""
    assert client.sampler.list_models()
    return [Background(lambda: client.sampler.tokenize("text")) for _ in range(count)]


def failures(calls: list[Background[list[Token]]]) -> list[APIError]:
    """Wait for calls, and return how some of them failed."""
    return [error for call in calls if (error := _failure(call)) is not None]


def _failure(call: Background[list[Token]]) -> APIError | None:
    try:
        call.result()
    except APIError as error:
        return error
    return None


def notes(error: BaseException) -> list[str]:
    """Return what was added to an error."""
    return [str(note) for note in vars(error).get("__notes__", [])]


@pytest.mark.parametrize("cut", CUTS.values(), ids=CUTS)
def test_calls_of_one_lost_connection_are_all_tried_again(
    server: LocalServer, client: Client, cut: Cut
) -> None:
    """However many calls a connection carries, its loss says no more than the loss of one call."""
    server.stall(method=TOKENIZE, times=BURST - 1)
    cut(server)
    with ControlledRetries(client) as retries:
        assert failures(burst(client)) == []
        # Less the one retry that the loss costs, more for the successes since.
        assert retries.tokens == 100.0


def test_each_lost_connection_costs_a_retry(server: LocalServer, client: Client) -> None:
    """What is counted are the connections: the loss of the second one costs a retry as well."""
    with ControlledRetries(client) as retries:
        for left in (99.0, 98.1):
            server.stall(method=TOKENIZE, times=19)
            server.drop_connection(method=TOKENIZE)
            # So that no success of these calls fills the budget up again.
            server.fail(StatusCode.UNIMPLEMENTED, "final", times=20, method=TOKENIZE)
            for call in burst(client, 20):
                with pytest.raises(UnimplementedError, match="final"):
                    call.result()
            assert retries.tokens == left


def test_statuses_of_a_burst_are_counted_one_by_one(server: LocalServer, client: Client) -> None:
    """A service that turns calls away is retried about a hundred times, not once for each call."""
    server.fail(StatusCode.UNAVAILABLE, "busy", method=TOKENIZE, times=None)
    with ControlledRetries(client) as retries:
        found = failures(burst(client))
        assert len(retries.waits) == 100
        assert retries.tokens == 0.0
    assert len(found) == BURST
    assert sum(error.attempts for error in found) == BURST + 100
    assert all(NOTE in notes(error) for error in found if error.attempts < 5)


def test_connection_that_can_not_be_made_costs_nothing() -> None:
    """Calls that wait for one connection and don't get it leave the budget as it was."""
    with refused_port() as holder:
        host = f"localhost:{holder.getsockname()[1]}"
        # Each dialing that follows on a failed one waits for longer.
        policy = RetryPolicy(max_attempts=2)
        with Client(SECRET_KEY, api_host=host, retry=policy) as client:
            with ControlledRetries(client) as retries:
                calls = [Background(lambda: client.sampler.tokenize("text")) for _ in range(BURST)]
                found = failures(calls)
                assert len(retries.waits) == BURST
                assert retries.tokens == 100.0
    assert [type(error) for error in found] == [APIConnectionError] * BURST
