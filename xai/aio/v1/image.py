"""Images made by a model: the service xai_api.Image."""

import functools
from pathlib import Path
from typing import TYPE_CHECKING

import attrs

from xai._annotations import resolve_lazily
from xai.aio.rpc.caller import AsyncCaller
from xai.aio.v1.media import AsyncMedia
from xai.proto.xai_api import image as pb
from xai.proto.xai_api.batch import BatchRequest
from xai.runtime.download.asynchronous import AsyncDownloader
from xai.runtime.download.files import read_file
from xai.v1.chat.messages import sniff_image
from xai.v1.images import (
    ImageModel,
    ImageOptions,
    MadeImageValue,
    image_fields,
    image_request,
    no_media,
    prepared_image,
    refuse_count,
)
from xai.v1.media_input import MAX_INPUT_BYTES, ImageInput, paths_in

if TYPE_CHECKING:
    import os

    from typing_extensions import Unpack


@attrs.frozen
class AsyncImageResponse(MadeImageValue):
    """An image that was made.

    Unless it came in Base64, its bytes are fetched from ``url`` when they are first wanted, and
    kept; that needs the extra ``xai-client[media]``. Notebooks show it. Pickled, it has the bytes
    that were read until then.

    Attributes:
        index: Which of the images of the request it is, from 0.
        url: Where it can be fetched for a while; None when it came in Base64, or there is none.
        base64: The image in Base64 as a data URL; None when it came by URL, or there is none.
        respect_moderation: Whether it keeps to the rules for content; when not, there is none.
        model: The model that made it.
        usage: The usage of the whole request, which all of its images share.
        file_output: The file it was stored as; None when it was not.
        storage_error: Why storing it failed, although it was made; None otherwise.
        proto: The protobuf message, of all images of the request.
    """

    _media: AsyncMedia = attrs.field(repr=False, eq=False)

    @property
    def data(self) -> bytes:
        # twin: sync """The bytes of the image, fetched when they are first wanted; see `read`."""
        """The bytes of the image, once they were read; see `read`."""
        # twin: sync return self.read()
        return self._ready()

    async def read(self) -> bytes:
        """Return the bytes of the image, fetched the first time.

        They are fetched over plain HTTP, without the API key, with the timeouts, the retries, the
        proxy and the trusted certificates of the client, up to 64 MiB.

        Raises:
            APIError: They could not be fetched.
            ImportError: The extra ``xai-client[media]`` is not installed.
            MediaUnavailableError: There is no image.
            RuntimeError: The client is closed, or in another process.
            ValueError: What came with the response is not Base64.
        """
        self._check()
        return await self._media.read()

    async def save(self, path: "str | os.PathLike[str]") -> Path:
        """Write the image to a file, which is complete or not there.

        Args:
            path: The path of the file; one that is there is replaced.

        Returns:
            Where the file is.

        Raises:
            APIError: The bytes could not be fetched; see `read`.
            ImportError: The extra ``xai-client[media]`` is not installed.
            MediaUnavailableError: There is no image.
            OSError: The file can't be written.
            RuntimeError: The client is closed, or in another process.
            TypeError: The path is not a path.
            ValueError: What came with the response is not Base64.
        """
        self._check()
        return await self._media.save(path)

    def _ready(self) -> bytes:
        self._check()
        found = self._media.ready()
        if found is None:
            raise RuntimeError("the image was not read yet: call read() and wait for it")
        return found

    def _check(self) -> None:
        if self.url is None and self.base64 is None:
            raise self.missing()

    def _repr_html_(self) -> str | None:
        """Show in a notebook what the formats below don't: a WebP, or one that was not read yet."""
        from xai.v1.html import picture

        if self._shown("image/png") or self._shown("image/jpeg"):
            return None
        return picture(self.url or self.base64)

    def _repr_png_(self) -> bytes | None:
        return self._shown("image/png")

    def _repr_jpeg_(self) -> bytes | None:
        return self._shown("image/jpeg")

    def _shown(self, mime_type: str) -> bytes | None:
        data = self._media.shown() if self.url or self.base64 else None
        return data if data is not None and sniff_image(data) == mime_type else None


def read_images(caller: AsyncCaller | None, reply: pb.ImageResponse) -> list[AsyncImageResponse]:
    """Return the images of a response, as many as came.

    Args:
        caller: Knows the settings for fetching them; None when that is somewhere else.
        reply: The response.
    """
    found = []
    for index in range(len(reply.images)):
        fields = image_fields(reply, index)
        media = AsyncMedia(caller, fields["url"], fields["base64"])
        found.append(AsyncImageResponse(**fields, media=media))
    return found


