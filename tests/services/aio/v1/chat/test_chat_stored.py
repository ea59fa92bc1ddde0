import grpc
import pytest

from tests.services.interop.reference import ReferenceServer, answer, output
from xai import AbortedError, AsyncClient, NotFoundError, RetryPolicy, ServiceUnavailableError, v1

STORED = "Chat/GetStoredCompletion"
DELETE = "Chat/DeleteStoredCompletion"
COMPACT = "Chat/CompactContext"


async def test_stored_answer_is_read(
    reference_server: ReferenceServer, client: AsyncClient
) -> None:
    """One answer comes back, with its metadata."""
    script = reference_server.script(STORED)
    script.says(answer(output("Hello"), output("Other", 1)), trailers=(("request-id", "q-1"),))
    response = await client.v1.chat.get_stored_completion("r-1")
    assert (response.index, response.content) == (0, "Hello")
    assert ("request-id", "q-1") in response.metadata
    assert script.seen == [{"response_id": "r-1"}]


async def test_stored_steps_are_one_answer(
    reference_server: ReferenceServer, client: AsyncClient
) -> None:
    """Where a tool ran, the content is that of the last step."""
    steps = [output(""), output("found", 1, role="ROLE_TOOL"), output("Done", 2)]
    reference_server.script(STORED).says(answer(*steps))
    response = await client.v1.chat.get_stored_completion("r-1")
    assert (response.index, response.content) == (None, "Done")


async def test_reading_a_stored_answer_adds_nothing_to_it(
    reference_server: ReferenceServer, client: AsyncClient
) -> None:
    """An output without a message stays one: the raw answer is what the server sent."""
    reference_server.script(STORED).says(answer({"index": 0}))
    response = await client.v1.chat.get_stored_completion("r-1")
    assert (response.index, response.content) == (0, "")
    assert not response.proto.outputs[0].is_set("message")


async def test_stored_alternatives_are_read(
    reference_server: ReferenceServer, client: AsyncClient
) -> None:
    """Each output is an answer of its own."""
    reference_server.script(STORED).says(answer(output("a"), output("b", 1)))
    found = await client.v1.chat.get_stored_choices("r-1")
    assert [(response.index, response.content) for response in found] == [(0, "a"), (1, "b")]


async def test_stored_answer_is_deleted(
    reference_server: ReferenceServer, client: AsyncClient
) -> None:
    """The ID of what was deleted comes back."""
    script = reference_server.script(DELETE)
    script.says({"response_id": "r-1"})
    assert await client.v1.chat.delete_stored_completion("r-1") == "r-1"
    assert script.seen == [{"response_id": "r-1"}]


async def test_unknown_answer_is_not_found(
    reference_server: ReferenceServer, client: AsyncClient
) -> None:
    """All three methods say so, and refuse an empty ID themselves."""
    chats = client.v1.chat
    for name in (STORED, DELETE):
        reference_server.script(name).says(status=(grpc.StatusCode.NOT_FOUND, "no such answer"))
    for method in (
        chats.get_stored_completion,
        chats.get_stored_choices,
        chats.delete_stored_completion,
    ):
        with pytest.raises(NotFoundError, match="no such answer"):
            await method("r-9")
        with pytest.raises(ValueError, match=r"^response_id must not be empty$"):
            await method("")


async def test_deletion_is_not_repeated_unasked(
    reference_server: ReferenceServer, client: AsyncClient
) -> None:
    """A lost reply could hide a success, so a failure in doubt is not tried again."""
    script = reference_server.script(DELETE)
    script.says(status=(grpc.StatusCode.ABORTED, "perhaps"))
    with pytest.raises(AbortedError, match="perhaps"):
        await client.v1.chat.delete_stored_completion("r-1")
    assert len(script.calls) == 1


async def test_compact_context_returns_what_a_chat_goes_on_from(
    reference_server: ReferenceServer, client: AsyncClient
) -> None:
    """Model and messages are sent; the result has counts, usage and the opaque content."""
    script = reference_server.script(COMPACT)
    usage = {"total_tokens": 7}
    script.says(
        {"id": "k-1", "encrypted_content": "xyz", "dropped_message_count": 2, "usage": usage}
    )
    compaction = await client.v1.chat.compact_context("m", [v1.user("a"), v1.assistant("b")])
    assert (compaction.id, compaction.encrypted_content) == ("k-1", "xyz")
    assert (compaction.dropped_message_count, compaction.usage.total_tokens) == (2, 7)
    assert script.seen[0]["model"] == "m"
    assert [message["role"] for message in script.seen[0]["input"]] == [
        "ROLE_USER",
        "ROLE_ASSISTANT",
    ]
    chat = client.v1.chat.create("m").append(compaction)
    assert [message.encrypted_content for message in chat.messages] == ["xyz"]


@pytest.mark.parametrize("keep", [True, False])
async def test_compact_replaces_the_conversation(
    reference_server: ReferenceServer,
    client: AsyncClient,
    keep: bool,  # noqa: FBT001
) -> None:
    """The whole conversation is sent; the instructions at its beginning stay unless told not to."""
    script = reference_server.script(COMPACT)
    script.says({"encrypted_content": "xyz"})
    said = [v1.system("S"), v1.developer("D"), v1.user("a"), v1.assistant("b")]
    chat = client.v1.chat.create("m", messages=said)
    compaction = await chat.compact(keep_system=keep)
    assert len(script.requests[0].input) == 4
    assert chat.messages == [*said[: 2 if keep else 0], compaction.as_message()]


async def test_failed_compaction_changes_nothing(
    reference_server: ReferenceServer, client: AsyncClient
) -> None:
    """The conversation is as it was."""
    script = reference_server.script(COMPACT)
    script.says(status=(grpc.StatusCode.UNAVAILABLE, "later"))
    chat = client.v1.chat.create("m", messages=[v1.user("a")])
    with pytest.raises(ServiceUnavailableError):
        await chat.with_options(retry=RetryPolicy.none()).compact()
    assert chat.messages == [v1.user("a")]


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("m", []), "messages must not be empty"),
        (("", [v1.user("a")]), "model must not be empty"),
        (("m", "Hi"), "messages must be a sequence of Message, not str"),
        (("m", [["a"]]), "messages.0. must be a Message"),
    ],
)
async def test_bad_compaction_is_refused(
    reference_server: ReferenceServer, client: AsyncClient, arguments: tuple[object, ...], text: str
) -> None:
    """The argument is named before anything is sent."""
    with pytest.raises((TypeError, ValueError), match=f"^{text}"):
        await client.v1.chat.compact_context(*arguments)  # type: ignore[arg-type]  # the point of the test
    assert reference_server.calls == []
