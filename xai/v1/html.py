"""HTML for notebooks; whatever a server sent is escaped."""

import html
from collections.abc import Iterable

#: What a browser may load; other schemes can do more than that.
_SCHEMES = ("https://", "http://", "data:image/")


def table(rows: Iterable[tuple[object, ...]], header: tuple[str, ...] = ()) -> str:
    """Return a table.

    Args:
        rows: The cells of each row; a cell that is None leaves its row out.
        header: The titles of the columns; without them, the first cell of a row is its title.
    """
    lines = [f"<tr>{''.join(_cell('th', title) for title in header)}</tr>"] if header else []
    for row in rows:
        if None not in row:
            kinds = ["td" if header or at else "th" for at in range(len(row))]
            lines.append(f"<tr>{''.join(map(_cell, kinds, row))}</tr>")
    return f"<table>{''.join(lines)}</table>"


def _cell(kind: str, value: object) -> str:
    style = "text-align: left; vertical-align: top; white-space: pre-wrap"
    return f'<{kind} style="{style}">{html.escape(str(value))}</{kind}>'


def picture(url: str | None) -> str | None:
    """Return an image; None without a URL that a browser may load.

    Args:
        url: Where it is, or the image as a data URL.
    """
    if url is None or not url.lower().startswith(_SCHEMES):
        return None
    return f'<img src="{html.escape(url)}">'


def movie(url: str | None) -> str | None:
    """Return a player of a video; None without a URL that a browser may load.

    Args:
        url: Where it is.
    """
    if url is None or not url.lower().startswith(_SCHEMES[:2]):
        return None
    return f'<video controls preload="metadata" src="{html.escape(url)}"></video>'


def dollars(amount: float | None) -> str | None:
    """Return an amount of US dollars as text; None for None."""
    return None if amount is None else f"${amount:.10f}".rstrip("0").rstrip(".")
