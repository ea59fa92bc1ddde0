"""Images made from prompts and other images."""

from collections.abc import Awaitable, Sequence
from typing import TYPE_CHECKING

from xai._annotations import resolve_lazily
from xai.aio.v1.media import AsyncMedia
from xai.proto.xai_api.image import IMAGE_GENERATE_IMAGE
from xai.xai_sdk.v1.aio.connection import AsyncConnection
from xai.xai_sdk.v1.image import BaseImageResponse, image_message
from xai.xai_sdk.v1.media_spans import image_request_attributes, image_response_attributes
from xai.xai_sdk.v1.proto.messages import Message
from xai.xai_sdk.v1.proto.modules import load
from xai.xai_sdk.v1.telemetry.spans import span

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from xai.v1.images import ImageOptions

batch_pb2 = load("batch_pb2")


class ImageResponse(BaseImageResponse):
    """One of the images of a response.

    Args:
        proto: The response.
        index: Which of its images.
        connection: Fetches the image; without one, only an image in Base64 can be read.
    """

    def __init__(
        self, proto: Message, index: int, connection: AsyncConnection | None = None
    ) -> None:
        super().__init__(proto, index)
        caller = None if connection is None else connection.caller
        made = self._result
        self._media = AsyncMedia(caller, made.url or None, made.base64 or None)

    @property
    def image(self) -> Awaitable[bytes]:
        """The image, fetched the first time.

        Raises:
            ValueError: There is none.
        """
        return self._read()

    async def _read(self) -> bytes:
        if not self._result.url and not self._result.base64:
            raise ValueError("Image was not returned via URL or base64.")
        return await self._media.read()


class Client:
    """Makes images.

    Args:
        connection: Makes the calls.
    """

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def sample(
        self, prompt: str, model: str, **options: "Unpack[ImageOptions]"
    ) -> ImageResponse:
        """Make an image.

        Args:
            prompt: What to show.
            model: The model.
            options: As in `xai.v1.ImageOptions`.

        Raises:
            ValueError: An argument is not valid, or two exclude each other.
        """
        found = await self._made("sample", image_message(prompt, model, 1, options))
        if not found:
            raise ValueError("Image was not returned via URL or base64.")
        return found[0]

    async def sample_batch(
        self, prompt: str, model: str, n: int, **options: "Unpack[ImageOptions]"
    ) -> Sequence[ImageResponse]:
        """Make several images; return those that came.

        Args:
            prompt: What to show.
            model: The model.
            n: How many.
            options: As for `sample`.

        Raises:
            ValueError: An argument is not valid, or two exclude each other.
        """
        return await self._made("sample_batch", image_message(prompt, model, n, options))

    def prepare(
        self,
        prompt: str,
        model: str,
        *,
        batch_request_id: str | None = None,
        **options: "Unpack[ImageOptions]",
    ) -> Message:
        """Return a request for an image as a part of a batch; nothing is sent.

        Args:
            prompt: What to show.
            model: The model.
            batch_request_id: The ID of the request in the batch.
            options: As for `sample`.

        Raises:
            ValueError: An argument is not valid, or two exclude each other.
        """
        request = image_message(prompt, model, 1, options)
        found: Message = batch_pb2.BatchRequest(
            batch_request_id=batch_request_id, image_request=request
        )
        return found

    async def _made(self, method: str, request: Message) -> list[ImageResponse]:
        name = f"image.{method} {request.model}"
        with span(__name__, name, lambda: image_request_attributes(request)) as recorded:
            reply = await self._connection.call(IMAGE_GENERATE_IMAGE, request)
            found = [ImageResponse(reply, at, self._connection) for at in range(len(reply.images))]
            recorded.set(lambda: image_response_attributes(request, found))
            return found


resolve_lazily(globals())
