"""Calls of the v1 API that ``mypy --strict`` must refuse: each line names the error."""

# ruff: noqa: B018  # what matters here is the use of a value, not what is done with it

import xai
from xai import v1


def settings(client: xai.Client) -> None:
    """Wrong names, wrong types, and names of choices that there are not."""
    chats = client.v1.chat
    chats.create()  # E: call-arg
    chats.create(5)  # E: arg-type
    chats.create("m", [v1.user("Hi")])  # E: call-arg
    chats.create("m", message=[])  # E: call-arg
    chats.create("m", messages="Hi")  # E: arg-type
    chats.create("m", messages=["Hi"])  # E: list-item
    chats.create("m", temperature="hot")  # E: arg-type
    chats.create("m", max_tokens=1.5)  # E: arg-type
    chats.create("m", stop=5)  # E: arg-type
    chats.create("m", reasoning_effort="extreme")  # E: arg-type
    chats.create("m", tool_choice="maybe")  # E: arg-type
    chats.create("m", tools=["web_search"])  # E: list-item
    chats.create("m", include=["everything"])  # E: list-item
    chats.create("m", agent_count=5)  # E: arg-type
    chats.create("m", service_tier="fast")  # E: arg-type
    chats.create("m", guidelines=[{"type": "policy"}])  # E: list-item
    chats.create("m", conversation_id="c")  # E: call-arg


def conversation(client: xai.Client, other: xai.AsyncClient) -> None:
    """What is no message, what is read only, and the wrong twin."""
    chat = client.v1.chat.create("m")
    chat.append("Hi")  # E: arg-type
    chat.model = "other"  # E: misc
    chat.messages = []  # E: misc
    chat.sample_batch()  # E: call-arg
    chat.sample().contents  # E: attr-defined
    chat.sample().content = "Hi"  # E: misc
    chat.parse()  # E: call-overload
    chat.parse(int)[1].name  # E: attr-defined
    chat.ask(5)  # E: arg-type
    chat.defer(5)  # E: call-arg
    chat.defer(timeout="5")  # E: arg-type
    chat.start_deferred().get().content  # E: union-attr
    chat.with_options(retry=3)  # E: arg-type
    for response in chat.stream():
        response.content  # E: attr-defined
    for _ in other.v1.chat.create("m").stream():  # E: attr-defined
        pass
    v1.display_stream(response)  # E: call-overload
    v1.display_stream(other.v1.chat.create("m").stream()).content  # E: attr-defined


def small_services(client: xai.Client) -> None:
    """Wrong arguments, and prices that are not there."""
    client.v1.models.get_language_model()  # E: call-arg
    client.v1.models.get_embedding_model("m").search_price  # E: attr-defined
    client.v1.tokenize.tokenize_text("Hi")  # E: call-arg
    client.v1.tokenize.tokenize_text(b"Hi", "m")  # E: arg-type
    client.v1.tokenizer  # E: attr-defined
    client.v1.auth.get_api_key_info().create_time.year  # E: union-attr
    xai.Client(management_api_key=5)  # E: arg-type


def files(client: xai.Client) -> None:
    """Wrong sources, times and words, and results that may be failures."""
    service = client.v1.files
    service.upload(5)  # E: arg-type
    service.upload(["text"])  # E: list-item
    service.upload("a", expires_after=1.5)  # E: arg-type
    service.upload("a", on_progress=5)  # E: arg-type
    service.upload_many(["a"])[0].id  # E: union-attr
    service.list(order="up")  # E: arg-type
    service.list(sort_by="name")  # E: arg-type
    service.download("id", "a", format="pdf")  # E: arg-type
    service.download("id", 5)  # E: arg-type
    service.get("id").size = 5  # E: misc


def embeddings_and_texts(client: xai.Client) -> None:
    """Wrong inputs, and what a stream or an array does not have."""
    client.v1.embedder.embed(["a"])  # E: call-arg
    client.v1.embedder.embed([5], model="m")  # E: list-item
    client.v1.embedder.embed("a", model="m", encoding_format="int8")  # E: arg-type
    client.v1.embedder.embed("a", model="m").model = "other"  # E: misc
    client.v1.sampler.sample(b"a", model="m")  # E: arg-type
    client.v1.sampler.sample("a", model="m", n="2")  # E: arg-type
    client.v1.sampler.sample("a", model="m").content  # E: attr-defined


def batches(client: xai.Client) -> None:
    """What is no request, no state, and no attribute."""
    client.v1.batch.create()  # E: call-arg
    client.v1.batch.add("b", ["Hi"])  # E: list-item
    client.v1.batch.requests("b", status="done")  # E: arg-type
    client.v1.batch.wait("b", on_progress=5)  # E: arg-type
    client.v1.batch.get("b").name = "other"  # E: misc
    client.v1.batch.result("b", "r").response  # E: attr-defined


def images_and_videos(client: xai.Client) -> None:
    """Options have names and values of their own."""
    client.v1.image.sample("x", "m", aspect_ratio="5:4")  # E: arg-type
    client.v1.image.sample("x", "m", size="1k")  # E: call-arg
    client.v1.image.sample("x")  # E: call-arg
    client.v1.video.start("x", "m", duration="3")  # E: arg-type
    client.v1.video.start("x", "m", keyframes=[{"at": 1}])  # E: typeddict-unknown-key


def collections(client: xai.v1.Client) -> None:
    """Unknown names, IDs by position, and values of other types."""
    client.collections.create()  # E: call-arg
    client.collections.create("n", metric_space="cos")  # E: arg-type
    client.collections.create("n", chunk_configuration=5)  # E: arg-type
    client.collections.get("c")  # E: call-arg
    client.collections.get_document("c", "f")  # E: call-arg
    client.collections.list(sort_by="size")  # E: arg-type
    client.collections.list_documents()  # E: call-arg
    client.collections.update(collection_id="c", field_definitions=[5])  # E: list-item
    client.collections.upload_document(5, collection_id="c")  # E: arg-type
    client.collections.upload_document(b"a", collection_id="c").name = "a"  # E: misc
    client.documents.search("q", collection_ids="c", retrieval_mode="fuzzy")  # E: arg-type
    v1.ChunkConfiguration("words", 5)  # E: arg-type
    v1.HybridRetrieval(reranker="m")  # E: arg-type
