"""Text that has no UTF-8 is refused where it was given, by the name of its argument."""

from collections.abc import Callable

import pytest

from xai.v1 import Client, FieldDefinition, Upload, image

LONE = "a\ud800"

#: What a method is called with, and what the error has to name.
CALLS: list[tuple[str, Callable[[Client], object]]] = [
    ("model", lambda client: client.chat.create(model=LONE)),
    ("user", lambda client: client.chat.create(model="m", user=LONE)),
    ("stop[0]", lambda client: client.chat.create(model="m", stop=[LONE])),
    ("response_id", lambda client: client.chat.get_stored_completion(LONE)),
    ("image_url", lambda _: image(LONE)),
    ("prompt", lambda client: client.image.sample(LONE, "m")),
    ("image_urls[0]", lambda client: client.image.sample("a", "m", image_urls=[LONE])),
    ("batch_request_id", lambda client: client.image.prepare("a", "m", batch_request_id=LONE)),
    ("request_id", lambda client: client.video.get(LONE)),
    ("video_url", lambda client: client.video.extend_start("a", "m", video_url=LONE)),
    ("file_id", lambda client: client.files.get(LONE)),
    ("file_id", lambda client: client.files.download(LONE, "a")),
    ("pagination_token", lambda client: client.files.list(pagination_token=LONE)),
    ("filename", lambda _: Upload(b"", filename=LONE)),
    ("name", lambda client: client.collections.create(LONE)),
    ("collection_id", lambda client: client.collections.get(collection_id=LONE)),
    (
        "file_ids[0]",
        lambda client: client.collections.wait_for_indexing(collection_id="c", file_ids=[LONE]),
    ),
    ("key", lambda _: FieldDefinition(LONE)),
    ("query", lambda client: client.documents.search(LONE, collection_ids=["c"])),
    ("collection_ids[0]", lambda client: client.documents.search("a", collection_ids=[LONE])),
    ("name", lambda client: client.batch.create(LONE)),
    ("batch_id", lambda client: client.batch.get(LONE)),
    ("inputs[0]", lambda client: client.embedder.embed([LONE], model="m")),
    ("prompt", lambda client: client.sampler.sample(LONE, model="m")),
    ("prompt[1]", lambda client: client.sampler.sample(["a", LONE], model="m")),
    ("text", lambda client: client.tokenize.tokenize_text(LONE, model="m")),
    ("name", lambda client: client.models.get_language_model(LONE)),
]


@pytest.mark.parametrize(("name", "call"), CALLS)
def test_lone_surrogate_is_named(name: str, call: Callable[[Client], object]) -> None:
    """Before anything is sent: nobody listens where the client would connect to."""
    with (
        Client("key", "management-key", api_host="localhost:1") as client,
        pytest.raises(ValueError, match=r"must be text that can be sent") as caught,
    ):
        call(client)
    assert str(caught.value).startswith(f"{name} must be text")
    assert str(caught.value).isprintable()
