# Do not edit: produced by "nox -s generate" from
# tests/services/aio/prompt_ide/test_sample_stream.py
import logging
from datetime import datetime, timezone

import pytest

from tests.services.sync.helpers import QUESTION, collect, texts, wait_for_call
from tests.twin_helpers import Background
from xai import Client, Token, TokenType
from xai.proto.prompt_ide import sampler_public as pb
from xai.testing import LocalServer

SAMPLE = pb.SAMPLER_SAMPLE_TOKENS
#: How the local model continues it with the likeliest tokens; it would go on.
GREEDY = ["▁Yes", ",", "▁it", "▁does", "."]
#: HTTP/2's CANCEL.
CANCEL = 8


def reply(word: str) -> pb.SampleTokensResponse:
    """Return a message of the stream with a token."""
    return pb.SampleTokensResponse(token=pb.Token(final_logit=pb.Logit(string_token=word)))


def test_sample_continues_the_prompt(client: Client) -> None:
    """The tokens come one at a time, as the model's, with probabilities and alternatives."""
    tokens = collect(client.sampler.sample(QUESTION, temperature=0.0, max_len=5))
    assert [token.token_str for token in tokens] == GREEDY
    for token in tokens:
        assert type(token) is Token
        assert token.token_type is TokenType.MODEL
        assert int(token.token_type) == 2
        assert 0.0 < token.prob <= 1.0
        assert token.top_k
        assert token.attn_weights == []
        assert all(0.0 <= other.prob <= 1.0 for other in token.top_k)


def test_attention_comes_when_asked_for(client: Client) -> None:
    """With ``return_attention`` every token has weights."""
    stream = client.sampler.sample(QUESTION, temperature=0.0, max_len=3, return_attention=True)
    tokens = collect(stream)
    assert len(tokens) == 3
    assert all(token.attn_weights for token in tokens)


def test_max_len_limits_the_tokens(client: Client) -> None:
    """At most ``max_len`` tokens are sampled; with 0 there are none."""
    for limit in (0, 1, 3):
        tokens = texts(client.sampler.sample(QUESTION, temperature=0.0, max_len=limit))
        assert tokens == GREEDY[:limit]


@pytest.mark.parametrize(
    ("stops", "augment", "expected"),
    [
        (["▁does"], True, GREEDY[:3]),
        (["does"], True, GREEDY[:3]),
        (["does"], False, GREEDY),
        (["▁does"], False, GREEDY[:3]),
        ([",", "▁does"], True, GREEDY[:1]),
        (["never"], True, GREEDY),
    ],
)
def test_stop_token_ends_and_is_left_out(
    client: Client,
    stops: list[str],
    augment: bool,  # noqa: FBT001
    expected: list[str],
) -> None:
    """Sampling stops at a stop token, which is no part of the output."""
    stream = client.sampler.sample(
        QUESTION, temperature=0.0, max_len=5, stop_tokens=stops, augment_tokens=augment
    )
    assert texts(stream) == expected


@pytest.mark.parametrize(
    ("stops", "expected"),
    [(["does"], GREEDY[:4]), (["s, i"], GREEDY[:3]), (["Yes"], GREEDY[:1]), (["never"], GREEDY)],
)
def test_stop_string_ends_and_is_kept(
    client: Client, stops: list[str], expected: list[str]
) -> None:
    """Sampling stops after a stop string, and what completed it is part of the output."""
    stream = client.sampler.sample(QUESTION, temperature=0.0, max_len=5, stop_strings=stops)
    assert texts(stream) == expected


def test_allowed_and_disallowed_tokens_are_obeyed(client: Client) -> None:
    """Allowed tokens are the only ones there are, and disallowed ones never come."""
    stream = client.sampler.sample(QUESTION, allowed_tokens=["does", ","], max_len=5)
    assert set(texts(stream)) <= {"does", "▁does", ","}
    stream = client.sampler.sample(QUESTION, temperature=0.0, max_len=5, disallowed_tokens=["Yes"])
    assert "▁Yes" not in texts(stream)


@pytest.mark.parametrize(
    ("budget", "shown"),
    [
        (pb.TokenBudget(tokens_spent=50, token_limit=200), "50 200 25"),
        (pb.TokenBudget(tokens_spent=0, token_limit=7), "0 7"),
        (pb.TokenBudget(tokens_spent=12, token_limit=0), "12 0"),
        (pb.TokenBudget(), "0"),
    ],
)
def test_budget_is_logged_at_info(
    server: LocalServer,
    client: Client,
    caplog: pytest.LogCaptureFixture,
    budget: pb.TokenBudget,
    shown: str,
) -> None:
    """A budget is one INFO line of ``xai`` with spent, share and limit; a limit of 0 is fine."""
    server.reply(SAMPLE, [reply("a"), pb.SampleTokensResponse(budget=budget), reply("b")])
    assert texts(client.sampler.sample("text")) == ["a", "b"]
    lines = [record for record in caplog.records if record.name == "xai"]
    assert [line.levelno for line in lines] == [logging.INFO]
    message = lines[0].getMessage()
    assert all(part in message for part in shown.split())


