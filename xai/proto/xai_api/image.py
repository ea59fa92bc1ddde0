# Generated from xai/api/v1/image.proto (betterproto 2.0.0b7, protoc 35.1). Do not edit.
"""Images made by a model."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

import betterproto

from xai.proto import base
from xai.proto.xai_api.usage import SamplingUsage


class ImageDetail(base.Enum):
    """Levels of detail of an image."""

    DETAIL_INVALID = 0
    """The server decides."""

    DETAIL_AUTO = 1
    """Chosen by the size of the image."""

    DETAIL_LOW = 2
    """Low detail."""

    DETAIL_HIGH = 3
    """High detail."""


class ImageFormat(base.Enum):
    """How images can be sent."""

    IMG_FORMAT_INVALID = 0
    """The server decides."""

    IMG_FORMAT_BASE64 = 1
    """In Base64."""

    IMG_FORMAT_URL = 2
    """By URL."""


class ImageQuality(base.Enum):
    """Qualities of images."""

    IMG_QUALITY_INVALID = 0
    """The server decides."""

    IMG_QUALITY_LOW = 1
    """Low."""

    IMG_QUALITY_MEDIUM = 2
    """Medium."""

    IMG_QUALITY_HIGH = 3
    """High."""


class ImageAspectRatio(base.Enum):
    """Width to height of an image."""

    IMG_ASPECT_RATIO_INVALID = 0
    """The server decides."""

    IMG_ASPECT_RATIO_1_1 = 1
    """1 to 1."""

    IMG_ASPECT_RATIO_3_4 = 2
    """3 to 4."""

    IMG_ASPECT_RATIO_4_3 = 3
    """4 to 3."""

    IMG_ASPECT_RATIO_9_16 = 4
    """9 to 16."""

    IMG_ASPECT_RATIO_16_9 = 5
    """16 to 9."""

    IMG_ASPECT_RATIO_2_3 = 6
    """2 to 3."""

    IMG_ASPECT_RATIO_3_2 = 7
    """3 to 2."""

    IMG_ASPECT_RATIO_AUTO = 8
    """The model decides."""

    IMG_ASPECT_RATIO_9_19_5 = 9
    """9 to 19.5."""

    IMG_ASPECT_RATIO_19_5_9 = 10
    """19.5 to 9."""

    IMG_ASPECT_RATIO_9_20 = 11
    """9 to 20."""

    IMG_ASPECT_RATIO_20_9 = 12
    """20 to 9."""

    IMG_ASPECT_RATIO_1_2 = 13
    """1 to 2."""

    IMG_ASPECT_RATIO_2_1 = 14
    """2 to 1."""


class ImageResolution(base.Enum):
    """Sizes of images."""

    IMG_RESOLUTION_INVALID = 0
    """The server decides."""

    IMG_RESOLUTION_1K = 1
    """About a thousand pixels."""

    IMG_RESOLUTION_2K = 2
    """About two thousand pixels, upscaled."""


@dataclass(eq=False, repr=False)
class GenerateImageRequest(base.Message):
    """Request for images."""

    prompt: str = betterproto.string_field(1)
    """Prompt."""

    image: "ImageUrlContent" = betterproto.message_field(5)
    """An image to start from."""

    model: str = betterproto.string_field(2)
    """The model to use, by name or alias."""

    n: "int | None" = betterproto.int32_field(3, optional=True)
    """Number of images to generate."""

    user: str = betterproto.string_field(4)
    """The caller's identifier of the end user."""

    format: "ImageFormat" = betterproto.enum_field(11)
    """How to send them."""

    quality: "ImageQuality | None" = betterproto.enum_field(12, optional=True)
    """Quality; the server's default when unset."""

    aspect_ratio: "ImageAspectRatio | None" = betterproto.enum_field(14, optional=True)
    """Width to height; the server's default when unset."""

    resolution: "ImageResolution | None" = betterproto.enum_field(15, optional=True)
    """The size; the server's default when unset."""

    images: "list[ImageUrlContent]" = betterproto.message_field(17)
    """Several images to start from; not together with the single one."""

    storage_options: "StorageOptions | None" = betterproto.message_field(19, optional=True)
    """Store the result as a file, and how."""


@dataclass(eq=False, repr=False)
class StorageOptions(base.Message):
    """How to store a result as a file."""

    filename: str = betterproto.string_field(1)
    """The name of the file."""

    expires_after: "int | None" = betterproto.int64_field(2, optional=True)
    """After how many seconds it is deleted; never when unset."""

    public_url: "PublicUrlOptions | None" = betterproto.message_field(3, optional=True)
    """Give it a public URL, and how."""


@dataclass(eq=False, repr=False)
class PublicUrlOptions(base.Message):
    """How to give a file a public URL."""

    expires_after: "int | None" = betterproto.int64_field(1, optional=True)
    """After how many seconds it ends; with the file when unset."""


@dataclass(eq=False, repr=False)
class FileOutput(base.Message):
    """The file that a result was stored as."""

    file_id: str = betterproto.string_field(1)
    """The ID of the file."""

    filename: str = betterproto.string_field(2)
    """Its name."""

    public_url: "str | None" = betterproto.string_field(4, optional=True)
    """Its public URL, if it has one."""

    public_url_expires_at: "datetime | None" = betterproto.message_field(5, optional=True)
    """When the public URL ends, if ever."""

    expires_at: "datetime | None" = betterproto.message_field(6, optional=True)
    """When the file will be deleted, if ever."""

    public_url_error: "str | None" = betterproto.string_field(7, optional=True)
    """Why it has no public URL."""


@dataclass(eq=False, repr=False)
class ImageResponse(base.Message):
    """The images that were made."""

    images: "list[GeneratedImage]" = betterproto.message_field(1)
    """The images."""

    model: str = betterproto.string_field(2)
    """The model that made them."""

    usage: "SamplingUsage" = betterproto.message_field(3)
    """What all of them cost."""


@dataclass(eq=False, repr=False)
class GeneratedImage(base.Message):
    """An image that was made."""

    base64: str = betterproto.string_field(1, group="image")
    """The image in Base64, as a data URL."""

    url: str = betterproto.string_field(3, group="image")
    """Where to fetch it."""

    respect_moderation: bool = betterproto.bool_field(4)
    """It keeps to the rules for content; there is no image otherwise."""

    file_output: "FileOutput | None" = betterproto.message_field(8, optional=True)
    """The file it was stored as."""

    storage_error: "str | None" = betterproto.string_field(9, optional=True)
    """Why storing it failed, although it was made."""


@dataclass(eq=False, repr=False)
class ImageUrlContent(base.Message):
    """An image, by its URL or its file."""

    image_url: str = betterproto.string_field(1, group="source")
    """Its URL, or the image itself as a data URL."""

    file_id: str = betterproto.string_field(3, group="source")
    """The ID of a file that was uploaded."""

    detail: "ImageDetail" = betterproto.enum_field(2)
    """Level of detail."""


IMAGE_GENERATE_IMAGE: Final = base.Method(
    "/xai_api.Image/GenerateImage",
    GenerateImageRequest,
    ImageResponse,
    client_streaming=False,
    server_streaming=False,
    idempotent=False,
)
