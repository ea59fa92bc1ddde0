from collections.abc import Callable
from datetime import datetime, timezone
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from xai.v1 import AsyncClient, ChatTask, Client, user
from xai.v1.bulk.identity import digest
from xai.v1.bulk.settings import parts_of


def answer(_client: object, item: object) -> object:
    """Be a task."""
    return item


def look_up(item: str) -> str:
    """Look something up.

    Args:
        item: What.
    """
    return item


#: What goes through a batch, and what can't.
VIA = {"via": "batch", "task": ChatTask("m", "{item}")}
WITH_TOOL: ChatTask[object, object] = ChatTask("m", "{item}", tools=[look_up])


async def coroutine_function(_item: object) -> str:
    """Be what no callback may be."""
    return ""


@pytest.mark.parametrize(
    ("arguments", "error", "text"),
    [
        ({"task": None}, TypeError, "task must be a function of a client and an item, or a Chat"),
        ({"task": ChatTask}, TypeError, "not the class ChatTask"),
        ({"items": "text"}, TypeError, "items must be an iterable of items, not str"),
        ({"items": 5}, TypeError, "items must be an iterable, not int"),
        ({"concurrency": 0}, ValueError, "concurrency must be from 1"),
        ({"concurrency": True}, TypeError, "concurrency must be an int"),
        ({"concurrency": "many"}, ValueError, "concurrency must be a number or 'auto'"),
        ({"ordered": 1}, TypeError, "ordered must be a bool"),
        ({"retry": 3}, TypeError, "retry must be"),
        ({"budget_usd": -1}, ValueError, "budget_usd must be 0 or more"),
        ({"budget_usd": "2"}, TypeError, "budget_usd must be a number"),
        ({"max_errors": -1}, ValueError, "max_errors must be from 0"),
        ({"checkpoint": 5}, TypeError, "checkpoint must be a str or a path"),
        ({"checkpoint": ""}, ValueError, "checkpoint must not be empty"),
        ({"checkpoint": b"x"}, TypeError, "checkpoint must be a str or a path"),
        ({"key": "id"}, TypeError, "key must be callable"),
        ({"key": coroutine_function}, TypeError, "key must be a plain function"),
        ({"via": "post"}, ValueError, "via must be 'calls' or 'batch', not 'post'"),
        ({"via": 1}, TypeError, "via must be 'calls' or 'batch'"),
        ({"via": ["batch"]}, TypeError, "via must be 'calls' or 'batch'"),
        ({"via": "batch"}, TypeError, "task must be a ChatTask with via='batch'"),
        ({**VIA, "concurrency": 5}, ValueError, "concurrency says nothing with via='batch'"),
        ({**VIA, "budget_usd": 5}, ValueError, "budget_usd can't be kept with via='batch'"),
        ({**VIA, "task": WITH_TOOL}, ValueError, "must have no functions with via='batch'"),
        ({"on_progress": 5}, TypeError, "on_progress must be a plain function of the Progress"),
        ({"on_progress": coroutine_function}, TypeError, "on_progress must be a plain function"),
    ],
)
def test_bad_argument_is_refused_at_the_call(
    arguments: dict[str, Any], error: type[Exception], text: str
) -> None:
    """Before anything is sent, in both twins; the error names the argument."""
    for cls in (Client, AsyncClient):
        made = {"task": answer, "items": [1], **arguments}
        with pytest.raises(error, match=text):
            cls("key", api_host="localhost:1").bulk.map(**made)


def test_none_is_not_given() -> None:
    """None stands for each default."""
    names = ("concurrency", "ordered", "retry", "budget_usd", "max_errors", "checkpoint", "key")
    nothing: dict[str, Any] = dict.fromkeys((*names, "on_progress", "via"))
    assert Client("key", api_host="localhost:1").bulk.map(answer, [], **nothing).progress.total == 0


@pytest.mark.parametrize(
    ("make", "error", "text"),
    [
        (lambda: ChatTask("", "{item}"), ValueError, "model must not be empty"),
        (lambda: ChatTask("m", ""), ValueError, "prompt must not be empty"),
        (lambda: ChatTask("m", "all the same"), ValueError, r"must have \{item\} or"),
        (lambda: ChatTask("m", '{"json": {item}}'), ValueError, "braces are doubled"),
        (lambda: ChatTask("m", "{item!r}"), ValueError, "a field is a name"),
        (lambda: ChatTask("m", "{item"), ValueError, "braces are doubled"),
        (lambda: ChatTask("m", "{}"), ValueError, "a field is a name"),
        (lambda: ChatTask("m", 5), TypeError, "prompt must be a str or a function"),  # type: ignore[call-overload]  # the point
        (lambda: ChatTask("m", "{item}", messages=[]), TypeError, "the prompt makes them"),
        (lambda: ChatTask("m", "{item}", response_format=int), TypeError, "pass shape"),
        (
            lambda: ChatTask("m", "{item}", shape=dict[str, int], response_format="text"),
            TypeError,
            "pass shape",
        ),
        (lambda: ChatTask("m", "{item}", response_format="x"), ValueError, "response_format"),
        (lambda: ChatTask("m", "{item}", temprature=1), TypeError, "temprature"),
        (lambda: ChatTask("m", "{item}", temperature=9), ValueError, "temperature must be"),
        (lambda: ChatTask("m", "{item}", tools=5), TypeError, "tools must be"),
    ],
)
def test_bad_chat_task_is_refused_when_it_is_made(
    make: Callable[[], object], error: type[Exception], text: str
) -> None:
    """Not by each of a million items."""
    with pytest.raises(error, match=text):
        make()


def test_prompt_is_filled_in() -> None:
    """Doubled braces are braces, a mapping is an item too, and a function has the last word."""
    task: ChatTask[object, object] = ChatTask("m", "{{{item}}} {item}")
    assert task.messages("a") == [user("{a} a")]
    assert task.messages({"b": 1}) == [user("{{'b': 1}} {'b': 1}")]
    assert task.messages({"item": 1}) == [user("{1} 1")]
    task = ChatTask("m", "{a}")
    with pytest.raises(ValueError, match="is no mapping"):
        task.messages("a")
    task = ChatTask("m", lambda item: item)  # type: ignore[arg-type, return-value]  # whatever it is
    assert task.messages("x") == [user("x")]
    assert task.messages(user("x")) == [user("x")]
    assert task.messages({"role": "user", "content": "x"}) == [{"role": "user", "content": "x"}]
    with pytest.raises(TypeError, match="prompt must return"):
        task.messages(5)
    assert repr(ChatTask("m", "secret {item}", seed=1)) == "<ChatTask with m, seed>"


def test_digests_tell_what_differs_and_nothing_else() -> None:
    """They are the same in another process, where addresses and orders of sets are others."""

    class Thing:
        pass

    assert digest(Thing()) == digest(Thing())
    assert digest({"a": 1, "b": {2, 3}}) == digest({"b": {3, 2}, "a": 1})
    different = [1, "1", 1.5, None, b"1", [1], {"1": 1}, Path("1"), answer, partial(answer, 1)]
    different += [partial(answer, 2), datetime(2026, 1, 1, tzinfo=timezone.utc), user("1")]
    assert len({digest(each) for each in different}) == len(different)
    task: ChatTask[object, object] = ChatTask("m", "{item}", tools=[])
    assert set(parts_of(task, None)) == {"model", "prompt", "shape", "settings", "key"}
    assert parts_of(answer, None) != parts_of(answer, answer)
