"""Every RPC on the wire of v1 has a typed method, which calls it."""

import contextlib
import inspect
import re
from collections.abc import Callable
from typing import Any, Final

import pytest

import xai
from tests.services.rpcs_v1 import RPCS
from tests.support import SECRET_KEY
from xai import APIError, v1
from xai.testing import LocalServer
from xai.v1 import AsyncClient, Client

_MESSAGES: Final = [v1.user("Hi")]


def _chat(client: Client) -> Any:  # noqa: ANN401  # of any shape
    return client.chat.create("grok-local", messages=_MESSAGES, max_tokens=1)


#: A call of each RPC by the method that is documented with it. What the server answers is of no
#: concern here: of things that don't exist it says so.
CALLS: dict[str, Callable[[Client], object]] = {
    "Auth/get_api_key_info": lambda c: c.auth.get_api_key_info(),
    "BatchMgmt/AddBatchRequests": lambda c: c.batch.add("b", [_chat(c)]),
    "BatchMgmt/CancelBatch": lambda c: c.batch.cancel("b"),
    "BatchMgmt/CreateBatch": lambda c: c.batch.create("b"),
    "BatchMgmt/GetBatch": lambda c: c.batch.get("b"),
    "BatchMgmt/GetBatchRequestResult": lambda c: c.batch.result("b", "r"),
    "BatchMgmt/ListBatchRequestMetadata": lambda c: c.batch.requests("b"),
    "BatchMgmt/ListBatchResults": lambda c: c.batch.results("b"),
    "BatchMgmt/ListBatches": lambda c: c.batch.list(),
    "Chat/CompactContext": lambda c: c.chat.compact_context("grok-local", _MESSAGES),
    "Chat/DeleteStoredCompletion": lambda c: c.chat.delete_stored_completion("r"),
    "Chat/GetCompletion": lambda c: _chat(c).sample(),
    "Chat/GetCompletionChunk": lambda c: _chat(c).stream().until_done(),
    "Chat/GetDeferredCompletion": lambda c: c.chat.deferred("r").get(),
    "Chat/GetStoredCompletion": lambda c: c.chat.get_stored_completion("r"),
    "Chat/StartDeferredCompletion": lambda c: _chat(c).start_deferred(),
    "Documents/Search": lambda c: c.documents.search("a", collection_ids=["c"]),
    "Embedder/Embed": lambda c: c.embedder.embed("a", model="embedder-local"),
    "Files/CreatePublicUrl": lambda c: c.files.create_public_url("f"),
    "Files/DeleteFile": lambda c: c.files.delete("f"),
    "Files/ListFiles": lambda c: c.files.list(),
    "Files/RetrieveFile": lambda c: c.files.get("f"),
    "Files/RetrieveFileContent": lambda c: c.files.content("f"),
    "Files/RevokePublicUrl": lambda c: c.files.revoke_public_url("f"),
    "Files/UploadFile": lambda c: c.files.upload(b"a", filename="a.txt"),
    "Image/GenerateImage": lambda c: c.image.sample("a", "nothing"),
    "Models/GetEmbeddingModel": lambda c: c.models.get_embedding_model("m"),
    "Models/GetImageGenerationModel": lambda c: c.models.get_image_generation_model("m"),
    "Models/GetLanguageModel": lambda c: c.models.get_language_model("m"),
    "Models/ListEmbeddingModels": lambda c: c.models.list_embedding_models(),
    "Models/ListImageGenerationModels": lambda c: c.models.list_image_generation_models(),
    "Models/ListLanguageModels": lambda c: c.models.list_language_models(),
    "Sample/SampleText": lambda c: c.sampler.sample("a", model="grok-local", max_tokens=1),
    "Sample/SampleTextStreaming": lambda c: c.sampler.stream(
        "a", model="grok-local", max_tokens=1
    ).until_done(),
    "Tokenize/TokenizeText": lambda c: c.tokenize.tokenize_text("a", "grok-local"),
    "Video/ExtendVideo": lambda c: c.video.extend_start("a", "nothing", "https://x.ai/a.mp4"),
    "Video/GenerateVideo": lambda c: c.video.start("a", "nothing"),
    "Video/GetDeferredVideo": lambda c: c.video.get("r"),
}
#: Those of the management API.
MANAGEMENT: dict[str, Callable[[Client], object]] = {
    "AddDocumentToCollection": lambda c: c.collections.add_existing_document(
        collection_id="c", file_id="f"
    ),
    "BatchGetDocuments": lambda c: c.collections.batch_get_documents(
        collection_id="c", file_ids=["f"]
    ),
    "CreateCollection": lambda c: c.collections.create("c"),
    "DeleteCollection": lambda c: c.collections.delete(collection_id="c"),
    "GenerateCollectionDescription": lambda c: c.collections.generate_description(
        collection_id="c"
    ),
    "GetCollectionMetadata": lambda c: c.collections.get(collection_id="c"),
    "GetDocumentMetadata": lambda c: c.collections.get_document(collection_id="c", file_id="f"),
    "ListCollections": lambda c: c.collections.list(),
    "ListDocuments": lambda c: c.collections.list_documents(collection_id="c"),
    "ReIndexDocument": lambda c: c.collections.reindex_document(collection_id="c", file_id="f"),
    "RemoveDocumentFromCollection": lambda c: c.collections.remove_document(
        collection_id="c", file_id="f"
    ),
    "UpdateCollection": lambda c: c.collections.update(collection_id="c", name="d"),
    "UpdateDocument": lambda c: c.collections.update_document(
        collection_id="c", file_id="f", name="g"
    ),
}
_ALL: Final = {
    **{f"/xai_api.{name}": call for name, call in CALLS.items()},
    **{f"/collections.Collections/{name}": call for name, call in MANAGEMENT.items()},
}


def test_every_rpc_has_a_method() -> None:
    """The table has all RPCs of the wire, and no others."""
    assert set(_ALL) == set(RPCS)


def test_every_method_calls_its_rpc() -> None:
    """By the log of the server, whatever it answers."""
    with (
        LocalServer(api_keys={SECRET_KEY: ["*"]}) as server,
        Client(
            SECRET_KEY,
            "management-key",
            api_host=server.host,
            management_api_host=server.host,
            retry=xai.RetryPolicy.none(),
        ) as client,
    ):
        for path, call in _ALL.items():
            server.clear_calls()
            with contextlib.suppress(APIError):
                call(client)
            assert path in [each.method for each in server.calls], path


@pytest.mark.parametrize("client", [Client, AsyncClient])
def test_every_rpc_is_documented_with_a_method(client: type[object]) -> None:
    """The docstrings of the public methods name each RPC, in both twins."""
    found: set[str] = set()
    waiting: list[Any] = [
        inspect.get_annotations(item.fget, eval_str=True)["return"]
        for _, item in inspect.getmembers(client, lambda item: isinstance(item, property))
    ]
    seen: set[Any] = set()
    while waiting:
        service = waiting.pop()
        if service in seen or not inspect.isclass(service) or "xai" not in service.__module__:
            continue
        seen.add(service)
        for name, method in inspect.getmembers(service, inspect.isfunction):
            if not name.startswith("_"):
                text = inspect.getdoc(method) or ""
                found |= set(re.findall(r"``(/[\w.]+/\w+)``", text.partition("RPC: ")[2]))
                # What a method makes has methods of its own, such as a chat.
                waiting.append(inspect.get_annotations(method, eval_str=True).get("return"))
    assert set(RPCS) <= found
