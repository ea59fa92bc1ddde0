"""The images of a request for a video that are given as paths."""

import os
from collections.abc import Mapping, Sequence

from xai.v1.media_input import ImageInput, paths_in
from xai.v1.videos import Keyframe, VideoOptions


def paths_of(options: VideoOptions) -> "dict[str, os.PathLike[str]]":
    """Return the paths among the images of a request, by what they were given as.

    Args:
        options: The options of the request.

    Raises:
        TypeError: ``reference_images`` is not a sequence.
    """
    found = {
        name: image
        for name, image in (
            ("image", options.get("image")),
            ("last_frame", options.get("last_frame")),
        )
        if isinstance(image, os.PathLike)
    }
    for at, path in paths_in(options.get("reference_images"), "reference_images"):
        found[f"reference_images[{at}]"] = path
    keyframes = options.get("keyframes")
    if isinstance(keyframes, Sequence):
        for at, keyframe in enumerate(keyframes):
            image = keyframe.get("image") if isinstance(keyframe, Mapping) else None
            if isinstance(image, os.PathLike):
                found[f"keyframes[{at}]['image']"] = image
    return found


def with_data(options: VideoOptions, data: Mapping[str, bytes]) -> VideoOptions:
    """Return options in which paths are replaced by what was read.

    Args:
        options: The options of the request.
        data: What was read, by what the paths were given as.
    """
    if not data:
        return options
    filled: VideoOptions = {**options}
    if "image" in data:
        filled["image"] = data["image"]
    if "last_frame" in data:
        filled["last_frame"] = data["last_frame"]
    references: list[ImageInput] = [
        data.get(f"reference_images[{at}]", image)
        for at, image in enumerate(options.get("reference_images") or ())
    ]
    if references:
        filled["reference_images"] = references
    keyframes: list[Keyframe] = []
    for at, keyframe in enumerate(options.get("keyframes") or ()):
        name = f"keyframes[{at}]['image']"
        keyframes.append({**keyframe, "image": data[name]} if name in data else keyframe)
    if keyframes:
        filled["keyframes"] = keyframes
    return filled
