"""Searches of documents: how they are found and ranked, and what was found."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, Literal, TypeAlias, overload

import attrs

from xai._validation import check_int, check_number
from xai.proto.xai_api import documents as pb
from xai.runtime.codec.reading import checked
from xai.v1.proto_value import ProtoValue
from xai.v1.validation import INT32_MAX, check_list, non_empty, optional_int, optional_str

RetrievalModeName: TypeAlias = Literal["hybrid", "semantic", "keyword"]
_MAX_MULTIPLIER: Final = 100


@attrs.frozen(kw_only=True)
class RerankerModel:
    """Ranks matches by a model.

    Attributes:
        model: The name of the model; the server's choice when None.
        instructions: Instructions for the ranking, in words.

    Raises:
        TypeError: An attribute is not a str.
    """

    model: str | None = None
    instructions: str | None = None

    def __attrs_post_init__(self) -> None:
        """Check the attributes."""
        if self.model is not None:
            non_empty("model", self.model)
        optional_str("instructions", self.instructions)


def _weight(value: float | None) -> float:
    return 0.5 if value is None else value


@attrs.frozen(kw_only=True)
class ReciprocalRankFusion:
    """Ranks matches by their places in the search by meaning and in that by words.

    Attributes:
        k: The constant k of reciprocal rank fusion; the server's 60 when None.
        embedding_weight: The weight of the search by meaning, from 0 to 1.
        text_weight: The weight of the search by words, from 0 to 1.

    Raises:
        TypeError: An attribute is not a number.
        ValueError: k is not positive, a weight is out of range, or both are 0.
    """

    k: int | None = None
    embedding_weight: float = attrs.field(default=0.5, converter=_weight)
    text_weight: float = attrs.field(default=0.5, converter=_weight)

    def __attrs_post_init__(self) -> None:
        """Check the attributes."""
        optional_int("k", self.k, 1, INT32_MAX)
        check_number("embedding_weight", self.embedding_weight, 0, 1)
        check_number("text_weight", self.text_weight, 0, 1)
        if not self.embedding_weight and not self.text_weight:
            raise ValueError("embedding_weight and text_weight must not both be 0")


@attrs.frozen(kw_only=True)
class HybridRetrieval:
    """Searches by meaning and by words.

    Attributes:
        search_multiplier: How many times the limit is retrieved before ranking, 1 to 100; the
            server's 1 when None.
        reranker: How the matches are ranked; the server's choice when None.

    Raises:
        TypeError: An attribute is of another type.
        ValueError: The multiplier is out of range.
    """

    search_multiplier: int | None = None
    reranker: RerankerModel | ReciprocalRankFusion | None = None

    def __attrs_post_init__(self) -> None:
        """Check the attributes."""
        optional_int("search_multiplier", self.search_multiplier, 1, _MAX_MULTIPLIER)
        _check_reranker(self.reranker, RerankerModel, ReciprocalRankFusion)


@attrs.frozen(kw_only=True)
class SemanticRetrieval:
    """Searches by meaning.

    Attributes:
        reranker: How the matches are ranked; the server's choice when None.

    Raises:
        TypeError: It is not a `RerankerModel`.
    """

    reranker: RerankerModel | None = None

    def __attrs_post_init__(self) -> None:
        """Check the attributes."""
        _check_reranker(self.reranker, RerankerModel)


@attrs.frozen(kw_only=True)
class KeywordRetrieval:
    """Searches by words.

    Attributes:
        reranker: How the matches are ranked; the server's choice when None.

    Raises:
        TypeError: It is not a `RerankerModel`.
    """

    reranker: RerankerModel | None = None

    def __attrs_post_init__(self) -> None:
        """Check the attributes."""
        _check_reranker(self.reranker, RerankerModel)


RetrievalMode: TypeAlias = (
    RetrievalModeName
    | HybridRetrieval
    | SemanticRetrieval
    | KeywordRetrieval
    | pb.HybridRetrieval
    | pb.SemanticRetrieval
    | pb.KeywordRetrieval
)
"""How a search finds chunks: by name, or a value with options."""

_NAMES: Final[Mapping[str, type]] = {
    "hybrid": HybridRetrieval,
    "semantic": SemanticRetrieval,
    "keyword": KeywordRetrieval,
}


@attrs.frozen
class SearchMatch(ProtoValue):
    """A chunk of a document that matches a query.

    Attributes:
        file_id: The ID of the document.
        chunk_id: The ID of the chunk.
        chunk_content: The text of the chunk.
        score: The relevance; higher is better for a similarity, lower for a distance.
        collection_ids: The collections that the document is in.
        proto: The protobuf message.
    """

    file_id: str
    chunk_id: str
    chunk_content: str
    score: float
    collection_ids: tuple[str, ...]
    proto: pb.SearchMatch = attrs.field(repr=False, eq=False)

    def _repr_html_(self) -> str:
        """Show it in a notebook, with its text."""
        return _as_table([self])


@attrs.frozen
class SearchResults(Sequence[SearchMatch], ProtoValue):
    """What was found, best first; a sequence.

    Attributes:
        matches: The matches.
        proto: The protobuf message.
    """

    matches: tuple[SearchMatch, ...]
    proto: pb.SearchResponse = attrs.field(repr=False, eq=False)

    @overload
    def __getitem__(self, index: int) -> SearchMatch: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[SearchMatch, ...]: ...

    def __getitem__(self, index: int | slice) -> SearchMatch | tuple[SearchMatch, ...]:
        """Return a match, or some of them."""
        return self.matches[index]

    def __len__(self) -> int:
        """Return how many matches there are."""
        return len(self.matches)

    def __iter__(self) -> Iterator[SearchMatch]:
        """Return an iterator over the matches."""
        return iter(self.matches)

    def _repr_html_(self) -> str:
        """Show them in a notebook, with their texts."""
        return _as_table(self.matches)


def _as_table(matches: Sequence[SearchMatch]) -> str:
    from xai.v1.html import table

    rows = [(f"{found.score:.3g}", found.file_id, found.chunk_content) for found in matches]
    return table(rows, header=("score", "document", "text"))


def search_request(
    query: str,
    collection_ids: Sequence[str],
    limit: int | None,
    instructions: str | None,
    retrieval_mode: RetrievalMode | None,
) -> pb.SearchRequest:
    """Return the request of a search.

    Raises:
        TypeError: An argument is of another type; the error names it.
        ValueError: The query or the list of collections is empty, the limit is not positive, or
            there is no such mode.
    """
    found = check_list("collection_ids", collection_ids, INT32_MAX)
    if not found:
        raise ValueError("collection_ids must not be empty")
    request = pb.SearchRequest(
        query=non_empty("query", query),
        source=pb.DocumentsSource(collection_ids=found),
        limit=optional_int("limit", limit, 1, INT32_MAX),
        instructions=optional_str("instructions", instructions),
    )
    if retrieval_mode is not None:
        name, message = retrieval_message("retrieval_mode", retrieval_mode)
        setattr(request, name, message)
    return request


def read_results(proto: pb.SearchResponse) -> SearchResults:
    """Return the value of a message that has the results of a search."""
    matches = [
        SearchMatch(
            file_id=match.file_id,
            chunk_id=match.chunk_id,
            chunk_content=match.chunk_content,
            score=match.score,
            collection_ids=tuple(match.collection_ids),
            proto=match,
        )
        for match in checked(proto.matches)
    ]
    return SearchResults(tuple(matches), proto)


def retrieval_message(
    argument: str, mode: object
) -> tuple[str, pb.HybridRetrieval | pb.SemanticRetrieval | pb.KeywordRetrieval]:
    """Return the name of the field of a mode of retrieval, and its message.

    Raises:
        TypeError: It is of another type.
        ValueError: There is no mode of that name, or an option of the message is out of range.
    """
    value = _NAMES[mode]() if isinstance(mode, str) and mode in _NAMES else mode
    if isinstance(value, HybridRetrieval):
        return "hybrid_retrieval", _hybrid_message(value)
    if isinstance(value, SemanticRetrieval):
        return "semantic_retrieval", pb.SemanticRetrieval(reranker=_reranker(value.reranker))
    if isinstance(value, KeywordRetrieval):
        return "keyword_retrieval", pb.KeywordRetrieval(reranker=_reranker(value.reranker))
    if isinstance(value, pb.HybridRetrieval):
        multiplier = value.search_multiplier
        if multiplier is not None:
            check_int(f"{argument}.search_multiplier", multiplier, 1, _MAX_MULTIPLIER)
        return "hybrid_retrieval", value
    if isinstance(value, pb.SemanticRetrieval):
        return "semantic_retrieval", value
    if isinstance(value, pb.KeywordRetrieval):
        return "keyword_retrieval", value
    wrong, found = (
        (ValueError, repr(mode)) if isinstance(mode, str) else (TypeError, type(mode).__name__)
    )
    raise wrong(
        f"{argument} must be 'hybrid', 'semantic', 'keyword', a HybridRetrieval,"
        f" a SemanticRetrieval or a KeywordRetrieval, not {found}"
    )


def _hybrid_message(value: HybridRetrieval) -> pb.HybridRetrieval:
    message = pb.HybridRetrieval(search_multiplier=value.search_multiplier)
    reranker = value.reranker
    if isinstance(reranker, ReciprocalRankFusion):
        message.reciprocal_rank_fusion = pb.ReciprocalRankFusion(
            k=reranker.k,
            embedding_weight=float(reranker.embedding_weight),
            text_weight=float(reranker.text_weight),
        )
    elif reranker is not None:
        message.reranker_model = pb.RerankerModel(
            model=reranker.model, instructions=reranker.instructions
        )
    return message


def _reranker(value: RerankerModel | None) -> pb.RerankerModel | None:
    if value is None:
        return None
    return pb.RerankerModel(model=value.model, instructions=value.instructions)


def _check_reranker(value: object, *kinds: type) -> None:
    if value is not None and not isinstance(value, kinds):
        wanted = " or a ".join(kind.__name__ for kind in kinds)
        raise TypeError(f"reranker must be a {wanted}, not {type(value).__name__}")


for _class in (
    HybridRetrieval,
    KeywordRetrieval,
    ReciprocalRankFusion,
    RerankerModel,
    SearchMatch,
    SearchResults,
    SemanticRetrieval,
):
    _class.__module__ = "xai.v1"
