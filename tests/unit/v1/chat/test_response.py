import base64
import copy
import json
import pickle
from datetime import datetime, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support import SECRET_KEY, SECRET_MARKER
from tests.unit.v1.chat.xai_sdk_chunks import (
    ASSISTANT,
    BaseChat,
    ReferenceResponse,
    Wire,
    answers,
    chat_pb2,
    tools,
)
from xai.proto import xai_api as pb
from xai.proto.collections import AddDocumentToCollectionRequest as Added
from xai.v1.chat.accumulator import Accumulator
from xai.v1.chat.enums import FinishReason, Role, ServiceTier
from xai.v1.chat.response import Response, responses, select_index
from xai.v1.chat.usage import Usage
from xai.v1.structured.encode import plain

indices = st.none() | st.integers(0, 3)
DONE: dict[str, int] = {
    "type": pb.ToolCallType.TOOL_CALL_TYPE_IMAGE_GENERATION_TOOL,
    "status": pb.ToolCallStatus.TOOL_CALL_STATUS_COMPLETED,
}
PNG = base64.b64encode(b"\x89PNG").decode()
ENVELOPE = {"__type": "image_generation_result", "result": f"data:image/png;base64,{PNG}"}


def ours(answer: Wire) -> pb.GetChatCompletionResponse:
    """Return an answer as it comes from the network."""
    return pb.GetChatCompletionResponse.FromString(answer.SerializeToString())


def serialized(messages: Wire) -> list[bytes]:
    """Return the bytes of messages of xai_sdk."""
    return [message.SerializeToString() for message in messages]


def output(index: int = 0, role: int = ASSISTANT, **fields: object) -> pb.CompletionOutput:
    """Return an output with a message."""
    message = pb.CompletionMessage(role=pb.MessageRole.try_value(role), **fields)  # type: ignore[arg-type]  # by name
    return pb.CompletionOutput(index=index, message=message)


def answer(*outputs: pb.CompletionOutput, index: int | None = 0) -> Response:
    """Return an answer with some outputs."""
    return Response(pb.GetChatCompletionResponse(outputs=list(outputs)), index)


@given(answers, indices)
def test_an_answer_reads_as_in_the_reference_package(wire: Wire, index: int | None) -> None:
    """The properties that don't differ on purpose are the same for every index."""
    reference, found = ReferenceResponse(wire, index), Response(ours(wire), index)
    selected = reference._get_output()
    assert found.id == reference.id
    assert found.model == wire.model
    assert found.system_fingerprint == reference.system_fingerprint
    assert found.created.replace(tzinfo=None) == reference.created
    assert found.content == reference.content
    assert found.reasoning_content == reference.reasoning_content
    assert found.encrypted_content == reference.encrypted_content
    assert int(found.role) == selected.message.role
    assert int(found.finish_reason) == selected.finish_reason
    assert found.citations == list(reference.citations)
    assert found.cost_usd == reference.cost_usd
    assert found.usage.total_tokens == reference.usage.total_tokens
    assert int(found.service_tier) == wire.service_tier
    assert sum(found.server_side_tool_usage.values()) == len(wire.usage.server_side_tools_used)
    if index is None:
        assert list(map(bytes, found.tool_calls)) == serialized(reference.tool_calls)
        assert list(map(bytes, found.inline_citations)) == serialized(reference.inline_citations)
        assert list(map(bytes, found.tool_outputs)) == serialized(reference.tool_outputs)
        assert list(map(bytes, found.outputs)) == serialized(wire.outputs)
    else:
        assert list(map(bytes, found.tool_calls)) == serialized(selected.message.tool_calls)
        assert list(map(bytes, found.inline_citations)) == serialized(selected.message.citations)
        assert list(map(bytes, found.tool_outputs)) == serialized(
            item for item in reference.tool_outputs if item.index == index
        )


