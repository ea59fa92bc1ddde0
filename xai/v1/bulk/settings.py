"""The arguments of bulk work, checked."""

import math
import os
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Final, Literal, cast

import attrs

from xai._annotations import resolve_lazily
from xai._validation import check_bool, check_int, check_number, kind_of, shown
from xai.v1.bulk.identity import digest
from xai.v1.bulk.progress import OnProgress
from xai.v1.bulk.task import ChatTask
from xai.v1.validation import check_callback

if TYPE_CHECKING:
    from xai.proto.xai_api.chat import Tool

#: More at the same time than any server takes from one client.
MAX_CONCURRENCY: Final = 10_000
Concurrency = int | Literal["auto"]
Via = Literal["calls", "batch"]


@attrs.frozen(kw_only=True)
class MapSettings:
    """How items are worked through.

    Attributes:
        concurrency: How many at the same time; None for as many as the server takes.
        ordered: Whether results come in the order of the items.
        budget_usd: What may be spent.
        max_errors: How many items may fail.
        checkpoint: The path of the file that keeps what is done.
        key: Names an item; its position when None.
        on_progress: Who is told of the progress.
        via: How the server is asked.
        total: How many items there are, if that is known.
    """

    concurrency: int | None
    ordered: bool
    budget_usd: float | None
    max_errors: int | None
    checkpoint: str | None
    key: Callable[..., object] | None
    on_progress: OnProgress | None
    via: Via
    total: int | None


def check_settings(
    task: object,
    items: object,
    *,
    concurrency: object,
    ordered: object,
    budget_usd: object,
    max_errors: object,
    checkpoint: object,
    key: object,
    on_progress: OnProgress | None,
    via: object,
) -> MapSettings:
    """Return the arguments of ``bulk.map``.

    Raises:
        TypeError: An argument is of the wrong type.
        ValueError: An argument is not valid.
    """
    if not isinstance(task, ChatTask) and not callable(task):
        raise TypeError(
            f"task must be a function of a client and an item, or a ChatTask, not {kind_of(task)}"
        )
    if isinstance(task, type):
        raise TypeError(f"task must be a function or a ChatTask, not the class {task.__name__}")
    _check_items(items)
    if concurrency is None:
        concurrency = "auto"
    if concurrency != "auto":
        if isinstance(concurrency, str):
            raise ValueError(f"concurrency must be a number or 'auto', not {shown(concurrency)}")
        check_int("concurrency", concurrency, 1, MAX_CONCURRENCY)
    check_bool("ordered", ordered)
    if budget_usd is not None:
        check_number("budget_usd", budget_usd, 0.0, math.inf)
    if max_errors is not None:
        check_int("max_errors", max_errors, 0, 2**63 - 1)
    check_callback("key", key)
    found = _check_via(via)
    if found == "batch":
        _check_batch(task, concurrency, budget_usd)
        # They are sent one after the other.
        concurrency = 1
    return MapSettings(
        concurrency=concurrency if isinstance(concurrency, int) else None,
        ordered=bool(ordered),
        budget_usd=float(budget_usd) if isinstance(budget_usd, (int, float)) else None,
        max_errors=max_errors if isinstance(max_errors, int) else None,
        checkpoint=_path(checkpoint),
        key=key if callable(key) else None,
        on_progress=on_progress,
        via=found,
        total=_length(items),
    )


def _check_via(via: object) -> Via:
    if not isinstance(via, str):
        raise TypeError(f"via must be 'calls' or 'batch', not {kind_of(via)}")
    if via not in {"calls", "batch"}:
        raise ValueError(f"via must be 'calls' or 'batch', not {shown(via)}")
    return "batch" if via == "batch" else "calls"


def _check_batch(task: object, concurrency: object, budget_usd: object) -> None:
    from xai.v1.chat.request import split_tools

    if not isinstance(task, ChatTask):
        raise TypeError(
            "task must be a ChatTask with via='batch': a batch has requests, and no functions, not"
            f" {kind_of(task)}"
        )
    tools = cast("Sequence[Tool]", task.settings.get("tools") or ())
    if split_tools(tools)[1]:
        raise ValueError(
            "tools of the task must have no functions with via='batch': nobody is there to call"
            " them"
        )
    if concurrency != "auto":
        raise ValueError("concurrency says nothing with via='batch': the server chooses it")
    if budget_usd is not None:
        raise ValueError(
            "budget_usd can't be kept with via='batch': the server works through all that was sent"
        )


def _check_items(items: object) -> None:
    if isinstance(items, (str, bytes, bytearray)):
        raise TypeError(f"items must be an iterable of items, not {type(items).__name__}")
    if not isinstance(items, Iterable) and not hasattr(items, "__aiter__"):
        raise TypeError(f"items must be an iterable, not {kind_of(items)}")


def _path(checkpoint: object) -> str | None:
    if checkpoint is None:
        return None
    if not isinstance(checkpoint, (str, os.PathLike)):
        raise TypeError(f"checkpoint must be a str or a path, not {kind_of(checkpoint)}")
    path = os.fspath(checkpoint)
    if not isinstance(path, str):
        raise TypeError("checkpoint must be a str or a path of str, not of bytes")
    if not path:
        raise ValueError("checkpoint must not be empty")
    return path


def _length(items: object) -> int | None:
    try:
        return len(items)  # type: ignore[arg-type]  # if it has one
    except TypeError:
        return None


def check_key(found: object, place: int) -> str | int:
    """Return what names an item.

    Raises:
        TypeError: It is neither a str nor an int.
    """
    if isinstance(found, bool) or not isinstance(found, (str, int)):
        raise TypeError(f"key must return a str or an int, not {kind_of(found)} (item {place})")
    return found


def parts_of(task: object, key: object) -> dict[str, str]:
    """Return the digests of what bulk work consists of, by name, for its checkpoint."""
    named = {"key": "" if key is None else digest(key)}
    if not isinstance(task, ChatTask):
        return {"task": digest(task), **named}
    return {**{name: digest(part) for name, part in task.identity().items()}, **named}


resolve_lazily(globals())
