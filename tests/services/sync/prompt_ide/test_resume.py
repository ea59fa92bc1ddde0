# Do not edit: produced by "nox -s generate" from
# tests/services/aio/prompt_ide/test_resume.py
"""Sampled streams that outlive their connection."""

import logging
from collections.abc import Callable, Sequence

import pytest

from tests.services.recorded import paths, requests
from tests.services.sync.helpers import QUESTION, collect, until_error, wait_for_call
from tests.support import SECRET_KEY
from tests.twin_helpers import Background
from xai import (
    APIConnectionError,
    APIError,
    Client,
    InternalServerError,
    RetryPolicy,
    ServiceUnavailableError,
    StatusCode,
    Stream,
    Token,
)
from xai.proto.prompt_ide import sampler_public as pb
from xai.testing import ControlledRetries, LocalServer

SAMPLE = pb.SAMPLER_SAMPLE_TOKENS
RESUMING = RetryPolicy(resume_streams=True)
LENGTH = 6
#: The HTTP/2 error code of a client that has left.
CANCEL = 0x8

Fault = Callable[[LocalServer, int], None]

#: What cuts a stream after so many messages.
CUTS: dict[str, Fault] = {
    "connection lost": lambda s, k: s.drop_connection(method=SAMPLE, after_messages=k),
    "INTERNAL_ERROR reset": lambda s, k: s.reset(0x2, method=SAMPLE, after_messages=k),
    "REFUSED_STREAM reset": lambda s, k: s.reset(0x7, method=SAMPLE, after_messages=k),
    "UNAVAILABLE": lambda s, k: s.fail(StatusCode.UNAVAILABLE, method=SAMPLE, after_messages=k),
    "ABORTED": lambda s, k: s.fail(StatusCode.ABORTED, method=SAMPLE, after_messages=k),
}


def resuming(client: Client) -> Client:
    """Return a view that resumes its streams."""
    return client.with_options(retry=RESUMING)


def sample(client: Client, seed: int | None = 11) -> Stream[Token]:
    """Start to sample, hot, so that another seed gives other tokens."""
    return client.sampler.sample(
        QUESTION,
        max_len=LENGTH,
        temperature=2.0,
        nucleus_p=1.0,
        rng_seed=seed,
        disallowed_tokens=["<|eos|>"],
    )


def message(token: Token, text: str | None = None) -> pb.SampleTokensResponse:
    """Return what a server sends for a token, maybe with another text."""
    shown = token.token_str if text is None else text
    logit = pb.Logit(token_id=token.token_id, string_token=shown, prob=0.5)
    return pb.SampleTokensResponse(token=pb.Token(final_logit=logit))


def first(stream: Stream[Token], count: int) -> list[Token]:
    """Read so many tokens."""
    return [next(iter(stream)) for _ in range(count)]


def ids(tokens: Sequence[Token]) -> list[tuple[int, str]]:
    """Return what identifies each token."""
    return [(token.token_id, token.token_str) for token in tokens]


