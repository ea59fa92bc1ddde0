"""Requests of batches that are refused before anything is sent, and input files."""

import json
import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import xai
from xai import NotFoundError, StatusCode, v1
from xai.proto import xai_api as pb
from xai.proto.google.rpc import Status
from xai.proto.xai_api.batch import BatchRequest, BatchResultData
from xai.proto.xai_api.batch import BatchResult as ResultMessage
from xai.sync.v1.batch import _restored as read_result
from xai.testing.v1.batch_file import read_lines
from xai.v1.batch_file import as_lines, write_lines
from xai.v1.batch_request import make_batch_requests, make_states

CLIENT = xai.Client("the key of nobody")


def chat(**settings: Any) -> v1.Chat:  # noqa: ANN401  # of all kinds
    """Return a chat with something in it."""
    settings = {"messages": [v1.user("Hi")], **settings}
    return CLIENT.v1.chat.create("m", **settings)


@pytest.mark.parametrize(
    ("requests", "error", "text"),
    [
        ([], ValueError, "requests must not be empty"),
        (5, TypeError, "requests must be a sequence of chats and requests, not int"),
        ("ab", TypeError, "requests must be a sequence of chats and requests, not str"),
        (chat(), TypeError, "requests must be a sequence of chats and requests, not"),
        (BatchRequest(), TypeError, "requests must be a sequence of chats and requests, not Batch"),
        ([chat(), "Hi"], TypeError, r"requests\[1\] must be a chat, or what image.prepare\(\)"),
        ([chat(), None], TypeError, r"requests\[1\] must be a chat, or what image.prepare\(\)"),
        ([chat(messages=[])], ValueError, r"requests\[0\] must have messages"),
        ([BatchRequest()], ValueError, r"requests\[0\] must have a request, and has none"),
        (
            [chat(batch_request_id="a"), chat(), chat(batch_request_id="a")],
            ValueError,
            r"requests\[2\] has the ID of requests\[0\], 'a'",
        ),
    ],
)
def test_bad_requests_are_refused(requests: object, error: type[Exception], text: str) -> None:
    """The argument is named, with the place of the item."""
    with pytest.raises(error, match=f"^{text}"):
        make_batch_requests("requests", requests)


def test_chats_of_both_twins_are_requests() -> None:
    """A chat is taken as it is now: what is said later is not in it."""
    other = xai.AsyncClient("the key of nobody").v1.chat.create("m", messages=[v1.user("Hi")])
    one, last = chat(), chat(messages=[], previous_response_id="r-1")
    found = make_batch_requests("requests", [one, other, last])
    for each in (one, other, last):
        each.messages.append(v1.user("More"))
    assert [len(message.completion_request.messages) for message in found] == [1, 1, 0]
    assert [message.batch_request_id for message in found] == [None] * 3


@pytest.mark.parametrize(
    ("status", "error", "text"),
    [
        ("done", ValueError, "status must be one of 'pending', 'succeeded'"),
        (["pending", "done"], ValueError, r"status\[1\] must be one of"),
        (4, TypeError, "status must be one of"),
        ([4], TypeError, r"status\[0\] must be one of"),
    ],
)
def test_bad_states_are_refused(status: Any, error: type[Exception], text: str) -> None:  # noqa: ANN401  # the point of the test
    """The argument is named."""
    with pytest.raises(error, match=f"^{text}"):
        make_states(status)


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda batch: batch.create(""), ValueError, "name must not be empty"),
        (lambda batch: batch.create(5), TypeError, "name must be a str, not int"),
        (lambda batch: batch.create("a", input_file_id=""), ValueError, "input_file_id must not"),
        (lambda batch: batch.add("", [chat()]), ValueError, "batch_id must not be empty"),
        (lambda batch: batch.get(None), TypeError, "batch_id must be a str, not NoneType"),
        (lambda batch: batch.cancel(""), ValueError, "batch_id must not be empty"),
        (lambda batch: batch.list(limit=0), ValueError, "limit must be from 1"),
        (lambda batch: batch.results("b", limit=-1), ValueError, "limit must be from 1"),
        (lambda batch: batch.result("b", ""), ValueError, "batch_request_id must not be empty"),
        (lambda batch: batch.wait("b", timeout=0), ValueError, "timeout must be more than 0"),
        (lambda batch: batch.wait("b", interval="1"), TypeError, "interval must be a number"),
        (lambda batch: batch.wait("b", on_progress=5), TypeError, "on_progress must be callable"),
    ],
)
def test_bad_arguments_are_refused(
    call: Callable[[Any], object], error: type[Exception], text: str
) -> None:
    """The argument is named, and nothing is sent: there is no such host."""
    client = xai.Client("the key of nobody", api_host="localhost:1")
    with pytest.raises(error, match=f"^{text}"):
        call(client.v1.batch)


