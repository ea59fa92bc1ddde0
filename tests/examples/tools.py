"""Let the model call Python functions."""

import xai
from xai.v1 import user


def get_weather(city: str, days: int = 1) -> str:
    """Tell the weather in a city.

    Args:
        city: The name of the city.
        days: For how many days.
    """
    return f"12 degrees and rain in {city}, for {days} day(s)"


with xai.v1.Client() as client:
    chat = client.chat.create("grok-4", messages=[user("What is the weather in Paris?")])
    result = chat.run(tools=[get_weather], max_turns=5)
    for step in result.steps:
        if isinstance(step, xai.v1.ToolStep):
            print(step.name, step.arguments, "->", step.result)
    print(result.response.content)
