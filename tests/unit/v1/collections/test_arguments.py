"""Arguments of collections, and what is said about wrong ones."""

import inspect
from collections.abc import Callable
from typing import Any

import attrs
import pytest

from xai import v1
from xai.sync.v1.collections.service import Collections
from xai.sync.v1.documents import Documents
from xai.v1.collections.chunks import chunk_message, read_chunks
from xai.v1.collections.errors import mark_uploaded
from xai.v1.collections.fields import field_messages, read_field, update_messages
from xai.v1.collections.requests import (
    add_request,
    check_file_ids,
    create_request,
    list_collections_request,
    list_documents_request,
    update_document_request,
    update_request,
)
from xai.v1.documents import search_request

CHARS = {"max_chunk_size_chars": 5, "chunk_overlap_chars": 1}


def make(function: Callable[..., object], *positional: object, **given: object) -> object:
    """Call a builder with None for all that is not given."""
    parameters = inspect.signature(function).parameters.values()
    keywords = {each.name: None for each in parameters if each.kind is each.KEYWORD_ONLY}
    return function(*positional, **{**keywords, **given})


def create(**given: object) -> object:
    """Build the request that creates a collection."""
    return make(create_request, "n", **given)


def update(**given: object) -> object:
    """Build the request that changes a collection."""
    return make(update_request, "c", **given)


def documents(**given: object) -> object:
    """Build the request that lists documents."""
    return make(list_documents_request, "c", **given)


def search(**given: object) -> object:
    """Build the request of a search."""
    arguments: dict[str, Any] = {
        "query": "q",
        "collection_ids": ["c"],
        "limit": None,
        "instructions": None,
        "retrieval_mode": None,
        **given,
    }
    return search_request(**arguments)


