"""Requests for images, and the images that were made."""

import base64
import binascii
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, Literal, TypeAlias, TypedDict

import attrs
import betterproto

from xai._annotations import resolve_lazily
from xai._validation import check_int
from xai.proto.xai_api import image as pb
from xai.proto.xai_api.batch import BatchRequest
from xai.v1.chat.enums import member
from xai.v1.chat.messages import sniff_image
from xai.v1.chat.usage import Usage, usage_of
from xai.v1.media_errors import MediaUnavailableError
from xai.v1.media_input import (
    FileId,
    ImageInput,
    file_source,
    input_source,
    known_options,
    several_sources,
    url_source,
)
from xai.v1.proto_value import ProtoValue
from xai.v1.storage import FileOutput, StorageOptions, read_file_output, storage_message
from xai.v1.validation import non_empty, optional_non_empty, optional_str

if TYPE_CHECKING:
    from typing_extensions import Unpack

ImageFormat: TypeAlias = Literal["url", "base64"]
"""Whether an image comes as a URL or within the response."""
ImageAspectRatio: TypeAlias = Literal[
    "auto",
    "1:1",
    "3:4",
    "4:3",
    "9:16",
    "16:9",
    "2:3",
    "3:2",
    "9:19.5",
    "19.5:9",
    "9:20",
    "20:9",
    "1:2",
    "2:1",
]
"""Width to height of an image; with ``auto`` the model chooses."""
ImageResolution: TypeAlias = Literal["1k", "2k"]
"""The size of an image: about one or two thousand pixels a side."""
ImageQuality: TypeAlias = Literal["low", "medium", "high"]
"""How much work goes into an image."""
ImageModelName: TypeAlias = Literal[
    "grok-imagine-image", "grok-imagine-image-2.0", "grok-imagine-image-quality"
]
"""Names of models for images."""
ImageModel: TypeAlias = ImageModelName | str
"""The listed ones are hints for editors; any name that the server knows will do."""

#: How many images the server makes for one request.
MAX_IMAGES: Final = 10
_FORMATS: Final = {"url": pb.ImageFormat.IMG_FORMAT_URL, "base64": pb.ImageFormat.IMG_FORMAT_BASE64}
_RATIOS: Final = {
    "auto": pb.ImageAspectRatio.IMG_ASPECT_RATIO_AUTO,
    "1:1": pb.ImageAspectRatio.IMG_ASPECT_RATIO_1_1,
    "3:4": pb.ImageAspectRatio.IMG_ASPECT_RATIO_3_4,
    "4:3": pb.ImageAspectRatio.IMG_ASPECT_RATIO_4_3,
    "9:16": pb.ImageAspectRatio.IMG_ASPECT_RATIO_9_16,
    "16:9": pb.ImageAspectRatio.IMG_ASPECT_RATIO_16_9,
    "2:3": pb.ImageAspectRatio.IMG_ASPECT_RATIO_2_3,
    "3:2": pb.ImageAspectRatio.IMG_ASPECT_RATIO_3_2,
    "9:19.5": pb.ImageAspectRatio.IMG_ASPECT_RATIO_9_19_5,
    "19.5:9": pb.ImageAspectRatio.IMG_ASPECT_RATIO_19_5_9,
    "9:20": pb.ImageAspectRatio.IMG_ASPECT_RATIO_9_20,
    "20:9": pb.ImageAspectRatio.IMG_ASPECT_RATIO_20_9,
    "1:2": pb.ImageAspectRatio.IMG_ASPECT_RATIO_1_2,
    "2:1": pb.ImageAspectRatio.IMG_ASPECT_RATIO_2_1,
}
_RESOLUTIONS: Final = {
    "1k": pb.ImageResolution.IMG_RESOLUTION_1K,
    "2k": pb.ImageResolution.IMG_RESOLUTION_2K,
}
_QUALITIES: Final = {
    "low": pb.ImageQuality.IMG_QUALITY_LOW,
    "medium": pb.ImageQuality.IMG_QUALITY_MEDIUM,
    "high": pb.ImageQuality.IMG_QUALITY_HIGH,
}


