import base64
import struct
import zlib
from collections.abc import Iterator

import pytest

from xai import Client, GeneratedImage
from xai.proto.prompt_ide import chat, stateless_chat
from xai.testing import LocalServer
from xai.testing.prompt_ide.pictures import make_image, wants_image

ASKING = "Draw the lighthouse in the fog."
_HUMAN = stateless_chat.StatelessResponseSender.try_value(1)


@pytest.fixture
def client() -> Iterator[Client]:
    """A client of a local server."""
    with LocalServer() as server, server.client() as client:
        yield client


def chunks(image: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield the parts of a PNG, checked as a reader of such files does."""
    assert image.startswith(b"\x89PNG\r\n\x1a\n")
    place = 8
    while place < len(image):
        (size,) = struct.unpack_from(">I", image, place)
        kind, body = image[place + 4 : place + 8], image[place + 8 : place + 8 + size]
        (checksum,) = struct.unpack_from(">I", image, place + 8 + size)
        assert checksum == zlib.crc32(kind + body)
        yield kind, body
        place += 12 + size


def test_image_is_a_png() -> None:
    """The parts, their checksums and the number of pixels are those of a PNG of 64 by 64."""
    parts = dict(chunks(make_image(ASKING)))
    assert list(parts) == [b"IHDR", b"IDAT", b"IEND"]
    assert struct.unpack(">IIBBBBB", parts[b"IHDR"]) == (64, 64, 8, 2, 0, 0, 0)
    pixels = zlib.decompress(parts[b"IDAT"])
    assert len(pixels) == 64 * (1 + 64 * 3)
    line = pixels[1 : 1 + 64 * 3]
    dots = [line[place : place + 3] for place in range(0, len(line), 3)]
    assert dots == dots[::-1]


def test_image_follows_from_the_words() -> None:
    """The same words give the same image, other words another."""
    assert make_image(ASKING) == make_image(ASKING)
    assert len({make_image(f"Draw {number} ships.") for number in range(20)}) == 20


@pytest.mark.parametrize(
    ("message", "wanted"),
    [
        (ASKING, True),
        ("please PAINT a river", True),
        ("I want a picture of the bridge", True),
        ("Show me images of bread", True),
        ("Hello!", False),
        ("What a drawback.", False),
        ("Where is the picture?", False),
    ],
)
def test_asking_for_an_image(message: str, wanted: bool) -> None:  # noqa: FBT001  # a parameter
    """What a person would take for a request of an image is one."""
    assert wants_image(message) is wanted


@pytest.mark.parametrize(
    ("message", "enabled", "made"),
    [(ASKING, True, True), (ASKING, False, False), ("Hello!", True, False)],
)
def test_stateless_answer_has_the_image(
    client: Client,
    message: str,
    enabled: bool,  # noqa: FBT001  # a parameter
    made: bool,  # noqa: FBT001  # as above
) -> None:
    """An image is attached when the message asks for one and the request allows it."""
    request = stateless_chat.StatelessConversation(
        responses=[stateless_chat.StatelessResponse(sender=_HUMAN, message=message)],
        enable_image_generation=enabled,
    )
    deltas = list(client.stubs.stateless_chat.add_response(request))
    found = [delta.image_attachment for delta in deltas if delta.image_attachment is not None]
    wanted = stateless_chat.ImageAttachment(make_image(message), "image/png")
    assert found == ([wanted] if made else [])
    assert deltas[-1].debug_log.image_query == (message if made else "")
    assert any(delta.message for delta in deltas)


def test_stateful_answer_has_the_image_and_keeps_it(client: Client) -> None:
    """The image is streamed once, and a loaded conversation has it at an address of its own."""
    stub = client.stubs.chat
    name = stub.create_conversation(chat.CreateConversationRequest()).conversation_id
    request = chat.AddResponseRequest(
        conversation_id=name, message=ASKING, enable_image_generation=True
    )
    replies = list(stub.add_response(request))
    (image,) = (
        reply.image_generation_response
        for reply in replies
        if reply.is_set("image_generation_response")
    )
    assert image == chat.ImageGenerationResponse(make_image(ASKING), "image/png")
    actions = [reply.query_action for reply in replies if reply.is_set("query_action")]
    assert chat.QueryAction(query=ASKING, type="image") in actions
    answer = replies[-1].model_response
    assert (answer.generated_image_urls, answer.debug_log.image_query) == ([], ASKING)
    kept = client.grok.get_conversation(name).get_response(answer.response_id)
    url = "data:image/png;base64," + base64.b64encode(make_image(ASKING)).decode()
    assert kept.images == [GeneratedImage(image_url=url)]


def test_stateful_answer_without_permission_has_none(client: Client) -> None:
    """Without the flag of the request, asking for an image brings words alone."""
    _, reply = client.grok.create_conversation().add_response(ASKING)
    assert reply.result().images == []
