# Generated from xai/api/v1/video.proto (betterproto 2.0.0b7, protoc 35.1). Do not edit.
"""The server's side of the services of xai/api/v1/video.proto."""

from xai.proto.server_base import Handler, ServiceBase
from xai.proto.xai_api.deferred import StartDeferredResponse
from xai.proto.xai_api.video import (
    VIDEO_EXTEND_VIDEO,
    VIDEO_GENERATE_VIDEO,
    VIDEO_GET_DEFERRED_VIDEO,
    ExtendVideoRequest,
    GenerateVideoRequest,
    GetDeferredVideoRequest,
    GetDeferredVideoResponse,
)


class VideoBase(ServiceBase):
    """Makes videos."""

    async def generate_video(self, request: GenerateVideoRequest) -> StartDeferredResponse:
        """Start a deferred video and return its request ID."""
        raise self._unimplemented(VIDEO_GENERATE_VIDEO)

    async def extend_video(self, request: ExtendVideoRequest) -> StartDeferredResponse:
        """Start a deferred extension of a video and return its request ID."""
        raise self._unimplemented(VIDEO_EXTEND_VIDEO)

    async def get_deferred_video(
        self, request: GetDeferredVideoRequest
    ) -> GetDeferredVideoResponse:
        """Get the result of a deferred video."""
        raise self._unimplemented(VIDEO_GET_DEFERRED_VIDEO)

    def __mapping__(self) -> dict[str, Handler]:
        """Return what answers each path, as grpclib asks for it."""
        return {
            VIDEO_GENERATE_VIDEO.path: self._unary_handler(
                VIDEO_GENERATE_VIDEO, self.generate_video
            ),
            VIDEO_EXTEND_VIDEO.path: self._unary_handler(VIDEO_EXTEND_VIDEO, self.extend_video),
            VIDEO_GET_DEFERRED_VIDEO.path: self._unary_handler(
                VIDEO_GET_DEFERRED_VIDEO, self.get_deferred_video
            ),
        }
