"""What a docstring tells a model: a summary, and a line about each argument.

The styles of Google, NumPy and Sphinx are understood; the one that describes the most is taken.
"""

import inspect
from functools import lru_cache
from typing import Final

import attrs
import griffe

_STYLES: Final = ("google", "numpy", "sphinx")
_NAMED: Final = (
    griffe.DocstringSectionKind.parameters,
    griffe.DocstringSectionKind.other_parameters,
    griffe.DocstringSectionKind.attributes,
)


@attrs.frozen
class DocumentedItems:
    """The text of a docstring.

    Attributes:
        summary: What stands before the first section, each paragraph on one line.
        items: The descriptions of parameters and attributes, each on one line, by name.
    """

    summary: str
    items: dict[str, str]


def read_docstring(docstring: str | None) -> DocumentedItems:
    """Return what a docstring says.

    Args:
        docstring: The text, in the style of Google, NumPy or Sphinx.
    """
    return _read(docstring) if docstring else DocumentedItems("", {})


@lru_cache(maxsize=256)
def _read(docstring: str) -> DocumentedItems:
    text = griffe.Docstring(inspect.cleandoc(docstring))
    found = (_in_style(text.parse(style, warnings=False)) for style in _STYLES)
    # A style that is not meant describes nothing, and takes all of the text for a summary.
    return max(found, key=lambda documented: (len(documented.items), -len(documented.summary)))


def _in_style(sections: list[griffe.DocstringSection]) -> DocumentedItems:
    summary = ""
    items: dict[str, str] = {}
    for place, section in enumerate(sections):
        if section.kind is griffe.DocstringSectionKind.text and not place:
            summary = "\n\n".join(_one_line(part) for part in section.value.split("\n\n"))
        elif section.kind in _NAMED:
            # An asterisk belongs to the signature, not to the name.
            items |= {item.name.lstrip("*"): _one_line(item.description) for item in section.value}
    return DocumentedItems(summary.strip(), items)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def own_docstring(shape: type) -> str | None:
    """Return the docstring that the author of a class wrote, if any."""
    doc = shape.__dict__.get("__doc__")
    # Dataclasses and named tuples get their signature.
    if isinstance(doc, str) and not doc.startswith(f"{shape.__name__}("):
        return doc
    return None