@given(answers, indices)
def test_reading_raises_nothing_and_changes_nothing(wire: Wire, index: int | None) -> None:
    """Whatever the numbers, all can be read, shown and written as JSON; the message stays."""
    proto = ours(wire)
    found = Response(proto, index)
    names = {name for name in dir(Response) if not name.startswith("_")}
    assert len(names) == 28
    # The content of images is random here, and is read for finished calls only.
    for name in names - {"from_dict", "image_outputs", "to_dict"}:
        getattr(found, name)
    assert repr(found.id) in repr(found)
    assert json.loads(json.dumps(found.to_dict(), allow_nan=False)) == found.to_dict()
    assert bytes(proto) == wire_bytes(wire)


def wire_bytes(wire: Wire) -> bytes:
    """Return the bytes that a message has when it was only read and written."""
    return bytes(ours(wire))


@given(tools, answers)
def test_the_index_is_chosen_as_in_the_reference_package(given_tools: Wire, wire: Wire) -> None:
    """Tools on the server, asked for or added, make an answer one in steps."""
    chat = BaseChat(None, None, None, model="m", tools=given_tools)
    index = None if chat._uses_server_side_tools() else 0
    expected = chat._auto_detect_multi_output_mode(index, wire.outputs)
    mine = [pb.Tool.FromString(tool.SerializeToString()) for tool in given_tools]
    assert select_index(mine, ours(wire).outputs) == expected


@given(answers, st.integers(1, 4))
def test_alternatives_are_those_that_came(wire: Wire, n: int) -> None:
    """Each one reads what xai_sdk reads, and none is made up."""
    came = {item.index for item in wire.outputs}
    found = responses(ours(wire), n)
    assert [view.index for view in found] == [index for index in range(n) if index in came]
    for view in found:
        assert view.content == ReferenceResponse(wire, view.index).content


def test_an_alternative_has_its_own_calls_and_citations_alone() -> None:
    """Differs from xai_sdk, where each has those of all."""
    outputs = [
        output(
            index,
            tool_calls=[pb.ToolCall(id=str(index))],
            citations=[pb.InlineCitation(id=str(index))],
        )
        for index in range(2)
    ]
    second = answer(*outputs, index=1)
    assert [call.id for call in second.tool_calls] == ["1"]
    assert [citation.id for citation in second.inline_citations] == ["1"]
    steps = answer(*outputs, index=None)
    assert [call.id for call in steps.tool_calls] == ["0", "1"]
    reference = ReferenceResponse(
        chat_pb2.GetChatCompletionResponse.FromString(bytes(second.proto)), 1
    )
    assert [call.id for call in reference.tool_calls] == ["0", "1"]


@pytest.mark.parametrize("index", [None, 1])
def test_what_the_model_says_last_counts(index: int | None) -> None:
    """Of several outputs the last of the model is read; its calls are all there in steps only."""
    first = output(1, content="Looking.", tool_calls=[pb.ToolCall(id="1")])
    last = output(1, content="Found.", tool_calls=[pb.ToolCall(id="2")])
    found = answer(first, last, output(1, role=5, content="result"), index=index)
    reference = ReferenceResponse(
        chat_pb2.GetChatCompletionResponse.FromString(bytes(found.proto)), index
    )
    assert found.content == reference.content == "Found."
    assert [call.id for call in found.tool_calls] == (["1", "2"] if index is None else ["2"])


def test_numbers_without_a_name_are_kept() -> None:
    """Differs from xai_sdk, which raises for all of these."""
    proto = pb.GetChatCompletionResponse(
        outputs=[output()],
        usage=pb.SamplingUsage(server_side_tools_used=[pb.ServerSideTool.try_value(66)]),
        service_tier=pb.ServiceTier.try_value(9),
    )
    proto.outputs[0].finish_reason = pb.FinishReason.try_value(99)
    found = Response(proto)
    assert (found.finish_reason, found.finish_reason.wire_name) == (99, "REASON_99")
    assert found.server_side_tool_usage == {"SERVER_SIDE_TOOL_66": 1}
    assert found.service_tier.wire_name == "SERVICE_TIER_9"
    assert found.to_dict()["finish_reason"] == "REASON_99"


