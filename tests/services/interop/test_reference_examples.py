"""Example programs of xai_sdk that run to their end against the local server."""

from pathlib import Path

from tests.xai_sdk_examples import SERVICES, programs, run
from xai.testing import LocalServer

#: The RPCs that the programs are about.
SHOWN = {
    *("UploadFile", "ListFiles", "RetrieveFile", "RetrieveFileContent", "DeleteFile"),
    *("CreateCollection", "ListCollections", "GetCollectionMetadata", "UpdateCollection"),
    *("DeleteCollection", "AddDocumentToCollection", "ListDocuments", "GetDocumentMetadata"),
    *("BatchGetDocuments", "UpdateDocument", "ReIndexDocument", "RemoveDocumentFromCollection"),
    *("GenerateCollectionDescription", "Search"),
    *("CreateBatch", "AddBatchRequests", "GetBatch", "ListBatchRequestMetadata"),
    *("ListBatchResults", "GenerateImage", "GenerateVideo", "ExtendVideo", "GetDeferredVideo"),
}


def test_examples_of_images_videos_files_collections_and_batches(tmp_path: Path) -> None:
    """Each does all that it shows, blocking and asynchronous, and no call of theirs fails."""
    wanted = programs(*SERVICES)
    with LocalServer() as server:
        results = run(wanted, server, tmp_path)
        calls = server.calls
    assert {name: result for name, result in results.items() if result.rc} == {}
    assert [call for call in calls if call.state != "ok"] == []
    assert SHOWN - {call.method.rpartition("/")[2] for call in calls} == set()
    # Of images: two turns of one and of two, and two of one edit.
    pictures = [path.read_bytes()[:2] for path in tmp_path.glob("*/out/*.jpg")]
    assert pictures == [b"\xff\xd8"] * 2 * (2 + 4 + 2)
    shown = "".join(result.stdout for result in results.values())
    assert shown.count("Respects moderation: True") == 2 * (2 + 2 + 1)
