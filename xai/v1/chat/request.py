"""The request for a completion, built from the parameters of a chat."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final, Literal

from xai._annotations import resolve_lazily
from xai._validation import check_bool, check_int, check_sequence, given, kind_of
from xai.proto import xai_api as pb
from xai.proto.base import which_one_of
from xai.v1.chat.enums import (
    GuidelineParam,
    IncludeOption,
    Model,
    ReasoningEffort,
    ServiceTier,
    ServiceTierName,
    ToolMode,
    member,
)
from xai.v1.chat.openai_shapes import check_message
from xai.v1.chat.search_parameters import SearchParameters
from xai.v1.mappings import checked_keys
from xai.v1.validation import (
    INT32_MAX,
    check_stops,
    non_empty,
    optional_bool,
    optional_int,
    optional_non_empty,
    optional_number,
)

if TYPE_CHECKING:
    from typing_extensions import TypeForm

    from xai.v1.chat.functions import FunctionTool
    from xai.v1.structured.json_value import JsonValue

# What the service accepts, from its reference.
MAX_TOOLS: Final = 128
MAX_CHOICES: Final = 128

_EFFORTS: Final = {
    "none": pb.ReasoningEffort.EFFORT_NONE,
    "low": pb.ReasoningEffort.EFFORT_LOW,
    "medium": pb.ReasoningEffort.EFFORT_MEDIUM,
    "high": pb.ReasoningEffort.EFFORT_HIGH,
    "xhigh": pb.ReasoningEffort.EFFORT_XHIGH,
}
_TOOL_MODES: Final = {
    "auto": pb.ToolMode.TOOL_MODE_AUTO,
    "none": pb.ToolMode.TOOL_MODE_NONE,
    "required": pb.ToolMode.TOOL_MODE_REQUIRED,
}
_TIERS: Final = {
    "default": pb.ServiceTier.SERVICE_TIER_DEFAULT,
    "priority": pb.ServiceTier.SERVICE_TIER_PRIORITY,
}
_INCLUDES: Final = {
    "web_search_call_output": pb.IncludeOption.INCLUDE_OPTION_WEB_SEARCH_CALL_OUTPUT,
    "x_search_call_output": pb.IncludeOption.INCLUDE_OPTION_X_SEARCH_CALL_OUTPUT,
    "code_execution_call_output": pb.IncludeOption.INCLUDE_OPTION_CODE_EXECUTION_CALL_OUTPUT,
    "collections_search_call_output": (
        pb.IncludeOption.INCLUDE_OPTION_COLLECTIONS_SEARCH_CALL_OUTPUT
    ),
    "attachment_search_call_output": (
        pb.IncludeOption.INCLUDE_OPTION_ATTACHMENT_SEARCH_CALL_OUTPUT
    ),
    "mcp_call_output": pb.IncludeOption.INCLUDE_OPTION_MCP_CALL_OUTPUT,
    "inline_citations": pb.IncludeOption.INCLUDE_OPTION_INLINE_CITATIONS,
    "verbose_streaming": pb.IncludeOption.INCLUDE_OPTION_VERBOSE_STREAMING,
    "code_execution_files_output": pb.IncludeOption.INCLUDE_OPTION_CODE_EXECUTION_FILES_OUTPUT,
}
_AGENTS: Final = {4: pb.AgentCount.AGENT_COUNT_4, 16: pb.AgentCount.AGENT_COUNT_16}
_CATEGORIES: Final = {
    "nsfw": pb.GuidelineCategory.GUIDELINE_CATEGORY_NSFW,
    "violence": pb.GuidelineCategory.GUIDELINE_CATEGORY_VIOLENCE,
    "profanity": pb.GuidelineCategory.GUIDELINE_CATEGORY_PROFANITY,
}
_BEHAVIORS: Final = {"decline": pb.GuidelineBehavior.GUIDELINE_BEHAVIOR_DECLINE}


def make_request(
    model: Model,
    *,
    messages: Sequence[pb.Message | Mapping[str, object]] | None = (),
    conversation_name: str | None = None,
    user: str | None = None,
    safety_identifier: str | None = None,
    max_tokens: int | None = None,
    seed: int | None = None,
    stop: str | Sequence[str] | None = None,
    temperature: float | None = None,
    top_p: float | None = None,
    logprobs: bool | None = None,
    top_logprobs: int | None = None,
    tools: "Sequence[pb.Tool | Callable[..., object] | Mapping[str, object]] | None" = (),
    tool_choice: ToolMode | pb.ToolChoice | Mapping[str, object] | None = None,
    parallel_tool_calls: bool | None = None,
    response_format: (
        "str | pb.ResponseFormat | Mapping[str, JsonValue] | TypeForm[object] | None"
    ) = None,
    frequency_penalty: float | None = None,
    presence_penalty: float | None = None,
    reasoning_effort: ReasoningEffort | pb.ReasoningEffort | None = None,
    search_parameters: SearchParameters | pb.SearchParameters | None = None,
    store_messages: bool | None = None,
    previous_response_id: str | None = None,
    use_encrypted_content: bool | None = None,
    max_turns: int | None = None,
    include: Sequence[IncludeOption | pb.IncludeOption] | None = (),
    agent_count: Literal[4, 16] | pb.AgentCount | None = None,
    batch_request_id: str | None = None,
    service_tier: ServiceTierName | ServiceTier | pb.ServiceTier | None = None,
    guidelines: Sequence[pb.Guideline | GuidelineParam] | None = (),
    auto_append: bool | None = False,
) -> pb.GetCompletionsRequest:
    """Return the request for a completion; what is None is not sent, and the server decides.

    The list of messages is the request's own; the messages themselves are not copied.

    Args:
        model: The name or alias of the model.
        messages: The conversation so far, in order; a dict in the form of the OpenAI client's
            messages is taken as well.
        conversation_name: A name of your own for the conversation; it is not sent.
        user: An ID of your own for the end user.
        safety_identifier: A stable, opaque ID of the end user, to whom violations of the usage
            policy are attributed.
        max_tokens: The maximum number of tokens to sample.
        seed: The seed for sampling.
        stop: A stop sequence, or up to 8 of them: sampling ends where one appears.
        temperature: Sampling temperature, 0 to 2; higher is more random.
        top_p: Nucleus sampling: sample from the most probable tokens that together have this
            probability, 0 to 1.
        logprobs: Return the log probability of each token.
        top_logprobs: How many of the most probable alternatives to return for each token, 0 to 8;
            needs ``logprobs``.
        tools: The tools the model may call, up to 128: Python functions, what `tool`,
            `web_search` and the other constructors of tools return, and dicts in the form of the
            OpenAI client's function tools.
        tool_choice: ``"auto"``, ``"none"`` or ``"required"``, or a function that the model must
            call (`required_tool`).
        parallel_tool_calls: Whether the model may call several tools in one response.
        response_format: ``"text"``, ``"json_object"``, a JSON schema, a Python type, or a
                `ResponseFormat` message.
        frequency_penalty: Penalty on a token for each time it has occurred, -2 to 2.
        presence_penalty: Penalty on a token that has occurred at all, -2 to 2.
        reasoning_effort: How much the model reasons before it responds.
        search_parameters: Live search before the response (deprecated by the API in favor of the
                search tools).
        store_messages: Whether the server stores the conversation and its response.
        previous_response_id: The ID of a stored response to continue from.
        use_encrypted_content: Whether to return the reasoning in encrypted form, to be sent back
                with later requests.
        max_turns: The maximum number of turns in which the server runs tools.
        include: Optional parts of the response to return.
        agent_count: The number of agents of a multi-agent model, 4 or 16.
        batch_request_id: The ID of the request within a batch; it is not part of the request.
        service_tier: The processing tier, ``"default"`` or ``"priority"``.
        guidelines: Content policies for the response, at most one for each category.
        auto_append: Whether responses are appended to the messages; it is not sent.

    Raises:
        TypeError: An argument is of another type; the error names it.
        ValueError: An argument is out of range or not known, or needs another one; the error
            names it.
    """
    optional_non_empty("conversation_name", conversation_name)
    optional_non_empty("batch_request_id", batch_request_id)
    check_bool("auto_append", given(auto_append, default=False))
    if top_logprobs is not None and not logprobs:
        raise ValueError("top_logprobs needs logprobs=True")
    request = pb.GetCompletionsRequest(
        model=non_empty("model", model),
        messages=_messages(given(messages, ())),
        user=optional_non_empty("user", user) or "",
        safety_identifier=optional_non_empty("safety_identifier", safety_identifier),
        max_tokens=optional_int("max_tokens", max_tokens, 0, INT32_MAX),
        seed=optional_int("seed", seed, -INT32_MAX - 1, INT32_MAX),
        stop=check_stops(stop),
        temperature=optional_number("temperature", temperature, 0, 2),
        top_p=optional_number("top_p", top_p, 0, 1),
        logprobs=optional_bool("logprobs", logprobs) or False,
        top_logprobs=optional_int("top_logprobs", top_logprobs, 0, 8),
        tools=[wire for wire, _ in _offered(given(tools, ()))],
        parallel_tool_calls=optional_bool("parallel_tool_calls", parallel_tool_calls),
        frequency_penalty=optional_number("frequency_penalty", frequency_penalty, -2, 2),
        presence_penalty=optional_number("presence_penalty", presence_penalty, -2, 2),
        store_messages=optional_bool("store_messages", store_messages) or False,
        previous_response_id=optional_non_empty("previous_response_id", previous_response_id),
        use_encrypted_content=optional_bool("use_encrypted_content", use_encrypted_content)
        or False,
        max_turns=optional_int("max_turns", max_turns, 1, INT32_MAX),
        include=_included(given(include, ())),
        agent_count=_agents(agent_count),
        search_parameters=_searched(search_parameters),
        guidelines=_guidelines(given(guidelines, ())),
    )
    if tool_choice is not None:
        request.tool_choice = _choice(tool_choice)
    if response_format is not None:
        from xai.v1.chat.response_format import make_format

        request.response_format = make_format(response_format)
    if reasoning_effort is not None:
        request.reasoning_effort = member(
            "reasoning_effort", reasoning_effort, _EFFORTS, pb.ReasoningEffort
        )
    if service_tier is not None:
        request.service_tier = member(
            "service_tier", service_tier, _TIERS, pb.ServiceTier, ServiceTier
        )
    return request


def split_tools(
    tools: "Sequence[pb.Tool | Callable[..., object] | Mapping[str, object]]",
) -> "tuple[list[pb.Tool], dict[str, FunctionTool[..., object]]]":
    """Return tools as their messages, and the Python functions among them by name.

    Raises:
        TypeError: One is neither a tool nor a function that a model can call; the error has its
            place.
        ValueError: There are more than 128, or two have the same name.
    """
    offered = _offered(tools)
    functions = {function.name: function for _, function in offered if function is not None}
    return [wire for wire, _ in offered], functions


def functions_of(
    tools: "Sequence[pb.Tool | Callable[..., object] | Mapping[str, object]]",
) -> "dict[str, FunctionTool[..., object]]":
    """Return the Python functions among some tools, by name.

    Raises:
        TypeError: One is neither a tool nor a function that a model can call; the error has its
            place.
        ValueError: There are more than 128, or two have the same name.
    """
    return split_tools(tools)[1]


def check_choices(n: int) -> None:
    """Raise an error unless this is a possible number of choices, 1 to 128.

    Raises:
        TypeError: It is not an int.
        ValueError: It is out of range.
    """
    check_int("n", n, 1, MAX_CHOICES)


def _messages(messages: Sequence[pb.Message | Mapping[str, object]]) -> list[pb.Message]:
    check_sequence("messages", messages, "Message")
    return [check_message(f"messages[{i}]", message) for i, message in enumerate(messages)]


def _offered(
    tools: "Sequence[pb.Tool | Callable[..., object] | Mapping[str, object]]",
) -> "list[tuple[pb.Tool, FunctionTool[..., object] | None]]":
    """Return each tool as its message, with its function where it has one."""
    check_sequence("tools", tools, "tools and functions")
    if len(tools) > MAX_TOOLS:
        raise ValueError(f"tools must have at most {MAX_TOOLS} items, not {len(tools)}")
    offered = [_tool(index, tool) for index, tool in enumerate(tools)]
    seen: dict[str, int] = {}
    for index, (wire, _) in enumerate(offered):
        kind, function = which_one_of(wire, "tool")
        if not kind:
            raise ValueError(f"tools[{index}] must say which tool it is, and says none")
        if kind == "function" and seen.setdefault(function.name, index) != index:
            raise ValueError(
                f"tools[{index}] has the name of tools[{seen[function.name]}],"
                f" {function.name!r}: names must differ"
            )
    return offered


def _tool(index: int, value: object) -> "tuple[pb.Tool, FunctionTool[..., object] | None]":
    if isinstance(value, pb.Tool):
        return value, None
    if isinstance(value, Mapping):
        from xai.v1.chat.openai_shapes import read_tool

        return read_tool(f"tools[{index}]", value), None
    if not callable(value):
        raise TypeError(
            f"tools[{index}] must be a Tool, as xai.v1.tool() and its siblings return, or a"
            f" function, not {kind_of(value)}"
        )
    from xai.v1.chat.functions import as_tool

    try:
        function = as_tool(value)
    except (TypeError, ValueError) as error:
        kind = TypeError if isinstance(error, TypeError) else ValueError
        raise kind(f"tools[{index}]: {error}") from error
    return function.to_proto(), function


def _choice(choice: object) -> pb.ToolChoice:
    if isinstance(choice, pb.ToolChoice):
        return choice
    if isinstance(choice, Mapping):
        from xai.v1.chat.openai_shapes import read_tool_choice

        return read_tool_choice(choice)
    return pb.ToolChoice(mode=member("tool_choice", choice, _TOOL_MODES, pb.ToolMode))


def _included(include: Sequence[IncludeOption | pb.IncludeOption]) -> list[pb.IncludeOption]:
    check_sequence("include", include, "names")
    return [
        member(f"include[{index}]", option, _INCLUDES, pb.IncludeOption)
        for index, option in enumerate(include)
    ]


def _agents(count: object) -> pb.AgentCount | None:
    # The members are 1 and 2 on the wire: only their type tells them from a number of agents.
    if count is None or isinstance(count, pb.AgentCount):
        return count
    if isinstance(count, bool) or not isinstance(count, int):
        raise TypeError(
            f"agent_count must be 4, 16 or a member of AgentCount, not {type(count).__name__}"
        )
    if count not in _AGENTS:
        raise ValueError(f"agent_count must be 4, 16 or a member of AgentCount, not {count}")
    return _AGENTS[count]


def _searched(
    parameters: SearchParameters | pb.SearchParameters | None,
) -> pb.SearchParameters | None:
    if isinstance(parameters, SearchParameters):
        return parameters.to_proto()
    if parameters is None or isinstance(parameters, pb.SearchParameters):
        return parameters
    raise TypeError(f"search_parameters must be SearchParameters, not {kind_of(parameters)}")


def _guidelines(guidelines: Sequence[pb.Guideline | GuidelineParam]) -> list[pb.Guideline]:
    check_sequence("guidelines", guidelines, "guidelines")
    found = [_guideline(f"guidelines[{i}]", value) for i, value in enumerate(guidelines)]
    seen: dict[int, int] = {}
    for index, category in _categories(found):
        if seen.setdefault(category, index) != index:
            raise ValueError(
                f"guidelines[{index}] has the category of guidelines[{seen[category]}]:"
                " each can be there once"
            )
    return found


def _categories(guidelines: list[pb.Guideline]) -> Iterator[tuple[int, int]]:
    for index, guideline in enumerate(guidelines):
        kind, policy = which_one_of(guideline, "kind")
        if kind == "policy":
            yield index, int(policy.category)


def _guideline(argument: str, value: object) -> pb.Guideline:
    if isinstance(value, pb.Guideline):
        return value
    given = checked_keys(argument, value, "Guideline", ("type", "category", "behavior"), ())
    if given["type"] != "policy":
        raise ValueError(f"{argument}['type'] must be 'policy', not {given['type']!r}")
    category = member(
        f"{argument}['category']", given["category"], _CATEGORIES, pb.GuidelineCategory
    )
    behavior = member(
        f"{argument}['behavior']", given["behavior"], _BEHAVIORS, pb.GuidelineBehavior
    )
    return pb.Guideline(policy=pb.PolicyGuideline(category=category, behavior=behavior))


resolve_lazily(globals())