class AsyncImages:
    """Makes images from prompts and other images.

    Args:
        caller: Makes the calls.
    """

    def __init__(self, caller: AsyncCaller) -> None:
        self._caller = caller
        self._downloader = AsyncDownloader()

    async def sample(
        self, prompt: str, model: ImageModel, **options: "Unpack[ImageOptions]"
    ) -> AsyncImageResponse:
        """Make an image.

        Args:
            prompt: What to show.
            model: The model, such as ``"grok-imagine-image"``.
            options: As in `ImageOptions`: ``image_url``, ``image_file_id``, ``image_urls``,
                ``image_file_ids``, ``images``, ``user``, ``image_format``, ``aspect_ratio``,
                ``resolution``, ``quality``, ``storage_options``.

        Returns:
            The image. One that is withheld for its content is none: see its
            ``respect_moderation``.

        Raises:
            APIError: The call failed.
            MediaUnavailableError: The response has no image at all.
            OSError: A path among ``images`` can't be read.
            TypeError: An argument is of the wrong type, or an option is not known.
            ValueError: An argument is not valid, or two of them exclude each other.

        RPC: ``/xai_api.Image/GenerateImage``.
        """
        refuse_count(options)
        request = image_request(prompt, model, 1, **await self._loaded(options))
        found = await self._make(request)
        if not found:
            raise no_media("image", respect_moderation=True)
        return found[0]

    async def sample_batch(
        self, prompt: str, model: ImageModel, n: int, **options: "Unpack[ImageOptions]"
    ) -> list[AsyncImageResponse]:
        """Make several images of one prompt.

        Args:
            prompt: What to show.
            model: The model, such as ``"grok-imagine-image"``.
            n: How many images, from 1 to 10.
            options: As for `sample`.

        Returns:
            The images that came, which may be fewer. All share the usage of the request.

        Raises:
            APIError: The call failed.
            OSError: A path among ``images`` can't be read.
            TypeError: An argument is of the wrong type, or an option is not known.
            ValueError: An argument is not valid, or two of them exclude each other.

        RPC: ``/xai_api.Image/GenerateImage``.
        """
        options = await self._loaded(options)
        return await self._make(image_request(prompt, model, n, **options))

    def prepare(
        self,
        prompt: str,
        model: ImageModel,
        *,
        batch_request_id: str | None = None,
        **options: "Unpack[ImageOptions]",
    ) -> BatchRequest:
        """Return a request for an image as a part of a batch; nothing is sent.

        Paths among ``images`` are read here.

        Args:
            prompt: What to show.
            model: The model, such as ``"grok-imagine-image"``.
            batch_request_id: The ID of the request within the batch; the server's choice when
                None.
            options: As for `sample`.

        Returns:
            The request.

        Raises:
            OSError: A path among ``images`` can't be read.
            TypeError: An argument is of the wrong type, or an option is not known.
            ValueError: An argument is not valid, or two of them exclude each other.
        """
        refuse_count(options)
        images = options.get("images")
        if paths := paths_in(images):
            data = {at: read_file(path, f"images[{at}]", MAX_INPUT_BYTES) for at, path in paths}
            options = _with_images(options, data)
        return prepared_image(image_request(prompt, model, 1, **options), batch_request_id)

    async def _make(self, request: pb.GenerateImageRequest) -> list[AsyncImageResponse]:
        read = functools.partial(read_images, self._caller)
        return await self._caller.unary_of(pb.IMAGE_GENERATE_IMAGE, request, read)

    async def _loaded(self, options: ImageOptions) -> ImageOptions:
        """Return options in which paths have become what is there."""
        data = {}
        for at, path in paths_in(options.get("images")):
            data[at] = await self._downloader.read_file(path, f"images[{at}]", MAX_INPUT_BYTES)
        return _with_images(options, data) if data else options


def _with_images(options: ImageOptions, data: dict[int, bytes]) -> ImageOptions:
    images: list[ImageInput] = list(options.get("images") or ())
    for at, content in data.items():
        images[at] = content
    return {**options, "images": images}


# Users meet it as a name of `xai.v1`; its repr and pickles say so.
AsyncImageResponse.__module__ = "xai.v1"


resolve_lazily(globals())
