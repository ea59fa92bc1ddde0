# Generated from xai/api/v1/models.proto (betterproto 2.0.0b7, protoc 35.1). Do not edit.
"""The asynchronous services of xai/api/v1/models.proto."""

from betterproto.lib.google.protobuf import Empty

from xai._secrets import conceal
from xai.options import NOT_GIVEN, Metadata, NotGiven, Timeouts
from xai.proto.base import AsyncServiceStub
from xai.proto.xai_api.models import (
    MODELS_GET_EMBEDDING_MODEL,
    MODELS_GET_IMAGE_GENERATION_MODEL,
    MODELS_GET_LANGUAGE_MODEL,
    MODELS_LIST_EMBEDDING_MODELS,
    MODELS_LIST_IMAGE_GENERATION_MODELS,
    MODELS_LIST_LANGUAGE_MODELS,
    EmbeddingModel,
    GetModelRequest,
    ImageGenerationModel,
    LanguageModel,
    ListEmbeddingModelsResponse,
    ListImageGenerationModelsResponse,
    ListLanguageModelsResponse,
)


class AsyncModelsStub(AsyncServiceStub):
    """Describes models."""

    async def list_language_models(
        self,
        request: Empty,
        *,
        timeout: float | Timeouts | NotGiven | None = NOT_GIVEN,
        metadata: Metadata = (),
    ) -> ListLanguageModelsResponse:
        """List the language models."""
        pairs, metadata = conceal(metadata), ()
        return await self._unary(
            MODELS_LIST_LANGUAGE_MODELS, request, timeout=timeout, metadata=pairs
        )

    async def list_embedding_models(
        self,
        request: Empty,
        *,
        timeout: float | Timeouts | NotGiven | None = NOT_GIVEN,
        metadata: Metadata = (),
    ) -> ListEmbeddingModelsResponse:
        """List the models that make vectors."""
        pairs, metadata = conceal(metadata), ()
        return await self._unary(
            MODELS_LIST_EMBEDDING_MODELS, request, timeout=timeout, metadata=pairs
        )

    async def list_image_generation_models(
        self,
        request: Empty,
        *,
        timeout: float | Timeouts | NotGiven | None = NOT_GIVEN,
        metadata: Metadata = (),
    ) -> ListImageGenerationModelsResponse:
        """List the models that make images."""
        pairs, metadata = conceal(metadata), ()
        return await self._unary(
            MODELS_LIST_IMAGE_GENERATION_MODELS, request, timeout=timeout, metadata=pairs
        )

    async def get_language_model(
        self,
        request: GetModelRequest,
        *,
        timeout: float | Timeouts | NotGiven | None = NOT_GIVEN,
        metadata: Metadata = (),
    ) -> LanguageModel:
        """Describe a language model."""
        pairs, metadata = conceal(metadata), ()
        return await self._unary(
            MODELS_GET_LANGUAGE_MODEL, request, timeout=timeout, metadata=pairs
        )

    async def get_embedding_model(
        self,
        request: GetModelRequest,
        *,
        timeout: float | Timeouts | NotGiven | None = NOT_GIVEN,
        metadata: Metadata = (),
    ) -> EmbeddingModel:
        """Describe a model that makes vectors."""
        pairs, metadata = conceal(metadata), ()
        return await self._unary(
            MODELS_GET_EMBEDDING_MODEL, request, timeout=timeout, metadata=pairs
        )

    async def get_image_generation_model(
        self,
        request: GetModelRequest,
        *,
        timeout: float | Timeouts | NotGiven | None = NOT_GIVEN,
        metadata: Metadata = (),
    ) -> ImageGenerationModel:
        """Describe a model that makes images."""
        pairs, metadata = conceal(metadata), ()
        return await self._unary(
            MODELS_GET_IMAGE_GENERATION_MODEL, request, timeout=timeout, metadata=pairs
        )
