"""Types of arguments, and the numbers that some of them stand for."""

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
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
    from xai.xai_sdk.v1.types.image import (
        ImageAspectRatio,
        ImageFormat,
        ImageQuality,
        ImageResolution,
    )
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

#: The module of each name; it is loaded when it is first used.
_HOMES: Final = {
    **dict.fromkeys(
        (
            "AgentCount",
            "AgentCountMap",
            "Content",
            "Guideline",
            "GuidelineBehavior",
            "GuidelineBehaviorMap",
            "GuidelineCategory",
            "GuidelineCategoryMap",
            "ImageDetail",
            "IncludeOption",
            "IncludeOptionMap",
            "ReasoningEffort",
            "ResponseFormat",
            "ToolMode",
        ),
        "chat",
    ),
    "ServiceTier": "common",
    **dict.fromkeys(
        (
            "ImageAspectRatio",
            "ImageFormat",
            "ImageQuality",
            "ImageResolution",
        ),
        "image",
    ),
    **dict.fromkeys(
        (
            "AllModels",
            "ChatModel",
            "ImageGenerationModel",
            "VideoGenerationModel",
        ),
        "model",
    ),
    **dict.fromkeys(
        (
            "FileIdKeyframe",
            "Keyframe",
            "ReferenceAudio",
            "UrlKeyframe",
            "VideoAspectRatio",
            "VideoResolution",
            "VoiceAudioRef",
        ),
        "video",
    ),
}

if not TYPE_CHECKING:  # a type checker knows the names and finds misspelt ones

    def __getattr__(name: str) -> object:
        """Load a name when it is first used (PEP 562)."""
        home = _HOMES.get(name)
        if home is None:
            raise AttributeError(f"module 'xai_sdk.types' has no attribute {name!r}")
        found: object = getattr(import_module(f"xai.xai_sdk.v1.types.{home}"), name)
        globals()[name] = found
        return found


def __dir__() -> list[str]:
    """List the public names, loaded or not."""
    return sorted(__all__)
