"""Every RPC of the v1 API's wire, and a call of each by the typed method that makes it."""

from collections.abc import Callable
from typing import Any, Final

from xai import v1

#: With a reply each (UU), a streamed reply (US), a streamed request (SU).
RPCS: Final = {
    "/collections.Collections/AddDocumentToCollection": "UU",
    "/collections.Collections/BatchGetDocuments": "UU",
    "/collections.Collections/CreateCollection": "UU",
    "/collections.Collections/DeleteCollection": "UU",
    "/collections.Collections/GenerateCollectionDescription": "UU",
    "/collections.Collections/GetCollectionMetadata": "UU",
    "/collections.Collections/GetDocumentMetadata": "UU",
    "/collections.Collections/ListCollections": "UU",
    "/collections.Collections/ListDocuments": "UU",
    "/collections.Collections/ReIndexDocument": "UU",
    "/collections.Collections/RemoveDocumentFromCollection": "UU",
    "/collections.Collections/UpdateCollection": "UU",
    "/collections.Collections/UpdateDocument": "UU",
    "/xai_api.Auth/get_api_key_info": "UU",
    "/xai_api.BatchMgmt/AddBatchRequests": "UU",
    "/xai_api.BatchMgmt/CancelBatch": "UU",
    "/xai_api.BatchMgmt/CreateBatch": "UU",
    "/xai_api.BatchMgmt/GetBatch": "UU",
    "/xai_api.BatchMgmt/GetBatchRequestResult": "UU",
    "/xai_api.BatchMgmt/ListBatchRequestMetadata": "UU",
    "/xai_api.BatchMgmt/ListBatchResults": "UU",
    "/xai_api.BatchMgmt/ListBatches": "UU",
    "/xai_api.Chat/CompactContext": "UU",
    "/xai_api.Chat/DeleteStoredCompletion": "UU",
    "/xai_api.Chat/GetCompletion": "UU",
    "/xai_api.Chat/GetCompletionChunk": "US",
    "/xai_api.Chat/GetDeferredCompletion": "UU",
    "/xai_api.Chat/GetStoredCompletion": "UU",
    "/xai_api.Chat/StartDeferredCompletion": "UU",
    "/xai_api.Documents/Search": "UU",
    "/xai_api.Embedder/Embed": "UU",
    "/xai_api.Files/CreatePublicUrl": "UU",
    "/xai_api.Files/DeleteFile": "UU",
    "/xai_api.Files/ListFiles": "UU",
    "/xai_api.Files/RetrieveFile": "UU",
    "/xai_api.Files/RetrieveFileContent": "US",
    "/xai_api.Files/RevokePublicUrl": "UU",
    "/xai_api.Files/UploadFile": "SU",
    "/xai_api.Image/GenerateImage": "UU",
    "/xai_api.Models/GetEmbeddingModel": "UU",
    "/xai_api.Models/GetImageGenerationModel": "UU",
    "/xai_api.Models/GetLanguageModel": "UU",
    "/xai_api.Models/ListEmbeddingModels": "UU",
    "/xai_api.Models/ListImageGenerationModels": "UU",
    "/xai_api.Models/ListLanguageModels": "UU",
    "/xai_api.Sample/SampleText": "UU",
    "/xai_api.Sample/SampleTextStreaming": "US",
    "/xai_api.Tokenize/TokenizeText": "UU",
    "/xai_api.Video/ExtendVideo": "UU",
    "/xai_api.Video/GenerateVideo": "UU",
    "/xai_api.Video/GetDeferredVideo": "UU",
}

_MESSAGES: Final = [v1.user("Hi")]


def _chat(client: Any) -> Any:  # noqa: ANN401  # of any shape
    return client.chat.create("grok-local", messages=_MESSAGES, max_tokens=1)


#: A call of each RPC of the API by the method that is documented with it. What the server answers
#: is of no concern here: of things that don't exist it says so.
_CALLS: dict[str, Callable[[Any], Any]] = {
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
_MANAGEMENT: dict[str, Callable[[Any], Any]] = {
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
#: All of them, by the path of the RPC; with an asynchronous client they return awaitables.
CALLS: Final = {
    **{f"/xai_api.{name}": call for name, call in _CALLS.items()},
    **{f"/collections.Collections/{name}": call for name, call in _MANAGEMENT.items()},
}
