"""Search documents without a model in between."""

import xai

with xai.v1.Client() as client:  # needs XAI_MANAGEMENT_KEY as well
    collection = client.collections.create("Search")
    for name, text in (("bridge.txt", b"The bridge is closed."), ("cats.txt", b"Cats drink.")):
        client.collections.upload_document(
            text, name=name, collection_id=collection.collection_id, wait_for_indexing=True
        )
    ids = [collection.collection_id]
    for mode in ("keyword", "semantic"):
        found = client.documents.search(
            "Is the bridge open?", collection_ids=ids, retrieval_mode=mode, limit=2
        )
        for match in found:
            print(f"{mode} {match.score:.3f} {match.chunk_content}")
    client.collections.delete(collection_id=collection.collection_id)
