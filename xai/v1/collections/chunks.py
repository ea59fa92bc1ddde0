"""How a collection cuts its documents into chunks."""

from typing import Final, Literal, TypeAlias

import attrs
from typing_extensions import TypedDict

from xai._validation import check_bool, check_int, check_str
from xai.proto.base import which_one_of
from xai.proto.rag import types as rag
from xai.v1.mappings import checked_keys
from xai.v1.validation import INT32_MAX, flag, non_empty

ChunkUnit: TypeAlias = Literal["chars", "tokens", "bytes"]
"""What the sizes of a collection's chunks count."""

_UNITS: Final[tuple[ChunkUnit, ...]] = ("chars", "tokens", "bytes")
_FLAGS: Final = ("strip_whitespace", "inject_name_into_chunks")


class CharsConfigurationParam(TypedDict):
    """Chunks of characters.

    Attributes:
        max_chunk_size_chars: The maximum size of a chunk, in characters.
        chunk_overlap_chars: The overlap of neighbouring chunks, in characters.
    """

    max_chunk_size_chars: int
    chunk_overlap_chars: int


class TokensConfigurationParam(TypedDict):
    """Chunks of tokens.

    Attributes:
        max_chunk_size_tokens: The maximum size of a chunk, in tokens.
        chunk_overlap_tokens: The overlap of neighbouring chunks, in tokens.
        encoding_name: The encoding that makes the tokens.
    """

    max_chunk_size_tokens: int
    chunk_overlap_tokens: int
    encoding_name: str


class BytesConfigurationParam(TypedDict):
    """Chunks of bytes.

    Attributes:
        max_chunk_size_bytes: The maximum size of a chunk, in bytes.
        chunk_overlap_bytes: The overlap of neighbouring chunks, in bytes.
    """

    max_chunk_size_bytes: int
    chunk_overlap_bytes: int


class ChunkConfigurationParam(TypedDict, total=False):
    """How documents are cut into chunks, in the form of the wire: exactly one of the first three.

    Attributes:
        chars_configuration: Chunks of characters.
        tokens_configuration: Chunks of tokens.
        bytes_configuration: Chunks of bytes.
        strip_whitespace: Whether white space at the ends of chunks is dropped.
        inject_name_into_chunks: Whether each chunk begins with the name of its document.
    """

    chars_configuration: CharsConfigurationParam
    tokens_configuration: TokensConfigurationParam
    bytes_configuration: BytesConfigurationParam
    strip_whitespace: bool
    inject_name_into_chunks: bool


def _overlap(value: int | None) -> int:
    return 0 if value is None else value


@attrs.frozen
class ChunkConfiguration:
    """How the documents of a collection are cut into chunks.

    Attributes:
        unit: What chunks are measured in: ``"chars"``, ``"tokens"`` or ``"bytes"``.
        max_size: The maximum size of a chunk, in units.
        overlap: The overlap of neighbouring chunks, in units; less than the maximum size.
        encoding_name: The encoding that makes the tokens; needed for tokens, and only for them.
        strip_whitespace: Whether white space at the ends of chunks is dropped.
        inject_name_into_chunks: Whether each chunk begins with the name of its document.

    Raises:
        TypeError: An attribute is of another type; the error names it.
        ValueError: There is no such unit, a size is out of range, the overlap is not less than
            the maximum size, or the encoding is missing or too much.
    """

    unit: ChunkUnit
    max_size: int
    overlap: int = attrs.field(default=0, converter=_overlap)
    encoding_name: str | None = None
    strip_whitespace: bool = attrs.field(default=False, converter=flag)
    inject_name_into_chunks: bool = attrs.field(default=False, converter=flag)

    def __attrs_post_init__(self) -> None:
        """Check the attributes."""
        check_str("unit", self.unit)
        if self.unit not in _UNITS:
            choices = ", ".join(map(repr, _UNITS))
            raise ValueError(f"unit must be one of {choices}, not {self.unit!r}")
        _check_sizes("max_size", self.max_size, "overlap", self.overlap)
        if self.unit == "tokens":
            if self.encoding_name is None:
                raise ValueError("encoding_name is needed for chunks of tokens")
            non_empty("encoding_name", self.encoding_name)
        elif self.encoding_name is not None:
            raise ValueError(f"encoding_name makes no sense for chunks of {self.unit}")
        check_bool("strip_whitespace", self.strip_whitespace)
        check_bool("inject_name_into_chunks", self.inject_name_into_chunks)


