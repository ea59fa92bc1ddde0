from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import partial
from pathlib import PurePosixPath
from typing import Any

import grpc
import pytest

from tests.services.aio.v1.chat.run_helpers import (
    COMPLETION,
    answering,
    asking,
    call,
    said,
    unanswered,
)
from tests.services.interop.reference import ReferenceServer, answer, output
from tests.services.interop.scripted import Scripted
from xai import AsyncClient, NotFoundError, RateLimitError, StatusCode, v1
from xai.aio.v1.chat.chat import AsyncChat
from xai.v1 import ModelStep, Step, ToolStep

USER = ("ROLE_USER", "What is 2 + 3?", None)


@pytest.fixture
def script(reference_server: ReferenceServer) -> Scripted:
    """The method that answers at once."""
    return reference_server.script(COMPLETION)


def create(client: AsyncClient, **settings: Any) -> AsyncChat:  # noqa: ANN401  # of all kinds
    """Return a chat in which something was said."""
    return client.v1.chat.create("grok-4.3", **settings).append(v1.user(USER[1]))


def add(a: int, b: int = 1) -> int:
    """Add two numbers."""
    return a + b


class Recorder:
    """A function that remembers its calls."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def note(self, text: str) -> str:
        """Note a text."""
        self.seen.append(text)
        return f"noted {text}"


def fail(text: str) -> str:
    """Fail with a text."""
    raise OSError(text)


async def test_answer_without_calls_ends_the_run(script: Scripted, client: AsyncClient) -> None:
    """A model that asks for nothing is asked once; its answer is appended once and returned."""
    script.says(answering("5", id="r-9"))
    chat = create(client, auto_append=True)
    result = await chat.run(tools=[add])
    assert (result.response.content, result.response.id, result.turns) == ("5", "r-9", 1)
    assert [type(step) for step in result.steps] == [ModelStep]
    assert said(chat.messages) == [USER, ("ROLE_ASSISTANT", "5", None)]


async def test_result_of_function_goes_back_to_the_model(
    script: Scripted, client: AsyncClient
) -> None:
    """The function gets the arguments with their types, the model gets its result by the ID."""
    script.says(asking(call("add", {"a": 2, "b": 3}, "c-7")))
    script.says(answering("It is 5"))
    chat = create(client)
    result = await chat.run(tools=[add])
    assert result.response.content == "It is 5"
    expected = [USER, ("ROLE_ASSISTANT", "", None), ("ROLE_TOOL", "5", "c-7")]
    assert said(chat.messages) == [*expected, ("ROLE_ASSISTANT", "It is 5", None)]
    first, second = script.requests
    assert [message.tool_call_id for message in second.messages] == ["", "", "c-7"]
    assert second.messages[1].tool_calls[0].function.name == "add"
    assert second.messages[2].content[0].text == "5"
    assert (first.n, second.n) == (1, 1)


async def test_functions_of_run_are_offered_in_its_requests_alone(
    script: Scripted, client: AsyncClient
) -> None:
    """Each request of a run has its functions after the chat's; later ones have the chat's."""
    recorder = Recorder()
    script.says(asking(call("note", {"text": "x"})))
    script.says(answering("done"))
    chat = create(client, tools=[recorder.note])
    await chat.run(tools=[add])
    await chat.sample()
    resolve_tools = [[tool.function.name for tool in each.tools] for each in script.requests]
    assert resolve_tools == [["note", "add"], ["note", "add"], ["note"]]
    assert recorder.seen == ["x"]


async def test_calls_are_made_in_order_over_several_turns(
    script: Scripted, client: AsyncClient
) -> None:
    """Functions are called in the order of the model, one after the other, turn by turn."""
    recorder = Recorder()
    script.says(
        asking(
            call("note", {"text": "a"}, "c1"),
            call("add", {"a": 4}, "c2"),
            call("note", {"text": "b"}, "c3"),
        )
    )
    script.says(asking(call("note", {"text": "c"}, "c1")))
    script.says(answering("done"))
    chat = create(client)
    result = await chat.run(tools=[recorder.note, add])
    assert recorder.seen == ["a", "b", "c"]
    assert result.turns == 3
    results = [part[1:] for part in said(chat.messages) if part[0] == "ROLE_TOOL"]
    assert results == [("noted a", "c1"), ("5", "c2"), ("noted b", "c3"), ("noted c", "c1")]
    assert [step.turn for step in result.steps] == [1, 1, 1, 1, 2, 2, 3]


async def test_repeated_id_is_called_once(script: Scripted, client: AsyncClient) -> None:
    """A call that an answer has twice is made once; calls without IDs are all made."""
    recorder = Recorder()
    script.says(
        asking(
            call("note", {"text": "a"}, "c1"),
            call("note", {"text": "a"}, "c1"),
            call("note", {"text": "b"}, ""),
            call("note", {"text": "c"}, ""),
        )
    )
    script.says(answering("done"))
    chat = create(client)
    await chat.run(tools=[recorder.note])
    assert recorder.seen == ["a", "b", "c"]
    ids = [part[2] for part in said(chat.messages) if part[0] == "ROLE_TOOL"]
    assert ids == ["c1", None, None]


async def test_calls_of_the_server_are_left_alone(script: Scripted, client: AsyncClient) -> None:
    """Tools that ran on the server are not called, even by the name of a function."""
    recorder = Recorder()
    ran = call("note", {"text": "server"}, "s1", "WEB_SEARCH_TOOL")
    wanted = call("note", {"text": "mine"}, "c1")
    found = {"role": "ROLE_TOOL", "tool_calls": [ran]}
    script.says(
        answer(
            output("", 0, tool_calls=[ran]),
            output("found", 1, **found),
            output("", 2, tool_calls=[wanted]),
        )
    )
    script.says(answering("done"))
    chat = create(client, tools=[v1.web_search()])
    result = await chat.run(tools=[recorder.note])
    assert recorder.seen == ["mine"]
    assert result.turns == 2
    assert said(chat.messages) == [
        USER,
        ("ROLE_ASSISTANT", "", None),
        ("ROLE_TOOL", "found", "s1"),
        ("ROLE_ASSISTANT", "", None),
        ("ROLE_TOOL", "noted mine", "c1"),
        ("ROLE_ASSISTANT", "done", None),
    ]


async def test_answer_with_calls_of_the_server_only_is_the_last(
    script: Scripted, client: AsyncClient
) -> None:
    """An answer whose calls have all been run by the server ends the run."""
    ran = call("web_search", {}, "s1", "WEB_SEARCH_TOOL")
    script.says(answer(output("It is 5", tool_calls=[ran])))
    result = await create(client, tools=[v1.web_search()]).run(tools=[add])
    assert (result.response.content, result.turns) == ("It is 5", 1)


@pytest.mark.parametrize(
    ("wanted", "error", "told"),
    [
        (call("fail", {"text": "no disk"}), OSError, "error: OSError: no disk"),
        (call("add", {"a": "two"}), v1.ToolArgumentsError, "error: ToolArgumentsError: add: a"),
        (call("add", {}), v1.ToolArgumentsError, "error: ToolArgumentsError: add: "),
        (call("add", "{"), v1.ToolArgumentsError, "error: ToolArgumentsError: add: "),
        (call("sub", {}), LookupError, "error: LookupError: there is no function 'sub', only: "),
        ({"id": "c1", "type": 1}, LookupError, "error: LookupError: there is no function ''"),
        (call("odd", {}), TypeError, "error: TypeError: the result: object has no form in JSON"),
    ],
    ids=["raises", "type", "missing", "json", "unknown", "nameless", "result"],
)
async def test_model_is_told_of_an_error(
    script: Scripted,
    client: AsyncClient,
    wanted: dict[str, Any],
    error: type[Exception],
    told: str,
) -> None:
    """Any error of a call becomes one line for the model, and the run goes on."""

    def odd() -> object:
        """Return what no model could read."""
        return object()

    script.says(asking(wanted))
    script.says(answering("sorry"))
    chat = create(client)
    result = await chat.run(tools=[add, fail, odd])
    assert result.response.content == "sorry"
    step = result.steps[1]
    assert isinstance(step, ToolStep)
    assert isinstance(step.error, error)
    assert step.result == said(chat.messages)[2][1]
    assert step.result.startswith(told)
    assert "Traceback" not in step.result
    assert (step.arguments is None) == (error in (v1.ToolArgumentsError, LookupError))


@pytest.mark.parametrize(
    ("wanted", "error"),
    [
        (call("fail", {"text": "no disk"}, "c2"), OSError),
        (call("add", {"a": "two"}, "c2"), v1.ToolArgumentsError),
        (call("sub", {}, "c2"), LookupError),
    ],
    ids=["raises", "type", "unknown"],
)
async def test_error_is_raised_when_it_is_to_be(
    script: Scripted, client: AsyncClient, wanted: dict[str, Any], error: type[Exception]
) -> None:
    """The error has the call and its cause; the results so far are in the history, all of it."""
    recorder = Recorder()
    calls = [call("add", {"a": 1}, "c1"), wanted, call("note", {"text": "x"}, "c3")]
    script.says(asking(*calls))
    script.says(answering("then"))
    chat = create(client)
    steps: list[Step] = []
    with pytest.raises(v1.ToolError) as caught:
        await chat.run(
            tools=[add, fail, recorder.note], on_tool_error="raise", on_step=steps.append
        )
    assert caught.value.call.id == "c2"
    assert isinstance(caught.value.__cause__, error)
    assert [type(step) for step in steps] == [ModelStep, ToolStep, ToolStep]
    results = said(chat.messages)[2:]
    assert [text for _, text, _ in results][::2] == ["2", "not run"]
    assert results[1][1].startswith(f"error: {error.__name__}: ")
    assert (recorder.seen, unanswered(chat.messages)) == ([], [])
    assert (await chat.sample()).content == "then"


async def test_arguments_error_names_the_call(script: Scripted, client: AsyncClient) -> None:
    """The error for bad arguments carries the call of the model."""
    script.says(asking(call("add", {"a": None}, "c-4")))
    with pytest.raises(v1.ToolError) as caught:
        await create(client).run(tools=[add], on_tool_error="raise")
    cause = caught.value.__cause__
    assert isinstance(cause, v1.ToolArgumentsError)
    assert cause.call is not None
    assert cause.call.id == "c-4"


@pytest.mark.parametrize("limit", [1, 3])
async def test_turn_limit_ends_a_run(script: Scripted, client: AsyncClient, limit: int) -> None:
    """A model that never answers gets so many turns; the error has the steps, all calls made."""
    recorder = Recorder()
    script.says(asking(call("note", {"text": "again"})))
    chat = create(client)
    with pytest.raises(v1.TurnLimitError, match=f"after {limit} turn") as caught:
        await chat.run(tools=[recorder.note], max_turns=limit)
    assert len(script.requests) == len(recorder.seen) == limit
    assert [type(step) for step in caught.value.steps] == [ModelStep, ToolStep] * limit
    assert unanswered(chat.messages) == []


async def test_steps_are_shown_as_they_happen(script: Scripted, client: AsyncClient) -> None:
    """Each step is shown when it is done, with what it is made of, and kept in the result."""
    script.says(asking(call("add", {"a": 2, "b": 3}), content="Let me see"))
    script.says(answering("5"))
    steps: list[Step] = []
    lengths: list[int] = []
    chat = create(client)

    def show(step: Step) -> None:
        steps.append(step)
        lengths.append(len(chat.messages))
        assert unanswered(chat.messages) == []

    result = await chat.run(tools=[add], on_step=show)
    assert list(result.steps) == steps
    first, second, third = steps
    assert isinstance(first, ModelStep)
    assert (first.turn, first.response.content) == (1, "Let me see")
    assert isinstance(second, ToolStep)
    assert (second.turn, second.name, second.call.id) == (1, "add", "c1")
    assert (second.arguments, second.result, second.error) == ({"a": 2, "b": 3}, "5", None)
    assert 0 <= second.seconds < 30
    assert isinstance(third, ModelStep)
    assert (third.turn, third.response) == (2, result.response)
    assert lengths == [3, 3, 4]
    assert "Let me see" not in f"{steps} {result}"


async def test_error_of_the_observer_ends_the_run(script: Scripted, client: AsyncClient) -> None:
    """What the observer raises is raised, and the history has a result for each call."""
    script.says(asking(call("add", {"a": 2})))

    def show(step: Step) -> None:
        raise ArithmeticError(repr(step))

    chat = create(client)
    with pytest.raises(ArithmeticError, match="ModelStep"):
        await chat.run(tools=[add], on_step=show)
    assert said(chat.messages)[-1] == ("ROLE_TOOL", "not run", "c1")


async def test_usage_is_added_up(script: Scripted, client: AsyncClient) -> None:
    """The result has the tokens and the price of all turns together."""
    spent = [{"prompt_tokens": 10, "completion_tokens": 2, "cost_in_usd_ticks": 5_000_000_000}]
    spent += [{"prompt_tokens": 30, "completion_tokens": 7, "cost_in_usd_ticks": 1_000_000_000}]
    script.says(asking(call("add", {"a": 2}), usage=spent[0]))
    script.says(answering("3", usage=spent[1]))
    result = await create(client).run(tools=[add])
    assert (result.usage.prompt_tokens, result.usage.completion_tokens) == (40, 9)
    assert result.cost_usd == pytest.approx(0.6)
    assert result.response.usage.prompt_tokens == 30


async def test_failed_call_passes_through(script: Scripted, client: AsyncClient) -> None:
    """An error of the service ends the run; what was said before is in the history."""
    script.says(asking(call("add", {"a": 2})))
    script.says(status=(grpc.StatusCode.RESOURCE_EXHAUSTED, "slowly"))
    chat = create(client)
    with pytest.raises(RateLimitError, match="slowly"):
        await chat.run(tools=[add])
    assert said(chat.messages)[-1] == ("ROLE_TOOL", "3", "c1")


async def test_calls_made_by_a_function_fail_the_run(script: Scripted, client: AsyncClient) -> None:
    """An error of the service within a function is not for the model; the history says so."""
    failed = NotFoundError(StatusCode.NOT_FOUND, "gone")

    def look_up() -> str:
        """Look something up."""
        raise failed

    script.says(asking(call("look_up", {}, "c1"), call("look_up", {}, "c2")))
    chat = create(client)
    with pytest.raises(NotFoundError) as caught:
        await chat.run(tools=[look_up])
    assert caught.value is failed
    results = [part[1:] for part in said(chat.messages)[2:]]
    assert results == [
        ("error: interrupted before there was a result", "c1"),
        ("not run", "c2"),
    ]


@pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit, GeneratorExit])
async def test_interrupt_passes_through(
    script: Scripted, client: AsyncClient, kind: type[BaseException]
) -> None:
    """An interrupt in a function is no error of it: it ends the run, the history stays valid."""

    def stop() -> str:
        """Stop."""
        raise kind

    script.says(asking(call("stop", "", "c1"), call("stop", "", "c2")))
    chat = create(client)
    ended = False
    try:
        await chat.run(tools=[stop])
    except kind:
        ended = True
    assert ended
    assert unanswered(chat.messages) == []
    assert said(chat.messages)[-1] == ("ROLE_TOOL", "not run", "c2")


BAD: list[tuple[dict[str, Any], type[Exception], str]] = [
    ({"max_turns": 0}, ValueError, "max_turns"),
    ({"max_turns": True}, TypeError, "max_turns"),
    ({"on_tool_error": "ignore"}, ValueError, "on_tool_error must be 'model' or 'raise'"),
    ({"on_step": 3}, TypeError, "on_step must be callable"),
    ({"tools": add}, TypeError, "tools must be a sequence of functions"),
    ({"tools": [v1.web_search()]}, TypeError, r"tools\[0\] must be a function"),
    ({"tools": [add, 3]}, TypeError, r"tools\[1\]"),
    ({"tools": [add, v1.tool(add)]}, ValueError, r"tools\[1\] has the name of tools\[0\]"),
    ({"tools": [fail]}, ValueError, "must not repeat a tool of the chat: 'fail'"),
]


@pytest.mark.parametrize(("arguments", "error", "message"), BAD, ids=[case[2] for case in BAD])
async def test_bad_argument_is_refused(
    script: Scripted,
    client: AsyncClient,
    arguments: dict[str, Any],
    error: type[Exception],
    message: str,
) -> None:
    """An argument that is not valid is named before anything is sent, by both kinds of runs."""
    chat = create(client, tools=[fail])
    with pytest.raises(error, match=message):
        await chat.run(**arguments)
    with pytest.raises(error, match=message):
        chat.run_stream(**arguments)
    assert script.calls == []


async def test_tool_without_function_is_refused(script: Scripted, client: AsyncClient) -> None:
    """A chat with a tool that is only a schema can't be run: nobody could call it."""
    schema = v1.tool("weather", "Tells the weather.", {"type": "object"})
    with pytest.raises(ValueError, match="'weather' has a schema only"):
        await create(client, tools=[schema]).run(tools=[add])
    assert script.calls == []


