# Do not edit: produced by "nox -s generate" from
# xai/aio/v1/models.py
"""Models and their prices: the service xai_api.Models."""

from betterproto.lib.google.protobuf import Empty

from xai.proto.xai_api import models as pb
from xai.sync.rpc.caller import Caller
from xai.v1.models import (
    EmbeddingModel,
    ImageGenerationModel,
    LanguageModel,
    read_embedding_model,
    read_embedding_models,
    read_image_model,
    read_image_models,
    read_language_model,
    read_language_models,
)
from xai.v1.validation import non_empty


class Models:
    """Lists and describes models: their modalities, limits and prices.

    Args:
        caller: Makes the calls.
    """

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def list_language_models(self) -> list[LanguageModel]:
        """Return the language models.

        Raises:
            APIError: The call failed.

        RPC: ``/xai_api.Models/ListLanguageModels``.
        """
        return self._caller.unary_of(pb.MODELS_LIST_LANGUAGE_MODELS, Empty(), read_language_models)

    def list_embedding_models(self) -> list[EmbeddingModel]:
        """Return the embedding models.

        Raises:
            APIError: The call failed.

        RPC: ``/xai_api.Models/ListEmbeddingModels``.
        """
        return self._caller.unary_of(
            pb.MODELS_LIST_EMBEDDING_MODELS, Empty(), read_embedding_models
        )

    def list_image_generation_models(self) -> list[ImageGenerationModel]:
        """Return the image generation models.

        Raises:
            APIError: The call failed.

        RPC: ``/xai_api.Models/ListImageGenerationModels``.
        """
        return self._caller.unary_of(
            pb.MODELS_LIST_IMAGE_GENERATION_MODELS, Empty(), read_image_models
        )

    def get_language_model(self, name: str) -> LanguageModel:
        """Return a language model.

        Args:
            name: The name of the model, or an alias.

        Raises:
            NotFoundError: There is no such model.
            APIError: The call failed.
            TypeError: The name is not a str.
            ValueError: The name is empty.

        RPC: ``/xai_api.Models/GetLanguageModel``.
        """
        request = pb.GetModelRequest(name=non_empty("name", name))
        return self._caller.unary_of(pb.MODELS_GET_LANGUAGE_MODEL, request, read_language_model)

    def get_embedding_model(self, name: str) -> EmbeddingModel:
        """Return an embedding model.

        Args:
            name: The name of the model, or an alias.

        Raises:
            NotFoundError: There is no such model.
            APIError: The call failed.
            TypeError: The name is not a str.
            ValueError: The name is empty.

        RPC: ``/xai_api.Models/GetEmbeddingModel``.
        """
        request = pb.GetModelRequest(name=non_empty("name", name))
        return self._caller.unary_of(pb.MODELS_GET_EMBEDDING_MODEL, request, read_embedding_model)

    def get_image_generation_model(self, name: str) -> ImageGenerationModel:
        """Return an image generation model.

        Args:
            name: The name of the model, or an alias.

        Raises:
            NotFoundError: There is no such model.
            APIError: The call failed.
            TypeError: The name is not a str.
            ValueError: The name is empty.

        RPC: ``/xai_api.Models/GetImageGenerationModel``.
        """
        request = pb.GetModelRequest(name=non_empty("name", name))
        return self._caller.unary_of(
            pb.MODELS_GET_IMAGE_GENERATION_MODEL, request, read_image_model
        )
