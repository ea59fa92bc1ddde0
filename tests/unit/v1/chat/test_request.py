import inspect
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

import pytest
from pydantic import BaseModel

import xai
from tests import reference
from tests.support import SECRET_KEY
from xai import v1
from xai.proto import xai_api as pb
from xai.v1.chat import request as settings
from xai.v1.chat.request import check_choices, functions_of, make_request

pb2 = reference.chat_pb2
INT32 = 2**31
MODEL = "grok-4.6"


class Person(BaseModel):
    """A shape for answers."""

    name: str
    age: int = 0


@dataclass
class City:
    """A shape xai_sdk doesn't know."""

    name: str


def weather(city: str) -> str:
    """Tell the weather."""
    return f"sun in {city}"


def policy(category: str, behavior: str = "decline") -> dict[str, object]:
    """Return a guideline as a dict."""
    return {"type": "policy", "category": category, "behavior": behavior}


OURS_SAID = [v1.system("be brief"), v1.user("hi", v1.image("https://a/b.png"))]
THEIRS_SAID = [
    reference.chat.system("be brief"),
    reference.chat.user("hi", reference.chat.image("https://a/b.png")),
]
OURS_TOOLS = [v1.tool("f", "does it", {"type": "object"}), v1.code_execution()]
THEIRS_TOOLS = [
    reference.chat.tool("f", "does it", {"type": "object"}),
    reference.tools.code_execution(),
]
DATE = datetime(2025, 1, 2, tzinfo=timezone.utc)
JSON = {"format_type": 3, "schema": '{"type": "object"}'}

#: Values that mean the same to both packages.
VALUES: dict[str, list[Any]] = {
    "user": ["ann", "ü"],
    "safety_identifier": ["abc"],
    "max_tokens": [0, 1, INT32 - 1],
    "seed": [0, -1, INT32 - 1, -INT32],
    "stop": [[], ["a"], ["ab", "\n"], ("x",) * 8],
    "temperature": [0, 0.0, 1, 0.7, 2.0],
    "top_p": [0.0, 0.1, 1],
    "logprobs": [True, False],
    "tool_choice": ["auto", "none", "required"],
    "parallel_tool_calls": [True, False],
    "response_format": ["text", "json_object", Person],
    "frequency_penalty": [0.0, -2, 2.0, 0.3],
    "presence_penalty": [0.0, -2.0, 2, 0.3],
    "reasoning_effort": ["none", "low", "medium", "high", "xhigh"],
    "store_messages": [True, False],
    "previous_response_id": ["r-1"],
    "use_encrypted_content": [True, False],
    "max_turns": [1, INT32 - 1],
    "include": [[], [name for name in settings._INCLUDES if "files" not in name]],
    "agent_count": [4, 16],
    "batch_request_id": ["b-1"],
    "service_tier": ["default", "priority"],
    "guidelines": [
        [],
        [policy("nsfw")],
        [policy("nsfw"), policy("violence"), policy("profanity")],
    ],
}
#: A setting, its value, and the value for xai_sdk where that is another one.
SAME: list[tuple[str, Any, Any]] = [
    ("messages", [], []),
    ("messages", OURS_SAID, THEIRS_SAID),
    ("messages", tuple(OURS_SAID), THEIRS_SAID),
    *[(name, value, value) for name, values in VALUES.items() for value in values],
    ("tools", OURS_TOOLS, THEIRS_TOOLS),
    ("tool_choice", v1.required_tool("f"), reference.chat.required_tool("f")),
    (
        "response_format",
        pb.ResponseFormat(format_type=pb.FormatType.FORMAT_TYPE_JSON_SCHEMA, schema=""),
        pb2.ResponseFormat(format_type=3, schema=""),
    ),
    ("response_format", {"type": "object"}, pb2.ResponseFormat(**JSON)),
    ("reasoning_effort", pb.ReasoningEffort.EFFORT_HIGH, "high"),
    ("search_parameters", v1.SearchParameters(), reference.search.SearchParameters()),
    (
        "search_parameters",
        v1.SearchParameters([v1.rss_source(["a"])], "on", DATE),
        reference.search.SearchParameters([reference.search.rss_source(["a"])], "on", DATE),
    ),
    ("search_parameters", pb.SearchParameters(), pb2.SearchParameters()),
    ("include", [pb.IncludeOption.INCLUDE_OPTION_INLINE_CITATIONS], ["inline_citations"]),
    ("include", ["code_execution_files_output"], [9]),
    ("service_tier", v1.ServiceTier.PRIORITY, "priority"),
    ("service_tier", pb.ServiceTier.SERVICE_TIER_DEFAULT, "default"),
    (
        "guidelines",
        [
            pb.Guideline(
                policy=pb.PolicyGuideline(
                    category=pb.GuidelineCategory.GUIDELINE_CATEGORY_VIOLENCE,
                    behavior=pb.GuidelineBehavior.GUIDELINE_BEHAVIOR_DECLINE,
                )
            )
        ],
        [policy("violence")],
    ),
]
#: Settings that this package has, and the one of xai_sdk has not.
LOCAL = {"conversation_name": "talk", "auto_append": True}


