# Do not edit: produced by "nox -s generate" from
# xai/aio/v1/documents.py
"""Searches of documents: the service xai_api.Documents."""

from collections.abc import Sequence

from xai.proto.xai_api.documents import DOCUMENTS_SEARCH
from xai.sync.rpc.caller import Caller
from xai.v1.documents import RetrievalMode, SearchResults, read_results, search_request


class Documents:
    """Searches the documents of collections; no management key is needed.

    Args:
        caller: Makes the calls.
    """

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def search(
        self,
        query: str,
        *,
        collection_ids: Sequence[str],
        limit: int | None = None,
        instructions: str | None = None,
        retrieval_mode: RetrievalMode | None = None,
    ) -> SearchResults:
        """Search the documents of collections.

        Args:
            query: What to search for.
            collection_ids: The IDs of the collections.
            limit: The maximum number of matches; the server's 10 when None.
            instructions: Instructions for the search, in words.
            retrieval_mode: Search by meaning (``"semantic"``), by words (``"keyword"``) or both
                (``"hybrid"``, which is the server's choice when None). The values
                `xai.v1.SemanticRetrieval`, `xai.v1.KeywordRetrieval` and
                `xai.v1.HybridRetrieval` have options.

        Returns:
            The matching chunks, best first.

        Raises:
            NotFoundError: There is no such collection.
            APIError: The call failed.
            TypeError: An argument is of the wrong type.
            ValueError: The query or the list of IDs is empty, the limit is not positive, or there
                is no such mode.

        RPC: ``/xai_api.Documents/Search``.
        """
        request = search_request(query, collection_ids, limit, instructions, retrieval_mode)
        return self._caller.unary_of(DOCUMENTS_SEARCH, request, read_results)
