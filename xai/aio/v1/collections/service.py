"""Collections: the service collections.Collections of the management API."""

from collections.abc import Sequence

from xai.aio.v1.collections.uploads import AsyncDocumentUploads
from xai.aio.v1.documents import AsyncDocuments
from xai.aio.v1.paging import AsyncPage
from xai.proto.collections import collections as pb
from xai.runtime.codec.reading import checked
from xai.v1.collections.chunks import AnyChunkConfiguration
from xai.v1.collections.fields import AnyFieldDefinition, AnyFieldUpdate
from xai.v1.collections.requests import (
    CollectionSortBy,
    HNSWMetric,
    Order,
    create_request,
    list_collections_request,
    update_request,
)
from xai.v1.collections.results import Collection, read_collection
from xai.v1.documents import RetrievalMode, SearchResults
from xai.v1.validation import non_empty, optional_non_empty


class AsyncCollections(AsyncDocumentUploads):
    """Manages collections and their documents, and searches them.

    Everything but `search` needs a management key; without one nothing is sent.

    Args:
        caller: Makes the calls of the API.
        management: Returns what makes the calls of the management API, or raises a ValueError
            when there is no management key.
    """

    async def create(
        self,
        name: str,
        *,
        model_name: str | None = None,
        chunk_configuration: AnyChunkConfiguration | None = None,
        metric_space: HNSWMetric | None = None,
        field_definitions: Sequence[AnyFieldDefinition] | None = None,
        description: str | None = None,
        team_id: str | None = None,
    ) -> Collection:
        """Create a collection.

        A parameter that is None is left to the server.

        Args:
            name: The name.
            model_name: The embedding model of its index.
            chunk_configuration: How documents are cut into chunks: a `xai.v1.ChunkConfiguration`,
                or a mapping in the form of the wire.
            metric_space: The distance of two vectors: ``"cosine"``, ``"euclidean"`` or
                ``"inner_product"``.
            field_definitions: The fields of its documents: `xai.v1.FieldDefinition` values, or
                mappings with their attributes.
            description: What it is for.
            team_id: The team; that of the key when None.

        Returns:
            The collection.

        Raises:
            APIError: The call failed.
            TypeError: An argument, or a part of one, is of the wrong type.
            ValueError: There is no management key, or an argument is not valid.

        RPC: ``/collections.Collections/CreateCollection``.
        """
        request = create_request(
            name,
            model_name=model_name,
            chunk_configuration=chunk_configuration,
            metric_space=metric_space,
            field_definitions=field_definitions,
            description=description,
            team_id=team_id,
        )
        method = pb.COLLECTIONS_CREATE_COLLECTION
        return await self._management().unary_of(method, request, read_collection)

    async def list(
        self,
        *,
        limit: int | None = None,
        order: Order | None = None,
        sort_by: CollectionSortBy | None = None,
        filter: str | None = None,  # noqa: A002  # the API's word
        pagination_token: str | None = None,
        team_id: str | None = None,
    ) -> AsyncPage[Collection]:
        """List the collections of the team.

        Args:
            limit: The maximum number of collections on all pages together; all when None.
            order: ``"asc"`` or ``"desc"``, which is the server's choice when None.
            sort_by: ``"name"``, which is the server's choice when None, or ``"age"``.
            filter: An expression of the fields ``collection_name``, ``created_at`` and
                ``documents_count``, such as ``documents_count:>5 AND collection_name:"notes"``.
            pagination_token: The token of the page to begin with.
            team_id: The team; that of the key when None.

        Returns:
            The first page; iterating over it goes on with the others.

        Raises:
            APIError: The call failed.
            TypeError: An argument is of the wrong type.
            ValueError: There is no management key, or an argument is not valid.

        RPC: ``/collections.Collections/ListCollections``.
        """
        request = list_collections_request(
            order=order, sort_by=sort_by, filter=filter, team_id=team_id
        )
        return await AsyncPage.listed(
            self._management(),
            pb.COLLECTIONS_LIST_COLLECTIONS,
            request,
            lambda reply: [read_collection(each) for each in checked(reply.collections)],
            limit=limit,
            pagination_token=pagination_token,
        )

    async def get(self, *, collection_id: str, team_id: str | None = None) -> Collection:
        """Return a collection.

        Args:
            collection_id: The ID of the collection.
            team_id: The team; that of the key when None.

        Raises:
            NotFoundError: There is no such collection.
            APIError: The call failed.
            TypeError: An argument is of the wrong type.
            ValueError: There is no management key, or an argument is empty.

        RPC: ``/collections.Collections/GetCollectionMetadata``.
        """
        request = pb.GetCollectionMetadataRequest(
            team_id=optional_non_empty("team_id", team_id),
            collection_id=non_empty("collection_id", collection_id),
        )
        method = pb.COLLECTIONS_GET_COLLECTION_METADATA
        return await self._management().unary_of(method, request, read_collection)

    async def update(
        self,
        *,
        collection_id: str,
        name: str | None = None,
        chunk_configuration: AnyChunkConfiguration | None = None,
        field_definitions: Sequence[AnyFieldUpdate] | None = None,
        description: str | None = None,
        team_id: str | None = None,
    ) -> Collection:
        """Change a collection; what is None stays as it is.

        Documents are cut into chunks in a new way once they are indexed again: see
        `reindex_document`.

        Args:
            collection_id: The ID of the collection.
            name: The new name.
            chunk_configuration: How documents are cut into chunks from now on, as for `create`.
            field_definitions: Changes of the fields: `xai.v1.AddField` and `xai.v1.DeleteField`,
                or mappings with an ``operation``.
            description: What it is for.
            team_id: The team; that of the key when None.

        Returns:
            The collection after the change.

        Raises:
            NotFoundError: There is no such collection.
            APIError: The call failed.
            TypeError: An argument, or a part of one, is of the wrong type.
            ValueError: There is no management key, nothing is to be changed, or an argument is
                not valid.

        RPC: ``/collections.Collections/UpdateCollection``.
        """
        request = update_request(
            collection_id,
            name=name,
            chunk_configuration=chunk_configuration,
            field_definitions=field_definitions,
            description=description,
            team_id=team_id,
        )
        method = pb.COLLECTIONS_UPDATE_COLLECTION
        return await self._management().unary_of(method, request, read_collection)

    async def delete(self, *, collection_id: str, team_id: str | None = None) -> None:
        """Delete a collection; the files of its documents stay.

        Args:
            collection_id: The ID of the collection.
            team_id: The team; that of the key when None.

        Raises:
            NotFoundError: There is no such collection.
            APIError: The call failed.
            TypeError: An argument is of the wrong type.
            ValueError: There is no management key, or an argument is empty.

        RPC: ``/collections.Collections/DeleteCollection``.
        """
        request = pb.DeleteCollectionRequest(
            team_id=optional_non_empty("team_id", team_id),
            collection_id=non_empty("collection_id", collection_id),
        )
        await self._management().unary(pb.COLLECTIONS_DELETE_COLLECTION, request)

    async def generate_description(self, *, collection_id: str) -> str:
        """Have a model describe a collection from samples of its documents.

        Args:
            collection_id: The ID of the collection.

        Returns:
            The description; empty when no document is indexed yet, or when it could not be made.

        Raises:
            NotFoundError: There is no such collection.
            APIError: The call failed.
            TypeError: The ID is not a str.
            ValueError: There is no management key, or the ID is empty.

        RPC: ``/collections.Collections/GenerateCollectionDescription``.
        """
        request = pb.GenerateCollectionDescriptionRequest(
            collection_id=non_empty("collection_id", collection_id)
        )
        method = pb.COLLECTIONS_GENERATE_COLLECTION_DESCRIPTION
        return (await self._management().unary(method, request)).collection_description

    async def search(
        self,
        query: str,
        *,
        collection_ids: Sequence[str],
        limit: int | None = None,
        instructions: str | None = None,
        retrieval_mode: RetrievalMode | None = None,
    ) -> SearchResults:
        """Search the documents of collections, as `AsyncDocuments.search`.

        Args:
            query: What to search for.
            collection_ids: The IDs of the collections.
            limit: The maximum number of matches; the server's 10 when None.
            instructions: Instructions for the search, in words.
            retrieval_mode: ``"hybrid"``, ``"semantic"`` or ``"keyword"``, or a value with options.

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
        return await AsyncDocuments(self._caller).search(
            query,
            collection_ids=collection_ids,
            limit=limit,
            instructions=instructions,
            retrieval_mode=retrieval_mode,
        )
