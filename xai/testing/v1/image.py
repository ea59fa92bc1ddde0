"""The service xai_api.Image of the local server: images that are drawn from their prompts."""

import asyncio
import math
import re
from collections.abc import Mapping
from typing import Final

from xai.proto.xai_api.image import (
    GeneratedImage,
    GenerateImageRequest,
    ImageAspectRatio,
    ImageFormat,
    ImageResolution,
    ImageResponse,
)
from xai.proto.xai_api.image_server import ImageBase
from xai.proto.xai_api.usage import SamplingUsage
from xai.testing.control.accounts import Account, caller
from xai.testing.engine.dialogue import Backend
from xai.testing.engine.picture_files import JPEG, PNG, write_jpeg, write_png
from xai.testing.engine.raster import CELL, Raster, draw
from xai.testing.engine.steps import finish_in_turns
from xai.testing.v1.chat_request import require
from xai.testing.v1.media_source import MediaFiles, check_storage
from xai.testing.v1.models import IMAGE_MODELS, IMAGE_PRICE, Names
from xai.v1.chat.messages import data_url
from xai.v1.images import MAX_IMAGES

_PATH: Final = "/xai_api.Image/"
_KIND: Final = "image"
#: About how many pixels an image of "1k" has.
_PIXELS: Final = 1024 * 1024
_TICKS_PER_CENT: Final = 100_000_000
#: A prompt with one of these words gets no image.
WITHHELD: Final = re.compile(r"\b(?:gore|nsfw)\b", re.IGNORECASE)
_PNG_ASKED: Final = re.compile(r"\bpng\b", re.IGNORECASE)


class LocalImages(ImageBase):
    """Serves ``xai_api.Image``.

    Args:
        backend: The model, which counts the tokens of prompts.
        files: Where inputs come from and results go.
    """

    acls: Mapping[str, str] = {_PATH + "GenerateImage": "image:write"}

    def __init__(self, backend: Backend, files: MediaFiles) -> None:
        self._backend = backend
        self._files = files
        self._names = Names(IMAGE_MODELS)

    async def generate_image(self, request: GenerateImageRequest) -> ImageResponse:
        """Draw images."""
        account = caller()
        model = self._names.resolve(request.model)
        require(bool(request.prompt), "prompt is empty.")
        count = 1 if request.n is None else request.n
        require(1 <= count <= MAX_IMAGES, f"n must be from 1 to {MAX_IMAGES}, not {count}.")
        check_storage(request.storage_options)
        inputs = self._inputs(request, account)
        tokens = await finish_in_turns(self._backend.model.tokenizer.steps(request.prompt))
        transaction = self._backend.open(_KIND, model, tokens)
        images = []
        for index in range(count):
            images.append(self._image(request, account, inputs, index))
            # Many large images take their time, and others run in between.
            await asyncio.sleep(0)
        transaction.confirmed = True
        made = sum(image.respect_moderation for image in images)
        return ImageResponse(
            images=images,
            model=model,
            usage=SamplingUsage(
                prompt_tokens=len(tokens),
                prompt_text_tokens=len(tokens),
                total_tokens=len(tokens),
                prompt_image_tokens=0,
                cost_in_usd_ticks=made * IMAGE_PRICE * _TICKS_PER_CENT,
            ),
        )

    def _inputs(self, request: GenerateImageRequest, account: Account) -> list[Raster]:
        single = request.image if request.is_set("image") else None
        require(single is None or not request.images, "image and images exclude each other.")
        if single is not None:
            return [self._files.picture(account, single, "image")]
        return [
            self._files.picture(account, image, f"images[{at}]")
            for at, image in enumerate(request.images)
        ]

    def _image(
        self, request: GenerateImageRequest, account: Account, inputs: list[Raster], index: int
    ) -> GeneratedImage:
        if WITHHELD.search(request.prompt):
            return GeneratedImage(respect_moderation=False)
        raster = drawing(request, inputs, index)
        options = request.storage_options
        name = f"image-{index}" if options is None else options.filename
        png = name.lower().endswith(".png") or bool(_PNG_ASKED.search(request.prompt))
        data, content_type = (write_png(raster), PNG) if png else (write_jpeg(raster), JPEG)
        image = GeneratedImage(respect_moderation=True)
        if request.format == ImageFormat.IMG_FORMAT_BASE64:
            image.base64 = data_url(data, content_type)
        else:
            suffix = "" if "." in name else ".png" if png else ".jpg"
            image.url = self._files.publish(data, content_type, name + suffix)
        if options is not None:
            image.file_output = self._files.store(account, data, content_type, options)
        return image


def drawing(request: GenerateImageRequest, inputs: list[Raster], index: int) -> Raster:
    """Return one of the images that a request asks for.

    Args:
        request: The request.
        inputs: The pictures to start from.
        index: Which of the images.
    """
    ratio = _ratio(request.aspect_ratio, inputs)
    width, height = size_of(*ratio)
    if inputs:
        raster = inputs[0].scaled(width, height)
        for place, other in enumerate(inputs[1:]):
            raster = raster.with_inset(other, place)
        raster = raster.edited(request.prompt, index)
    else:
        raster = draw(request.prompt, index, width, height)
    if request.resolution == ImageResolution.IMG_RESOLUTION_2K:
        raster = raster.scaled(2 * width, 2 * height)
    return raster


def size_of(width: int, height: int) -> tuple[int, int]:
    """Return the cells of an image of about a million pixels, with exactly a ratio.

    Args:
        width: The width, in proportion.
        height: The height, in proportion.
    """
    part = max(1, round(math.sqrt(_PIXELS / (width * height)) / CELL))
    return width * part, height * part


def _ratio(wanted: ImageAspectRatio | None, inputs: list[Raster]) -> tuple[int, int]:
    if wanted == ImageAspectRatio.IMG_ASPECT_RATIO_AUTO and inputs:
        first = inputs[0]
        shape = math.log(first.width / first.height)
        return min(_RATIOS.values(), key=lambda pair: abs(math.log(pair[0] / pair[1]) - shape))
    return _RATIOS.get(wanted or 0, (1, 1))


_RATIOS: Final[dict[int, tuple[int, int]]] = {
    ImageAspectRatio.IMG_ASPECT_RATIO_1_1: (1, 1),
    ImageAspectRatio.IMG_ASPECT_RATIO_3_4: (3, 4),
    ImageAspectRatio.IMG_ASPECT_RATIO_4_3: (4, 3),
    ImageAspectRatio.IMG_ASPECT_RATIO_9_16: (9, 16),
    ImageAspectRatio.IMG_ASPECT_RATIO_16_9: (16, 9),
    ImageAspectRatio.IMG_ASPECT_RATIO_2_3: (2, 3),
    ImageAspectRatio.IMG_ASPECT_RATIO_3_2: (3, 2),
    ImageAspectRatio.IMG_ASPECT_RATIO_9_19_5: (6, 13),
    ImageAspectRatio.IMG_ASPECT_RATIO_19_5_9: (13, 6),
    ImageAspectRatio.IMG_ASPECT_RATIO_9_20: (9, 20),
    ImageAspectRatio.IMG_ASPECT_RATIO_20_9: (20, 9),
    ImageAspectRatio.IMG_ASPECT_RATIO_1_2: (1, 2),
    ImageAspectRatio.IMG_ASPECT_RATIO_2_1: (2, 1),
}
