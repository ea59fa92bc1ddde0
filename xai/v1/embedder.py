"""Embeddings of texts and images: requests and results."""

import base64
import binascii
import os
import sys
from array import array
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final, Literal, TypeAlias, cast, overload

import attrs

from xai._annotations import resolve_lazily
from xai._validation import check_str, given, kind_of
from xai.proto.base import which_one_of
from xai.proto.xai_api import embed as pb
from xai.proto.xai_api.chat import Content
from xai.proto.xai_api.usage import EmbeddingUsage as UsageMessage
from xai.runtime.codec.api import DecodeError
from xai.runtime.codec.reading import checked
from xai.v1.chat.enums import member
from xai.v1.chat.messages import image
from xai.v1.validation import non_empty, optional_non_empty

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from xai.v1.structured.json_value import JsonValue

    #: 32-bit floats.
    Vector: TypeAlias = array[float]
else:
    # Arrays can't be subscripted before Python 3.12.
    Vector = array

#: A text, or an image: what `xai.v1.image` returns, its bytes, or the path of its file.
EmbeddingInput: TypeAlias = str | Content | bytes | bytearray | memoryview | os.PathLike[str]
#: How numbers are sent; it makes no difference to the result.
EncodingFormat: TypeAlias = Literal["float", "base64"]

#: How many inputs the service takes in a request.
MAX_INPUTS: Final = 128
_BYTES: Final = (bytes, bytearray, memoryview)
_ENCODINGS: Final = {
    "float": pb.EmbedEncodingFormat.FORMAT_FLOAT,
    "base64": pb.EmbedEncodingFormat.FORMAT_BASE64,
}


@attrs.frozen
class EmbeddingUsage:
    """The number of inputs that were embedded; usages can be added.

    Attributes:
        num_text_embeddings: The number of texts.
        num_image_embeddings: The number of images.
    """

    num_text_embeddings: int = 0
    num_image_embeddings: int = 0

    def _repr_html_(self) -> str:
        """Show in a notebook what was embedded."""
        from xai.v1.html import table

        counts = (("texts", self.num_text_embeddings), ("images", self.num_image_embeddings))
        return table((name, f"{count:,}") for name, count in counts)

    def __add__(self, other: "EmbeddingUsage") -> "EmbeddingUsage":
        """Return the sum."""
        if not isinstance(other, EmbeddingUsage):
            return NotImplemented
        return EmbeddingUsage(
            self.num_text_embeddings + other.num_text_embeddings,
            self.num_image_embeddings + other.num_image_embeddings,
        )


@attrs.frozen
class Embedding:
    """The embedding of an input.

    Attributes:
        index: The place of the input.
        vectors: Its vectors, of 32-bit floats: one for a text, possibly several for an image.
    """

    index: int
    vectors: tuple[Vector, ...] = attrs.field(repr=False)

    @property
    def vector(self) -> Vector:
        """The vector, of an input that has one.

        Raises:
            ValueError: The input has several vectors, or none.
        """
        if len(self.vectors) != 1:
            raise ValueError(
                f"the input {self.index} has {len(self.vectors)} vectors: see vectors for all"
            )
        return self.vectors[0]

    def to_list(self) -> list[float]:
        """Return the vector as a list.

        Raises:
            ValueError: The input has several vectors, or none.
        """
        return self.vector.tolist()

    def to_numpy(self) -> "npt.NDArray[np.float32]":
        """Return all vectors as the rows of a NumPy array.

        Raises:
            ImportError: The extra ``numpy`` is not installed.
        """
        return _rows(self.vectors)


@attrs.frozen
class Embeddings(Sequence[Embedding]):
    """The embeddings of some inputs, in their order; a sequence.

    Attributes:
        embeddings: The embeddings.
        model: The model that was used, as the server names it.
        usage: The number of inputs, of all requests together.
        ids: The IDs of the responses, one for each request.
        system_fingerprint: The configuration of the backend.
    """

    embeddings: tuple[Embedding, ...] = attrs.field(repr=lambda found: f"<{len(found)}>")
    model: str
    usage: EmbeddingUsage
    ids: tuple[str, ...]
    system_fingerprint: str = ""

    @property
    def vectors(self) -> list[Vector]:
        """The vector of each input.

        Raises:
            ValueError: An input has several vectors, or none.
        """
        return [embedding.vector for embedding in self.embeddings]

    def to_list(self) -> list[list[float]]:
        """Return the vector of each input as a list of numbers.

        Raises:
            ValueError: An input has several vectors, or none.
        """
        return [vector.tolist() for vector in self.vectors]

    def to_numpy(self) -> "npt.NDArray[np.float32]":
        """Return the vector of each input as a row of a NumPy array.

        Raises:
            ImportError: The extra ``numpy`` is not installed.
            ValueError: An input has several vectors, or none.
        """
        return _rows(self.vectors)

    def to_dict(self) -> "dict[str, JsonValue]":
        """Return the embeddings as JSON-compatible values."""
        return {
            "embeddings": [
                {"index": found.index, "vectors": [[*vector] for vector in found.vectors]}
                for found in self.embeddings
            ],
            "model": self.model,
            "usage": {
                "num_text_embeddings": self.usage.num_text_embeddings,
                "num_image_embeddings": self.usage.num_image_embeddings,
            },
            "ids": [*self.ids],
            "system_fingerprint": self.system_fingerprint,
        }

    @overload
    def __getitem__(self, index: int) -> Embedding: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[Embedding, ...]: ...

    def __getitem__(self, index: int | slice) -> Embedding | tuple[Embedding, ...]:
        """Return an embedding, or some of them."""
        return self.embeddings[index]

    def __len__(self) -> int:
        """Return how many inputs there are."""
        return len(self.embeddings)

    def __iter__(self) -> Iterator[Embedding]:
        """Return an iterator over the embeddings."""
        return iter(self.embeddings)


