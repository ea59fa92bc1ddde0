"""What is said to the v1 API: nothing in this file may be an error, or of an unknown type.

It is checked by test_programs.py, never run.
"""

from datetime import datetime

from typing_extensions import assert_type

from xai import v1
from xai.proto.xai_api import Content, Message, Source, Tool, ToolCall, ToolChoice
from xai.proto.xai_api import HybridRetrieval as Hybrid
from xai.proto.xai_api import SearchParameters as WireParameters


def messages(data: bytes, call: ToolCall) -> list[Message]:
    """Say something in every way."""
    picture = assert_type(v1.image("https://a/b.png", detail="low"), Content)
    parts: list[v1.Part] = ["see", picture, v1.image(data=data), v1.image(file_id="f")]
    assert_type(v1.file("file-1"), Content)
    assert_type(v1.file(data=data, filename="a.txt", mime_type="text/plain"), Content)
    assert_type(v1.file(url="https://a"), Content)
    assert_type(v1.text("a"), Content)
    return [
        assert_type(v1.system("be brief"), Message),
        v1.developer("be brief", name="ops"),
        v1.user(*parts, name="ann"),
        v1.assistant("ok", reasoning_content="hm", encrypted_content="x", tool_calls=[call]),
        v1.tool_result("4", call.id),
        v1.function("4", name="add"),
    ]


def plain(text: str) -> str:
    """Shout."""
    return text.upper()


@v1.tool
def bare(city: str, days: int = 1) -> str:
    """Tell the weather."""
    return city * days


@v1.tool(name="named", strict=True)
async def asked(city: str) -> int:
    """Count something."""
    return len(city)


async def tools() -> list[Tool]:
    """Offer every kind of tool."""
    assert_type(bare("Rome", days=2), str)
    assert_type(await asked("Rome"), int)
    assert_type(v1.tool(plain, name="upper")("a"), str)
    assert_type(v1.required_tool("bare"), ToolChoice)
    assert_type(v1.get_tool_call_type(ToolCall()), str)
    schema: dict[str, v1.JsonValue] = {"type": "object", "properties": {}}
    return [
        assert_type(v1.tool("f", "does it", {"type": "object", "required": ["a"]}), Tool),
        v1.tool(name="f", description="does it", parameters=schema, strict=True),
        v1.web_search(["a.com"], enable_image_search=True, user_location_country="FR"),
        v1.x_search(datetime.now(), allowed_x_handles=("xai",)),  # noqa: DTZ005  # naive is UTC
        v1.code_execution(),
        v1.image_generation("edit"),
        v1.collections_search(["c"], 3, retrieval_mode="keyword"),
        v1.collections_search(["c"], retrieval_mode=Hybrid()),
        v1.attachment_search(3),
        v1.mcp("https://a", "label", extra_headers={"a": "b"}),
    ]


def search() -> WireParameters:
    """Search in the older way."""
    sources: list[Source] = [
        v1.web_source("US", safe_search=False),
        v1.news_source(excluded_websites=["a.com"]),
        v1.x_source(post_view_count=3),
        v1.rss_source(["https://a"]),
    ]
    parameters = v1.SearchParameters(sources, mode="on", max_search_results=3)
    assert_type(parameters.mode == "on", bool)
    return assert_type(parameters.to_proto(), WireParameters)


def names(reason: v1.FinishReason, model: v1.Model) -> str:
    """Read what an answer tells."""
    guideline: v1.GuidelineParam = {"type": "policy", "category": "nsfw", "behavior": "decline"}
    include: list[v1.IncludeOption] = ["inline_citations", "code_execution_files_output"]
    effort: v1.ReasoningEffort = "xhigh"
    if reason is v1.FinishReason.STOP:
        return assert_type(reason.wire_name, str)
    tool = v1.ServerSideTool.MCP.wire_name
    return f"{v1.Role(7).name} {tool} {guideline} {include} {effort} {model}"