def notes(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return the first words of what was logged about spending."""
    found = [record.getMessage() for record in caplog.records if record.name == "xai"]
    return [text[:12] for text in found if text.startswith("token ")]


@pytest.mark.parametrize("cut", CUTS.values(), ids=CUTS)
@pytest.mark.parametrize("after", range(LENGTH + 3))
def test_stream_that_was_cut_goes_on(
    server: LocalServer,
    client: Client,
    cut: Fault,
    after: int,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Wherever it is cut, the caller sees each token once, and each note is logged once."""
    caplog.set_level(logging.DEBUG, "xai")
    whole = collect(sample(client))
    assert len(whole) == LENGTH
    assert notes(caplog) == ["token budget", "token transa"]
    caplog.clear()
    cut(server, after)
    with ControlledRetries(client) as retries:
        assert collect(sample(resuming(client))) == whole
    # A cut after the last message may come too late to matter.
    assert len(retries.waits) == len(server.calls) - 2 <= 1
    assert after >= LENGTH + 2 or len(retries.waits) == 1
    assert notes(caplog) == ["token budget", "token transa"]
    first, *others = requests(server, SAMPLE)
    assert all(other == first for other in others)


def test_stream_may_be_cut_again_and_again(server: LocalServer, client: Client) -> None:
    """Each attempt verifies what all those before it delivered, however far it gets itself."""
    whole = collect(sample(client))
    for cut, after in zip(CUTS.values(), (2, 4, 1, 3), strict=False):
        cut(server, after)
    with ControlledRetries(client) as retries:
        assert collect(sample(resuming(client))) == whole
    assert retries.waits == [0.1, 0.2, 0.4, 0.8]
    assert len(server.calls) == 1 + 5


def test_goaway_does_not_cut(server: LocalServer, client: Client) -> None:
    """A stream the server promised to finish is finished, on its connection."""
    server.goaway(method=SAMPLE, after_messages=2)
    with ControlledRetries(client) as retries:
        assert len(collect(sample(resuming(client)))) == LENGTH
    assert retries.waits == []
    assert paths(server) == ["SampleTokens"]


def test_goaway_while_it_is_resumed(server: LocalServer, client: Client) -> None:
    """A resumption that meets a closing connection is made on another one."""
    whole = collect(sample(client))
    server.drop_connection(method=SAMPLE, after_messages=3)
    server.goaway(method=SAMPLE, processed=False)
    server.refuse_streams(method=SAMPLE)
    with ControlledRetries(client) as retries:
        assert collect(sample(resuming(client))) == whole
    assert len(retries.waits) == 3


def test_drawn_seed_is_kept(server: LocalServer) -> None:
    """A call without a seed is asked for again with the one it took, and takes no other."""
    with Client(SECRET_KEY, api_host=server.host, initial_rng_seed=5) as client:
        whole = collect(sample(client, 5))
        server.drop_connection(method=SAMPLE, after_messages=2)
        with ControlledRetries(client):
            assert collect(sample(resuming(client), None)) == whole
            assert collect(sample(resuming(client), None)) != whole
    assert [item.settings.rng_seed for item in requests(server, SAMPLE)] == [5, 5, 5, 6]


@pytest.mark.parametrize("cut", CUTS.values(), ids=CUTS)
def test_off_by_default(server: LocalServer, client: Client, cut: Fault) -> None:
    """Without the option a cut is told, after the tokens that came before it."""
    cut(server, 2)
    with ControlledRetries(client) as retries:
        found, error = until_error(sample(client))
    assert (len(found), error.attempts, retries.waits) == (2, 1, [])
    assert paths(server) == ["SampleTokens"]


def test_only_sampling_is_resumed(server: LocalServer, client: Client) -> None:
    """A stream without a seed can't be asked for twice: the option leaves it as it is."""
    server.drop_connection(after_messages=1)
    stubs = resuming(client).stubs
    request = pb.TokenizeAndSampleTokensRequest(
        text=QUESTION, settings=pb.SampleSettings(max_len=4)
    )
    with ControlledRetries(client) as retries:
        found, error = until_error(stubs.sampler.tokenize_and_sample_tokens(request))
    assert (len(found), error.attempts, retries.waits) == (1, 1, [])


def test_failure_that_is_no_cut_is_told(server: LocalServer, client: Client) -> None:
    """What no other attempt can help ends the stream as ever."""
    for number, code in enumerate((StatusCode.INTERNAL, StatusCode.DATA_LOSS), 1):
        server.fail(code, "for good", method=SAMPLE, after_messages=2)
        with ControlledRetries(client) as retries:
            found, error = until_error(sample(resuming(client)))
        assert (len(found), error.code, error.attempts) == (2, code, 1)
        assert (retries.waits, len(server.calls)) == ([], number)
    server.send_garbage(method=SAMPLE, after_messages=1)
    with ControlledRetries(client) as retries:
        found, error = until_error(sample(resuming(client)))
    assert (len(found), error.attempts, retries.waits) == (1, 1, [])


# The replay is another one.


def differing(
    server: LocalServer, client: Client, replay: Callable[[list[Token]], object]
) -> tuple[list[Token], list[Token], APIError]:
    """Cut a stream after three tokens and script the replay; return both parts and the error."""
    whole = collect(sample(client))
    server.drop_connection(method=SAMPLE, after_messages=3)
    script = replay(whole)
    assert isinstance(script, list)
    server.reply(SAMPLE, script)
    with ControlledRetries(client):
        found, error = until_error(sample(resuming(client)))
    return whole, found, error


@pytest.mark.parametrize("position", [0, 1, 2])
def test_other_token_is_an_error(server: LocalServer, client: Client, position: int) -> None:
    """A replay with another token is DATA_LOSS: it names the place, and what was there and is."""

    def replay(whole: list[Token]) -> list[pb.SampleTokensResponse]:
        other = [*whole[:position], Token(token_id=7, token_str="other"), *whole[position + 1 :]]
        return [message(token) for token in other]

    whole, found, error = differing(server, client, replay)
    assert found == whole[:3]
    assert type(error) is InternalServerError
    assert (error.code, error.attempts) == (StatusCode.DATA_LOSS, 2)
    lost = whole[position]
    assert str(error) == (
        "the stream was cut after 3 tokens and can't be resumed: at position "
        f"{position}, counted from 0, {lost.token_id} ({lost.token_str!r}) was delivered, and "
        "the replay has 7 ('other')"
    )
    assert type(error.__cause__) is APIConnectionError


def test_other_text_is_an_error(server: LocalServer, client: Client) -> None:
    """The same ID with another text is another token."""
    whole, found, error = differing(
        server, client, lambda whole: [message(whole[0]), message(whole[1], "other")]
    )
    assert found == whole[:3]
    assert "at position 1, " in str(error)
    assert str(error).endswith(f"the replay has {whole[1].token_id} ('other')")


def test_replay_that_is_too_short_is_an_error(server: LocalServer, client: Client) -> None:
    """A replay that ends well before all that was delivered came is another stream."""
    whole, found, error = differing(
        server, client, lambda whole: [message(token) for token in whole[:2]]
    )
    assert found == whole[:3]
    assert (type(error), error.code) == (InternalServerError, StatusCode.DATA_LOSS)
    assert "at position 2, " in str(error)
    assert str(error).endswith("the replay ended")


def test_other_probabilities_are_no_error(server: LocalServer, client: Client) -> None:
    """Tokens are compared by ID and text: the last digits of a float differ between machines."""
    whole = collect(sample(client))
    server.drop_connection(method=SAMPLE, after_messages=3)
    server.reply(SAMPLE, [message(token) for token in whole])
    with ControlledRetries(client):
        found = collect(sample(resuming(client)))
    assert found[:3] == whole[:3]
    assert ids(found) == ids(whole)
    assert [token.prob for token in found[3:]] == [0.5] * (LENGTH - 3)


# One call: its attempts, its time, its end.


def test_attempts_count_over_the_whole_call(server: LocalServer, client: Client) -> None:
    """What was tried before the first message and what was resumed are attempts of one call."""
    whole = collect(sample(client))
    server.fail(StatusCode.UNAVAILABLE, method=SAMPLE)
    server.drop_connection(method=SAMPLE, after_messages=2)
    server.fail(StatusCode.UNAVAILABLE, "at last", method=SAMPLE, after_messages=4)
    policy = RetryPolicy(resume_streams=True, max_attempts=3)
    with ControlledRetries(client) as retries:
        found, error = until_error(sample(client.with_options(retry=policy)))
    assert found == whole[:4]
    assert (type(error), error.message) == (ServiceUnavailableError, "at last")
    assert error.attempts == 3
    assert len(retries.waits) == 2
    previous = [dict(call.headers).get("grpc-previous-rpc-attempts") for call in server.calls]
    assert previous == [None, None, "1", "2"]


def test_deadline_is_that_of_the_whole_call(server: LocalServer, client: Client) -> None:
    """Waits before the first message and amid the stream use the same budget up."""
    whole = collect(sample(client))
    server.fail(StatusCode.UNAVAILABLE, method=SAMPLE)
    server.drop_connection(method=SAMPLE, after_messages=2, times=2)
    policy = RetryPolicy(resume_streams=True, initial_backoff=4.0, max_backoff=4.0)
    with ControlledRetries(client) as retries:
        found, error = until_error(sample(client.with_options(retry=policy, timeout=10.0)))
    assert found == whole[:2]
    assert (type(error), error.attempts) == (APIConnectionError, 3)
    assert retries.waits == [4.0, 4.0]


def test_streams_at_the_same_time_are_resumed(server: LocalServer, client: Client) -> None:
    """One lost connection cuts them all, and each goes on where it was."""
    whole = [collect(sample(client, seed)) for seed in range(4)]
    view = resuming(client)
    server.stall(method=SAMPLE, times=3, after_messages=2)
    streams = [sample(view, seed) for seed in range(3)]
    heads = [first(stream, 2) for stream in streams]
    server.drop_connection(method=SAMPLE, after_messages=4)
    with ControlledRetries(client) as retries:
        running = [
            Background(lambda: collect(sample(view, 3))),
            Background(lambda: collect(streams[0])),
            Background(lambda: collect(streams[1])),
            Background(lambda: collect(streams[2])),
        ]
        last, *tails = [item.result() for item in running]
    assert [head + tail for head, tail in zip(heads, tails, strict=True)] == whole[:3]
    assert last == whole[3]
    assert len(retries.waits) == 4


def test_resumed_stream_can_be_left(server: LocalServer, client: Client) -> None:
    """Leaving it after it was resumed resets the call that is under way."""
    server.drop_connection(method=SAMPLE, after_messages=2)
    server.stall(method=SAMPLE, after_messages=3)
    with ControlledRetries(client):
        with sample(resuming(client)) as stream:
            seen = first(stream, 3)
        assert collect(stream) == []
    assert len(seen) == 3
    call = wait_for_call(server, SAMPLE, "cancelled")
    assert call.reset_code == CANCEL
    assert len(server.calls) == 2
