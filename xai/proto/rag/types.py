# Generated from xai/api/v1/types.proto (betterproto 2.0.0b7, protoc 35.1). Do not edit.
"""How collections are indexed."""

from dataclasses import dataclass

import betterproto

from xai.proto import base


class HnswMetric(base.Enum):
    """How the distance of two vectors is measured."""

    HNSW_METRIC_UNKNOWN = 0
    """The server decides."""

    HNSW_METRIC_COSINE = 1
    """By the cosine of the angle."""

    HNSW_METRIC_EUCLIDEAN = 2
    """By Euclidean distance."""

    HNSW_METRIC_INNER_PRODUCT = 3
    """By the inner product."""


@dataclass(eq=False, repr=False)
class IndexConfiguration(base.Message):
    """How a collection is indexed."""

    model_name: str = betterproto.string_field(1)
    """The model that makes the vectors."""


@dataclass(eq=False, repr=False)
class ChunkConfiguration(base.Message):
    """How documents are cut into parts."""

    chars_configuration: "CharsConfiguration" = betterproto.message_field(1, group="config")
    """By characters."""

    tokens_configuration: "TokensConfiguration" = betterproto.message_field(2, group="config")
    """By tokens."""

    bytes_configuration: "BytesConfiguration" = betterproto.message_field(11, group="config")
    """By bytes."""

    strip_whitespace: bool = betterproto.bool_field(3)
    """Drop white space at the ends of parts."""

    inject_name_into_chunks: bool = betterproto.bool_field(4)
    """Put the name of the document in front of each part."""


@dataclass(eq=False, repr=False)
class CharsConfiguration(base.Message):
    """Cuts by characters."""

    max_chunk_size_chars: int = betterproto.int32_field(1)
    """The length of a part at most, in characters."""

    chunk_overlap_chars: int = betterproto.int32_field(2)
    """Overlap of neighbouring chunks in characters."""


@dataclass(eq=False, repr=False)
class TokensConfiguration(base.Message):
    """Cuts by tokens."""

    max_chunk_size_tokens: int = betterproto.int32_field(1)
    """The length of a part at most, in tokens."""

    chunk_overlap_tokens: int = betterproto.int32_field(2)
    """Overlap of neighbouring chunks in tokens."""

    encoding_name: str = betterproto.string_field(3)
    """What makes the tokens."""


@dataclass(eq=False, repr=False)
class BytesConfiguration(base.Message):
    """Cuts by bytes."""

    max_chunk_size_bytes: int = betterproto.int32_field(1)
    """The length of a part at most, in bytes."""

    chunk_overlap_bytes: int = betterproto.int32_field(2)
    """Overlap of neighbouring chunks in bytes."""
