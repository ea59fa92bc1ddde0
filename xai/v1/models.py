"""Models of the v1 API and their prices."""

from datetime import datetime
from typing import Final, Protocol

import attrs

from xai.proto.xai_api import models as models_pb
from xai.proto.xai_api.models import Modality
from xai.runtime.codec.reading import checked
from xai.v1.html import dollars, table
from xai.v1.proto_value import ProtoValue

#: The unit of the prices of tokens and searches, which are per million.
_USD_PER_UNIT: Final = 1e-4
_USD_PER_CENT: Final = 1e-2
_MILLION: Final = 1_000_000


@attrs.frozen
class LanguageModel(ProtoValue):
    """A language model.

    Attributes:
        name: The name.
        aliases: Other names for it.
        version: The version.
        input_modalities: The modalities it takes, such as text and images.
        output_modalities: The modalities it produces.
        prompt_text_token_price: The price of text in a prompt, in 1e-4 US dollars per million
            tokens.
        prompt_image_token_price: The price of images in a prompt, in the same unit.
        cached_prompt_token_price: The price of cached prompt tokens, in the same unit.
        completion_text_token_price: The price of completion tokens, in the same unit.
        search_price: The price of searches, in 1e-4 US dollars per million searches.
        created: When the model was created, in UTC; None when the server does not say.
        max_prompt_length: The context window, in tokens.
        system_fingerprint: The configuration of the backend.
        proto: The protobuf message.
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
        """The price of a million text tokens in a prompt, in US dollars."""
        return self.prompt_text_token_price * _USD_PER_UNIT

    @property
    def prompt_image_usd_per_million(self) -> float:
        """The price of a million image tokens in a prompt, in US dollars."""
        return self.prompt_image_token_price * _USD_PER_UNIT

    @property
    def cached_prompt_usd_per_million(self) -> float:
        """The price of a million cached prompt tokens, in US dollars."""
        return self.cached_prompt_token_price * _USD_PER_UNIT

    @property
    def completion_text_usd_per_million(self) -> float:
        """The price of a million completion tokens, in US dollars."""
        return self.completion_text_token_price * _USD_PER_UNIT

    @property
    def search_usd_per_million(self) -> float:
        """The price of a million searches, in US dollars."""
        return self.search_price * _USD_PER_UNIT

    def _repr_html_(self) -> str:
        """Show it in a notebook, with its prices."""
        return _as_table(
            self,
            ("context window", f"{self.max_prompt_length:,} tokens"),
            ("text of a prompt", _per_million(self.prompt_text_token_price)),
            ("images of a prompt", _per_million(self.prompt_image_token_price)),
            ("cached text of a prompt", _per_million(self.cached_prompt_token_price)),
            ("completion", _per_million(self.completion_text_token_price)),
            ("searches", _per_million(self.search_price, "searches")),
        )


@attrs.frozen
class EmbeddingModel(ProtoValue):
    """An embedding model.

    Attributes:
        name: The name.
        aliases: Other names for it.
        version: The version.
        input_modalities: The modalities it takes, such as text and images.
        output_modalities: The modalities it produces.
        prompt_text_token_price: The price of text, in 1e-4 US dollars per million tokens.
        prompt_image_token_price: The price of images, in the same unit.
        created: When the model was created, in UTC; None when the server does not say.
        system_fingerprint: The configuration of the backend.
        proto: The protobuf message.
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
        """The price of a million text tokens, in US dollars."""
        return self.prompt_text_token_price * _USD_PER_UNIT

    @property
    def prompt_image_usd_per_million(self) -> float:
        """The price of a million image tokens, in US dollars."""
        return self.prompt_image_token_price * _USD_PER_UNIT

    def _repr_html_(self) -> str:
        """Show it in a notebook, with its prices."""
        return _as_table(
            self,
            ("text", _per_million(self.prompt_text_token_price)),
            ("images", _per_million(self.prompt_image_token_price)),
        )


@attrs.frozen
class ImageGenerationModel(ProtoValue):
    """An image generation model.

    Attributes:
        name: The name.
        aliases: Other names for it.
        version: The version.
        input_modalities: The modalities it takes, such as text and images.
        output_modalities: The modalities it produces.
        image_price: The price of an image, in US cents.
        created: When the model was created, in UTC; None when the server does not say.
        max_prompt_length: The context window, in tokens.
        system_fingerprint: The configuration of the backend.
        proto: The protobuf message.
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
        """The price of an image, in US dollars."""
        return self.image_price * _USD_PER_CENT

    def _repr_html_(self) -> str:
        """Show it in a notebook, with its price."""
        return _as_table(
            self,
            ("longest prompt", f"{self.max_prompt_length:,} tokens"),
            ("an image", dollars(self.image_usd)),
        )


def read_language_model(proto: models_pb.LanguageModel) -> LanguageModel:
    """Return the value of a message that describes a model."""
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
    """Return the value of a message that describes a model."""
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
    """Return the value of a message that describes a model."""
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


def read_language_models(reply: models_pb.ListLanguageModelsResponse) -> list[LanguageModel]:
    """Return the values of the models in a message."""
    return [read_language_model(model) for model in checked(reply.models)]


def read_embedding_models(reply: models_pb.ListEmbeddingModelsResponse) -> list[EmbeddingModel]:
    """Return the values of the models in a message."""
    return [read_embedding_model(model) for model in checked(reply.models)]


def read_image_models(
    reply: models_pb.ListImageGenerationModelsResponse,
) -> list[ImageGenerationModel]:
    """Return the values of the models in a message."""
    return [read_image_model(model) for model in checked(reply.models)]


def _as_table(
    model: LanguageModel | EmbeddingModel | ImageGenerationModel, *more: tuple[str, str | None]
) -> str:
    """Return a model as HTML, without the prices that it does not have."""
    modalities = (model.input_modalities, model.output_modalities)
    takes, makes = (", ".join(one.name or str(int(one)) for one in found) for found in modalities)
    return table(
        [
            ("name", model.name),
            ("aliases", ", ".join(model.aliases) or None),
            ("version", model.version or None),
            ("created", model.created and f"{model.created:%Y-%m-%d}"),
            ("takes", takes.lower() or None),
            ("makes", makes.lower() or None),
            *more,
        ]
    )


def _per_million(price: int, unit: str = "tokens") -> str | None:
    return f"{dollars(price * _USD_PER_UNIT)} per million {unit}" if price else None


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
