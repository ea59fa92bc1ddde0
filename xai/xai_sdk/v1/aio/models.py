"""The models of the API."""

from collections.abc import Sequence

from xai.proto.xai_api import models as pb
from xai.xai_sdk.v1.aio.connection import AsyncConnection
from xai.xai_sdk.v1.proto.messages import Message, class_named
from xai.xai_sdk.v1.proto.modules import load
from xai.xai_sdk.v1.telemetry.spans import span

models_pb2 = load("models_pb2")


class Client:
    """Lists models.

    Args:
        connection: Makes the calls.
    """

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def list_language_models(self) -> Sequence[Message]:
        """Return the language models."""
        with span(__name__, "list_language_models"):
            empty = class_named("google.protobuf.Empty")()
            reply = await self._connection.call(pb.MODELS_LIST_LANGUAGE_MODELS, empty)
            found: Sequence[Message] = reply.models
            return found

    async def list_embedding_models(self) -> Sequence[Message]:
        """Return the models that embed."""
        with span(__name__, "list_embedding_models"):
            empty = class_named("google.protobuf.Empty")()
            reply = await self._connection.call(pb.MODELS_LIST_EMBEDDING_MODELS, empty)
            found: Sequence[Message] = reply.models
            return found

    async def list_image_generation_models(self) -> Sequence[Message]:
        """Return the models that make images."""
        with span(__name__, "list_image_generation_models"):
            empty = class_named("google.protobuf.Empty")()
            reply = await self._connection.call(pb.MODELS_LIST_IMAGE_GENERATION_MODELS, empty)
            found: Sequence[Message] = reply.models
            return found

    async def get_language_model(self, name: str) -> Message:
        """Return a language model.

        Args:
            name: Its name or an alias.
        """
        with self._span("get_language_model", name):
            request = models_pb2.GetModelRequest(name=name)
            return await self._connection.call(pb.MODELS_GET_LANGUAGE_MODEL, request)

    async def get_embedding_model(self, name: str) -> Message:
        """Return a model that embeds.

        Args:
            name: Its name or an alias.
        """
        with self._span("get_embedding_model", name):
            request = models_pb2.GetModelRequest(name=name)
            return await self._connection.call(pb.MODELS_GET_EMBEDDING_MODEL, request)

    async def get_image_generation_model(self, name: str) -> Message:
        """Return a model that makes images.

        Args:
            name: Its name or an alias.
        """
        with self._span("get_image_generation_model", name):
            request = models_pb2.GetModelRequest(name=name)
            return await self._connection.call(pb.MODELS_GET_IMAGE_GENERATION_MODEL, request)

    def _span(self, operation: str, name: str) -> span:
        return span(__name__, f"{operation} {name}", lambda: {"gen_ai.request.model": name})