def request(**given: object) -> pb.GetCompletionsRequest:
    """Return the request for some settings, whatever their types."""
    return make_request(MODEL, **given)  # type: ignore[arg-type]  # some are wrong on purpose


@pytest.mark.parametrize(("name", "ours", "theirs"), SAME)
def test_setting_alone_has_the_reference_bytes(name: str, ours: object, theirs: object) -> None:
    """One setting gives the bytes of xai_sdk's request."""
    assert bytes(request(**{name: ours})) == reference.wire(
        reference.request(MODEL, **{name: theirs})
    )


@pytest.mark.parametrize(
    "name",
    [
        name
        for name, parameter in inspect.signature(make_request).parameters.items()
        if parameter.default is None
    ],
)
def test_none_is_not_sent(name: str) -> None:
    """A setting that is None gives the bytes of a request without it."""
    assert bytes(request(**{name: None})) == bytes(pb.GetCompletionsRequest(model=MODEL))


def test_every_setting_is_compared() -> None:
    """The cases name all settings there are, and those of xai_sdk."""
    names = {name for name, _, _ in SAME} | {"model", "top_logprobs"}
    assert set(inspect.signature(make_request).parameters) == names | set(LOCAL)
    known = set(inspect.signature(reference._Client.create).parameters) - {"self"}
    assert known == names | {"conversation_id"}


@pytest.mark.parametrize("last", [False, True])
def test_all_settings_together_have_the_reference_bytes(*, last: bool) -> None:
    """Every setting at once gives the bytes of xai_sdk's request."""
    cases = SAME if last else SAME[::-1]
    ours = {name: value for name, value, _ in cases} | {"logprobs": True, "top_logprobs": 8}
    theirs = {name: value for name, _, value in cases} | {"logprobs": True, "top_logprobs": 8}
    wire = bytes(request(**ours, **LOCAL))
    assert wire == reference.wire(reference.request(MODEL, **theirs))
    assert len(wire) > 100


@pytest.mark.parametrize("kind", [xai.Client, xai.AsyncClient])
def test_chats_are_created_with_these_settings(kind: Callable[[str], Any]) -> None:
    """A chat takes the same settings with the same defaults, and its request is the same."""
    create = kind(SECRET_KEY).v1.chat.create
    wanted = inspect.signature(make_request).parameters.values()
    found = inspect.signature(create).parameters.values()
    assert [(p.name, p.kind, p.default) for p in found] == [
        (p.name, p.kind, p.default) for p in wanted
    ]
    given = {name: value for name, value, _ in SAME} | {"logprobs": True, "top_logprobs": 8} | LOCAL
    assert bytes(create(MODEL, **given).proto) == bytes(request(**given))


@pytest.mark.parametrize("count", [0, 8])
def test_likeliest_tokens_have_the_reference_bytes(count: int) -> None:
    """Their number is sent, zero included, together with what it needs."""
    given: dict[str, object] = {"logprobs": True, "top_logprobs": count}
    assert bytes(request(**given)) == reference.wire(reference.request(MODEL, **given))


def test_local_settings_are_not_sent() -> None:
    """What is only for the caller leaves the request as it is."""
    assert bytes(request(**LOCAL, batch_request_id="b")) == bytes(request())


def test_one_string_is_one_stop() -> None:
    """A bare string is not taken apart, as it is by xai_sdk."""
    assert request(stop="ab").stop == ["ab"]
    assert list(reference.request(MODEL, stop="ab").stop) == ["a", "b"]


@pytest.mark.parametrize("count", list(pb.AgentCount))
def test_agent_count_may_be_a_member(count: pb.AgentCount) -> None:
    """The enum's members are taken, which xai_sdk refuses."""
    wanted = pb2.GetCompletionsRequest(model=MODEL, agent_count=int(count))
    assert bytes(request(agent_count=count)) == reference.wire(wanted)
    with pytest.raises(ValueError, match="agent count"):
        reference.request(MODEL, agent_count=int(count))


def test_any_shape_may_be_a_format() -> None:
    """A class that xai_sdk can't read becomes a schema too."""
    made = request(response_format=City).response_format
    assert made.format_type is pb.FormatType.FORMAT_TYPE_JSON_SCHEMA
    assert '"name"' in (made.schema or "")


