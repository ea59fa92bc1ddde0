"""What to do instead, for mistakes that Python alone would report without a way out."""

from typing import TYPE_CHECKING, NoReturn


class AsyncContextHint:
    """Says that an asynchronous client is entered with ``async with``."""

    if not TYPE_CHECKING:  # a type checker reports the mistake itself

        def __enter__(self) -> NoReturn:
            """Refuse a ``with`` block."""
            name = type(self).__name__
            raise TypeError(f"{name} needs 'async with', or use the blocking Client")

        def __exit__(self, *_: object) -> None:
            """Never be called: without it, ``with`` would not look for the other."""


class ContextHint:
    """Says that a blocking client is entered with ``with``."""

    if not TYPE_CHECKING:  # a type checker reports the mistake itself

        def __aenter__(self) -> NoReturn:
            """Refuse an ``async with`` block."""
            name = type(self).__name__
            raise TypeError(f"{name} is blocking: use 'with', or AsyncClient with 'async with'")

        def __aexit__(self, *_: object) -> None:
            """Never be called: without it, ``async with`` would not look for the other."""
