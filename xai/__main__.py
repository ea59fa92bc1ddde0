"""The command line: ``python -m xai`` or ``xai``."""

import io
import os
import sys
from collections.abc import Sequence
from importlib.util import find_spec

#: What the extra installs.
_LIBRARIES = ("click", "prompt_toolkit", "rich")


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command.

    Args:
        argv: The arguments after the program's name; those of the process when None.

    Returns:
        0 when all went well, 1 when a call failed, 2 when an argument was wrong, 130 after Ctrl-C.
    """
    given = sys.argv[1:] if argv is None else argv
    if given[:1] == ["run"]:
        # Without the extra, and with streams and signals as any other program has them.
        from xai.commands import run

        return run.run(given[1:])
    if isinstance(sys.stdout, io.TextIOWrapper):
        # Models write in any language, and not every terminal or pipe takes every character.
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        try:
            return _run(given)
        finally:
            # Here, where a reader that has left is caught, and not at the interpreter's exit.
            if sys.stdout is not None:
                sys.stdout.flush()
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # Whoever read our output has left; there is nobody to tell. The descriptor is pointed
        # elsewhere so that the interpreter's own flush at exit finds no broken pipe either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def _run(arguments: Sequence[str]) -> int:
    missing = [name for name in _LIBRARIES if find_spec(name) is None]
    if missing:
        if sys.stderr is not None:
            text = f"xai: the command line needs {missing[0]}: pip install 'xai-client[cli]'"
            print(text, file=sys.stderr, flush=True)
        return 1
    from xai.commands import program

    return program.run(arguments)


if __name__ == "__main__":
    sys.exit(main())