def test_functions_are_tools() -> None:
    """Python functions and made tools stand side by side, and can be found by name."""
    tools: list[Any] = [weather, v1.web_search(), v1.tool(weather, name="again")]
    made = request(tools=tools)
    assert [bool(tool.is_set("function")) for tool in made.tools] == [True, False, True]
    assert made.tools[0].function.description == "Tell the weather."
    found = functions_of(tools)
    assert list(found) == ["weather", "again"]
    assert found["weather"]("Rome") == "sun in Rome"


def test_lists_are_the_requests_own() -> None:
    """What the caller does to a list afterwards does not change the request."""
    given: dict[str, list[Any]] = {
        "messages": [v1.user("a")],
        "stop": ["x"],
        "tools": [v1.code_execution()],
    }
    made = request(**given)
    for values in given.values():
        values.clear()
    assert (len(made.messages), made.stop, len(made.tools)) == (1, ["x"], 1)


def test_guidelines_of_no_known_kind_are_left_alone() -> None:
    """Only categories must differ; a message that names none is sent as it is."""
    assert len(request(guidelines=[pb.Guideline(), pb.Guideline()]).guidelines) == 2


def unannotated(a):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201  # what is tested
    """Be no tool."""
    return a


WRONG: list[tuple[str, object, type[Exception], str]] = [
    ("messages", v1.user("a"), TypeError, "messages must be a sequence of Message, not Message"),
    ("messages", "hi", TypeError, "messages must be a sequence of Message, not str"),
    ("messages", [v1.user("a"), [1]], TypeError, r"messages\[1\] must be a Message.*list"),
    ("conversation_name", 1, TypeError, "conversation_name must be a str, not int"),
    ("conversation_name", "", ValueError, "conversation_name must not be empty"),
    ("user", 1, TypeError, "user must be a str, not int"),
    ("user", "", ValueError, "user must not be empty"),
    ("safety_identifier", b"a", TypeError, "safety_identifier must be a str, not bytes"),
    ("safety_identifier", "", ValueError, "safety_identifier must not be empty"),
    ("max_tokens", -1, ValueError, "max_tokens must be from 0 to"),
    ("max_tokens", INT32, ValueError, "max_tokens must be from 0 to"),
    ("max_tokens", 1.0, TypeError, "max_tokens must be an int, not float"),
    ("max_tokens", True, TypeError, "max_tokens must be an int, not bool"),
    ("seed", INT32, ValueError, "seed must be from"),
    ("seed", "1", TypeError, "seed must be an int, not str"),
    ("stop", "", ValueError, "stop must not be empty"),
    ("stop", b"a", TypeError, "stop must be a sequence of str, not bytes"),
    ("stop", ["a", 1], TypeError, r"stop\[1\] must be a str, not int"),
    ("stop", ["a", ""], ValueError, r"stop\[1\] must not be empty"),
    ("stop", ["a"] * 9, ValueError, "stop must have at most 8 items, not 9"),
    ("temperature", 2.1, ValueError, "temperature must be from 0 to 2, not 2.1"),
    ("temperature", -0.1, ValueError, "temperature must be from 0 to 2"),
    ("temperature", float("nan"), ValueError, "temperature must be from 0 to 2, not nan"),
    ("temperature", "1", TypeError, "temperature must be a number, not str"),
    ("temperature", True, TypeError, "temperature must be a number, not bool"),
    ("top_p", 1.1, ValueError, "top_p must be from 0 to 1"),
    ("top_p", -1, ValueError, "top_p must be from 0 to 1"),
    ("logprobs", 1, TypeError, "logprobs must be a bool, not int"),
    ("top_logprobs", 3, ValueError, "top_logprobs needs logprobs=True"),
    ("tools", v1.code_execution(), TypeError, "tools must be a sequence of tools and functions"),
    ("tools", ["f"], TypeError, r"tools\[0\] must be a Tool.* not str"),
    ("tools", [pb.Tool()], ValueError, r"tools\[0\] must say which tool it is"),
    ("tools", [weather, unannotated], TypeError, r"^tools\[1\]: .*a"),
    ("tools", [lambda: 1], ValueError, r"^tools\[0\]: name must be given"),
    (
        "tools",
        [v1.code_execution()] * 129,
        ValueError,
        "tools must have at most 128 items, not 129",
    ),
    (
        "tools",
        [weather, v1.code_execution(), v1.tool("weather", "", {})],
        ValueError,
        r"tools\[2\] has the name of tools\[0\], 'weather': names must differ",
    ),
    ("tool_choice", "f", ValueError, "tool_choice must be one of 'auto', 'none', 'required'"),
    ("tool_choice", 1, TypeError, "tool_choice must be one of .* not int"),
    ("parallel_tool_calls", 0, TypeError, "parallel_tool_calls must be a bool, not int"),
    ("response_format", "json", ValueError, "response_format must be 'text', 'json_object'"),
    ("response_format", {"a": object()}, TypeError, "response_format must be a JSON schema"),
    ("frequency_penalty", 2.5, ValueError, "frequency_penalty must be from -2 to 2"),
    ("presence_penalty", -3, ValueError, "presence_penalty must be from -2 to 2"),
    ("reasoning_effort", "max", ValueError, "reasoning_effort must be one of 'none', 'low'"),
    ("reasoning_effort", 3, TypeError, "reasoning_effort must be one of .* not int"),
    ("search_parameters", {}, TypeError, "search_parameters must be SearchParameters, not dict"),
    ("store_messages", "no", TypeError, "store_messages must be a bool, not str"),
    ("previous_response_id", 1, TypeError, "previous_response_id must be a str, not int"),
    ("previous_response_id", "", ValueError, "previous_response_id must not be empty"),
    ("use_encrypted_content", 1, TypeError, "use_encrypted_content must be a bool, not int"),
    ("max_turns", 0, ValueError, "max_turns must be from 1 to"),
    ("max_turns", 1.5, TypeError, "max_turns must be an int, not float"),
    ("include", "inline_citations", TypeError, "include must be a sequence of names, not str"),
    ("include", ["inline_citations", "x"], ValueError, r"include\[1\] must be one of 'web_search_"),
    ("include", [7], TypeError, r"include\[0\] must be one of .* not int"),
    ("agent_count", 1, ValueError, "agent_count must be 4, 16 or a member of AgentCount, not 1"),
    ("agent_count", True, TypeError, "agent_count must be 4, 16 or a member of AgentCount"),
    ("agent_count", "4", TypeError, "agent_count must be 4, 16 or a member of AgentCount"),
    ("batch_request_id", 1, TypeError, "batch_request_id must be a str, not int"),
    ("batch_request_id", "", ValueError, "batch_request_id must not be empty"),
    ("service_tier", "fast", ValueError, "service_tier must be one of 'default', 'priority'"),
    ("service_tier", 1, TypeError, "service_tier must be one of .* not int"),
    ("guidelines", policy("nsfw"), TypeError, "guidelines must be a sequence of guidelines"),
    ("guidelines", ["nsfw"], TypeError, r"guidelines\[0\] must be a Guideline or a mapping, not s"),
    (
        "guidelines",
        [{"type": "policy"}],
        ValueError,
        r"guidelines\[0\] must have the key 'category'",
    ),
    ("guidelines", [policy("nsfw") | {"x": 1}], ValueError, r"guidelines\[0\] .* unknown key 'x'"),
    ("guidelines", [policy("nsfw") | {"type": "a"}], ValueError, r"guidelines\[0\]\['type'\] must"),
    ("guidelines", [policy("war")], ValueError, r"guidelines\[0\]\['category'\] must be one of"),
    ("guidelines", [policy("nsfw", "a")], ValueError, r"guidelines\[0\]\['behavior'\] must be one"),
    (
        "guidelines",
        [policy("nsfw"), policy("violence"), policy("nsfw")],
        ValueError,
        r"guidelines\[2\] has the category of guidelines\[0\]",
    ),
    ("auto_append", 0, TypeError, "auto_append must be a bool, not int"),
]


