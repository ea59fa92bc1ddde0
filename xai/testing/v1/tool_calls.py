"""Which tools the local server's model calls, and with which arguments; pure.

The rule is simple: the tools that share the most words with what the user said last are called. A
word of a tool is one of its name, its description, or its parameters and theirs. The arguments are
taken from what was said as far as they fit, and satisfy the schema in any case.
"""

import json
import random
import uuid
from collections.abc import Mapping, Sequence

from grpclib.const import Status
from grpclib.exceptions import GRPCError

from xai.proto.base import which_one_of
from xai.proto.xai_api.chat import (
    Function,
    FunctionCall,
    GetCompletionsRequest,
    MessageRole,
    ToolCall,
    ToolCallType,
    ToolMode,
)
from xai.testing.v1.chat_request import ParsedRequest, require
from xai.testing.v1.prompt_facts import PromptEntities, words
from xai.testing.v1.schema_errors import MalformedSchemaError
from xai.testing.v1.schema_values import SchemaSampler, UnsatisfiableError
from xai.testing.v1.server_tools import is_run_here


def check_tools(request: GetCompletionsRequest) -> dict[str, Mapping[str, object]]:
    """Return the schema of each function's parameters.

    Raises:
        GRPCError: A tool, or the choice of one, makes no sense.
    """
    schemas: dict[str, Mapping[str, object]] = {}
    for index, tool in enumerate(request.tools):
        kind, function = which_one_of(tool, "tool")
        require(bool(kind), f"tools[{index}] is empty.")
        if kind != "function":
            continue
        where = f"tools[{index}].function"
        require(function.name != "", f"{where}.name is empty.")
        require(function.name not in schemas, f"{where}.name is that of another: {function.name!r}")
        schemas[function.name] = _schema(where, function)
    kind, choice = which_one_of(request.tool_choice, "tool_choice")
    if kind == "function_name":
        known = choice in schemas
        require(known, f"tool_choice.function_name is none of the tools: {choice!r}.")
    if kind == "mode" and choice == ToolMode.TOOL_MODE_REQUIRED:
        require(bool(request.tools), "tool_choice makes a tool required, and there are no tools.")
        if not schemas and not any(map(is_run_here, request.tools)):
            text = "tool_choice: the local server runs none of the tools itself."
            raise GRPCError(Status.UNIMPLEMENTED, text)
    return schemas


def _schema(where: str, function: Function) -> Mapping[str, object]:
    try:
        schema = json.loads(function.parameters or '{"type": "object"}')
    except (ValueError, RecursionError) as error:
        text = f"{where}.parameters is no JSON: {error}"
        raise GRPCError(Status.INVALID_ARGUMENT, text) from error
    is_object = isinstance(schema, dict) and schema.get("type", "object") == "object"
    require(is_object, f"{where}.parameters must be the schema of an object.")
    return {"type": "object", **schema}


class ToolCallPlanner:
    """Decides which tools the model calls for a request, and with which arguments.

    Args:
        parsed: The parsed request.

    Raises:
        GRPCError: A tool makes no sense.
    """

    def __init__(self, parsed: ParsedRequest) -> None:
        self._schemas = check_tools(parsed.request)
        self._said = parsed.last_words() if self._schemas else ""
        #: The functions that are called.
        self.names = _chosen(parsed, self._schemas, self._said)
        self._entities = PromptEntities(self._said)

    def calls(self, seed: int) -> list[ToolCall]:
        """Return the tool calls of one choice; none if it is a text.

        Args:
            seed: Decides what the message leaves open.

        Raises:
            GRPCError: There are no arguments that satisfy a tool's parameters.
        """
        rng = random.Random(seed)  # noqa: S311 - it has to be repeatable
        return [self._call(name, rng) for name in self.names]

    def _call(self, name: str, rng: random.Random) -> ToolCall:
        said = self._said
        filler = SchemaSampler(self._schemas[name], self._entities.copy(), rng, lambda: said)
        try:
            arguments = filler.fill()
        except MalformedSchemaError as error:
            text = f"tools: the parameters of {name!r} are no schema: {error}"
            raise GRPCError(Status.INVALID_ARGUMENT, text) from error
        except UnsatisfiableError as error:
            text = f"The parameters of the tool {name!r} can't be filled in: {error}"
            raise GRPCError(Status.UNIMPLEMENTED, text) from error
        return make_call(name, json.dumps(arguments))


def make_call(name: str, arguments: str) -> ToolCall:
    """Return a call of a function.

    Args:
        name: The function.
        arguments: Its arguments as JSON.
    """
    return ToolCall(
        id=f"call_{uuid.uuid4().hex}",
        type=ToolCallType.TOOL_CALL_TYPE_CLIENT_SIDE_TOOL,
        function=FunctionCall(name=name, arguments=arguments),
    )


def _chosen(parsed: ParsedRequest, schemas: Mapping[str, object], said: str) -> Sequence[str]:
    request = parsed.request
    kind, choice = which_one_of(request.tool_choice, "tool_choice")
    if kind == "function_name":
        return [choice]
    if not schemas or (kind == "mode" and choice == ToolMode.TOOL_MODE_NONE):
        return []
    must = kind == "mode" and choice == ToolMode.TOOL_MODE_REQUIRED
    # After a tool's result the model responds with a text, or it would call the tool for ever.
    if not must and parsed.messages[-1].role != MessageRole.ROLE_USER:
        return []
    about = words(said)
    scores = {
        tool.function.name: len(about & _words(tool.function))
        for tool in request.tools
        if which_one_of(tool, "tool")[0] == "function"
    }
    most = max(scores.values())
    best = [name for name, score in scores.items() if score == most]
    if most == 0:
        return best[:1] if must else []
    return best if request.parallel_tool_calls is not False else best[:1]


def _words(function: Function) -> set[str]:
    """Return the words in a function's name, description and parameters."""
    found = words(function.name) | words(function.description)
    waiting: list[object] = [json.loads(function.parameters or "{}")]
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            properties = part.get("properties")
            found |= words(" ".join(properties)) if isinstance(properties, dict) else set()
            found |= words(str(part.get("description", "")))
            waiting += part.values()
        elif isinstance(part, list):
            waiting += part
    return found