class ImageOptions(TypedDict, total=False):
    """The options of requests for images; None stands for one that is not given.

    Images to start from can be given in one of three ways: as one of ``image_url`` and
    ``image_file_id``; as ``image_urls`` and ``image_file_ids``, of which the files come first; or
    as ``images``, in any form. A prompt can name them by their places as ``<IMAGE_N>``.

    Attributes:
        image_url: The URL of the image to start from, or the image as a data URL.
        image_file_id: The ID of the file to start from.
        image_urls: The URLs of several images to start from.
        image_file_ids: The IDs of several files to start from.
        images: Images to start from: URLs, `FileId`, the bytes or the path (a ``PathLike``, not a
            str) of a PNG, JPEG or WebP of at most 10 MiB, earlier results, or `FileOutput`.
        user: Your own identifier of the end user.
        image_format: How the image is sent: by a ``"url"``, the default, which is good for a
            while, or in ``"base64"``.
        aspect_ratio: Width to height, such as ``"16:9"``; ``"auto"`` leaves it to the model.
        resolution: ``"1k"`` or ``"2k"``.
        quality: ``"low"``, ``"medium"`` or ``"high"``, for models that know them.
        storage_options: Store the image as a file, and how.
    """

    image_url: str | None
    image_file_id: str | None
    image_urls: Sequence[str] | None
    image_file_ids: Sequence[str] | None
    images: Sequence[ImageInput] | None
    user: str | None
    image_format: ImageFormat | None
    aspect_ratio: ImageAspectRatio | None
    resolution: ImageResolution | None
    quality: ImageQuality | None
    storage_options: StorageOptions | pb.StorageOptions | None


def image_request(
    prompt: str, model: str, n: int, **options: "Unpack[ImageOptions]"
) -> pb.GenerateImageRequest:
    """Return a request for images; paths among the images must have been read.

    Args:
        prompt: What to show.
        model: The model.
        n: How many images.
        options: The options.

    Raises:
        TypeError: An argument is of the wrong type, or an option is not known.
        ValueError: An argument is not valid, or two of them exclude each other.
    """
    given = known_options(options, ImageOptions.__annotations__)
    check_int("n", n, 1, MAX_IMAGES)
    image_format = given.get("image_format") or "url"
    request = pb.GenerateImageRequest(
        prompt=non_empty("prompt", prompt),
        model=non_empty("model", model),
        n=n,
        user=optional_str("user", options.get("user")) or "",
        format=member("image_format", image_format, _FORMATS, pb.ImageFormat),
        storage_options=storage_message(options.get("storage_options")),
    )
    if "aspect_ratio" in given:
        request.aspect_ratio = member(
            "aspect_ratio", given["aspect_ratio"], _RATIOS, pb.ImageAspectRatio
        )
    if "resolution" in given:
        request.resolution = member(
            "resolution", given["resolution"], _RESOLUTIONS, pb.ImageResolution
        )
    if "quality" in given:
        request.quality = member("quality", given["quality"], _QUALITIES, pb.ImageQuality)
    _add_inputs(request, options)
    return request


def refuse_count(options: ImageOptions) -> None:
    """Raise when several images are asked for where there is one.

    Raises:
        TypeError: There is a number among the options.
    """
    if "n" in options:
        raise TypeError("there is no argument n, for one image; see sample_batch for several")


def _add_inputs(request: pb.GenerateImageRequest, options: ImageOptions) -> None:
    forms = (
        ("image_url", "image_file_id"),
        ("image_urls", "image_file_ids"),
        ("images",),
    )
    used = [[name for name in form if options.get(name) is not None] for form in forms]
    names = [name for form in used for name in form]
    if len([form for form in used if form]) > 1 or len(used[0]) > 1:
        raise ValueError(f"{' and '.join(names)} can't be given together")
    url, file_id = options.get("image_url"), options.get("image_file_id")
    if url is not None:
        request.image = url_source("image_url", url)
    if file_id is not None:
        request.image = file_source("image_file_id", file_id)
    request.images = several_sources(
        ("image_file_ids", options.get("image_file_ids")), ("image_urls", options.get("image_urls"))
    )
    request.images += [
        input_source(f"images[{at}]", image) for at, image in enumerate(options.get("images") or ())
    ]


