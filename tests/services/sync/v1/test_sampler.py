# Do not edit: produced by "nox -s generate" from
# tests/services/aio/v1/test_sampler.py
from typing import Any

import grpc
import pytest

from tests.services.interop.reference import ReferenceServer
from tests.services.sync.helpers import until_error, wait_for_call
from xai import Client, InternalServerError, ServiceUnavailableError, StatusCode, v1
from xai.proto.xai_api import sample as pb
from xai.testing import LocalServer
from xai.v1 import FinishReason, TextChoice, TextCompletion

MODEL = "grok-local"
STREAMING = pb.SAMPLE_SAMPLE_TEXT_STREAMING
#: Every parameter that is a field of its own.
PARAMETERS = {
    "n": 2,
    "max_tokens": 5,
    "seed": -7,
    "temperature": 0.5,
    "top_p": 0.25,
    "frequency_penalty": -1.5,
    "presence_penalty": 2.0,
    "logprobs": True,
    "top_logprobs": 8,
    "user": "u-1",
}
CREATED = {"seconds": 1_700_000_000}
REPLY = {
    "id": "t-1",
    "model": "m-1",
    "system_fingerprint": "fp",
    "created": CREATED,
    "usage": {"prompt_tokens": 3, "completion_tokens": 4, "cost_in_usd_ticks": 20_000_000_000},
    "choices": [
        {"index": 1, "text": "two", "finish_reason": 77},
        {"index": 0, "text": "one", "finish_reason": "REASON_STOP"},
    ],
}


def test_every_parameter_is_sent(reference_server: ReferenceServer, client: Client) -> None:
    """By all three methods, and nothing is sent that was not given."""
    whole = reference_server.script("Sample/SampleText")
    streamed = reference_server.script("Sample/SampleTextStreaming")
    whole.says(REPLY)
    streamed.says(REPLY)
    sampler = client.v1.sampler
    single = {name: value for name, value in PARAMETERS.items() if name != "n"}
    sampler.sample(["a", "b"], model="m", stop=[".", "!"], **PARAMETERS)  # type: ignore[arg-type]  # each is right
    sampler.sample_batch(["a", "b"], 2, model="m", stop=[".", "!"], **single)  # type: ignore[arg-type]  # as above
    stream = sampler.stream(["a", "b"], model="m", stop=[".", "!"], **PARAMETERS)  # type: ignore[arg-type]  # as above
    stream.until_done()
    sampler.sample("a", model="m")
    full = {"prompt": ["a", "b"], "model": "m", "stop": [".", "!"], **PARAMETERS}
    assert whole.seen == [full, full, {"prompt": ["a"], "model": "m"}]
    assert streamed.seen == [full]


def test_reply_is_read_whole(reference_server: ReferenceServer, client: Client) -> None:
    """Choices are in their order; what a newer server says is kept as a number."""
    reference_server.script("Sample/SampleText").says(REPLY, trailers=(("x-more", "1"),))
    found = client.v1.sampler.sample("a", model="m")
    assert (found.id, found.model, found.system_fingerprint) == ("t-1", "m-1", "fp")
    assert (found.text, found.finish_reason) == ("one", FinishReason.STOP)
    assert [(each.index, each.text) for each in found.choices] == [(0, "one"), (1, "two")]
    assert int(found.choices[1].finish_reason) == 77
    assert (found.usage.prompt_tokens, found.cost_usd) == (3, 2.0)
    assert found.created is not None
    assert found.created.year == 2023
    assert ("x-more", "1") in found.metadata
    assert found.to_dict()["id"] == "t-1"
    assert "one" not in repr(found)
    assert client.v1.sampler.sample_batch("a", 2, model="m") == list(found.choices)


def test_reply_without_anything_is_empty(reference_server: ReferenceServer, client: Client) -> None:
    """Nothing is made up for what did not come."""
    reference_server.script("Sample/SampleText").says({})
    found = client.v1.sampler.sample("a", model="m")
    assert (found.text, found.choices, found.created) == ("", (), None)
    assert (found.finish_reason, found.cost_usd) == (FinishReason.INVALID, None)
    assert found.usage == v1.Usage()


def test_text_is_continued(local_client: Client) -> None:
    """The text goes on where the prompt ends, the same for the same seed, and is priced."""
    sampler = local_client.v1.sampler
    settings: dict[str, Any] = {"model": MODEL, "n": 3, "temperature": 1.5, "max_tokens": 8}
    found = sampler.sample("Once upon a time", **settings)
    again = sampler.sample("Once upon a time", **settings)
    assert found.choices == again.choices
    assert len({choice.text for choice in found.choices}) > 1
    assert found.text.startswith(" ")
    assert found.finish_reason == FinishReason.MAX_LEN
    assert found.usage.completion_tokens == 24
    assert found.cost_usd
    several = sampler.sample(["It", "Once"], model=MODEL, n=2, max_tokens=2)
    assert [choice.index for choice in several.choices] == [0, 1, 2, 3]


