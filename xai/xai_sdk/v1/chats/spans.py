"""The attributes of spans of chats."""

import json
from collections.abc import Iterable, Sequence

from xai.errors import add_note
from xai.xai_sdk.v1.chats.chunk import enum_name
from xai.xai_sdk.v1.chats.response import Response
from xai.xai_sdk.v1.proto.messages import Message
from xai.xai_sdk.v1.proto.modules import load
from xai.xai_sdk.v1.telemetry.spans import sensitive

chat_pb2 = load("chat_pb2")

_REQUEST = "gen_ai.request."
#: What holds on the server for settings that were not given.
_DEFAULTS = {
    "frequency_penalty": 0.0,
    "presence_penalty": 0.0,
    "temperature": 1.0,
    "parallel_tool_calls": True,
}
_SETTINGS = ("top_p", "seed", "max_tokens", "top_logprobs")
_USAGE = {
    "input_tokens": "prompt_tokens",
    "output_tokens": "completion_tokens",
    "total_tokens": "total_tokens",
    "reasoning_tokens": "reasoning_tokens",
    "cached_prompt_text_tokens": "cached_prompt_text_tokens",
    "prompt_text_tokens": "prompt_text_tokens",
    "prompt_image_tokens": "prompt_image_tokens",
}


def request_attributes(request: Message, conversation_id: str | None) -> dict[str, object]:
    """Return what a span says of a request.

    Args:
        request: The ``GetCompletionsRequest``.
        conversation_id: What the conversation is called.
    """
    found: dict[str, object] = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "xai",
        "gen_ai.output.type": "text",
        "gen_ai.request.model": request.model,
        "server.port": 443,
        "server.address": "api.x.ai",
    }
    if not sensitive():
        return found
    for name, default in _DEFAULTS.items():
        found[_REQUEST + name] = _value(request, name) if request.HasField(name) else default
    for name in _SETTINGS:
        if request.HasField(name):
            found[_REQUEST + name] = _value(request, name)
    for name in ("store_messages", "use_encrypted_content", "logprobs"):
        found[_REQUEST + name] = bool(getattr(request, name))
    if request.stop:
        found["gen_ai.request.stop_sequences"] = list(request.stop)
    if request.HasField("reasoning_effort"):
        effort = enum_name(chat_pb2.ReasoningEffort, request.reasoning_effort)
        found["gen_ai.request.reasoning_effort"] = effort.removeprefix("EFFORT_").lower()
    if request.HasField("response_format"):
        form = enum_name(chat_pb2.FormatType, request.response_format.format_type)
        found["gen_ai.output.type"] = form.removeprefix("FORMAT_TYPE_").lower()
    named = {
        "gen_ai.request.previous_response_id": request.previous_response_id,
        "gen_ai.conversation.id": conversation_id,
        "user_id": request.user,
    }
    found.update({name: value for name, value in named.items() if value})
    for at, message in enumerate(request.messages):
        found.update(_prompt_attributes(f"gen_ai.prompt.{at}", message))
    return found


def _value(request: Message, name: str) -> "object":
    value: object = getattr(request, name)
    return round(value, 6) if isinstance(value, float) else value


def _prompt_attributes(name: str, message: Message) -> dict[str, object]:
    found: dict[str, object] = {
        f"{name}.role": _role(message.role),
        f"{name}.content": "".join(part.text for part in message.content),
    }
    if message.role == chat_pb2.ROLE_ASSISTANT and message.tool_calls:
        found[f"{name}.tool_calls"] = _calls(message.tool_calls)
    return found


def response_attributes(responses: Sequence[Response]) -> dict[str, object]:
    """Return what a span says of responses to one request.

    Args:
        responses: The choices.
    """
    if not sensitive():
        return {}
    first = responses[0]
    found: dict[str, object] = {
        "gen_ai.response.id": first.id,
        "gen_ai.response.model": first.proto.model,
        **usage_attributes(first.usage),
        "gen_ai.response.system_fingerprint": first.system_fingerprint,
        "gen_ai.response.finish_reasons": [each.finish_reason for each in responses],
    }
    for at, response in enumerate(responses):
        name = f"gen_ai.completion.{at}"
        found[f"{name}.role"] = response.role.removeprefix("ROLE_").lower()
        found[f"{name}.content"] = response.content
        if response.reasoning_content:
            found[f"{name}.reasoning_content"] = response.reasoning_content
        if response.tool_calls:
            found[f"{name}.tool_calls"] = _calls(response.tool_calls)
    return found


def usage_attributes(usage: Message) -> dict[str, object]:
    """Return what a span says of what was used.

    Args:
        usage: The ``SamplingUsage``.
    """
    found = {f"gen_ai.usage.{name}": getattr(usage, field) for name, field in _USAGE.items()}
    if usage.HasField("cost_in_usd_ticks"):
        found["gen_ai.usage.cost_in_usd_ticks"] = usage.cost_in_usd_ticks
    return found


def _role(role: int) -> str:
    return enum_name(chat_pb2.MessageRole, role).removeprefix("ROLE_").lower()


def _calls(calls: Iterable[Message]) -> str:
    return json.dumps(
        [
            {
                "id": call.id,
                "type": "function",
                "function": {
                    "name": call.function.name,
                    "arguments": _arguments(call.function.arguments),
                },
            }
            for call in calls
        ]
    )


def _arguments(text: str) -> object:
    try:
        found: object = json.loads(text)
    except ValueError:
        # The model wrote it: it need not be JSON.
        return text
    return found


def keep_response(error: ValueError, response: Response) -> None:
    """Keep a response on the error that says that it has not the form it should have.

    Args:
        error: The error.
        response: The response.
    """
    # Errors of pydantic take no attributes in some versions; they take notes in all.
    try:
        error.response = response  # type: ignore[attr-defined]  # added here
    except AttributeError:
        add_note(error, f"the response {response.id} was: {response.content}")
