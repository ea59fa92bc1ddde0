# Generated from xai/api/v1/video.proto (betterproto 2.0.0b7, protoc 35.1). Do not edit.
"""The blocking services of xai/api/v1/video.proto."""

from xai._secrets import conceal
from xai.options import NOT_GIVEN, Metadata, NotGiven, Timeouts
from xai.proto.base import ServiceStub
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


class VideoStub(ServiceStub):
    """Makes videos."""

    def generate_video(
        self,
        request: GenerateVideoRequest,
        *,
        timeout: float | Timeouts | NotGiven | None = NOT_GIVEN,
        metadata: Metadata = (),
    ) -> StartDeferredResponse:
        """Start a deferred video and return its request ID."""
        pairs, metadata = conceal(metadata), ()
        return self._unary(VIDEO_GENERATE_VIDEO, request, timeout=timeout, metadata=pairs)

    def extend_video(
        self,
        request: ExtendVideoRequest,
        *,
        timeout: float | Timeouts | NotGiven | None = NOT_GIVEN,
        metadata: Metadata = (),
    ) -> StartDeferredResponse:
        """Start a deferred extension of a video and return its request ID."""
        pairs, metadata = conceal(metadata), ()
        return self._unary(VIDEO_EXTEND_VIDEO, request, timeout=timeout, metadata=pairs)

    def get_deferred_video(
        self,
        request: GetDeferredVideoRequest,
        *,
        timeout: float | Timeouts | NotGiven | None = NOT_GIVEN,
        metadata: Metadata = (),
    ) -> GetDeferredVideoResponse:
        """Get the result of a deferred video."""
        pairs, metadata = conceal(metadata), ()
        return self._unary(VIDEO_GET_DEFERRED_VIDEO, request, timeout=timeout, metadata=pairs)
