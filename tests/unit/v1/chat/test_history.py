import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.v1.chat.xai_sdk_chunks import (
    ASSISTANT,
    BaseChat,
    CompactContextResponse,
    ReferenceResponse,
    Wire,
    answers,
    chat_pb2,
    usages,
)
from xai.proto import xai_api as pb
from xai.v1.chat.history import Compaction, as_messages
from xai.v1.chat.response import Response


def ours(answer: Wire) -> pb.GetChatCompletionResponse:
    """Return an answer as it comes from the network."""
    return pb.GetChatCompletionResponse.FromString(answer.SerializeToString())


def appended(item: Wire) -> list[Wire]:
    """Return the messages of an empty chat of xai_sdk after appending something."""
    return list(BaseChat(None, None, None, model="m").append(item).messages)


def theirs(messages: list[pb.Message]) -> list[Wire]:
    """Return messages as xai_sdk reads them."""
    return [chat_pb2.Message.FromString(bytes(message)) for message in messages]


@given(answers)
def test_an_answer_in_steps_goes_on_as_in_the_reference_package(answer: Wire) -> None:
    """Each step becomes a message with the same fields, results of tools included."""
    expected = appended(ReferenceResponse(answer, None))
    assert theirs(as_messages(Response(ours(answer), None))) == expected
    assert len(expected) == len(answer.outputs)


@given(answers, st.integers(0, 3))
def test_an_alternative_goes_on_as_in_the_reference_package(answer: Wire, index: int) -> None:
    """The one message has the same fields as for an answer without siblings."""
    spoken = [
        output
        for output in answer.outputs
        if output.message.role == ASSISTANT and output.index == index
    ]
    alone = chat_pb2.GetChatCompletionResponse(outputs=spoken[-1:])
    expected = appended(ReferenceResponse(alone, index))
    assert theirs(as_messages(Response(ours(answer), index))) == expected


def test_an_alternative_has_its_own_calls_alone() -> None:
    """Differs from xai_sdk, where it has those of its siblings as well."""
    outputs = [
        chat_pb2.CompletionOutput(
            index=index, message={"role": ASSISTANT, "tool_calls": [{"id": f"call-{index}"}]}
        )
        for index in range(2)
    ]
    answer = chat_pb2.GetChatCompletionResponse(outputs=outputs)
    assert len(appended(ReferenceResponse(answer, 1))[0].tool_calls) == 2
    (message,) = as_messages(Response(ours(answer), 1))
    assert [call.id for call in message.tool_calls] == ["call-1"]


def test_a_message_is_itself() -> None:
    """A message is neither copied nor changed."""
    message = pb.Message(name="n")
    (found,) = as_messages(message)
    assert found is message


@given(st.text(), st.integers(0, 9), usages)
def test_a_compaction_goes_on_as_in_the_reference_package(
    encrypted: str, dropped: int, usage: Wire
) -> None:
    """It becomes one message without parts, and its facts read the same."""
    wire = chat_pb2.CompactContextResponse(
        id="c", encrypted_content=encrypted, dropped_message_count=dropped, usage=usage
    )
    reference = CompactContextResponse(wire)
    found = Compaction(pb.CompactContextResponse.FromString(wire.SerializeToString()))
    assert theirs(as_messages(found)) == appended(reference)
    assert (found.id, found.encrypted_content) == (reference.id, reference.encrypted_content)
    assert found.dropped_message_count == reference.dropped_message_count
    assert found.usage.prompt_tokens == usage.prompt_tokens
    assert found.cost_usd == found.usage.cost_usd
    assert repr(found) == f"<Compaction 'c': {dropped} messages>"


def test_a_compaction_without_usage_cost_nothing_known() -> None:
    """Reading the usage of one that has none changes nothing."""
    proto = pb.CompactContextResponse(id="c")
    assert Compaction(proto).usage.total_tokens == 0
    assert Compaction(proto).cost_usd is None
    assert not proto.is_set("usage")


@pytest.mark.parametrize("item", ["text", {"role": "user"}, None, pb.Content(text="x")])
def test_anything_else_is_refused(item: pb.Message) -> None:
    """The error names the argument, what is expected, and what came."""
    message = f"item must be a Message, a Response or a Compaction, not {type(item).__name__}"
    with pytest.raises(TypeError, match=message):
        as_messages(item)


def test_a_compaction_is_made_of_its_message() -> None:
    """The error names the argument, what is expected, and what came."""
    with pytest.raises(TypeError, match="proto must be a CompactContextResponse, not dict"):
        Compaction({})  # type: ignore[arg-type]  # the mistake