async def test_too_many_tools_are_refused(script: Scripted, client: AsyncClient) -> None:
    """The functions of a run count together with the tools of the chat: at most 128."""

    def named(index: int) -> Callable[..., object]:
        return v1.FunctionTool(add, name=f"add_{index}")

    chat = create(client, tools=[named(index) for index in range(128)])
    with pytest.raises(ValueError, match="tools must have at most 128 items"):
        await chat.run(tools=[add])
    assert script.calls == []


async def test_nothing_said_is_refused(script: Scripted, client: AsyncClient) -> None:
    """A run of a chat in which nothing was said fails before anything is sent."""
    chat = client.v1.chat.create("grok-4.3")
    with pytest.raises(ValueError, match="messages must not be empty"):
        await chat.run(tools=[add])
    with pytest.raises(ValueError, match="messages must not be empty"):
        chat.run_stream(tools=[add])
    assert script.calls == []


async def test_run_goes_on_after_the_limit(script: Scripted, client: AsyncClient) -> None:
    """After too many turns a second run takes up where the first one left."""
    script.says(asking(call("add", {"a": 2})))
    script.says(answering("3"))
    chat = create(client)
    with pytest.raises(v1.TurnLimitError):
        await chat.run(tools=[add], max_turns=1)
    assert (await chat.run(tools=[add])).response.content == "3"
    assert [part[0] for part in said(chat.messages)] == [
        "ROLE_USER",
        "ROLE_ASSISTANT",
        "ROLE_TOOL",
        "ROLE_ASSISTANT",
    ]