def test_transaction_is_logged_at_debug(
    server: LocalServer, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    """A transaction is one DEBUG line of ``xai`` and no token."""
    booked = pb.TokenTransaction(
        num_prompt_tokens=31,
        num_generated_tokens=47,
        transaction_id="t-0815",
        model_name="grok-local",
        create_time=datetime(2024, 5, 1, tzinfo=timezone.utc),
    )
    server.reply(SAMPLE, [reply("a"), pb.SampleTokensResponse(transaction=booked)])
    assert texts(client.sampler.sample("text")) == ["a"]
    lines = [record for record in caplog.records if record.name == "xai"]
    assert [line.levelno for line in lines] == [logging.DEBUG]
    for part in ("31", "47", "t-0815", "grok-local"):
        assert part in lines[0].getMessage()


def test_message_of_a_future_kind_is_skipped(server: LocalServer, client: Client) -> None:
    """A message that holds nothing this version knows is no token and no error."""
    unknown = b"\x92\x3f\x03abc"
    server.reply(SAMPLE, [b"", reply("a"), unknown, reply("b")])
    assert texts(client.sampler.sample("text")) == ["a", "b"]


def test_stream_is_sent_by_the_first_iteration(server: LocalServer, client: Client) -> None:
    """The call itself sends nothing; a stream nobody iterates over makes no call at all."""
    first, second = client.sampler.sample("one"), client.sampler.sample("two", max_len=1)
    assert server.calls == []
    assert len(collect(second)) == 1
    assert len(server.calls) == 1
    first.close()
    assert collect(first) == []
    assert len(server.calls) == 1


def test_stream_ends_once(client: Client) -> None:
    """After its end a stream stays at its end."""
    stream = client.sampler.sample(QUESTION, temperature=0.0, max_len=5)
    assert len(collect(stream)) == len(GREEDY)
    assert collect(stream) == []
    stream.close()
    with pytest.raises(StopIteration):
        next(stream)


def test_stream_left_by_its_block_is_cancelled(server: LocalServer, client: Client) -> None:
    """Leaving the block early resets the call with CANCEL; the connection stays."""
    server.stall(method=SAMPLE, after_messages=2)
    with client.sampler.sample(QUESTION, temperature=0.0, max_len=5) as stream:
        for _ in stream:
            break
    call = wait_for_call(server, SAMPLE, "cancelled")
    assert call.reset_code == CANCEL
    assert collect(stream) == []
    assert client.sampler.list_models()
    assert server.connections == 1


def test_stream_closed_by_hand_is_cancelled(server: LocalServer, client: Client) -> None:
    """``close`` cancels what is left of a call, and may be called again."""
    server.stall(method=SAMPLE, after_messages=1)
    stream = client.sampler.sample(QUESTION, temperature=0.0, max_len=5)
    assert next(stream).token_type == TokenType.MODEL
    stream.close()
    stream.close()
    assert wait_for_call(server, SAMPLE, "cancelled").reset_code == CANCEL


def test_error_in_the_block_cancels_and_passes(server: LocalServer, client: Client) -> None:
    """An error raised between two tokens leaves the block unchanged, and the call is cancelled."""
    server.stall(method=SAMPLE, after_messages=1)
    with pytest.raises(KeyError, match="mine"):  # noqa: PT012  # the block is what is tested
        with client.sampler.sample(QUESTION, temperature=0.0, max_len=5) as stream:
            for _ in stream:
                raise KeyError("mine")
    wait_for_call(server, SAMPLE, "cancelled")


def test_tokens_arrive_while_the_stream_is_open(server: LocalServer, client: Client) -> None:
    """A token is there as soon as it was sent, not when the stream ends."""
    server.stall(method=SAMPLE, after_messages=2)
    with client.sampler.sample(QUESTION, temperature=0.0, max_len=5) as stream:
        assert [next(stream).token_str for _ in range(2)] == GREEDY[:2]
        rest = Background(lambda: texts(stream))
        assert server.calls[0].state == "open"
        server.release()
        assert rest.result() == GREEDY[2:]


def test_streams_go_on_side_by_side(server: LocalServer, client: Client) -> None:
    """Many streams share one connection, and each has its own tokens."""
    streams = [client.sampler.sample(QUESTION, temperature=0.0, max_len=5) for _ in range(5)]
    found = [[next(stream).token_str] for stream in streams]
    for words, stream in zip(found, streams, strict=True):
        words.extend(texts(stream))
    assert found == [GREEDY] * 5
    assert server.connections == 1
