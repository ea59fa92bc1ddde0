# Generated from xai/api/v1/image.proto (betterproto 2.0.0b7, protoc 35.1). Do not edit.
"""The blocking services of xai/api/v1/image.proto."""

from xai._secrets import conceal
from xai.options import NOT_GIVEN, Metadata, NotGiven, Timeouts
from xai.proto.base import ServiceStub
from xai.proto.xai_api.image import IMAGE_GENERATE_IMAGE, GenerateImageRequest, ImageResponse


class ImageStub(ServiceStub):
    """Makes images."""

    def generate_image(
        self,
        request: GenerateImageRequest,
        *,
        timeout: float | Timeouts | NotGiven | None = NOT_GIVEN,
        metadata: Metadata = (),
    ) -> ImageResponse:
        """Generate images from a prompt and other images."""
        pairs, metadata = conceal(metadata), ()
        return self._unary(IMAGE_GENERATE_IMAGE, request, timeout=timeout, metadata=pairs)
