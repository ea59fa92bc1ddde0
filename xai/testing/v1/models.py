"""The service xai_api.Models of the local server: models and their prices."""

import zlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from typing import Final, Protocol, TypeVar, get_args

from betterproto.lib.google.protobuf import Empty

from xai.proto.xai_api.models import (
    EmbeddingModel,
    GetModelRequest,
    ImageGenerationModel,
    LanguageModel,
    ListEmbeddingModelsResponse,
    ListImageGenerationModelsResponse,
    ListLanguageModelsResponse,
    Modality,
)
from xai.proto.xai_api.models_server import ModelsBase
from xai.testing.engine.dialogue import MAX_PROMPT_LENGTH
from xai.testing.engine.embedder import EMBEDDER
from xai.testing.engine.model_names import missing_model
from xai.testing.engine.tokenizer import Tokenizer
from xai.v1.images import ImageModelName

_PATH = "/xai_api.Models/"
LATEST: Final = "-latest"
_VERSION = "1.0.0"
# The built-in text is of this day, and the models are nothing but that text.
_CREATED: Final = datetime(2025, 1, 1, tzinfo=timezone.utc)
IMAGE_MODEL: Final = "image-local"
#: Every model that makes images; all of them are the same one.
IMAGE_MODELS: Final[tuple[str, ...]] = (IMAGE_MODEL, *get_args(ImageModelName))
# In hundredths of a US cent per million tokens, which is ticks of 1e-10 US dollars per token.
PROMPT_PRICE: Final = 30_000
IMAGE_TOKEN_PRICE: Final = 30_000
CACHED_PRICE: Final = 7_500
COMPLETION_PRICE: Final = 150_000
SEARCH_PRICE: Final = 250_000_000
_EMBEDDING_PRICE: Final = 1_000
IMAGE_PRICE: Final = 7


def fingerprint(tokenizer: Tokenizer) -> str:
    """Return what identifies the server's configuration, which follows from the vocabulary."""
    vocabulary = "\0".join(tokenizer.strings).encode()
    return f"fp_{zlib.crc32(vocabulary):08x}"


class Names:
    """The names of the language models, and their aliases.

    Args:
        names: The models; the first is the default.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self.names = tuple(names)
        aliases = {f"{name}{LATEST}": name for name in names}
        self._known = {**aliases, **{name: name for name in names}, "": self.names[0]}

    def aliases(self, name: str) -> list[str]:
        """Return the aliases of a model."""
        alias = f"{name}{LATEST}"
        return [alias] if self._known[alias] == name else []

    def resolve(self, name: str) -> str:
        """Return the proper name of a model, given by name or alias; empty is the default.

        Raises:
            GRPCError: There is no such model.
        """
        if name not in self._known:
            raise missing_model(name, self.names)
        return self._known[name]


class LocalModels(ModelsBase):
    """Serves ``xai_api.Models``.

    Args:
        names: The names of the language models.
        system_fingerprint: Identifies the server's configuration.
    """

    acls: Mapping[str, str] = {
        _PATH + method: "models:read"
        for kind in ("Language", "Embedding", "ImageGeneration")
        for method in (f"List{kind}Models", f"Get{kind}Model")
    }

    def __init__(self, names: Names, system_fingerprint: str) -> None:
        self._language = [_language(names, name, system_fingerprint) for name in names.names]
        self._embedding = EmbeddingModel(
            name=EMBEDDER,
            aliases=[EMBEDDER + LATEST],
            version=_VERSION,
            input_modalities=[Modality.TEXT],
            output_modalities=[Modality.EMBEDDING],
            prompt_text_token_price=_EMBEDDING_PRICE,
            created=_CREATED,
            system_fingerprint=system_fingerprint,
        )
        self._images = [_image(name, system_fingerprint) for name in IMAGE_MODELS]

    async def list_language_models(self, request: Empty) -> ListLanguageModelsResponse:  # noqa: ARG002 - has no fields
        """List the language models."""
        return ListLanguageModelsResponse(models=self._language)

    async def list_embedding_models(self, request: Empty) -> ListEmbeddingModelsResponse:  # noqa: ARG002 - has no fields
        """List the models that make vectors."""
        return ListEmbeddingModelsResponse(models=[self._embedding])

    async def list_image_generation_models(
        self,
        request: Empty,  # noqa: ARG002 - has no fields
    ) -> ListImageGenerationModelsResponse:
        """List the models that make images."""
        return ListImageGenerationModelsResponse(models=self._images)

    async def get_language_model(self, request: GetModelRequest) -> LanguageModel:
        """Describe a language model."""
        return _find(self._language, request.name)

    async def get_embedding_model(self, request: GetModelRequest) -> EmbeddingModel:
        """Describe a model that makes vectors."""
        return _find([self._embedding], request.name)

    async def get_image_generation_model(self, request: GetModelRequest) -> ImageGenerationModel:
        """Describe a model that makes images."""
        return _find(self._images, request.name)


class _Named(Protocol):
    name: str
    aliases: list[str]


M = TypeVar("M", bound=_Named)


def _find(models: Sequence[M], name: str) -> M:
    for model in models:
        if name in (model.name, *model.aliases):
            return model
    raise missing_model(name, [model.name for model in models])


def _language(names: Names, name: str, system_fingerprint: str) -> LanguageModel:
    return LanguageModel(
        name=name,
        aliases=names.aliases(name),
        version=_VERSION,
        input_modalities=[Modality.TEXT, Modality.IMAGE],
        output_modalities=[Modality.TEXT],
        prompt_text_token_price=PROMPT_PRICE,
        prompt_image_token_price=IMAGE_TOKEN_PRICE,
        cached_prompt_token_price=CACHED_PRICE,
        completion_text_token_price=COMPLETION_PRICE,
        search_price=SEARCH_PRICE,
        created=_CREATED,
        max_prompt_length=MAX_PROMPT_LENGTH,
        system_fingerprint=system_fingerprint,
    )


def _image(name: str, system_fingerprint: str) -> ImageGenerationModel:
    return ImageGenerationModel(
        name=name,
        aliases=[name + LATEST],
        version=_VERSION,
        input_modalities=[Modality.TEXT, Modality.IMAGE],
        output_modalities=[Modality.IMAGE],
        image_price=IMAGE_PRICE,
        created=_CREATED,
        max_prompt_length=MAX_PROMPT_LENGTH,
        system_fingerprint=system_fingerprint,
    )