@dataclass
class Sum:
    """A sum."""

    total: int


async def test_value_of_a_run_has_the_form_that_was_asked_for(
    script: Scripted, client: AsyncClient
) -> None:
    """Every request asks for the form, and the last response is read."""
    script.says(asking(call("add", {"a": 2})))
    script.says(answering('{"total": 3}'))
    chat = create(client)
    result = await chat.run(tools=[add], response_format=Sum)
    assert result.value == Sum(3)
    assert [request.response_format.format_type for request in script.requests] == [3, 3]
    script.says(answering("{}"))
    assert (await chat.run(response_format="json_object")).value is None
    assert (await chat.run(response_format={"type": "object"})).value is None
    assert [request.response_format.format_type for request in script.requests[2:]] == [2, 3]
    await chat.sample()
    assert not script.requests[-1].HasField("response_format")


async def test_run_without_the_form_is_an_error_with_the_response(
    script: Scripted, client: AsyncClient
) -> None:
    """The response is in the error, and part of the conversation like any other of a run."""
    script.says(answering("three"))
    chat = create(client)
    with pytest.raises(v1.ParseError, match="is no Sum") as caught:
        await chat.run(tools=[add], response_format=Sum)
    assert caught.value.response.content == "three"
    assert said(chat.messages)[-1] == ("ROLE_ASSISTANT", "three", None)
    with pytest.raises(TypeError, match="shape: "):
        await chat.run(response_format=object())  # type: ignore[call-overload]  # on purpose


