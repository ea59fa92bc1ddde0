# Generated from xai/api/v1/image.proto (betterproto 2.0.0b7, protoc 35.1). Do not edit.
"""The server's side of the services of xai/api/v1/image.proto."""

from xai.proto.server_base import Handler, ServiceBase
from xai.proto.xai_api.image import IMAGE_GENERATE_IMAGE, GenerateImageRequest, ImageResponse


class ImageBase(ServiceBase):
    """Makes images."""

    async def generate_image(self, request: GenerateImageRequest) -> ImageResponse:
        """Generate images from a prompt and other images."""
        raise self._unimplemented(IMAGE_GENERATE_IMAGE)

    def __mapping__(self) -> dict[str, Handler]:
        """Return what answers each path, as grpclib asks for it."""
        return {
            IMAGE_GENERATE_IMAGE.path: self._unary_handler(
                IMAGE_GENERATE_IMAGE, self.generate_image
            ),
        }
