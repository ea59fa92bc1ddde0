"""Images that were made, and the types of the arguments for them."""

import base64
import warnings

from xai.v1.images import ImageOptions, image_request
from xai.xai_sdk.v1.cost import cost_usd_from_usage
from xai.xai_sdk.v1.files import StorageOptions, storage_options_message
from xai.xai_sdk.v1.meta import ProtoDecorator
from xai.xai_sdk.v1.proto.messages import Message, wrap
from xai.xai_sdk.v1.types.image import ImageAspectRatio, ImageFormat, ImageQuality, ImageResolution
from xai.xai_sdk.v1.types.model import ImageGenerationModel

__all__ = [
    "BaseImageResponse",
    "ImageAspectRatio",
    "ImageFormat",
    "ImageGenerationModel",
    "ImageQuality",
    "ImageResolution",
    "StorageOptions",
    "image_message",
]


class Stored(ProtoDecorator[Message]):
    """A result that may have been stored as a file."""

    @property
    def _result(self) -> Message:
        raise NotImplementedError

    @property
    def model(self) -> str:
        """The model that made it."""
        return str(self._proto.model)

    @property
    def usage(self) -> Message:
        """What was used."""
        found: Message = self._proto.usage
        return found

    @property
    def cost_usd(self) -> float | None:
        """What the request cost in US dollars; None when the server did not say."""
        return cost_usd_from_usage(self._proto.usage)

    @property
    def respect_moderation(self) -> bool:
        """Whether it keeps to the rules for content."""
        return bool(self._result.respect_moderation)

    @property
    def file_output(self) -> Message | None:
        """The file it was stored as."""
        found: Message = self._result.file_output
        return found if self._result.HasField("file_output") else None

    @property
    def storage_error(self) -> str | None:
        """Why storing it failed."""
        return self._result.storage_error or None

    @property
    def public_url(self) -> str | None:
        """The public URL of the file."""
        stored = self.file_output
        return None if stored is None else stored.public_url or None

    @property
    def public_url_error(self) -> str | None:
        """Why the file has no public URL."""
        stored = self.file_output
        return None if stored is None else stored.public_url_error or None


class BaseImageResponse(Stored):
    """One of the images of a response.

    Args:
        proto: The response.
        index: Which of its images.
    """

    def __init__(self, proto: Message, index: int) -> None:
        super().__init__(proto)
        self._index = index

    @property
    def _result(self) -> Message:
        found: Message = self._proto.images[self._index]
        return found

    @property
    def prompt(self) -> str:
        """Nothing: the server says no longer what it made of the prompt."""
        warnings.warn("prompt is always empty", DeprecationWarning, stacklevel=2)
        return ""

    @property
    def url(self) -> str:
        """Where it can be fetched for a while.

        Raises:
            ValueError: There is no URL.
        """
        return self._of_kind("url")

    @property
    def base64(self) -> str:
        """The image as a data URL.

        Raises:
            ValueError: It did not come in this form.
        """
        return self._of_kind("base64")

    def _of_kind(self, name: str) -> str:
        found = str(getattr(self._result, name))
        if not found:
            reason = "was not returned in this form"
            if not self.respect_moderation:
                reason = "did not respect moderation rules"
            raise ValueError(f"Image {reason}; {name} is not available.")
        return found

    def _decode_base64(self) -> bytes:
        return base64.b64decode(self.base64.rpartition("base64,")[2])


def image_message(prompt: str, model: str, n: int, options: "ImageOptions") -> Message:
    """Return the request for images.

    Args:
        prompt: What to show.
        model: The model.
        n: How many images.
        options: The other arguments.

    Raises:
        ValueError: An argument is not valid, or two exclude each other.
    """
    stored = storage_options_message(options.get("storage_options"))
    given: ImageOptions = {**options, "storage_options": None}
    request = wrap(image_request(prompt, model, n, **given))
    if stored is not None:
        request.storage_options.CopyFrom(stored)
    return request