def test_names_are_members_of_enums() -> None:
    """Differs from xai_sdk, where they are strings."""
    proto = pb.GetChatCompletionResponse(
        outputs=[output()], service_tier=pb.ServiceTier.SERVICE_TIER_PRIORITY
    )
    proto.outputs[0].finish_reason = pb.FinishReason.REASON_MAX_LEN
    found = Response(proto)
    assert found.role is Role.ASSISTANT
    assert found.finish_reason is FinishReason.MAX_LEN
    assert found.service_tier is ServiceTier.PRIORITY


def test_times_have_a_zone() -> None:
    """Differs from xai_sdk: the time is in UTC, and 1970 when there is none."""
    created = datetime(2026, 5, 1, tzinfo=timezone.utc)
    assert Response(pb.GetChatCompletionResponse(created=created)).created == created
    assert answer().created == datetime(1970, 1, 1, tzinfo=timezone.utc)


def test_what_is_not_there_is_none() -> None:
    """An answer without a message, usage and the rest reads as empty or None."""
    found = answer()
    assert (found.content, found.role, found.outputs) == ("", Role.INVALID, [])
    assert (found.logprobs, found.request_settings, found.debug_output) == (None, None, None)
    assert (found.usage, found.cost_usd, found.metadata) == (Usage(), None, ())
    assert found.to_dict()["usage"] is None
    names = ("created", "usage", "settings", "debug_output")
    assert not any(found.proto.is_set(name) for name in names)


def test_what_is_there_is_the_servers_own_message() -> None:
    """Logprobs, settings, debug output and files are handed out as they came."""
    logprobs, settings, debug = pb.LogProbs(), pb.RequestSettings(user="u"), pb.DebugOutput()
    file = pb.OutputFile(file_id="f")
    item = output()
    item.logprobs = logprobs
    found = Response(
        pb.GetChatCompletionResponse(
            outputs=[item], settings=settings, debug_output=debug, output_files=[file]
        )
    )
    assert found.logprobs is logprobs
    assert found.request_settings is settings
    assert found.debug_output is debug
    assert found.output_files[0] is file


def test_metadata_is_what_the_caller_gives() -> None:
    """Every alternative has the same."""
    pairs = (("x-request-id", "1"), ("x-request-id", "2"))
    proto = pb.GetChatCompletionResponse(outputs=[output(0), output(1)])
    assert Response(proto, 0, pairs).metadata == pairs
    assert [found.metadata for found in responses(proto, 2, pairs)] == [pairs, pairs]


def secret_answer() -> Response:
    """Return an answer whose settings have a tool with secrets."""
    mcp = pb.Mcp(
        server_url="https://example.com",
        authorization=f"Bearer {SECRET_KEY}",
        extra_headers={"x-key": SECRET_KEY},
    )
    proto = pb.GetChatCompletionResponse(
        id="i",
        outputs=[output(content="It works.")],
        settings=pb.RequestSettings(tools=[pb.Tool(mcp=mcp)]),
        debug_output=pb.DebugOutput(request=SECRET_KEY),
    )
    proto.outputs[0].finish_reason = pb.FinishReason.REASON_STOP
    return Response(proto)


def test_secrets_of_tools_are_shown_nowhere() -> None:
    """Neither the representation nor the dictionary has them; the rest of the tool is there."""
    found = secret_answer()
    assert repr(found) == "<Response 'i': STOP, 9 characters>"
    text = json.dumps(found.to_dict())
    assert SECRET_MARKER not in text + repr(found) + str(found) + repr(found.request_settings)
    assert found.to_dict()["request_settings"] == {
        "tools": [
            {
                "mcp": {
                    "server_url": "https://example.com",
                    "authorization": "<redacted>",
                    "extra_headers": "<redacted>",
                }
            }
        ]
    }


