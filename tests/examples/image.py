"""Make a picture and save it."""

import xai

with xai.v1.Client() as client:
    house = client.image.sample("A red house by the sea", "grok-imagine-image", aspect_ratio="16:9")
    if house.respect_moderation:
        print(house.save("house.jpg"), len(house.data), "bytes", house.cost_usd, "USD")