#: A call, and the beginning of the text of its error.
WRONG: list[tuple[Callable[[], object], str]] = [
    (lambda: make(create_request, ""), "name must not be empty"),
    (lambda: make(create_request, 5), "name must be a str, not int"),
    (lambda: create(team_id=""), "team_id must not be empty"),
    (lambda: create(model_name=""), "model_name must not be empty"),
    (lambda: create(description=5), "description must be a str, not int"),
    (lambda: create(metric_space="cos"), "metric_space must be one of 'cosine', 'euclidean', "),
    (lambda: create(metric_space=1), "metric_space must be one of 'cosine'.*, not int"),
    (
        lambda: create(chunk_configuration=5),
        "chunk_configuration must be a ChunkConfiguration or a mapping, not int",
    ),
    (
        lambda: create(chunk_configuration={}),
        "chunk_configuration must have exactly one of .*, not 0",
    ),
    (
        lambda: create(chunk_configuration={"strip_whitespace": True}),
        "chunk_configuration must have exactly one of .*, not 0",
    ),
    (
        lambda: create(
            chunk_configuration={"chars_configuration": CHARS, "bytes_configuration": CHARS}
        ),
        "chunk_configuration must have exactly one of .*, not 2",
    ),
    (
        lambda: create(chunk_configuration={"words_configuration": {}}),
        "chunk_configuration has the unknown key 'words_configuration'; there are chars_",
    ),
    (
        lambda: create(chunk_configuration={"chars_configuration": 5}),
        r"chunk_configuration\[chars_configuration\] must be a mapping with .*, not int",
    ),
    (
        lambda: create(chunk_configuration={"chars_configuration": {"max_chunk_size_chars": 5}}),
        r"chunk_configuration\[chars_configuration\] must have the key 'chunk_overlap_chars'",
    ),
    (
        lambda: create(
            chunk_configuration={
                "tokens_configuration": {"max_chunk_size_tokens": 5, "chunk_overlap_tokens": 5}
            }
        ),
        r"chunk_configuration\[tokens_configuration\] must have the key 'encoding_name'",
    ),
    (
        lambda: create(chunk_configuration={"chars_configuration": {**CHARS, "more": 1}}),
        r"chunk_configuration\[chars_configuration\] has the unknown key 'more'",
    ),
    (
        lambda: create(
            chunk_configuration={"chars_configuration": {**CHARS, "chunk_overlap_chars": 5}}
        ),
        r"chunk_configuration.*\[chunk_overlap_chars\] must be less than .*\(5 >= 5\)",
    ),
    (
        lambda: create(chunk_configuration={"chars_configuration": CHARS, "strip_whitespace": 1}),
        r"chunk_configuration\[strip_whitespace\] must be a bool, not int",
    ),
    (lambda: v1.ChunkConfiguration("words", 5), "unit must be one of 'chars', 'tokens', 'bytes'"),  # type: ignore[arg-type]  # the point of the test
    (lambda: v1.ChunkConfiguration("chars", 0), "max_size must be from 1 to 2147483647, not 0"),
    (lambda: v1.ChunkConfiguration("chars", 5, -1), "overlap must be from 0 to "),
    (lambda: v1.ChunkConfiguration("chars", 5, 5), r"overlap must be less than max_size \(5 >= 5"),
    (lambda: v1.ChunkConfiguration("tokens", 5), "encoding_name is needed for chunks of tokens"),
    (
        lambda: v1.ChunkConfiguration("bytes", 5, encoding_name="x"),
        "encoding_name makes no sense for chunks of bytes",
    ),
    (
        lambda: create(field_definitions=[{"required": True}]),
        r"field_definitions\[0\] must have the key 'key'",
    ),
    (
        lambda: create(field_definitions=[{"key": "a"}, {"key": "a"}]),
        r"field_definitions\[1\] is for the same key as another one: 'a'",
    ),
    (
        lambda: create(field_definitions=[{"key": "a", "unique": 1}]),
        r"field_definitions\[0\]\[unique\] must be a bool, not int",
    ),
    (
        lambda: create(field_definitions=[{"key": "a", "uniq": True}]),
        r"field_definitions\[0\] has the unknown key 'uniq'",
    ),
    (lambda: create(field_definitions="a"), "field_definitions must be a sequence of FieldDef"),
    (
        lambda: create(field_definitions=[5]),
        r"field_definitions\[0\] must be a FieldDefinition or a mapping, not int",
    ),
    (lambda: v1.FieldDefinition(""), "key must not be empty"),
    (lambda: v1.DeleteField(""), "key must not be empty"),
    (lambda: v1.AddField("a"), "definition must be a FieldDefinition, not str"),  # type: ignore[arg-type]  # the point of the test
    (update, "an update needs one of name, chunk_configuration, field_definitions and descr"),
    (lambda: update(field_definitions=[]), "field_definitions must not be empty"),
    (
        lambda: update(field_definitions=[{"key": "a"}]),
        r"field_definitions\[0\]\[operation\] must be 'add' or 'delete', not None",
    ),
    (
        lambda: update(field_definitions=[{"key": "a", "operation": "drop"}]),
        r"field_definitions\[0\]\[operation\] must be 'add' or 'delete', not 'drop'",
    ),
    (
        lambda: update(field_definitions=[{"key": "a", "operation": "add"}]),
        r"field_definitions\[0\] has the unknown key 'key'",
    ),
    (
        lambda: update(
            field_definitions=[v1.DeleteField("a"), v1.AddField(v1.FieldDefinition("a"))]
        ),
        r"field_definitions\[1\] is for the same key as another one: 'a'",
    ),
    (
        lambda: update(field_definitions=[v1.FieldDefinition("a")]),
        r"field_definitions\[0\] must be an AddField, a DeleteField or a mapping, not FieldDef",
    ),
    (lambda: update(name=""), "name must not be empty"),
    (
        lambda: make(list_collections_request, order="up"),
        "order must be one of 'asc', 'desc', not 'up'",
    ),
    (
        lambda: make(list_collections_request, sort_by="size"),
        "sort_by must be one of 'name', 'age'",
    ),
    (lambda: make(list_collections_request, filter=""), "filter must not be empty"),
    (lambda: documents(sort_by="date"), "sort_by must be one of 'name', 'age', 'size'"),
    (lambda: documents(order=2), "order must be one of 'asc', 'desc'.*, not int"),
    (lambda: documents(name=""), "name must not be empty"),
    (lambda: add_request("", "f", None, None), "collection_id must not be empty"),
    (lambda: add_request("c", "", None, None), "file_id must not be empty"),
    (lambda: add_request("c", "f", {"a": 1}, None), r"fields\['a'\] must be a str, not int"),  # type: ignore[dict-item]  # the point of the test
    (lambda: add_request("c", "f", {"": "a"}, None), "fields: a key must not be empty"),
    (lambda: add_request("c", "f", [], None), "fields must be a mapping of str to str, not list"),  # type: ignore[arg-type]  # the point of the test
    (lambda: make(update_document_request, "c", "f"), "an update needs one of name, data, content"),
    (
        lambda: make(update_document_request, "c", "f", fields={}),
        "fields must not be empty: an",
    ),
    (lambda: make(update_document_request, "c", "f", data="a"), "data must be bytes, not str"),
    (lambda: check_file_ids("file_ids", []), "file_ids must not be empty"),
    (lambda: check_file_ids("file_ids", "ab"), "file_ids must be a sequence of str, not str"),
    (lambda: check_file_ids("file_ids", ["a", ""]), r"file_ids\[1\] must not be empty"),
    (lambda: check_file_ids("file_ids", ["a", "b", "a"]), "file_ids has 'a' twice"),
    (lambda: search(query=""), "query must not be empty"),
    (lambda: search(collection_ids=[]), "collection_ids must not be empty"),
    (lambda: search(collection_ids="c"), "collection_ids must be a sequence of str, not str"),
    (lambda: search(limit=0), "limit must be from 1 to "),
    (lambda: search(retrieval_mode="fuzzy"), "retrieval_mode must be 'hybrid', .*, not 'fuzzy'"),
    (lambda: search(retrieval_mode=5), "retrieval_mode must be 'hybrid', .*, not int"),
    (lambda: v1.HybridRetrieval(search_multiplier=0), "search_multiplier must be from 1 to 100"),
    (lambda: v1.HybridRetrieval(search_multiplier=101), "search_multiplier must be from 1 to 100"),
    (
        lambda: v1.HybridRetrieval(reranker="m"),  # type: ignore[arg-type]  # the point of the test
        "reranker must be a RerankerModel or a ReciprocalRankFusion, not str",
    ),
    (
        lambda: v1.KeywordRetrieval(reranker=v1.ReciprocalRankFusion()),  # type: ignore[arg-type]  # the point of the test
        "reranker must be a RerankerModel, not ReciprocalRankFusion",
    ),
    (lambda: v1.ReciprocalRankFusion(k=0), "k must be from 1 to "),
    (lambda: v1.ReciprocalRankFusion(text_weight=1.5), "text_weight must be from 0 to 1, not 1.5"),
    (
        lambda: v1.ReciprocalRankFusion(embedding_weight=0, text_weight=0),
        "embedding_weight and text_weight must not both be 0",
    ),
    (lambda: v1.RerankerModel(model=""), "model must not be empty"),
]


