import base64
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import reference
from xai import v1
from xai.proto import xai_api as pb
from xai.v1.chat.openai_shapes import check_message

PNG = b"\x89PNG\r\n\x1a\n\0\0"
JPEG = b"\xff\xd8\xff\xe0\0"
WEBP = b"RIFF\x04\0\0\0WEBPVP8 "
IMAGE = "https://example.com/a.png"
theirs = reference.chat
pb2 = reference.chat_pb2


def part(**fields: object) -> Any:  # noqa: ANN401  # an reference message
    """Return an reference part of an image."""
    return pb2.Content(image_url=reference.image_pb2.ImageUrlContent(**fields))


SAME: dict[str, tuple[Callable[[], object], Callable[[], object]]] = {
    "text": (lambda: v1.text("hé"), lambda: theirs.text("hé")),
    "empty text": (lambda: v1.text(""), lambda: theirs.text("")),
    "user": (lambda: v1.user("a", v1.text("b")), lambda: theirs.user("a", theirs.text("b"))),
    "user, nothing said": (v1.user, theirs.user),
    "system": (lambda: v1.system("a"), lambda: theirs.system("a")),
    "developer": (lambda: v1.developer("a"), lambda: theirs.developer("a")),
    "assistant": (lambda: v1.assistant("a", ""), lambda: theirs.assistant("a", "")),
    "tool_result": (lambda: v1.tool_result("4"), lambda: theirs.tool_result("4")),
    "tool_result of a call": (
        lambda: v1.tool_result("", "call-1"),
        lambda: theirs.tool_result("", "call-1"),
    ),
    "tool_result of a call without an ID": (
        lambda: v1.tool_result("4", ""),
        lambda: theirs.tool_result("4", ""),
    ),
    "image": (lambda: v1.image(IMAGE), lambda: theirs.image(IMAGE)),
    "image, low": (
        lambda: v1.image(IMAGE, detail="low"),
        lambda: theirs.image(IMAGE, detail="low"),
    ),
    "image, high": (
        lambda: v1.image(IMAGE, detail=pb.ImageDetail.DETAIL_HIGH),
        lambda: theirs.image(IMAGE, detail="high"),
    ),
    "file": (lambda: v1.file("file-1"), lambda: theirs.file("file-1")),
    "file with data": (
        lambda: v1.file(data=b"\0\1", filename="a.bin", mime_type="text/plain; charset=utf-8"),
        lambda: theirs.file(data=b"\0\1", filename="a.bin", mime_type="text/plain; charset=utf-8"),
    ),
    "file with nothing but data": (
        lambda: v1.file(data=memoryview(b"\0")),
        lambda: theirs.file(data=b"\0"),
    ),
    "file at an address": (
        lambda: v1.file(url="https://a", filename="a", mime_type="a/b"),
        lambda: theirs.file(url="https://a", filename="a", mime_type="a/b"),
    ),
    # xai_sdk has no constructors for what follows: its messages, made by hand.
    "user with a name": (
        lambda: v1.user("a", name="Ann"),
        lambda: pb2.Message(role=pb2.ROLE_USER, content=[theirs.text("a")], name="Ann"),
    ),
    "system with a name": (
        lambda: v1.system(name="Ann"),
        lambda: pb2.Message(role=pb2.ROLE_SYSTEM, name="Ann"),
    ),
    "developer with a name": (
        lambda: v1.developer(name="Ann"),
        lambda: pb2.Message(role=pb2.ROLE_DEVELOPER, name="Ann"),
    ),
    "assistant with everything": (
        lambda: v1.assistant(
            "a",
            name="Grok",
            reasoning_content="",
            encrypted_content="x",
            tool_calls=(pb.ToolCall(id="1", function=pb.FunctionCall(name="f")),),
        ),
        lambda: pb2.Message(
            role=pb2.ROLE_ASSISTANT,
            content=[theirs.text("a")],
            name="Grok",
            reasoning_content="",
            encrypted_content="x",
            tool_calls=[pb2.ToolCall(id="1", function=pb2.FunctionCall(name="f"))],
        ),
    ),
    "function": (
        lambda: v1.function("4", name="add"),
        lambda: pb2.Message(role=pb2.ROLE_FUNCTION, content=[theirs.text("4")], name="add"),
    ),
    "image that was uploaded": (
        lambda: v1.image(file_id="file-1"),
        lambda: part(file_id="file-1", detail="DETAIL_AUTO"),
    ),
    "image sent along": (
        lambda: v1.image(data=b"GIF89a", mime_type="image/gif", detail="low"),
        lambda: part(image_url="data:image/gif;base64,R0lGODlh", detail="DETAIL_LOW"),
    ),
}


