# Do not edit: produced by "nox -s generate" from
# tests/services/aio/v1/image_helpers.py
"""What tests of images and videos need."""

import io
from pathlib import Path

from PIL import Image

from xai.testing import LocalServer

MODEL = "grok-imagine-image"


def size_of(data: bytes) -> tuple[str | None, tuple[int, int]]:
    """Return the format and the size of a picture, read in full by another program's code."""
    with Image.open(io.BytesIO(data)) as picture:
        picture.load()
        return picture.format, picture.size


def pixel(data: bytes, x: float, y: float) -> tuple[int, ...]:
    """Return the colour of a place in a picture, given in parts of its width and height."""
    with Image.open(io.BytesIO(data)) as picture:
        width, height = picture.size
        found = picture.convert("RGB").getpixel((int(x * width), int(y * height)))
    assert isinstance(found, tuple)
    return found


def webp(colour: tuple[int, int, int]) -> bytes:
    """Return a picture that the local server has not made."""
    buffer = io.BytesIO()
    Image.new("RGB", (64, 64), colour).save(buffer, "webp", lossless=True)
    return buffer.getvalue()


def fetches(server: LocalServer) -> int:
    """Return how many times something was fetched from a server by HTTP."""
    return sum(call.method == "/http/GET" for call in server.calls)


def names_in(folder: Path) -> list[str]:
    """Return the names of what is in a folder."""
    return sorted(path.name for path in folder.iterdir())
