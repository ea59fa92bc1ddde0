"""The command line: ``python -m xai`` or ``xai``."""

import argparse
import io
import os
import sys
from collections.abc import Callable, Sequence

import xai
from xai.commands.arguments import EXIT_STATUS, add_commands
from xai.commands.terminal import CommandError, complain


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command.

    Args:
        argv: The arguments after the program's name; those of the process when None.

    Returns:
        0 when all went well, 1 when a call failed, 2 when an argument was wrong, 130 after Ctrl-C.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        # Models write in any language, and not every terminal or pipe takes every character.
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        try:
            return _run(_parser().parse_args(argv))
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


def _run(options: argparse.Namespace) -> int:
    try:
        return _command(options.command)(options)
    except CommandError as error:
        action = getattr(options, "action", None)
        complain(f"{options.command} {action}" if action else options.command, str(error))
        return error.status


def _command(name: str) -> Callable[[argparse.Namespace], int]:
    """Return what runs a command; each loads what it needs, and no other command does.

    Imports by a name that is put together would be invisible to PyInstaller and its like.
    """
    if name == "chat":
        from xai.commands.chat import command

        return command.run
    if name == "check":
        from xai.commands import check

        return check.run
    if name == "demo":
        from xai.commands import demo

        return demo.run
    if name == "files":
        from xai.commands import files

        return files.run
    from xai.commands import serve

    return serve.run


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="xai",
        description="A client for the xAI API, with an embedded server to try it on.",
        epilog="XAI_API_KEY holds the API key for 'chat', 'check' and 'files'; the others need "
        f"none. {EXIT_STATUS}",
    )
    parser.add_argument("--version", action="version", version=f"xai-client {xai.__version__}")
    add_commands(parser)
    return parser


if __name__ == "__main__":
    sys.exit(main())