@pytest.mark.parametrize("case", SAME)
def test_constructor_makes_the_reference_bytes(case: str) -> None:
    """What a constructor makes has the bytes of xai_sdk's message."""
    ours, reference_one = SAME[case]
    assert bytes(ours()) == reference.wire(reference_one())  # type: ignore[call-overload]  # a message


def test_parts_may_be_mixed() -> None:
    """Texts, images and files stay in order."""
    ours = v1.user("see", v1.image(IMAGE), v1.file("file-1"), "?")
    reference_one = theirs.user("see", theirs.image(IMAGE), theirs.file("file-1"), "?")
    assert bytes(ours) == reference.wire(reference_one)


@pytest.mark.parametrize(
    ("data", "kind"), [(PNG, "image/png"), (JPEG, "image/jpeg"), (WEBP, "image/webp")]
)
@pytest.mark.parametrize("cast", [bytes, bytearray, memoryview])
def test_media_type_of_an_image_is_found(
    data: bytes, kind: str, cast: Callable[[bytes], bytes]
) -> None:
    """The three formats the service takes are known by their first bytes."""
    url = v1.image(data=cast(data)).image_url.image_url
    assert url == f"data:{kind};base64,{base64.b64encode(data).decode()}"


def test_given_media_type_wins() -> None:
    """What the caller says about the data is not corrected."""
    assert v1.image(data=PNG, mime_type="image/x").image_url.image_url.startswith("data:image/x;")


