"""What must not be said to the v1 API: each line with ``# E`` is an error, and no other.

It is checked by test_programs.py, never run.
"""

from xai import v1
from xai.proto.xai_api import Tool

v1.user({"role": "user"})  # E: arg-type
v1.user("a", 1)  # E: arg-type
v1.user("a", name=1)  # E: arg-type
v1.system(b"a")  # E: arg-type
v1.assistant("a", tool_calls=["f"])  # E: list-item
v1.assistant("a", reasoning=1)  # E: call-arg
v1.tool_result(4)  # E: arg-type
v1.tool_result({"a": 1})  # E: arg-type
v1.function("4")  # E: call-arg
v1.text(None)  # E: arg-type
v1.image(b"png")  # E: arg-type
v1.image("https://a", detail="max")  # E: arg-type
v1.image("https://a", "low")  # E: call-arg
v1.file()  # E: call-overload
v1.file("file-1", filename="a")  # E: call-overload
v1.file(data=b"a", url="https://a")  # E: call-overload
v1.file(data="a")  # E: call-overload
v1.tool("f")  # E: call-overload
v1.tool("f", "does it", "{}")  # E: call-overload
v1.tool("f", "does it", {"a": object()})  # E: dict-item
v1.tool(1, "does it", {})  # E: call-overload
v1.required_tool(None)  # E: arg-type
v1.web_search(allowed_domains=[1])  # E: list-item
v1.web_search(domains=["a.com"])  # E: call-arg
v1.web_search([], [], None)  # E: call-arg
v1.x_search("2025-01-01")  # E: arg-type
v1.x_search(enable_video_understanding="yes")  # E: arg-type
v1.code_execution("python")  # E: call-arg
v1.image_generation("draw")  # E: arg-type
v1.collections_search()  # E: call-arg
v1.collections_search(["c"], "3")  # E: arg-type
v1.collections_search(["c"], retrieval_mode="best")  # E: arg-type
v1.attachment_search(2.5)  # E: arg-type
v1.mcp()  # E: call-arg
v1.mcp("https://a", extra_headers=[("a", "b")])  # E: arg-type
v1.get_tool_call_type("mcp_tool")  # E: arg-type
v1.SearchParameters(mode="sometimes")  # E: arg-type
v1.SearchParameters(max_search_results="3")  # E: arg-type
v1.SearchParameters(["web"])  # E: list-item
v1.SearchParameters().mode = "on"  # E: misc
v1.rss_source()  # E: call-arg
v1.x_source(post_view_count=1.5)  # E: arg-type
v1.usr("a")  # E: attr-defined
effort: v1.ReasoningEffort = "max"  # E: assignment
include: v1.IncludeOption = "citations"  # E: assignment
rule: v1.GuidelineParam = {"type": "policy", "category": "nsfw"}  # E: typeddict-item
rule["category"] = "war"  # E: typeddict-item


@v1.tool
def bare(city: str) -> str:
    """Tell the weather."""
    return city


bare(3)  # E: arg-type
bare(town="Rome")  # E: call-arg
wire: Tool = bare  # E: assignment
number: int = bare("Rome")  # E: assignment