AnyChunkConfiguration: TypeAlias = ChunkConfiguration | ChunkConfigurationParam


def chunk_message(argument: str, given: object) -> rag.ChunkConfiguration:
    """Return the message of a chunk configuration.

    Raises:
        TypeError: It, or a part of it, is of another type; the error names the part.
        ValueError: There is not exactly one strategy, a key is unknown or missing, or a value is
            out of range.
    """
    config = given if isinstance(given, ChunkConfiguration) else _read_param(argument, given)
    sizes = {
        f"max_chunk_size_{config.unit}": config.max_size,
        f"chunk_overlap_{config.unit}": config.overlap,
    }
    message = rag.ChunkConfiguration(
        strip_whitespace=config.strip_whitespace,
        inject_name_into_chunks=config.inject_name_into_chunks,
    )
    if config.unit == "chars":
        message.chars_configuration = rag.CharsConfiguration(**sizes)
    elif config.unit == "bytes":
        message.bytes_configuration = rag.BytesConfiguration(**sizes)
    else:
        message.tokens_configuration = rag.TokensConfiguration(
            encoding_name=config.encoding_name or "", **sizes
        )
    return message


def read_chunks(message: rag.ChunkConfiguration) -> ChunkConfiguration | None:
    """Return the value of a message; None for a strategy that this version does not know.

    What a server says is taken as it is, even if it would be refused from a caller.
    """
    kind, strategy = which_one_of(message, "config")
    if not kind:
        return None
    unit = next(unit for unit in _UNITS if kind == f"{unit}_configuration")
    value = ChunkConfiguration.__new__(ChunkConfiguration)
    fields = {
        "unit": unit,
        "max_size": getattr(strategy, f"max_chunk_size_{unit}"),
        "overlap": getattr(strategy, f"chunk_overlap_{unit}"),
        "encoding_name": strategy.encoding_name if unit == "tokens" else None,
        "strip_whitespace": message.strip_whitespace,
        "inject_name_into_chunks": message.inject_name_into_chunks,
    }
    for name, found in fields.items():
        object.__setattr__(value, name, found)
    return value


def _read_param(argument: str, given: object) -> ChunkConfiguration:
    strategies = tuple(f"{unit}_configuration" for unit in _UNITS)
    param = checked_keys(argument, given, "ChunkConfiguration", (), (*strategies, *_FLAGS))
    found = [unit for unit in _UNITS if f"{unit}_configuration" in param]
    if len(found) != 1:
        raise ValueError(
            f"{argument} must have exactly one of {', '.join(strategies)}, not {len(found)}"
        )
    unit = found[0]
    where = f"{argument}[{unit}_configuration]"
    size, overlap = f"max_chunk_size_{unit}", f"chunk_overlap_{unit}"
    needed = (size, overlap, "encoding_name") if unit == "tokens" else (size, overlap)
    values = checked_keys(where, param[f"{unit}_configuration"], "mapping", needed, ())
    _check_sizes(f"{where}[{size}]", values[size], f"{where}[{overlap}]", values[overlap])
    if unit == "tokens":
        non_empty(f"{where}[encoding_name]", values["encoding_name"])
    for name in _FLAGS:
        check_bool(f"{argument}[{name}]", param.get(name, False))
    options = {
        "max_size": values[size],
        "overlap": values[overlap],
        "encoding_name": values.get("encoding_name"),
        **{name: param.get(name, False) for name in _FLAGS},
    }
    return ChunkConfiguration(unit, **options)  # type: ignore[arg-type]  # checked above


def _check_sizes(size_name: str, size: object, overlap_name: str, overlap: object) -> None:
    check_int(size_name, size, 1, INT32_MAX)
    check_int(overlap_name, overlap, 0, INT32_MAX)
    if isinstance(size, int) and isinstance(overlap, int) and overlap >= size:
        raise ValueError(f"{overlap_name} must be less than {size_name} ({overlap} >= {size})")


for _class in (
    BytesConfigurationParam,
    CharsConfigurationParam,
    ChunkConfiguration,
    ChunkConfigurationParam,
    TokensConfigurationParam,
):
    _class.__module__ = "xai.v1"
