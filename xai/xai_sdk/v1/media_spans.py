"""The attributes of spans of images and videos."""

from collections.abc import Sequence

from xai.xai_sdk.v1.chats.chunk import enum_name
from xai.xai_sdk.v1.chats.spans import usage_attributes
from xai.xai_sdk.v1.image import BaseImageResponse, Stored
from xai.xai_sdk.v1.proto.messages import Message
from xai.xai_sdk.v1.proto.modules import load
from xai.xai_sdk.v1.telemetry.spans import sensitive
from xai.xai_sdk.v1.video import VideoResponse

image_pb2 = load("image_pb2")
video_pb2 = load("video_pb2")


def image_request_attributes(request: Message) -> dict[str, object]:
    """Return what a span says of a request for images.

    Args:
        request: The ``GenerateImageRequest``.
    """
    found = _base("generate_image", "image", request)
    if not sensitive():
        return found
    found["gen_ai.prompt"] = request.prompt
    found["gen_ai.request.image.format"] = _format(request)
    if request.HasField("n"):
        found["gen_ai.request.image.count"] = request.n
    enums = {
        "aspect_ratio": (image_pb2.ImageAspectRatio, "IMG_ASPECT_RATIO_"),
        "resolution": (image_pb2.ImageResolution, "IMG_RESOLUTION_"),
        "quality": (image_pb2.ImageQuality, "IMG_QUALITY_"),
    }
    found.update(_named("image", request, enums))
    if request.user:
        found["user_id"] = request.user
    return {**found, **_storage(request)}


def video_request_attributes(operation: str, request: Message) -> dict[str, object]:
    """Return what a span says of a request for a video.

    Args:
        operation: What is done.
        request: The message.
    """
    found = _base(operation, "video", request)
    found["server.address"] = "api.x.ai"
    if not sensitive():
        return found
    found["gen_ai.prompt"] = request.prompt
    if request.HasField("duration"):
        found["gen_ai.request.video.duration"] = request.duration
    if operation == "generate_video":
        enums = {
            "aspect_ratio": (video_pb2.VideoAspectRatio, "VIDEO_ASPECT_RATIO_"),
            "resolution": (video_pb2.VideoResolution, "VIDEO_RESOLUTION_"),
        }
        found.update(_named("video", request, enums))
        if request.HasField("generate_audio"):
            found["gen_ai.request.video.generate_audio"] = request.generate_audio
    return {**found, **_storage(request)}


def image_response_attributes(
    request: Message, images: Sequence[BaseImageResponse]
) -> dict[str, object]:
    """Return what a span says of images, but not the images.

    Args:
        request: The ``GenerateImageRequest``.
        images: The images.
    """
    found: dict[str, object] = {"gen_ai.response.model": request.model}
    if not sensitive():
        return found
    found["gen_ai.response.image.format"] = _format(request)
    for at, image in enumerate(images):
        found.update(usage_attributes(image.usage))
        found.update(_result(f"gen_ai.response.{at}.image", image))
    return found


def video_response_attributes(request: Message, video: VideoResponse) -> dict[str, object]:
    """Return what a span says of a video.

    Args:
        request: The message.
        video: The video.
    """
    found: dict[str, object] = {"gen_ai.response.model": request.model}
    if not sensitive():
        return found
    name = "gen_ai.response.0.video"
    found.update(usage_attributes(video.usage))
    found.update(_result(name, video))
    found[f"{name}.duration"] = video.duration
    return found


def _base(operation: str, kind: str, request: Message) -> dict[str, object]:
    return {
        "gen_ai.operation.name": operation,
        "gen_ai.provider.name": "xai",
        "gen_ai.output.type": kind,
        "gen_ai.request.model": request.model,
    }


def _format(request: Message) -> str:
    name = enum_name(image_pb2.ImageFormat, request.format)
    return name.removeprefix("IMG_FORMAT_").lower()


def _named(kind: str, request: Message, enums: dict[str, tuple[object, str]]) -> dict[str, object]:
    found: dict[str, object] = {}
    for field, (enum, prefix) in enums.items():
        if request.HasField(field):
            name = enum_name(enum, getattr(request, field)).removeprefix(prefix).lower()
            if field == "aspect_ratio":
                name = name.replace("19_5", "19.5").replace("_", ":")
            found[f"gen_ai.request.{kind}.{field}"] = name
    return found


def _storage(request: Message) -> dict[str, object]:
    if not request.HasField("storage_options"):
        return {}
    options = request.storage_options
    name = "gen_ai.request.storage"
    found: dict[str, object] = {name: True}
    if options.filename:
        found[f"{name}.filename"] = options.filename
    if options.expires_after:
        found[f"{name}.expires_after"] = options.expires_after
    if options.HasField("public_url"):
        found[f"{name}.public_url"] = True
    return found


def _result(name: str, result: Stored) -> dict[str, object]:
    stored = result.file_output
    facts = {
        "url": result._result.url,  # noqa: SLF001  # of this package
        "file_id": stored.file_id if stored is not None else None,
        "public_url": result.public_url,
        "public_url_error": result.public_url_error,
        "storage_error": result.storage_error,
    }
    told: dict[str, object] = {f"{name}.{key}": value for key, value in facts.items() if value}
    return {f"{name}.respect_moderation": result.respect_moderation, **told}