@pytest.mark.parametrize(
    ("returned", "told"),
    [
        (Decimal("1.50"), '"1.50"'),
        (date(2020, 1, 2), '"2020-01-02"'),
        (PurePosixPath("/a"), '"/a"'),
        (b"ab", '"ab"'),
        (float("nan"), "null"),
        ({1: 2}, '{"1": 2}'),
        (Sum(3), '{"total": 3}'),
        ("half \ud83d", "half \ufffd"),
        (["half \ud83d"], '["half \ufffd"]'),
    ],
    ids=range(9),
)
async def test_results_are_sent_as_json(
    script: Scripted, client: AsyncClient, returned: object, told: str
) -> None:
    """The model reads of each result what pydantic writes, and the conversation goes on."""

    def get() -> object:
        """Get something."""
        return returned

    script.says(asking(call("get", {})))
    script.says(answering("done"))
    chat = create(client)
    result = await chat.run(tools=[get])
    assert result.response.content == "done"
    assert script.requests[1].messages[-1].content[0].text == told
    step = result.steps[1]
    assert isinstance(step, ToolStep)
    assert (step.result, step.error) == (told, None)


async def test_parts_of_a_result_are_parts_of_its_message(
    script: Scripted, client: AsyncClient
) -> None:
    """Images are sent as images, also beside other values."""

    def draw() -> list[object]:
        """Draw something."""
        return ["look:", v1.image("https://example.com/a.png"), {"size": 3}]

    script.says(asking(call("draw", {})))
    script.says(answering("done"))
    result = await create(client).run(tools=[draw])
    text, image, size = script.requests[1].messages[-1].content
    assert (text.text, size.text) == ("look:", '{"size": 3}')
    assert image.image_url.image_url == "https://example.com/a.png"
    step = result.steps[1]
    assert isinstance(step, ToolStep)
    assert step.result == 'look:[image_url]{"size": 3}'


