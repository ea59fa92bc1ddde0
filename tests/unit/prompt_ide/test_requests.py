"""What becomes of the arguments of the services chat, grok, files and embedder."""

from collections.abc import Callable
from typing import Any

import pytest

from xai.prompt_ide import requests
from xai.proto.prompt_ide import stateless_chat as chat_pb

Build = Callable[[], object]
WRONG: Any = 5
NOTHING: Any = None
TEXT: Any = "text"


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: requests.human_response(WRONG, ()), "user_message must be a str, not int"),
        (lambda: requests.human_response(NOTHING, ()), "user_message must be a str"),
        (lambda: requests.human_response("Hi", "aGk="), "image_inputs must be a sequence of str"),
        (lambda: requests.human_response("Hi", [WRONG]), r"image_inputs\[0\] must be a str"),
        (lambda: requests.human_response("Hi", ["a", WRONG]), r"image_inputs\[1\] must be a str"),
        (lambda: requests.delete_logged_request(WRONG), "accounting_key must be a str, not int"),
        (lambda: requests.get_conversation_request(WRONG), "conversation_id must be a str"),
        (lambda: requests.list_conversations_request(TEXT, None), "page_size must be an int"),
        (lambda: requests.list_conversations_request(True, None), "page_size must be an int"),  # noqa: FBT003  # the point
        (lambda: requests.list_conversations_request(1, WRONG), "next_page_token must be a str"),
        (lambda: requests.search_conversations_request(WRONG, 1, None), "query must be a str"),
        (lambda: requests.search_conversations_request("", 1, WRONG), "next_page_token must be"),
        (
            lambda: requests.update_conversation_request("id", WRONG, starred=True),
            "title must be a str",
        ),
        (lambda: requests.download_request(WRONG), "file_name must be a str, not int"),
        (
            lambda: requests.upload_request(WRONG, b"", "", overwrite=False),
            "file_name must be a str, not int",
        ),
        (
            lambda: requests.upload_request("a", TEXT, "", overwrite=False),
            "content must be bytes, not str",
        ),
        (
            lambda: requests.upload_request("a", b"", WRONG, overwrite=False),
            "mime_type must be a str, not int",
        ),
        (
            lambda: requests.upload_request("a", b"", "", overwrite=WRONG),
            "overwrite must be a bool, not int",
        ),
        (lambda: requests.rename_request("a", WRONG), "new_file_name must be a str, not int"),
        (lambda: requests.rename_request(WRONG, "a"), "file_name must be a str, not int"),
        (lambda: requests.delete_request(WRONG), "file_name must be a str, not int"),
        (lambda: requests.check_progress(WRONG), "progress must be callable or None, not int"),
        (lambda: requests.embed_request("text", ""), "texts must be a sequence of str, not str"),
        (lambda: requests.embed_request(NOTHING, ""), "texts must be a sequence of str"),
        (lambda: requests.embed_request(["a", WRONG], ""), r"texts\[1\] must be a str, not int"),
    ],
)
def test_wrong_type_is_a_type_error(build: Build, message: str) -> None:
    """The error names the argument, and the item of it, and what was expected."""
    with pytest.raises(TypeError, match=f"^{message}"):
        build()


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: requests.list_conversations_request(0, None), "page_size must be from 1 to"),
        (lambda: requests.list_conversations_request(-1, None), "page_size must be from 1 to"),
        (lambda: requests.list_conversations_request(2**63, None), "page_size must be from 1 to"),
        (lambda: requests.search_conversations_request("", 0, None), "page_size must be from 1 to"),
        (lambda: requests.download_request(""), "file_name is empty"),
        (lambda: requests.upload_request("", b"", "", overwrite=False), "file_name is empty"),
        (lambda: requests.rename_request("", "b"), "file_name is empty"),
        (lambda: requests.rename_request("a", ""), "new_file_name is empty"),
        (lambda: requests.delete_request(""), "file_name is empty"),
    ],
)
def test_value_out_of_range_is_a_value_error(build: Build, message: str) -> None:
    """The error names the argument."""
    with pytest.raises(ValueError, match=f"^{message}"):
        build()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"fun_mode": 1}, "fun_mode must be a bool, not int"),
        ({"disable_search": 0}, "disable_search must be a bool"),
        ({"model_name": 0}, "model_name must be a str"),
    ],
)
def test_options_of_a_conversation_are_checked(options: dict[str, Any], message: str) -> None:
    """A conversation with an option of the wrong type is a TypeError that names it."""
    given: dict[str, Any] = {"fun_mode": False, "disable_search": False, "model_name": ""}
    with pytest.raises(TypeError, match=f"^{message}"):
        requests.stateless_conversation("id", **{**given, **options})


def test_conversation_is_extended_without_a_change_of_the_first() -> None:
    """The settings go along, the messages are a list of its own."""
    first = requests.stateless_conversation(
        "id", fun_mode=True, disable_search=True, model_name="grok-9"
    )
    messages = [requests.human_response("Hi", ["aGk="])]
    second = requests.extended_conversation(first, messages)
    messages.clear()
    assert first.responses == []
    assert second == chat_pb.StatelessConversation(
        stateless_conversation_id="id",
        responses=[
            chat_pb.StatelessResponse(
                sender=chat_pb.StatelessResponseSender.HUMAN, message="Hi", image_inputs=["aGk="]
            )
        ],
        system_prompt_name="fun",
        disable_search=True,
        model_name="grok-9",
        include_x_posts=True,
        x_posts_as_field=True,
    )


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_content_may_be_any_bytes(kind: type[bytes]) -> None:
    """Buffers are copied: what becomes of them later does not matter."""
    assert requests.upload_request("a", kind(b"\0x"), "", overwrite=True).content == b"\0x"


@pytest.mark.parametrize(
    ("name", "mime_type"),
    [
        ("a.txt", "text/plain"),
        ("a.PNG", "image/png"),
        ("a", ""),
        ("a.unheard-of", ""),
        ("a.tar.gz", "application/gzip"),
        ("a.txt.bz2", "application/x-bzip2"),
    ],
)
def test_mime_type_is_that_of_what_is_sent(name: str, mime_type: str) -> None:
    """What is packed is sent, and said to be, packed."""
    assert requests.guess_mime_type(name) == mime_type
