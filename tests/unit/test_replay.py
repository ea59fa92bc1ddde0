"""The memory of a resumed stream: what it keeps, and what it finds."""

import functools
import tracemalloc
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

import xai
from tests.support import SECRET_KEY
from xai.proto.prompt_ide import sampler_public as pb
from xai.runtime.retry.policy import Failure
from xai.sync.prompt_ide.resume import Replay
from xai.sync.rpc.stream import StreamCall

CUT = Failure(xai.StatusCode.UNAVAILABLE, "the connection was lost", connection=True)
# Few, so that the same ID comes with one text and with another.
TOKENS = st.lists(st.tuples(st.integers(0, 3) | st.just(2**32 - 1), st.sampled_from("ab")))


def data(token_id: int, text: str) -> bytes:
    """Return the message of a token."""
    logit = pb.Logit(token_id=token_id, string_token=text)
    return bytes(pb.SampleTokensResponse(token=pb.Token(final_logit=logit)))


def new_replay() -> Replay:
    """Return the memory of a call that is not sent."""
    client = xai.Client(SECRET_KEY, api_host="localhost:1")
    context = client._caller().context
    request = pb.SampleTokensRequest()
    timeout = xai.NOT_GIVEN
    return Replay(StreamCall(context, pb.SAMPLER_SAMPLE_TOKENS, request, timeout, ()))


def read(replay: Replay, tokens: list[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    """Read the messages of some tokens, and yield those that are passed on."""
    for token in tokens:
        found = replay.read(data(*token))
        if found is not None:
            yield found.token_id, found.token_str


@given(TOKENS, st.lists(st.integers(0, 40), max_size=5))
def test_caller_sees_each_token_once(tokens: list[tuple[int, str]], cuts: list[int]) -> None:
    """However often it is cut, and wherever, what is passed on adds up to the stream."""
    replay = new_replay()
    seen: list[tuple[int, str]] = []
    for cut in cuts:
        seen += read(replay, tokens[:cut])
        replay.restart(CUT)
    seen += read(replay, tokens)
    replay.finish()
    assert seen == tokens


@given(TOKENS.filter(len), st.data())
def test_first_difference_is_found(tokens: list[tuple[int, str]], chosen: st.DataObject) -> None:
    """One token of what was delivered changed in ID or text, or the end too early, is an error."""
    delivered = chosen.draw(st.integers(1, len(tokens)))
    position = chosen.draw(st.integers(0, delivered - 1))
    token_id, text = tokens[position]
    other = chosen.draw(
        st.sampled_from([(token_id, text + "x"), (token_id ^ 1, text), (token_id ^ 1, "z"), None])
    )
    replay = new_replay()
    assert list(read(replay, tokens[:delivered])) == tokens[:delivered]
    replay.restart(CUT)
    assert list(read(replay, tokens[:position])) == []
    go_on = replay.finish if other is None else functools.partial(replay.read, data(*other))
    with pytest.raises(xai.InternalServerError) as caught:
        go_on()
    assert caught.value.code is xai.StatusCode.DATA_LOSS
    assert str(caught.value).startswith(f"the stream was cut after {delivered} tokens ")
    assert f"at position {position}, counted from 0, {token_id} ({text!r})" in str(caught.value)
    assert isinstance(caught.value.__cause__, xai.APIConnectionError)


def test_memory_is_a_few_bytes_a_token() -> None:
    """Of each token its number is kept, and of all tokens with the same text one text."""
    messages = [data(number, f"token number {number}") for number in range(50)]
    replay = new_replay()
    for message in messages:
        replay.read(message)
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        for _ in range(200):
            for message in messages:
                replay.read(message)
        grown = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert grown < 10_000 * 8


def test_reply_without_content_is_skipped() -> None:
    """A message with no member of its oneof is no token, in the stream and in the replay."""
    replay = new_replay()
    empty = bytes(pb.SampleTokensResponse())
    for _ in range(2):
        assert replay.read(empty) is None
        replay.restart(CUT)
    assert replay.read(data(1, "a")) is not None
    replay.finish()
