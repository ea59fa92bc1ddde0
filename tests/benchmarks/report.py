"""The results as text."""

import importlib.metadata
import os
import platform
from collections.abc import Sequence
from datetime import datetime, timezone
from pathlib import Path

from tests.benchmarks.evaluation import BUSY, Entry, Result, Spread
from tests.benchmarks.rows import LABELS

_PACKAGES = ("xai-client", "betterproto", "grpclib", "xai-sdk", "grpcio", "protobuf", "openai")
_FLOOR = "floor: "


def surroundings(rounds: int) -> list[str]:
    """Return when, where and with what it was measured.

    Args:
        rounds: How often each number was measured.
    """
    versions = ", ".join(f"{name} {_version(name)}" for name in _PACKAGES)
    return [
        f"date: {datetime.now(timezone.utc):%Y-%m-%d %H:%M} UTC",
        f"machine: {_processor()}, {os.cpu_count()} CPUs, {platform.platform()}",
        f"python: {platform.python_implementation()} {platform.python_version()}",
        f"versions: {versions}",
        f"rounds: {rounds}; medians, and in brackets the least and the greatest",
    ]


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "missing"


def _processor() -> str:
    path = Path("/proc/cpuinfo")
    if path.exists():
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


def table(cells: Sequence[Sequence[str]], *, right: int) -> list[str]:
    """Return a table that is Markdown and can be read as it is.

    Args:
        cells: The lines, the first of which is the head.
        right: From this column on, cells are aligned at the right.
    """
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = [
        " | ".join(
            cell.rjust(width) if column >= right else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        for line in cells
    ]
    rule = "|".join(
        "-" * (width + 1) + (":" if column >= right else "-") for column, width in enumerate(widths)
    )
    return [f"| {lines[0]} |", f"|{rule}|", *(f"| {line} |" for line in lines[1:])]


def number(value: float) -> str:
    """Return a number with three digits that count."""
    if value >= 1000:
        return f"{value:,.0f}"
    digits = 0 if value >= 100 else 1 if value >= 10 else 2
    return f"{value:.{digits}f}"


def _range(values: Spread) -> str:
    return f"[{number(values.low)} {number(values.high)}]"


def targets(results: Sequence[Result]) -> list[str]:
    """Return the table of the rows that have a target.

    Args:
        results: All rows.
    """
    head = ("row", "what", "xai", "peer", "its value", "better by", "[spread]", "target", "met")
    cells = [(*head, "floor")]
    for result in results:
        row = result.row
        if row.target is None and row.limit is None:
            continue
        other = result.entry(row.against)
        own = result.entries[0].value
        met = {True: "yes", False: "NO", None: "not measured"}[result.met]
        if row.limit is not None:
            judged = ("", "", "", _range(own), f"at most {number(row.limit)}")
        elif other is None:
            judged = (LABELS[row.against], "", "", "", f"{row.target:g} x")
        else:
            ratio = f"{number(other.ratio.median)} x"
            value = _with_unit(other.value.median, row.unit)
            judged = (other.label, value, ratio, _range(other.ratio), f"{row.target:g} x")
        cells.append(
            (row.name, row.title, _with_unit(own.median, row.unit), *judged, met, _floors(result))
        )
    return table(cells, right=2) if len(cells) > 1 else []


def _floors(result: Result) -> str:
    floors = [entry for entry in result.entries if entry.label.startswith(_FLOOR)]
    return ", ".join(
        f"{entry.label.removeprefix(_FLOOR)} {number(entry.value.median)}" for entry in floors
    )


def _with_unit(value: float, unit: str) -> str:
    return f"{number(value)} {unit}"


def everything(results: Sequence[Result]) -> list[str]:
    """Return the table of all rows and all peers.

    Args:
        results: All rows.
    """
    head = ("row", "peer", "median", "[spread]", "xai is better by", "[spread]", "server busy")
    cells = [head]
    for result in results:
        for place, entry in enumerate(result.entries):
            name = f"{result.row.title}, {result.row.unit}" if place == 0 else ""
            cells.append((name, *_line(entry, ours=place == 0)))
    return table(cells, right=2)


def _line(entry: Entry, *, ours: bool) -> tuple[str, str, str, str, str, str]:
    busy = "" if entry.server is None else f"{entry.server:.0%}{' !' if entry.flagged else ''}"
    ratio = ("", "") if ours else (f"{number(entry.ratio.median)} x", _range(entry.ratio))
    return (entry.label, number(entry.value.median), _range(entry.value), *ratio, busy)


def report(results: Sequence[Result], failures: Sequence[str], rounds: int) -> str:
    """Return the whole report, in Markdown.

    Args:
        results: All rows.
        failures: Peers that failed, and why.
        rounds: How often each number was measured.
    """
    parts = [["# Benchmarks"], [f"- {line}" for line in surroundings(rounds)]]
    if failures:
        parts.append(["Not measured:", "", *(f"- {line}" for line in failures)])
    found = targets(results)
    if found:
        parts += [["## Targets"], found]
    parts += [["## All"], everything(results), _NOTES]
    return "\n\n".join("\n".join(part) for part in parts) + "\n"


_NOTES = [
    "- Every number comes from a process of its own; the peers took turns, and a ratio compares",
    "  two processes of the same round. Above 1, xai is the better one.",
    "- `unary` turns a text into tokens. The OpenAI client has no such call and gets a short",
    "  answer of a chat instead. xai-sdk streams chats only: in all stream rows its messages are",
    "  chat chunks, of the same size as the sampler's.",
    "- Memory a stream is what the process grows by when it opens these streams beside a hundred",
    "  that are open; those take up what memory was free before.",
    "- Hostile replies are lists of models for a call with a timeout of 2 s. What counts is the",
    "  time until there is the reply or an error, and by how many times the bytes of the reply the",
    "  process grows at most. grpcio's messages become objects of Python only when they are read.",
    "- The floors of `unary` and `stream` are those of the rows of chats and of client.v1, too.",
    "- `server busy`: the common server's CPU time by the time that passed. Where it is marked",
    f"  with `!`, above {BUSY:.0%}, the server may have been what was measured.",
]