def test_the_dictionary_has_values_of_json() -> None:
    """Names of enums, ISO 8601, base64, words for numbers that are not finite, and presence."""
    call = pb.ToolCall(
        id="1",
        type=pb.ToolCallType.try_value(55),
        status=pb.ToolCallStatus.TOOL_CALL_STATUS_FAILED,
        error_message="",
        function=pb.FunctionCall(),
    )
    item = output(content="Hi", tool_calls=[call])
    infinite = [float("-inf"), float("inf"), float("nan"), -0.5]
    item.logprobs = pb.LogProbs(
        content=[pb.LogProb(bytes=b"\xff", logprob=number) for number in infinite]
    )
    found = Response(
        pb.GetChatCompletionResponse(
            outputs=[item, output(0, role=5, content="r")],
            created=datetime(2026, 5, 1, 12, tzinfo=timezone.utc),
            usage=pb.SamplingUsage(total_tokens=3, cost_in_usd_ticks=0),
            settings=pb.RequestSettings(
                search_parameters=pb.SearchParameters(
                    from_date=datetime(2026, 5, 1, tzinfo=timezone.utc)
                )
            ),
        )
    ).to_dict()
    assert found["created"] == "2026-05-01T12:00:00+00:00"
    assert found["role"] == "ROLE_ASSISTANT"
    assert found["tool_calls"] == [
        {
            "id": "1",
            "type": 55,
            "status": "TOOL_CALL_STATUS_FAILED",
            "error_message": "",
            "function": {},
        }
    ]
    assert found["tool_outputs"] == [{"message": {"content": "r", "role": "ROLE_TOOL"}}]
    assert found["logprobs"] == {
        "content": [
            {"bytes": "/w==", "logprob": number}
            for number in ("-Infinity", "Infinity", "NaN", -0.5)
        ]
    }
    assert found["usage"] == {"total_tokens": 3, "cost_in_usd_ticks": 0}
    assert found["cost_usd"] == 0.0
    assert found["request_settings"] == {
        "search_parameters": {"from_date": "2026-05-01T00:00:00+00:00"}
    }


def test_maps_are_objects_of_json() -> None:
    """A map without secrets is an object, and one without entries is left out."""
    found = Added(collection_id="c", fields={"author": "a"})
    assert plain(found) == {"collection_id": "c", "fields": {"author": "a"}}
    assert plain(Added(fields={})) == {}


def test_an_answer_in_a_stream_is_pickled_as_it_is_then() -> None:
    """The copy and the pickle have what came so far, and the view goes on."""
    accumulator = Accumulator()
    view = Response._of(accumulator)
    view.metadata = (("a", "b"),)
    delta = pb.Delta(role=pb.MessageRole.ROLE_ASSISTANT, content="a")
    accumulator.add(pb.GetChatCompletionChunk(outputs=[pb.CompletionOutputChunk(delta=delta)]))
    kept = [pickle.loads(pickle.dumps(view)), copy.deepcopy(view)]  # noqa: S301  # our own
    accumulator.add(pb.GetChatCompletionChunk(outputs=[pb.CompletionOutputChunk(delta=delta)]))
    assert view.content == "aa"
    assert [found.content for found in kept] == ["a", "a"]
    assert [found.metadata for found in kept] == [view.metadata] * 2


def test_all_steps_can_be_asked_for_among_alternatives() -> None:
    """A view without an index keeps reading everything, whatever the accumulator's index is."""
    accumulator = Accumulator(n=2)
    assert Response._of(accumulator, None).index is None
    assert Response._of(accumulator, 0).index == 0


def image_answer(content: str, *calls: dict[str, int], role: int = 5) -> Response:
    """Return an answer with the output of a tool."""
    found = [
        pb.ToolCall(
            id=str(place),
            type=pb.ToolCallType.try_value(call["type"]),
            status=pb.ToolCallStatus.try_value(call["status"]),
        )
        for place, call in enumerate(calls)
    ]
    return answer(output(role=role, content=content, tool_calls=found))


