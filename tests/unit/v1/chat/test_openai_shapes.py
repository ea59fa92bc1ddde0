"""Dicts in the form of the OpenAI client's messages, tools and formats are what they look like."""

import base64
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from xai import v1
from xai.proto import xai_api as pb
from xai.v1.chat.request import make_request

SCHEMA: dict[str, Any] = {"type": "object", "properties": {"city": {"type": "string"}}}
PDF = base64.b64encode(b"%PDF-1").decode()

MESSAGES: dict[str, tuple[dict[str, Any], pb.Message]] = {
    "user": ({"role": "user", "content": "Hi"}, v1.user("Hi")),
    "system": ({"role": "system", "content": "Be brief"}, v1.system("Be brief")),
    "developer": ({"role": "developer", "content": "a", "name": "n"}, v1.developer("a", name="n")),
    "parts": (
        {"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": ""}]},
        v1.user("a", ""),
    ),
    "parts of a response": (
        {"role": "assistant", "content": [{"type": "output_text", "text": "a", "annotations": []}]},
        v1.assistant("a"),
    ),
    "image": (
        {
            "role": "user",
            "content": [
                {"type": "image_url", "image_url": {"url": "https://a/b.png", "detail": "low"}}
            ],
        },
        v1.user(v1.image("https://a/b.png", detail="low")),
    ),
    "image, flat": (
        {"role": "user", "content": [{"type": "input_image", "image_url": "https://a/b.png"}]},
        v1.user(v1.image("https://a/b.png")),
    ),
    "file by ID": (
        {"role": "user", "content": [{"type": "file", "file": {"file_id": "f"}}]},
        v1.user(v1.file("f")),
    ),
    "file": (
        {
            "role": "user",
            "content": [
                {
                    "type": "file",
                    "file": {
                        "file_data": f"data:application/pdf;base64,{PDF}",
                        "filename": "a.pdf",
                    },
                }
            ],
        },
        v1.user(v1.file(data=b"%PDF-1", filename="a.pdf", mime_type="application/pdf")),
    ),
    "file by URL": (
        {"role": "user", "content": [{"type": "input_file", "file_url": "https://a/b.pdf"}]},
        v1.user(v1.file(url="https://a/b.pdf")),
    ),
    "our own part": ({"role": "user", "content": [v1.text("a")]}, v1.user("a")),
    "tool calls": (
        {
            "role": "assistant",
            "content": None,
            "refusal": None,
            "tool_calls": [
                {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}
            ],
        },
        v1.assistant(
            tool_calls=[
                pb.ToolCall(
                    id="c",
                    type=pb.ToolCallType.TOOL_CALL_TYPE_CLIENT_SIDE_TOOL,
                    function=pb.FunctionCall(name="f", arguments="{}"),
                )
            ]
        ),
    ),
    "tool's result": (
        {"role": "tool", "content": "42", "tool_call_id": "c"},
        v1.tool_result("42", tool_call_id="c"),
    ),
}


@pytest.mark.parametrize("name", MESSAGES)
def test_message(name: str) -> None:
    """It is the message that the constructors make, at every place where one is taken."""
    given, expected = MESSAGES[name]
    before = json.dumps(given, default=str)
    assert make_request("m", messages=[given]).messages == [expected]
    chat = v1.Client("k").chat.create("m").append(given)
    assert chat.messages == [expected]
    assert json.dumps(given, default=str) == before


@pytest.mark.parametrize(
    ("given", "error", "text"),
    [
        ({}, ValueError, r"messages\[0\] lacks 'role'"),
        ({"role": "bot", "content": ""}, ValueError, r"\['role'\] must be 'system', .*not 'bot'"),
        ({"role": 1}, TypeError, r"\['role'\] must be a str, not int"),
        ({"role": "user"}, ValueError, "neither 'content' nor 'tool_calls'"),
        ({"role": "user", "content": 1}, TypeError, r"\['content'\] must be a str or a list"),
        ({"role": "user", "content": b"a"}, TypeError, r"\['content'\] must be a str or a list"),
        ({"role": "user", "content": ["a"]}, TypeError, r"\['content'\]\[0\] must be a dict"),
        ({"role": "user", "content": [{"type": "video"}]}, ValueError, "not 'video'"),
        ({"role": "user", "content": [{"type": "text"}]}, ValueError, "lacks 'text'"),
        ({"role": "user", "content": "a", "colour": 1}, ValueError, "no place for: 'colour'"),
        ({"role": "assistant", "content": "", "refusal": "No"}, ValueError, "'refusal'"),
        (
            {"role": "user", "content": [{"type": "file", "file": {"file_data": "?"}}]},
            ValueError,
            r"\['file_data'\] must be base64",
        ),
        (
            {"role": "user", "content": [{"type": "image_url", "image_url": {"url": "cat.png"}}]},
            ValueError,
            "use path=",
        ),
        (
            {"role": "assistant", "tool_calls": [{"id": "c", "function": "f"}]},
            TypeError,
            r"\['tool_calls'\]\[0\]\['function'\] must be a dict",
        ),
        ({"role": "assistant", "tool_calls": "c"}, TypeError, "must be a list, not str"),
    ],
)
def test_refused_message(given: dict[str, Any], error: type[Exception], text: str) -> None:
    """The error says where, and nothing is dropped."""
    with pytest.raises(error, match=text):
        make_request("m", messages=[given])


