"""What a docstring in Google's style tells a model: a summary, and a line about each argument."""

import inspect
import re
from collections.abc import Iterable, Iterator
from typing import Final

#: The headings of sections, as pydocstyle knows them.
_SECTIONS: Final = frozenset(
    {"Args", "Arguments", "Attributes", "Example", "Examples", "Keyword Args", "Keyword Arguments"}
    | {"Note", "Notes", "Parameters", "Raises", "References", "Return", "Returns", "See Also"}
    | {"Todo", "Warning", "Warnings", "Warns", "Yield", "Yields"}
)
#: ``name: text``, ``name (type): text``, ``*args: text``
_ITEM: Final = re.compile(r"(?P<name>\w+)(?: \([^()]*\))?:(?: +(?P<text>.*))?")


def summary(docstring: str | None) -> str:
    """Return what stands before the first section, each paragraph on one line."""
    lines: list[str] = []
    for line in _lines(docstring):
        if _section(line):
            break
        lines.append(line)
    paragraphs = "\n".join(lines).split("\n\n")
    return "\n\n".join(" ".join(part.split()) for part in paragraphs if part.strip())


def items(docstring: str | None, sections: Iterable[str]) -> dict[str, str]:
    """Return the descriptions in some sections, each on one line, by the name they begin with."""
    wanted = frozenset(sections)
    found: dict[str, list[str]] = {}
    current: list[str] = []
    indent = 0
    for line in _inside(_lines(docstring), wanted):
        depth = len(line) - len(line.lstrip())
        indent = indent or depth
        match = _ITEM.fullmatch(line.strip()) if depth <= indent else None
        if match:
            current = found.setdefault(match["name"], [])
            current.append(match["text"] or "")
        else:
            current.append(line.strip())
    return {name: " ".join(" ".join(parts).split()) for name, parts in found.items()}


def _lines(docstring: str | None) -> list[str]:
    return inspect.cleandoc(docstring).splitlines() if docstring else []


def _section(line: str) -> str | None:
    """Return the name of the section that a line begins."""
    name = line.rstrip().removesuffix(":")
    return name if line.rstrip().endswith(":") and name in _SECTIONS else None


def _inside(lines: Iterable[str], sections: frozenset[str]) -> Iterator[str]:
    """Yield the lines with text in the wanted sections."""
    inside = False
    for line in lines:
        if not line.strip():
            continue
        if not line.startswith(" "):
            inside = _section(line) in sections
        elif inside:
            yield line