@pytest.mark.parametrize(("call", "text"), WRONG)
def test_wrong_argument_is_named(call: Callable[[], object], text: str) -> None:
    """With what was expected, and where in a mapping or a list it is."""
    with pytest.raises((TypeError, ValueError), match=f"^{text}"):
        call()


def test_chunks_are_read_as_they_were_given() -> None:
    """Also what this version would refuse; another strategy than it knows is None."""
    for given in (
        v1.ChunkConfiguration("chars", 5, strip_whitespace=True),
        v1.ChunkConfiguration("bytes", 5, 4, inject_name_into_chunks=True),
        v1.ChunkConfiguration("tokens", 5, 1, encoding_name="o200k_base"),
    ):
        assert read_chunks(chunk_message("a", given)) == given
    message = chunk_message("a", v1.ChunkConfiguration("chars", 5))
    message.chars_configuration.chunk_overlap_chars = 9
    read = read_chunks(message)
    assert read is not None
    assert (read.max_size, read.overlap) == (5, 9)
    assert read_chunks(type(message)(strip_whitespace=True)) is None


def test_fields_are_read_as_they_were_given() -> None:
    """A mapping needs its key only; what it leaves out is off."""
    given: v1.FieldDefinitionParam = {"key": "a", "unique": True}
    value = v1.FieldDefinition("a", unique=True)
    (one,), (other,) = field_messages("f", [given]), field_messages("f", [value])
    assert one == other
    assert read_field(one) == value
    added: v1.FieldDefinitionAddParam = {"field_definition": value, "operation": "add"}
    assert update_messages("f", [added]) == update_messages("f", [v1.AddField(value)])


def test_values_are_immutable() -> None:
    """And equal ones are one key of a dict."""
    value = v1.ChunkConfiguration("chars", 5)
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        value.max_size = 6  # type: ignore[misc]  # the point of the test
    assert {value: 1}[v1.ChunkConfiguration("chars", 5, 0)] == 1
    assert v1.HybridRetrieval() == v1.HybridRetrieval(search_multiplier=None)


def test_every_id_goes_by_its_keyword() -> None:
    """Two that follow each other are mixed up sooner or later."""
    for service in (Collections, Documents):
        for name, method in inspect.getmembers(service, inspect.isfunction):
            for parameter in inspect.signature(method).parameters.values():
                if not name.startswith("_") and parameter.name.endswith(("_id", "_ids")):
                    assert parameter.kind is parameter.KEYWORD_ONLY, (name, parameter.name)


def test_error_of_one_document_of_several_keeps_its_id() -> None:
    """All that were uploaded are named besides."""
    error = ValueError("no")
    mark_uploaded(error, ["second"])
    mark_uploaded(error, ["first", "second"])
    marked = vars(error)
    assert (marked["file_id"], marked["file_ids"]) == ("second", ("first", "second"))