def test_details_of_a_failed_request_are_kept() -> None:
    """The error is one of the usual tree, a new one each time it is raised, and is pickled."""
    status = Status(code=5, message="no such model")
    result = read_result(ResultMessage(batch_request_id="r-1", error=status), None)
    assert isinstance(result.error, NotFoundError)
    assert result.error.code is StatusCode.NOT_FOUND
    assert getattr(result.error, "__notes__", None) == ["the request 'r-1' failed with NOT_FOUND"]
    with pytest.raises(NotFoundError) as caught:
        result.check("chat")
    assert caught.value is not result.error
    again = pickle.loads(pickle.dumps(result))  # noqa: S301  # made right here
    assert again == result
    assert str(again.error) == "no such model"


def test_status_without_a_code_is_an_error() -> None:
    """A result that says both nothing and that it failed has failed."""
    result = read_result(ResultMessage(error=Status(message="odd")), None)
    assert (result.kind, result.ok) == ("error", False)
    assert result.error is not None
    assert result.error.code is StatusCode.UNKNOWN


def test_steps_of_tools_are_one_response() -> None:
    """A response with server-side tools is read in its steps, as everywhere."""
    roles = (
        pb.MessageRole.ROLE_ASSISTANT,
        pb.MessageRole.ROLE_TOOL,
        pb.MessageRole.ROLE_ASSISTANT,
    )
    outputs = [
        pb.CompletionOutput(index=n, message=pb.CompletionMessage(role=role, content=f"{n}"))
        for n, role in enumerate(roles)
    ]
    data = BatchResultData(completion_response=pb.GetChatCompletionResponse(outputs=outputs))
    result = read_result(ResultMessage(response=data), None)
    assert (result.chat.content, result.chat.index) == ("2", None)


#: Everything in a chat that the REST API has a form for.
FULL: dict[str, Any] = {
    "messages": [
        v1.system("Be brief.", name="ops"),
        v1.user("See", v1.image("https://x.ai/a.png", detail="low"), v1.image(file_id="f-1")),
        v1.user(v1.file("f-2"), v1.file(data=b"\0a", filename="a.bin", mime_type="a/b")),
        v1.assistant("ok", reasoning_content="hm", tool_calls=[]),
        v1.tool_result("4", "c-1"),
        v1.developer("x"),
        v1.function("1", name="f"),
    ],
    "batch_request_id": "r-1",
    "user": "u",
    "safety_identifier": "s",
    "max_tokens": 0,
    "seed": 0,
    "stop": ["a", "b"],
    "temperature": 0.7,
    "top_p": 0.95,
    "logprobs": True,
    "top_logprobs": 0,
    "frequency_penalty": -0.1,
    "presence_penalty": 0.0,
    "parallel_tool_calls": False,
    "reasoning_effort": "xhigh",
    "service_tier": "priority",
    "tools": [v1.tool("f", "about", {"type": "object", "properties": {}})],
    "tool_choice": v1.required_tool("f"),
    "response_format": {"type": "object"},
}


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"tool_choice": "required", "response_format": "json_object", "stop": None},
        {"response_format": "text", "reasoning_effort": None, "service_tier": None},
    ],
)
def test_chat_in_a_file_is_the_chat(changes: dict[str, Any]) -> None:
    """Read again each line is the request it was written from, also what is 0 or False."""
    request = make_batch_requests("requests", [chat(**{**FULL, **changes})])
    call = pb.ToolCall(
        id="c-1",
        type=pb.ToolCallType.TOOL_CALL_TYPE_CLIENT_SIDE_TOOL,
        function=pb.FunctionCall(name="f", arguments="{}"),
    )
    request[0].completion_request.messages[3].tool_calls = [call]
    (line,) = as_lines(request)
    assert "\n" not in line
    assert "0.7," in line
    assert [bytes(each) for each in read_lines(line.encode())] == [bytes(request[0])]


