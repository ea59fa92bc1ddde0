"""What is uploaded, and who is told how far it is."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO, Final, cast

#: How many bytes that package sends at a time.
STEP: Final = 3 * 2**20


def source_of(file: object, filename: str | None) -> tuple[bytes | Path | BinaryIO, str | None]:
    """Return a file as our services take it, and its name.

    Args:
        file: A path, bytes, or a binary file.
        filename: The name that was given.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: It is nothing that can be uploaded, or has no name.
    """
    if isinstance(file, (bytes, bytearray, memoryview)):
        if not filename:
            raise ValueError("filename is required when uploading bytes")
        return bytes(file), filename
    if isinstance(file, (str, Path)):
        path = Path(file)
        if not path.exists():
            raise FileNotFoundError(f"File not found: {file}")
        return path, filename or path.name
    if not hasattr(file, "read"):
        raise ValueError(f"Unsupported file type: {type(file)}")
    if not filename:
        named = getattr(file, "name", None)
        if not isinstance(named, str) or not named:
            raise ValueError("filename is required for a file without a name")
        filename = Path(named).name
    return cast("BinaryIO", file), filename


def progress_of(callback: object) -> Callable[[int, int | None], None] | None:
    """Return who is told how far an upload is, as our services call it.

    Args:
        callback: A progress bar; or a function of the bytes that were sent and those there are, or
            of the bytes more.

    Raises:
        TypeError: It is something else.
    """
    if callback is None:
        return None
    update = getattr(callback, "update", None)
    called: Callable[..., object] = update if callable(update) else cast("Any", callback)
    if not callable(called):
        raise TypeError(f"on_progress must be callable, not {type(callback).__name__}")
    two = called is callback and _takes_two(called)
    told = 0

    def tell(sent: int, total: int | None) -> None:
        nonlocal told
        # In the steps of that package, which are larger than ours.
        if total is not None and sent < total and sent % STEP:
            return
        more, told = sent - told, sent
        if two:
            called(sent, total)
        else:
            called(more)

    return tell


def _takes_two(callback: Callable[..., object]) -> bool:
    from inspect import signature

    try:
        signature(callback).bind(0, 0)
    except TypeError:
        return False
    except ValueError:
        # Of a built-in function nobody knows.
        return True
    return True
