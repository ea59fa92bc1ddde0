"""Ask about pictures: from a file, from bytes, and from the web."""

import base64
from pathlib import Path

import xai
from xai.v1 import image, user

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="
)
Path("pixel.png").write_bytes(PIXEL)

with xai.v1.Client() as client:
    chat = client.chat.create("grok-4")
    pictures = [
        image(path="pixel.png"),
        image(data=PIXEL, detail="low"),
        image("https://example.com/sea.jpg"),
    ]
    chat.append(user("What is in these pictures?", *pictures))
    print(chat.sample().content)