WRONG: list[tuple[Callable[[], object], type[Exception], str]] = [
    (lambda: v1.user({"text": "a"}), TypeError, r"content\[0\] must be a str or a Content.*dict"),  # type: ignore[arg-type]  # on purpose
    (lambda: v1.user("a", b"b"), TypeError, r"content\[1\] must be .*, not bytes"),  # type: ignore[arg-type]  # on purpose
    (lambda: v1.user(v1.user("a")), TypeError, r"content\[0\] must be .*, not Message"),  # type: ignore[arg-type]  # on purpose
    (lambda: v1.user("a", name=""), ValueError, "name must not be empty"),
    (lambda: v1.system("a", name=1), TypeError, "name must be a str, not int"),  # type: ignore[arg-type]  # on purpose
    (lambda: v1.function("a", name=""), ValueError, "name must not be empty"),
    (lambda: v1.function("a", name=None), TypeError, "name must be a str, not NoneType"),  # type: ignore[arg-type]  # on purpose
    (lambda: v1.assistant("a", reasoning_content=1), TypeError, "reasoning_content must be a str"),  # type: ignore[arg-type]  # on purpose
    (lambda: v1.assistant("a", encrypted_content=b""), TypeError, "encrypted_content must be a s"),  # type: ignore[arg-type]  # on purpose
    (lambda: v1.assistant("a", tool_calls=pb.ToolCall()), TypeError, "tool_calls must be a seque"),  # type: ignore[arg-type]  # on purpose
    (lambda: v1.assistant("a", tool_calls=[{}]), TypeError, r"tool_calls\[0\] must be a ToolCall"),  # type: ignore[list-item]  # on purpose
    (lambda: v1.tool_result(4), TypeError, "result must be a str, not int"),  # type: ignore[arg-type]  # on purpose
    (lambda: v1.tool_result("4", 1), TypeError, "tool_call_id must be a str, not int"),  # type: ignore[arg-type]  # on purpose
    (lambda: v1.text(None), TypeError, "content must be a str, not NoneType"),  # type: ignore[arg-type]  # on purpose
    (v1.image, ValueError, "exactly one of image_url, file_id, data, path .* none of them"),
    (lambda: v1.image("a", file_id="b"), ValueError, "exactly one of .* image_url and file_id"),
    (lambda: v1.image(""), ValueError, "image_url must not be empty"),
    (lambda: v1.image(file_id=""), ValueError, "file_id must not be empty"),
    (lambda: v1.image(b"a"), TypeError, "image_url must be a str, not bytes"),  # type: ignore[arg-type]  # on purpose
    (lambda: v1.image(data="a"), TypeError, "data must be bytes, not str"),  # type: ignore[arg-type]  # on purpose
    (lambda: v1.image(data=b""), ValueError, "data must not be empty"),
    (lambda: v1.image(data=b"GIF89a"), ValueError, "mime_type must be given: data is neither PNG"),
    (lambda: v1.image(data=PNG, mime_type=""), ValueError, "mime_type must be one like image/png"),
    (lambda: v1.image(data=PNG, mime_type="png"), ValueError, "mime_type must be .* not 'png'"),
    (lambda: v1.image(data=PNG, mime_type="a/b,c"), ValueError, "mime_type must be .*'a/b,c'"),
    (lambda: v1.image("a", mime_type="image/png"), ValueError, "mime_type .* without data"),
    (lambda: v1.image("a", detail="hi"), ValueError, "detail must be one of 'auto', 'low', 'high'"),  # type: ignore[arg-type]  # on purpose
    (lambda: v1.image("a", detail=1), TypeError, "detail must be one of .* not int"),  # type: ignore[arg-type]  # on purpose
    (lambda: v1.file(filename="a"), ValueError, "exactly one of file_id, data, url, path .* none"),  # type: ignore[call-overload]  # on purpose
    (lambda: v1.file("a", url="b"), ValueError, "not file_id and url"),  # type: ignore[call-overload]  # on purpose
    (lambda: v1.file("a", filename="b"), ValueError, "filename can't be given together with file"),  # type: ignore[call-overload]  # on purpose
    (lambda: v1.file("a", mime_type="b/c"), ValueError, "mime_type can't be given together with f"),  # type: ignore[call-overload]  # on purpose
    (lambda: v1.file(data=b""), ValueError, "data must not be empty"),
    (lambda: v1.file(data="a"), TypeError, "data must be bytes, not str"),  # type: ignore[call-overload]  # on purpose
    (lambda: v1.file(url=""), ValueError, "url must not be empty"),
    (lambda: v1.file(url="a", filename=""), ValueError, "filename must not be empty"),
    (lambda: v1.file(url="a", mime_type="b"), ValueError, "mime_type must be one like image/png"),
    (lambda: check_message("messages[2]", [1]), TypeError, r"messages\[2\] must be a Mes"),
    (lambda: check_message("messages[2]", "hi"), TypeError, r"messages\[2\] must be .*not str"),
]


@pytest.mark.parametrize(("call", "error", "match"), WRONG)
def test_wrong_argument_is_named(
    call: Callable[[], object], error: type[Exception], match: str
) -> None:
    """Each mistake is an error at the call that says which argument is wrong and why."""
    with pytest.raises(error, match=match):
        call()


@given(st.lists(st.text()), st.text(min_size=1))
def test_any_text_is_read_back_by_the_reference_classes(texts: list[str], name: str) -> None:
    """Whatever is said, Google's protobuf reads the same parts and the same name."""
    read = pb2.Message.FromString(bytes(v1.user(*texts, name=name)))
    assert [item.text for item in read.content] == texts
    assert read.name == name
    assert read.role == pb2.ROLE_USER


def test_message_is_returned_as_it_is() -> None:
    """Checking makes no copy."""
    message = v1.user("a")
    assert check_message("message", message) is message
