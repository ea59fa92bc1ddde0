"""Types of arguments, and the numbers that some of them stand for."""

from xai.xai_sdk.v1.types.chat import (
    AgentCount,
    AgentCountMap,
    Content,
    Guideline,
    GuidelineBehavior,
    GuidelineBehaviorMap,
    GuidelineCategory,
    GuidelineCategoryMap,
    ImageDetail,
    IncludeOption,
    IncludeOptionMap,
    ReasoningEffort,
    ResponseFormat,
    ToolMode,
)
from xai.xai_sdk.v1.types.common import ServiceTier
from xai.xai_sdk.v1.types.image import ImageAspectRatio, ImageFormat, ImageQuality, ImageResolution
from xai.xai_sdk.v1.types.model import (
    AllModels,
    ChatModel,
    ImageGenerationModel,
    VideoGenerationModel,
)
from xai.xai_sdk.v1.types.video import (
    FileIdKeyframe,
    Keyframe,
    ReferenceAudio,
    UrlKeyframe,
    VideoAspectRatio,
    VideoResolution,
    VoiceAudioRef,
)

__all__ = [
    "AgentCount",
    "AgentCountMap",
    "AllModels",
    "ChatModel",
    "Content",
    "FileIdKeyframe",
    "Guideline",
    "GuidelineBehavior",
    "GuidelineBehaviorMap",
    "GuidelineCategory",
    "GuidelineCategoryMap",
    "ImageAspectRatio",
    "ImageDetail",
    "ImageFormat",
    "ImageGenerationModel",
    "ImageQuality",
    "ImageResolution",
    "IncludeOption",
    "IncludeOptionMap",
    "Keyframe",
    "ReasoningEffort",
    "ReferenceAudio",
    "ResponseFormat",
    "ServiceTier",
    "ToolMode",
    "UrlKeyframe",
    "VideoAspectRatio",
    "VideoGenerationModel",
    "VideoResolution",
    "VoiceAudioRef",
]