def test_stop_sequence_ends_the_text(local_client: Client) -> None:
    """It is not part of it."""
    sampler = local_client.v1.sampler
    found = sampler.sample("Does it work?", model=MODEL, temperature=0.0)
    stopped = sampler.sample("Does it work?", model=MODEL, temperature=0.0, stop=", it")
    assert stopped.text == found.text.partition(", it")[0] != found.text
    assert stopped.finish_reason == FinishReason.STOP


def test_stream_loses_nothing(local_client: Client) -> None:
    """The chunks of all choices join to what one reply would have had."""
    sampler = local_client.v1.sampler
    whole = sampler.sample("Once upon", model=MODEL, n=2, seed=1, max_tokens=8)
    texts: dict[int, str] = {}
    with sampler.stream("Once upon", model=MODEL, n=2, seed=1, max_tokens=8) as stream:
        for completion, chunk in stream:
            for choice in chunk.choices:
                texts[choice.index] = texts.get(choice.index, "") + choice.text
            assert completion is stream.completion
            assert {each.index: each.text for each in completion.choices} == texts
            assert chunk.text == "".join(c.text for c in chunk.choices if c.index == 0)
    found = stream.completion
    assert found.choices == whole.choices
    assert found.usage == whole.usage
    assert (found.model, found.system_fingerprint) == (whole.model, whole.system_fingerprint)
    assert stream.until_done() is found
    assert "whole" in repr(stream)


def test_values_are_replaced_only_by_values(
    reference_server: ReferenceServer, client: Client
) -> None:
    """A chunk without an ID, a usage or a reason leaves those that came before."""
    reference_server.script("Sample/SampleTextStreaming").says(
        {**REPLY, "choices": [{"text": "a", "finish_reason": "REASON_STOP"}]},
        {"choices": [{"text": "b"}]},
        {"choices": [{"index": 2, "text": "c"}]},
    )
    found = client.v1.sampler.stream("a", model="m").until_done()
    assert (found.id, found.usage.prompt_tokens) == ("t-1", 3)
    assert found.choices == (
        TextChoice(0, "ab", FinishReason.STOP),
        TextChoice(2, "c", FinishReason.INVALID),
    )


def test_failure_amid_a_stream_keeps_what_came(server: LocalServer, local_client: Client) -> None:
    """The error has the completion so far, and nothing is asked twice."""
    server.fail(StatusCode.UNAVAILABLE, "busy", method=STREAMING, after_messages=3)
    stream = local_client.v1.sampler.stream("Does it work?", model=MODEL, temperature=0.0)
    items, error = until_error(stream)
    assert isinstance(error, ServiceUnavailableError)
    assert len(items) == 3
    assert isinstance(error.partial, TextCompletion)
    assert error.partial.text == "".join(chunk.text for _, chunk in items)
    assert len(server.calls) == 1
    with pytest.raises(RuntimeError, match="not whole"):
        stream.until_done()


@pytest.mark.parametrize("index", [-1, 10_001])
def test_chunk_of_no_choice_is_the_servers_error(
    reference_server: ReferenceServer, client: Client, index: int
) -> None:
    """A few broken bytes take no memory; what came before is kept."""
    script = reference_server.script("Sample/SampleTextStreaming")
    script.says({"choices": [{"text": "a"}]}, {"choices": [{"index": index, "text": "b"}]})
    with pytest.raises(InternalServerError, match=r"choices\[0\]\.index must be from 0") as caught:
        client.v1.sampler.stream("a", model="m").until_done()
    assert isinstance(caught.value.partial, TextCompletion)
    assert caught.value.partial.text == "a"


def test_leaving_early_cancels_the_call(server: LocalServer, local_client: Client) -> None:
    """The server stops, and what came stays readable."""
    server.stall(method=STREAMING, after_messages=2)
    with local_client.v1.sampler.stream("Once upon", model=MODEL) as stream:
        next(iter(stream))
    wait_for_call(server, STREAMING, "cancelled")
    assert stream.completion.text
    assert "not at its end" in repr(stream)


def test_unknown_model_is_the_servers_error(
    reference_server: ReferenceServer, client: Client
) -> None:
    """Both kinds of calls raise it."""
    for method in ("SampleText", "SampleTextStreaming"):
        script = reference_server.script(f"Sample/{method}")
        script.says(status=(grpc.StatusCode.INTERNAL, "broken"))
    with pytest.raises(InternalServerError, match="broken"):
        client.v1.sampler.sample("a", model="m")
    with pytest.raises(InternalServerError, match="broken"):
        client.v1.sampler.stream("a", model="m").until_done()