async def test_half_characters_do_not_end_a_conversation(
    script: Scripted, client: AsyncClient
) -> None:
    """In arguments and errors they become U+FFFD, and later requests can be sent."""

    def echo(text: str) -> str:
        """Return a text, or fail with it."""
        if text == "\ufffd":
            return f"{text} \ud83d"
        raise ValueError(f"{text} \udfff")

    arguments = r'{"text": "\ud83d"}', r'{"text": "a\udfffb"}'
    script.says(asking(*(call("echo", text, f"c{at}") for at, text in enumerate(arguments))))
    script.says(answering("done"))
    chat = create(client)
    await chat.run(tools=[echo])
    assert [part[1] for part in said(chat.messages) if part[0] == "ROLE_TOOL"] == [
        "\ufffd \ufffd",
        "error: ValueError: a\ufffdb \ufffd",
    ]
    await chat.sample()
    assert len(script.calls) == 3


class Shop:
    """A class with a tool."""

    def __init__(self, name: str) -> None:
        self.name = name

    @v1.tool
    def find(self, text: str, limit: int = None) -> str:  # type: ignore[assignment]  # noqa: RUF013
        """Find something."""
        return f"{self.name} {text} {limit}"


def orders(user_id: int, status: str) -> str:
    """List orders."""
    return f"{user_id} {status}"


async def test_methods_and_partial_functions_are_tools(
    script: Scripted, client: AsyncClient
) -> None:
    """What is bound is not offered and can't be given; null means the default None."""
    script.says(
        asking(
            call("find", {"text": "a", "limit": None}, "c1"),
            call("orders", {"status": "open"}, "c2"),
            call("orders", {"status": "open", "user_id": 1}, "c3"),
        )
    )
    script.says(answering("done"))
    chat = create(client)
    await chat.run(tools=[Shop("here").find, partial(orders, user_id=42)])
    offered = [tool.function.parameters for tool in script.requests[0].tools]
    assert "self" not in offered[0]
    assert "user_id" not in offered[1]
    results = [part[1] for part in said(chat.messages) if part[0] == "ROLE_TOOL"]
    assert results[:2] == ["here a None", "42 open"]
    assert results[2].startswith("error: ToolArgumentsError: orders: user_id: ")
