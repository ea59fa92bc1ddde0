"""Change a picture, in two versions."""

from pathlib import Path

import xai

with xai.v1.Client() as client:
    house = client.image.sample("A red house by the sea", "grok-imagine-image")
    house.save("day.jpg")
    nights = client.image.sample_batch(
        "Make it night", "grok-imagine-image", 2, images=[Path("day.jpg")]
    )
    for number, night in enumerate(nights, 1):
        print(night.save(f"night-{number}.jpg"))