@pytest.mark.parametrize(("name", "value", "error", "match"), WRONG)
def test_wrong_setting_is_named(
    name: str, value: object, error: type[Exception], match: str
) -> None:
    """Each mistake is an error at the call that says which setting is wrong and why."""
    with pytest.raises(error, match=match):
        request(**{name: value})


def test_likeliest_tokens_have_a_limit() -> None:
    """More than eight for each token are refused here, where the mistake is."""
    with pytest.raises(ValueError, match="top_logprobs must be from 0 to 8, not 9"):
        request(logprobs=True, top_logprobs=9)


@pytest.mark.parametrize(("model", "error"), [("", ValueError), (None, TypeError), (4, TypeError)])
def test_model_is_checked(model: str, error: type[Exception]) -> None:
    """A request has a model."""
    with pytest.raises(error, match="model must"):
        make_request(model)


@pytest.mark.parametrize("call", [check_choices])
def test_number_of_choices_is_checked(call: Callable[[int], None]) -> None:
    """From 1 to 128 alternatives can be asked for."""
    for n in (1, 128):
        call(n)
    for wrong in (0, 129):
        with pytest.raises(ValueError, match="n must be from 1 to 128"):
            call(wrong)
    with pytest.raises(TypeError, match="n must be an int, not bool"):
        call(True)  # noqa: FBT003  # on purpose
