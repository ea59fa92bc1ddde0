# Generated from xai/api/v1/models.proto (betterproto 2.0.0b7, protoc 35.1). Do not edit.
"""The server's side of the services of xai/api/v1/models.proto."""

from betterproto.lib.google.protobuf import Empty

from xai.proto.server_base import Handler, ServiceBase
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


class ModelsBase(ServiceBase):
    """Describes models."""

    async def list_language_models(self, request: Empty) -> ListLanguageModelsResponse:
        """List the language models."""
        raise self._unimplemented(MODELS_LIST_LANGUAGE_MODELS)

    async def list_embedding_models(self, request: Empty) -> ListEmbeddingModelsResponse:
        """List the models that make vectors."""
        raise self._unimplemented(MODELS_LIST_EMBEDDING_MODELS)

    async def list_image_generation_models(
        self, request: Empty
    ) -> ListImageGenerationModelsResponse:
        """List the models that make images."""
        raise self._unimplemented(MODELS_LIST_IMAGE_GENERATION_MODELS)

    async def get_language_model(self, request: GetModelRequest) -> LanguageModel:
        """Describe a language model."""
        raise self._unimplemented(MODELS_GET_LANGUAGE_MODEL)

    async def get_embedding_model(self, request: GetModelRequest) -> EmbeddingModel:
        """Describe a model that makes vectors."""
        raise self._unimplemented(MODELS_GET_EMBEDDING_MODEL)

    async def get_image_generation_model(self, request: GetModelRequest) -> ImageGenerationModel:
        """Describe a model that makes images."""
        raise self._unimplemented(MODELS_GET_IMAGE_GENERATION_MODEL)

    def __mapping__(self) -> dict[str, Handler]:
        """Return what answers each path, as grpclib asks for it."""
        return {
            MODELS_LIST_LANGUAGE_MODELS.path: self._unary_handler(
                MODELS_LIST_LANGUAGE_MODELS, self.list_language_models
            ),
            MODELS_LIST_EMBEDDING_MODELS.path: self._unary_handler(
                MODELS_LIST_EMBEDDING_MODELS, self.list_embedding_models
            ),
            MODELS_LIST_IMAGE_GENERATION_MODELS.path: self._unary_handler(
                MODELS_LIST_IMAGE_GENERATION_MODELS, self.list_image_generation_models
            ),
            MODELS_GET_LANGUAGE_MODEL.path: self._unary_handler(
                MODELS_GET_LANGUAGE_MODEL, self.get_language_model
            ),
            MODELS_GET_EMBEDDING_MODEL.path: self._unary_handler(
                MODELS_GET_EMBEDDING_MODEL, self.get_embedding_model
            ),
            MODELS_GET_IMAGE_GENERATION_MODEL.path: self._unary_handler(
                MODELS_GET_IMAGE_GENERATION_MODEL, self.get_image_generation_model
            ),
        }