def test_images_and_videos_in_a_file_are_what_they_are() -> None:
    """They go to the addresses that the REST API has for them, and are read as they were."""
    image, video = CLIENT.v1.image, CLIENT.v1.video
    url = "https://x.ai/a.png"
    storage: v1.StorageOptions = {
        "filename": "a.png",
        "expires_after": 3600,
        "public_url": {"expires_after": 3600},
    }
    requests = [
        image.prepare("a", "i", batch_request_id="1"),
        image.prepare(
            "a",
            "i",
            batch_request_id="2",
            image_url=url,
            image_format="base64",
            aspect_ratio="19.5:9",
            resolution="2k",
            quality="high",
            user="u",
            storage_options=storage,
        ),
        image.prepare("a", "i", batch_request_id="3", image_file_ids=["f"], image_urls=[url]),
        video.prepare("a", "v", batch_request_id="4", duration=3, aspect_ratio="16:9"),
        video.prepare("a", "v", batch_request_id="5", video_url="https://x.ai/a.mp4"),
        video.prepare("a", "v", batch_request_id="6", image_url=url, resolution="480p"),
        video.prepare_extension("a", "v", "https://x.ai/a.mp4", batch_request_id="7", duration=2),
    ]
    lines = as_lines(make_batch_requests("requests", requests))
    assert [json.loads(line)["url"] for line in lines] == [
        *("/v1/images/generations", "/v1/images/edits", "/v1/images/edits"),
        *("/v1/videos/generations", "/v1/videos/edits", "/v1/videos/generations"),
        "/v1/videos/extensions",
    ]
    body = json.loads(lines[1])["body"]
    assert (body["aspect_ratio"], body["resolution"], body["quality"]) == ("19.5:9", "2k", "high")
    assert body["response_format"] == "b64_json"
    again = read_lines("\n".join(lines).encode())
    assert [bytes(each) for each in again] == [bytes(each) for each in requests]


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        (
            {"tools": [v1.web_search()]},
            r"requests\[1\].tools\[0\]: .* no form for web_search",
        ),
        ({"store_messages": True}, r"requests\[1\]: the REST API has no form for store_messages"),
        ({"max_turns": 1}, r"requests\[1\]: the REST API has no form for max_turns"),
        (
            {"messages": [v1.user(v1.file(url="https://x.ai/a"))]},
            r"requests\[1\].messages\[0\].content\[0\]: the REST API has no form for url",
        ),
        (
            {"messages": [v1.assistant("a", encrypted_content="x")]},
            r"requests\[1\].messages\[0\]: the REST API has no form for encrypted_content",
        ),
    ],
)
def test_what_a_file_has_no_form_for_is_refused(settings: dict[str, Any], text: str) -> None:
    """Nothing is dropped silently: the error has the place."""
    chats = [chat(batch_request_id="r-1"), chat(batch_request_id="r-2", **settings)]
    with pytest.raises(ValueError, match=f"^{text}.*batch.add"):
        as_lines(make_batch_requests("requests", chats))


def test_line_is_valid_utf_8() -> None:
    """Half a surrogate pair, which a prompt may have, is an escape."""
    (line,) = as_lines(make_batch_requests("requests", [chat(batch_request_id="é", user="a")]))
    assert json.loads(line)["custom_id"] == "é"
    assert "é" in line


def test_input_file_replaces_what_a_link_leads_to_and_no_device(tmp_path: Path) -> None:
    """It is complete or not there, with the permissions of any other new file."""
    (tmp_path / "real.jsonl").touch(mode=0o640)
    (tmp_path / "link.jsonl").symlink_to("real.jsonl")
    write_lines(tmp_path / "link.jsonl", ["{}", "[]"])
    assert (tmp_path / "link.jsonl").is_symlink()
    assert (tmp_path / "real.jsonl").read_text() == "{}\n[]\n"
    write_lines(tmp_path / ("y" * 250), ["{}"])
    (tmp_path / "new").touch()
    assert (tmp_path / ("y" * 250)).stat().st_mode == (tmp_path / "new").stat().st_mode
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError, match="not a regular file"):
        write_lines(tmp_path / "pipe", ["{}"])
    assert (tmp_path / "pipe").is_fifo()
    with pytest.raises(IsADirectoryError):
        write_lines(tmp_path, ["{}"])
    assert len(list(tmp_path.iterdir())) == 5
