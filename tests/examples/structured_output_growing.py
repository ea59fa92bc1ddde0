"""See a structured value grow while it is being written."""

import pydantic

import xai
from xai.v1 import user


class Recipe(pydantic.BaseModel):
    """How to cook something."""

    title: str
    minutes: int = pydantic.Field(ge=1, le=600)
    steps: list[str]


with xai.v1.Client() as client:
    chat = client.chat.create("grok-4", messages=[user("How is bread made?")])
    with chat.stream_parse(Recipe) as stream:
        for _, value in stream:
            print(value)
    print(stream.result.title, stream.result.minutes, len(stream.result.steps))
