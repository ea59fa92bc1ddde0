"""Models of the v1 API and their prices."""

from datetime import datetime
from typing import Final, Protocol

import attrs

from xai.proto.xai_api import models as models_pb
from xai.proto.xai_api.models import Modality
from xai.v1.proto_value import ProtoValue

#: The unit of the prices of tokens and of searches, which are for a million of them.
_USD_PER_UNIT: Final = 1e-4
_USD_PER_CENT: Final = 1e-2
_MILLION: Final = 1_000_000


@attrs.frozen
class LanguageModel(ProtoValue):
    """A model that writes text.

    Attributes:
        name: Its name.
        aliases: Other names for it.
        version: Its version.
        input_modalities: What it reads.
        output_modalities: What it writes.
        prompt_text_token_price: For text in a prompt, in 1e-4 US dollars per million tokens.
        prompt_image_token_price: For images in a prompt, in the same unit.
        cached_prompt_token_price: For what the server has seen before, in the same unit.
        completion_text_token_price: For the answer, in the same unit.
        search_price: For searching, in 1e-4 US dollars per million searches.
        created: When it was made, in UTC; None when the server does not say.
        max_prompt_length: How many tokens a prompt has at most.
        system_fingerprint: The set-up of the server.
        proto: The message of the server.
    """

    name: str
    aliases: tuple[str, ...]
    version: str
    input_modalities: tuple[Modality, ...]
    output_modalities: tuple[Modality, ...]
    prompt_text_token_price: int
    prompt_image_token_price: int
    cached_prompt_token_price: int
    completion_text_token_price: int
    search_price: int
    created: datetime | None
    max_prompt_length: int
    system_fingerprint: str
    proto: models_pb.LanguageModel = attrs.field(repr=False, eq=False)

    @property
    def prompt_text_usd_per_million(self) -> float:
        """US dollars for a million tokens of text in a prompt."""
        return self.prompt_text_token_price * _USD_PER_UNIT

    @property
    def prompt_image_usd_per_million(self) -> float:
        """US dollars for a million tokens of images in a prompt."""
        return self.prompt_image_token_price * _USD_PER_UNIT

    @property
    def cached_prompt_usd_per_million(self) -> float:
        """US dollars for a million tokens that the server has seen before."""
        return self.cached_prompt_token_price * _USD_PER_UNIT

    @property
    def completion_text_usd_per_million(self) -> float:
        """US dollars for a million tokens of an answer."""
        return self.completion_text_token_price * _USD_PER_UNIT

    @property
    def search_usd_per_million(self) -> float:
        """US dollars for a million searches."""
        return self.search_price * _USD_PER_UNIT


@attrs.frozen
class EmbeddingModel(ProtoValue):
    """A model that makes vectors.

    Attributes:
        name: Its name.
        aliases: Other names for it.
        version: Its version.
        input_modalities: What it reads.
        output_modalities: What it writes.
        prompt_text_token_price: For text, in 1e-4 US dollars per million tokens.
        prompt_image_token_price: For images, in the same unit.
        created: When it was made, in UTC; None when the server does not say.
        system_fingerprint: The set-up of the server.
        proto: The message of the server.
    """

    name: str
    aliases: tuple[str, ...]
    version: str
    input_modalities: tuple[Modality, ...]
    output_modalities: tuple[Modality, ...]
    prompt_text_token_price: int
    prompt_image_token_price: int
    created: datetime | None
    system_fingerprint: str
    proto: models_pb.EmbeddingModel = attrs.field(repr=False, eq=False)

    @property
    def prompt_text_usd_per_million(self) -> float:
        """US dollars for a million tokens of text."""
        return self.prompt_text_token_price * _USD_PER_UNIT

    @property
    def prompt_image_usd_per_million(self) -> float:
        """US dollars for a million tokens of images."""
        return self.prompt_image_token_price * _USD_PER_UNIT


@attrs.frozen
class ImageGenerationModel(ProtoValue):
    """A model that makes images.

    Attributes:
        name: Its name.
        aliases: Other names for it.
        version: Its version.
        input_modalities: What it reads.
        output_modalities: What it makes.
        image_price: For an image, in US cents.
        created: When it was made, in UTC; None when the server does not say.
        max_prompt_length: How many tokens a prompt has at most.
        system_fingerprint: The set-up of the server.
        proto: The message of the server.
    """

    name: str
    aliases: tuple[str, ...]
    version: str
    input_modalities: tuple[Modality, ...]
    output_modalities: tuple[Modality, ...]
    image_price: int
    created: datetime | None
    max_prompt_length: int
    system_fingerprint: str
    proto: models_pb.ImageGenerationModel = attrs.field(repr=False, eq=False)

    @property
    def image_usd(self) -> float:
        """US dollars for an image."""
        return self.image_price * _USD_PER_CENT


def read_language_model(proto: models_pb.LanguageModel) -> LanguageModel:
    """Return what a message says of a model."""
    return LanguageModel(
        name=proto.name,
        aliases=tuple(proto.aliases),
        version=proto.version,
        input_modalities=tuple(proto.input_modalities),
        output_modalities=tuple(proto.output_modalities),
        prompt_text_token_price=proto.prompt_text_token_price,
        prompt_image_token_price=proto.prompt_image_token_price,
        cached_prompt_token_price=proto.cached_prompt_token_price,
        completion_text_token_price=proto.completion_text_token_price,
        search_price=proto.search_price,
        created=_created(proto),
        max_prompt_length=proto.max_prompt_length,
        system_fingerprint=proto.system_fingerprint,
        proto=proto,
    )


def read_embedding_model(proto: models_pb.EmbeddingModel) -> EmbeddingModel:
    """Return what a message says of a model."""
    return EmbeddingModel(
        name=proto.name,
        aliases=tuple(proto.aliases),
        version=proto.version,
        input_modalities=tuple(proto.input_modalities),
        output_modalities=tuple(proto.output_modalities),
        prompt_text_token_price=proto.prompt_text_token_price,
        prompt_image_token_price=proto.prompt_image_token_price,
        created=_created(proto),
        system_fingerprint=proto.system_fingerprint,
        proto=proto,
    )


def read_image_model(proto: models_pb.ImageGenerationModel) -> ImageGenerationModel:
    """Return what a message says of a model."""
    return ImageGenerationModel(
        name=proto.name,
        aliases=tuple(proto.aliases),
        version=proto.version,
        input_modalities=tuple(proto.input_modalities),
        output_modalities=tuple(proto.output_modalities),
        image_price=proto.image_price,
        created=_created(proto),
        max_prompt_length=proto.max_prompt_length,
        system_fingerprint=proto.system_fingerprint,
        proto=proto,
    )


class _Dated(Protocol):
    created: datetime

    def is_set(self, name: str) -> bool: ...


def _created(proto: _Dated) -> datetime | None:
    # Reading a time that is not there would put one there.
    return proto.created if proto.is_set("created") else None


for _class in (
    EmbeddingModel,
    ImageGenerationModel,
    LanguageModel,
):
    _class.__module__ = "xai.v1"
