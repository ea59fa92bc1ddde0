"""``xai run``: run a program written for ``xai_sdk`` on this package.

It needs nothing of the extra: a program that is moved over has only its own libraries.
"""

import argparse
import runpy
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

from xai import install_as_xai_sdk


def run(given: Sequence[str]) -> int:
    """Run a program or a module as ``__main__``, with ``xai_sdk`` given by this package.

    Args:
        given: The arguments of the command.

    Returns:
        0, or 2 for what can't be run; what the program raises goes through.
    """
    parser = _parser()
    options = parser.parse_args(given)
    is_module = options.module is not None
    arguments: list[str] = options.module if is_module else options.arguments
    if not arguments:
        parser.error("name a program, or a module with -m")
    name = arguments[0]
    try:
        install_as_xai_sdk(options.as_xai_sdk)
    except RuntimeError as error:
        parser.error(str(error))
    sys.argv = list(arguments)
    if is_module:
        runpy.run_module(name, run_name="__main__", alter_sys=True)
    elif Path(name).is_dir() or name.endswith((".zip", ".pyz")):
        runpy.run_path(name, run_name="__main__")
    else:
        try:
            source = Path(name).read_bytes()
        except OSError as error:
            parser.error(f"can't open {name!r}: {error.strerror or error}")
        _run_file(Path(name), source)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="xai run",
        usage="xai run [-h] [--as-xai-sdk SHAPE] {PROGRAM | -m MODULE} [ARGUMENT ...]",
        description="Run a program or a module as python does, except that 'import xai_sdk' gives "
        "this package in the shape of that one. What stands after the name is the program's.",
        epilog="Exit status: that of the program; 2 when it can't be run.",
    )
    parser.add_argument(
        "--as-xai-sdk",
        choices=["1", "prompt-ide"],
        default="1",
        metavar="SHAPE",
        help="what the program was written for: 1 for xai-sdk 1.x, or prompt-ide for PromptIDE's "
        "package (default: %(default)s)",
    )
    # As for python, everything that follows is the program's.
    parser.add_argument(
        "-m", dest="module", nargs=argparse.REMAINDER, metavar="MODULE", help="a module to run"
    )
    parser.add_argument(
        "arguments", nargs=argparse.REMAINDER, metavar="PROGRAM", help="a program to run"
    )
    return parser


def _run_file(path: Path, source: bytes) -> None:
    # In front of what python put there for this package's own program.
    sys.path.insert(0, str(path.resolve().parent))
    # Not `runpy.run_path`: it takes the globals away from threads and finalisers that outlive it.
    main = ModuleType("__main__")
    main.__dict__.update(__file__=str(path), __spec__=None)
    sys.modules["__main__"] = main
    exec(compile(source, str(path), "exec", dont_inherit=True), main.__dict__)  # noqa: S102  # asked for
