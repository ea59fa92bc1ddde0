"""Answer questions from your own documents: a collection and the model (RAG)."""

import xai
from xai.v1 import DocumentUpload, collections_search, user

NOTES = {
    "bridge.txt": b"The bridge was closed in spring, because the river was high.",
    "cats.txt": b"Cats drink milk, and sleep for most of the day.",
}

with xai.v1.Client() as client:  # needs XAI_MANAGEMENT_KEY as well
    collection = client.collections.create("Notes")
    documents = [DocumentUpload(data, name=name) for name, data in NOTES.items()]
    client.collections.upload_documents(
        documents, collection_id=collection.collection_id, wait_for_indexing=True
    )
    chat = client.chat.create(
        "grok-4",
        messages=[user("When was the bridge closed?")],
        tools=[collections_search([collection.collection_id])],
    )
    response = chat.sample()
    print(response.content)
    print(response.citations)
    client.collections.delete(collection_id=collection.collection_id)