def _rows(vectors: Sequence[Vector]) -> "npt.NDArray[np.float32]":
    try:
        import numpy as np
    except ImportError as error:
        hint = 'pip install "xai-client[numpy]"'
        raise ImportError(f"to_numpy needs the extra 'numpy': {hint} ({error})") from error
    # Each is taken as it lies in memory; without any the array has no rows.
    rows = [np.frombuffer(vector, np.float32) for vector in vectors]
    return np.stack(rows) if rows else np.empty((0, 0), np.float32)


def check_inputs(inputs: EmbeddingInput | Sequence[EmbeddingInput]) -> list[EmbeddingInput]:
    """Return the inputs as a list, of one item for a single input.

    Raises:
        TypeError: One is neither a text nor an image.
        ValueError: There are none.
    """
    if isinstance(inputs, (str, Content, *_BYTES, os.PathLike)):
        return [inputs]
    if not isinstance(inputs, Sequence):
        raise TypeError(
            f"inputs must be a str, an image, or a sequence of these, not {kind_of(inputs)}"
        )
    found = cast("list[EmbeddingInput]", list(inputs))
    if not found:
        raise ValueError("inputs must not be empty")
    for place, value in enumerate(found):
        if not isinstance(value, (str, Content, *_BYTES, os.PathLike)):
            raise TypeError(
                f"inputs[{place}] must be a str, or an image: its bytes, a path, or what"
                f" xai.v1.image() returns, not {kind_of(value)}"
            )
    return found


def make_input(place: int, value: str | Content | bytes | bytearray | memoryview) -> pb.EmbedInput:
    """Return the message of an input.

    Args:
        place: The place of the input, for errors.
        value: The text or image.

    Raises:
        ValueError: It is neither a text nor an image that the service takes.
    """
    if isinstance(value, str):
        check_str(f"inputs[{place}]", value)
        return pb.EmbedInput(string=value)
    if not isinstance(value, Content):
        try:
            value = image(data=value)
        except ValueError as error:
            raise ValueError(
                f"inputs[{place}] must be a PNG, JPEG or WebP image; what is another goes into"
                " xai.v1.image(data=..., mime_type=...)"
            ) from error
    kind, part = which_one_of(value, "content")
    if kind == "text":
        return pb.EmbedInput(string=part)
    if kind != "image_url":
        raise ValueError(f"inputs[{place}] must be a text or an image, not a {kind or 'nothing'}")
    return pb.EmbedInput(image_url=part)


def make_request(
    *, model: str, encoding_format: EncodingFormat | None = None, user: str | None = None
) -> pb.EmbedRequest:
    """Return a request without its inputs.

    Args:
        model: The name or alias of the model.
        encoding_format: How numbers are sent; as floats when None.
        user: An ID of your own for the end user.

    Raises:
        TypeError: An argument is not a str.
        ValueError: An argument is empty or not known.
    """
    return pb.EmbedRequest(
        model=non_empty("model", model),
        encoding_format=member(
            "encoding_format",
            given(encoding_format, "float"),
            _ENCODINGS,
            pb.EmbedEncodingFormat,
        ),
        user=optional_non_empty("user", user) or "",
    )


def size_of(value: pb.EmbedInput) -> int:
    """Return the size of an input on the wire, in bytes."""
    return len(bytes(value))


def read_reply(reply: pb.EmbedResponse, first: int, count: int) -> Embeddings:
    """Return the embeddings of a reply.

    Args:
        reply: The reply.
        first: The place of the first input of the request among all.
        count: The number of inputs of the request.

    Raises:
        DecodeError: It does not have one embedding for each input, or a vector can't be decoded.
    """
    found = {entry.index: entry for entry in checked(reply.embeddings)}
    if len(reply.embeddings) != count or found.keys() != set(range(count)):
        raise DecodeError(f"it has the embeddings {sorted(found)} of {count} inputs")
    usage = reply.usage if reply.is_set("usage") else UsageMessage()
    return Embeddings(
        embeddings=tuple(
            Embedding(first + place, tuple(map(_vector, checked(found[place].embeddings))))
            for place in range(count)
        ),
        model=reply.model,
        usage=EmbeddingUsage(usage.num_text_embeddings, usage.num_image_embeddings),
        ids=(reply.id,),
        system_fingerprint=reply.system_fingerprint,
    )


def joined(parts: Sequence[Embeddings]) -> Embeddings:
    """Return the embeddings of several requests as one; the facts are those of the last."""
    return Embeddings(
        embeddings=tuple(embedding for part in parts for embedding in part.embeddings),
        model=parts[-1].model,
        usage=sum((part.usage for part in parts), EmbeddingUsage()),
        ids=tuple(name for part in parts for name in part.ids),
        system_fingerprint=parts[-1].system_fingerprint,
    )


def _vector(message: pb.FeatureVector) -> Vector:
    if not message.base64_array:
        return array("f", message.float_array)
    try:
        vector = array("f", base64.b64decode(message.base64_array, validate=True))
    except (binascii.Error, ValueError) as error:
        raise DecodeError(f"a vector is not valid Base64 of 32-bit floats: {error}") from error
    if sys.byteorder == "big":
        vector.byteswap()
    return vector


for _class in (Embedding, EmbeddingUsage, Embeddings):
    _class.__module__ = "xai.v1"


resolve_lazily(globals())
