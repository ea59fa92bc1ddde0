"""Let the server search the web, and name its sources."""

import xai
from xai.v1 import user, web_search, x_search

with xai.v1.Client() as client:
    chat = client.chat.create(
        "grok-4",
        messages=[user("What is new about the old bridge?")],
        tools=[web_search(), x_search()],
        include=["inline_citations"],
        tool_choice="required",  # it searches in any case
        max_turns=3,
    )
    response = chat.sample()
    print(response.content)
    for number, url in enumerate(response.citations, 1):
        print(f"[{number}] {url}")
    print(response.server_side_tool_usage)