@pytest.mark.parametrize(
    "given",
    [
        {"type": "function", "function": {"name": "f", "description": "d", "parameters": SCHEMA}},
        {"type": "function", "name": "f", "description": "d", "parameters": SCHEMA, "strict": None},
    ],
)
def test_tool(given: dict[str, Any]) -> None:
    """With its members in ``function``, or beside the type."""
    (found,) = make_request("m", tools=[given]).tools
    assert found == v1.tool("f", "d", SCHEMA)


def test_tool_without_parameters() -> None:
    """It takes none."""
    (found,) = make_request("m", tools=[{"type": "function", "function": {"name": "f"}}]).tools
    assert json.loads(found.function.parameters) == {"type": "object", "properties": {}}


@pytest.mark.parametrize(
    ("given", "error", "text"),
    [
        ({"type": "web_search"}, ValueError, r"xai\.v1\.web_search\(\)"),
        ({"function": {"name": "f"}}, ValueError, "lacks 'type'"),
        ({"type": "function"}, ValueError, "lacks 'name'"),
        ({"type": "function", "function": {"name": "f", "x": 1}}, ValueError, "no place for: 'x'"),
        ({"type": "function", "name": "f", "parameters": []}, TypeError, "a JSON schema, not list"),
        ({"type": "function", "name": "f", "strict": 1}, TypeError, "must be a bool"),
    ],
)
def test_refused_tool(given: dict[str, Any], error: type[Exception], text: str) -> None:
    """Also those that the server runs, whose constructors are named."""
    with pytest.raises(error, match=text):
        make_request("m", tools=[given])


def test_tool_choice() -> None:
    """A function that the model must call."""
    choice = {"type": "function", "function": {"name": "f"}}
    assert make_request("m", tool_choice=choice).tool_choice == v1.required_tool("f")
    with pytest.raises(ValueError, match="must be 'function', not 'any'"):
        make_request("m", tool_choice={"type": "any"})


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"type": "text"}, "text"),
        ({"type": "json_object"}, "json_object"),
        (
            {"type": "json_schema", "json_schema": {"name": "n", "strict": True, "schema": SCHEMA}},
            SCHEMA,
        ),
        ({"type": "json_schema", "name": "n", "schema": SCHEMA}, SCHEMA),
    ],
)
def test_response_format(given: dict[str, Any], expected: str | Mapping[str, Any]) -> None:
    """What is wrapped is taken out; a schema of its own stays one."""
    found = make_request("m", response_format=given).response_format
    assert found == make_request("m", response_format=expected).response_format


@pytest.mark.parametrize(
    ("given", "error", "text"),
    [
        ({"type": "json_schema"}, TypeError, r"response_format\['schema'\] must be a JSON schema"),
        ({"type": "json_object", "x": 1}, ValueError, "no place for: 'x'"),
        ({"type": "json_schema", "json_schema": []}, TypeError, "must be a dict, not list"),
    ],
)
def test_refused_format(given: dict[str, Any], error: type[Exception], text: str) -> None:
    """Nothing of it is dropped silently."""
    with pytest.raises(error, match=text):
        make_request("m", response_format=given)


PNG = b"\x89PNG\r\n\x1a\n\0"


def test_files_of_this_machine(tmp_path: Path) -> None:
    """By a path, as a str or not; they are read at once."""
    (tmp_path / "cat.png").write_bytes(PNG)
    path = tmp_path / "cat.png"
    expected = v1.image(data=PNG)
    assert v1.image(path=path) == v1.image(path=str(path)) == v1.image(path) == expected
    expected = v1.file(data=PNG, filename="cat.png")
    assert v1.file(path=path) == v1.file(path=str(path)) == v1.file(path) == expected
    assert v1.file(path=path, filename="dog.png").file.filename == "dog.png"


def test_file_names_are_no_urls(tmp_path: Path) -> None:
    """What can only be a file's name is refused, with the argument to use."""
    for name in ("cat.png", "/home/a b.JPEG", "./x.pdf"):
        with pytest.raises(ValueError, match="use path="):
            v1.image(name)
        with pytest.raises(ValueError, match="use path="):
            v1.file(url=name)
    assert v1.image("iVBORw0KGgo=").image_url.image_url == "iVBORw0KGgo="
    with pytest.raises(FileNotFoundError):
        v1.image(path=tmp_path / "none.png")
    with pytest.raises(ValueError, match="path must not be empty"):
        v1.image(path="")
    with pytest.raises(ValueError, match="path is given twice"):
        v1.image(tmp_path / "a", path=tmp_path / "b")
    with pytest.raises(TypeError, match="path must be a str"):
        v1.image(path=3)  # type: ignore[arg-type]  # what is tested
