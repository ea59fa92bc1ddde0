# Generated from xai/api/v1/models.proto (betterproto 2.0.0b7, protoc 35.1). Do not edit.
"""The models there are."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

import betterproto
from betterproto.lib.google.protobuf import Empty

from xai.proto import base


class Modality(base.Enum):
    """What models read and write."""

    INVALID_MODALITY = 0
    """It is not known."""

    TEXT = 1
    """Text."""

    IMAGE = 2
    """Images."""

    EMBEDDING = 3
    """Vectors."""


@dataclass(eq=False, repr=False)
class GetModelRequest(base.Message):
    """Names a model."""

    name: str = betterproto.string_field(1)
    """Its name, or one of its aliases."""


@dataclass(eq=False, repr=False)
class LanguageModel(base.Message):
    """A language model."""

    name: str = betterproto.string_field(1)
    """Its name."""

    aliases: "list[str]" = betterproto.string_field(11)
    """Other names for it."""

    version: str = betterproto.string_field(2)
    """Its version."""

    input_modalities: "list[Modality]" = betterproto.enum_field(3)
    """What it reads."""

    output_modalities: "list[Modality]" = betterproto.enum_field(4)
    """What it writes."""

    prompt_text_token_price: int = betterproto.int64_field(5)
    """The price of text in a prompt, in hundredths of a US cent per million tokens."""

    prompt_image_token_price: int = betterproto.int64_field(6)
    """The price of images in a prompt, in hundredths of a US cent per million tokens."""

    cached_prompt_token_price: int = betterproto.int64_field(12)
    """The price of the part of a prompt that was seen before, in US cents per 100 million tokens."""

    completion_text_token_price: int = betterproto.int64_field(7)
    """The price of a response, in hundredths of a US cent per million tokens."""

    search_price: int = betterproto.int64_field(13)
    """The price of searching, in hundredths of a US cent per million searches."""

    created: datetime = betterproto.message_field(8)
    """When it was made."""

    max_prompt_length: int = betterproto.int32_field(9)
    """Maximum length of a prompt in tokens."""

    system_fingerprint: str = betterproto.string_field(10)
    """Fingerprint of the server's configuration."""


@dataclass(eq=False, repr=False)
class ListLanguageModelsResponse(base.Message):
    """The language models."""

    models: "list[LanguageModel]" = betterproto.message_field(1)
    """The models."""


@dataclass(eq=False, repr=False)
class EmbeddingModel(base.Message):
    """A model that makes vectors."""

    name: str = betterproto.string_field(1)
    """Its name."""

    aliases: "list[str]" = betterproto.string_field(11)
    """Other names for it."""

    version: str = betterproto.string_field(2)
    """Its version."""

    input_modalities: "list[Modality]" = betterproto.enum_field(3)
    """What it reads."""

    output_modalities: "list[Modality]" = betterproto.enum_field(4)
    """What it writes."""

    prompt_text_token_price: int = betterproto.int64_field(5)
    """The price of text in a prompt, in hundredths of a US cent per million tokens."""

    prompt_image_token_price: int = betterproto.int64_field(6)
    """The price of images in a prompt, in hundredths of a US cent per million tokens."""

    created: datetime = betterproto.message_field(7)
    """When it was made."""

    system_fingerprint: str = betterproto.string_field(8)
    """Fingerprint of the server's configuration."""


@dataclass(eq=False, repr=False)
class ListEmbeddingModelsResponse(base.Message):
    """The models that make vectors."""

    models: "list[EmbeddingModel]" = betterproto.message_field(1)
    """The models."""


@dataclass(eq=False, repr=False)
class ImageGenerationModel(base.Message):
    """A model that makes images."""

    name: str = betterproto.string_field(1)
    """Its name."""

    aliases: "list[str]" = betterproto.string_field(11)
    """Other names for it."""

    version: str = betterproto.string_field(2)
    """Its version."""

    input_modalities: "list[Modality]" = betterproto.enum_field(3)
    """What it reads."""

    output_modalities: "list[Modality]" = betterproto.enum_field(6)
    """What it writes."""

    image_price: int = betterproto.int64_field(12)
    """The price of an image, in US cents."""

    created: datetime = betterproto.message_field(8)
    """When it was made."""

    max_prompt_length: int = betterproto.int32_field(9)
    """Maximum length of a prompt in tokens."""

    system_fingerprint: str = betterproto.string_field(10)
    """Fingerprint of the server's configuration."""


@dataclass(eq=False, repr=False)
class ListImageGenerationModelsResponse(base.Message):
    """The models that make images."""

    models: "list[ImageGenerationModel]" = betterproto.message_field(1)
    """The models."""


MODELS_LIST_LANGUAGE_MODELS: Final = base.Method(
    "/xai_api.Models/ListLanguageModels",
    Empty,
    ListLanguageModelsResponse,
    client_streaming=False,
    server_streaming=False,
    idempotent=True,
)
MODELS_LIST_EMBEDDING_MODELS: Final = base.Method(
    "/xai_api.Models/ListEmbeddingModels",
    Empty,
    ListEmbeddingModelsResponse,
    client_streaming=False,
    server_streaming=False,
    idempotent=True,
)
MODELS_LIST_IMAGE_GENERATION_MODELS: Final = base.Method(
    "/xai_api.Models/ListImageGenerationModels",
    Empty,
    ListImageGenerationModelsResponse,
    client_streaming=False,
    server_streaming=False,
    idempotent=True,
)
MODELS_GET_LANGUAGE_MODEL: Final = base.Method(
    "/xai_api.Models/GetLanguageModel",
    GetModelRequest,
    LanguageModel,
    client_streaming=False,
    server_streaming=False,
    idempotent=True,
)
MODELS_GET_EMBEDDING_MODEL: Final = base.Method(
    "/xai_api.Models/GetEmbeddingModel",
    GetModelRequest,
    EmbeddingModel,
    client_streaming=False,
    server_streaming=False,
    idempotent=True,
)
MODELS_GET_IMAGE_GENERATION_MODEL: Final = base.Method(
    "/xai_api.Models/GetImageGenerationModel",
    GetModelRequest,
    ImageGenerationModel,
    client_streaming=False,
    server_streaming=False,
    idempotent=True,
)