@attrs.frozen
class MadeImageValue(ProtoValue):
    """An image that was made; each twin adds how its bytes are fetched.

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

    index: int
    url: str | None
    base64: str | None = attrs.field(repr=False)
    respect_moderation: bool
    model: str
    usage: Usage
    file_output: FileOutput | None
    storage_error: str | None
    proto: pb.ImageResponse = attrs.field(repr=False, eq=False)

    @property
    def cost_usd(self) -> float | None:
        """The cost of the whole request in US dollars; None when the server did not say."""
        return self.usage.cost_usd

    @property
    def public_url(self) -> str | None:
        """The public URL of the file it was stored as; None without one."""
        return None if self.file_output is None else self.file_output.public_url

    @property
    def public_url_error(self) -> str | None:
        """Why the file has no public URL although one was asked for; None otherwise."""
        return None if self.file_output is None else self.file_output.public_url_error

    def as_input(self) -> FileId | str:
        """Return what another request can start from: the file, or else the image itself.

        Raises:
            MediaUnavailableError: There is no image.
        """
        if self.file_output is not None and self.file_output.file_id:
            return FileId(self.file_output.file_id)
        found = self.base64 or self.url
        if not found:
            raise self.missing()
        if found == self.base64 and not found.startswith("data:"):
            data = decode_base64(found)
            return f"data:{sniff_image(data) or 'image/jpeg'};base64,{found}"
        return found

    def missing(self) -> MediaUnavailableError:
        """Return the error that says why there is no image."""
        return no_media("image", respect_moderation=self.respect_moderation)


def no_media(noun: str, *, respect_moderation: bool) -> MediaUnavailableError:
    """Return the error of a response without an image or a video.

    Args:
        noun: Which of the two.
        respect_moderation: Whether it keeps to the rules for content.
    """
    text = f"the server sent no {noun}"
    if not respect_moderation:
        text = f"the {noun} is withheld because it does not keep to the rules for content"
    return MediaUnavailableError(text, respect_moderation=respect_moderation)


def decode_base64(text: str) -> bytes:
    """Return the bytes of a text in Base64, with or without the head of a data URL.

    Raises:
        ValueError: It is not Base64.
    """
    if text.startswith("data:"):
        _, _, text = text.partition(",")
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError(f"the server sent an image that is not valid Base64: {error}") from error


def image_fields(reply: pb.ImageResponse, index: int) -> "ImageFields":
    """Return the fields of an image of a response.

    Args:
        reply: The response.
        index: Which image.
    """
    image = reply.images[index]
    kind, value = betterproto.which_one_of(image, "image")
    text = str(value) if value else None
    return {
        "index": index,
        "url": text if kind == "url" else None,
        "base64": text if kind == "base64" else None,
        "respect_moderation": image.respect_moderation,
        "model": reply.model,
        "usage": usage_of(reply),
        "file_output": read_file_output(image.file_output),
        "storage_error": image.storage_error,
        "proto": reply,
    }


class ImageFields(TypedDict):
    """The fields of `MadeImageValue`."""

    index: int
    url: str | None
    base64: str | None
    respect_moderation: bool
    model: str
    usage: Usage
    file_output: FileOutput | None
    storage_error: str | None
    proto: pb.ImageResponse


def prepared_image(request: pb.GenerateImageRequest, batch_request_id: str | None) -> BatchRequest:
    """Return a request for images as a part of a batch.

    Args:
        request: The request.
        batch_request_id: Its ID within the batch; the server's choice when None.

    Raises:
        TypeError: The ID is not a str.
        ValueError: It is empty.
    """
    return BatchRequest(
        batch_request_id=optional_non_empty("batch_request_id", batch_request_id),
        image_request=request,
    )


ImageOptions.__module__ = "xai.v1"


resolve_lazily(globals())