@pytest.mark.parametrize("uuid", ["u", "", None, 7])
def test_images_read_as_in_the_reference_package(uuid: object) -> None:
    """The first finished call counts; a name that is no text is none."""
    running = {**DONE, "status": 0}
    content = json.dumps({**ENVELOPE, "image_uuid": uuid})
    found = image_answer(content, running, DONE, DONE)
    (mine,) = found.image_outputs
    reference = ReferenceResponse(
        chat_pb2.GetChatCompletionResponse.FromString(bytes(found.proto)), None
    )
    (theirs,) = reference.image_outputs
    assert mine.image == theirs.image == b"\x89PNG"
    assert mine.mime_type == theirs.mime_type == "image/png"
    assert mine.image_uuid == theirs.image_uuid
    assert mine.data_url == theirs.data_url
    assert mine.tool_call.id == theirs.tool_call.id == "1"
    assert mine.proto is found.proto.outputs[0]
    assert PNG not in repr(mine)


@pytest.mark.parametrize(
    "call",
    [{**DONE, "status": 0}, {**DONE, "status": 3}, {**DONE, "type": 1}, {"type": 55, "status": 44}],
)
def test_calls_that_made_no_image_are_passed_over(call: dict[str, int]) -> None:
    """Failed and unfinished calls and other tools are no errors, and neither is the model."""
    assert image_answer("it failed", call).image_outputs == []
    assert image_answer("it failed").image_outputs == []
    assert image_answer("a text", DONE, role=ASSISTANT).image_outputs == []


@pytest.mark.parametrize(
    "content",
    [
        "",
        "not JSON" * 100,
        "[]",
        "7",
        "{}",
        "[" * 100_000,
        json.dumps({**ENVELOPE, "__type": "other"}),
        json.dumps({**ENVELOPE, "result": 7}),
        json.dumps({**ENVELOPE, "result": None}),
        json.dumps({**ENVELOPE, "result": f"data:text/plain;base64,{PNG}"}),
        json.dumps({**ENVELOPE, "result": "data:image/png,abc"}),
        json.dumps({**ENVELOPE, "result": "data:image/png;base64,"}),
        json.dumps({**ENVELOPE, "result": "data:image/png;base64,YW*Jj"}),
        json.dumps({**ENVELOPE, "result": "data:image/png;base64,ż"}),
    ],
)
def test_what_is_no_image_is_refused(content: str) -> None:
    """The error names the call and shows no more than the beginning of what came."""
    with pytest.raises(ValueError, match=r"^the tool call '0' should have given an image") as found:
        _ = image_answer(content, DONE).image_outputs
    assert repr(content[:64]) in str(found.value)
    assert len(str(found.value)) < 200


@pytest.mark.parametrize(
    ("proto", "index", "message"),
    [
        ({}, 0, "proto must be a GetChatCompletionResponse, not dict"),
        (pb.GetChatCompletionResponse(), "0", "index must be an int or None, not str"),
        (pb.GetChatCompletionResponse(), False, "index must be an int or None, not bool"),
    ],
)
def test_wrong_arguments_are_named(
    proto: pb.GetChatCompletionResponse, index: int, message: str
) -> None:
    """The error says which argument was expected to be what."""
    with pytest.raises(TypeError, match=message):
        Response(proto, index)


def test_text_of_a_response_is_its_content() -> None:
    """Printed and in a notebook; the representation, which ends up in logs, has nothing of it."""
    found = Response(pb.GetChatCompletionResponse(id="i", outputs=[output(content="a" * 100)]))
    assert str(found) == found._repr_markdown_() == "a" * 100
    assert repr(found) == "<Response 'i': INVALID, 100 characters>"


@pytest.mark.parametrize("name", ["choices", "text", "output_text", "parsed"])
def test_names_of_other_clients_are_explained(name: str) -> None:
    """What a response is asked for by habit; any other name fails as usual."""
    found = Response(pb.GetChatCompletionResponse(id="i", outputs=[output(content="a")]))
    with pytest.raises(AttributeError, match=f"no attribute '{name}': .*(content|parse)"):
        getattr(found, name)
    with pytest.raises(AttributeError, match=r"no attribute 'other'$"):
        found.other  # type: ignore[attr-defined]  # noqa: B018  # what is tested
    assert not hasattr(found, "__deepcopy__")
