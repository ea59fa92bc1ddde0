"""``xai chat``: a conversation in the terminal, or with lines from a pipe."""

import argparse
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import xai
from xai.commands.chat.backends import (
    PROMPT_IDE,
    ConversationBackend,
    V1Backend,
    find_model,
    print_response,
)
from xai.commands.terminal import CommandError, describe, describe_local, open_client, visible

if TYPE_CHECKING:
    from xai.commands.chat.history import History


def run(options: argparse.Namespace) -> int:
    """Talk with a model until the input ends.

    Args:
        options: ``host``, ``timeout`` in seconds for each answer, ``api``, ``service``, ``model``,
            ``fun``, ``history``, a path, ``no_history``, and ``refuse``, which ends the program.

    Returns:
        The exit status.
    """
    _check(options)
    with open_client(options.host, options.timeout) as client:
        start = _starter(client, options)
        if sys.stdin is None:
            raise CommandError("there is no standard input to read messages from", 2)
        if not (sys.stdin.isatty() and sys.stdout is not None and sys.stdout.isatty()):
            _answer_lines(start())
            return 0

        from xai.commands.chat.session import ChatSession

        model = options.model or "the default model"
        greeting = f"Talking with {model} on {options.host}. /help tells more, Ctrl-D leaves."
        ChatSession(start, greeting, _history(options)).run()
    return 0


def _check(options: argparse.Namespace) -> None:
    if options.api == "prompt-ide":
        return
    for name, given in (("--service", options.service), ("--fun", options.fun)):
        if given:
            options.refuse(f"argument {name}: needs --api prompt-ide")


def _starter(client: xai.Client, options: argparse.Namespace) -> Callable[[], ConversationBackend]:
    """Return what starts a conversation, as often as it is called."""
    if options.api == "prompt-ide":
        kind = PROMPT_IDE[options.service or "chat"]
        return partial(kind, client, model=options.model, fun=options.fun)
    return partial(V1Backend, client, find_model(client, options.model))


def _answer_lines(backend: ConversationBackend) -> None:
    """Take each line for a message; the first failure ends it, as later lines build on it."""
    # The input alone may be a pipe: what the model says must not act on the terminal.
    shown = visible if sys.stdout is not None and sys.stdout.isatty() else str
    try:
        for line in sys.stdin:
            if line.strip():
                print_response(backend, line.removesuffix("\n"), shown)
    except xai.APIError as error:
        raise CommandError(describe(error)) from error
    except BrokenPipeError:
        raise
    except UnicodeDecodeError as error:
        raise CommandError(f"the standard input is not {error.encoding} text") from error
    except (ValueError, OSError) as error:
        raise CommandError(describe_local(error)) from error


def _history(options: argparse.Namespace) -> "History | None":
    from xai.commands.chat.history import History, default_path

    if options.no_history:
        return None
    path = Path(options.history).expanduser() if options.history else default_path()
    return None if path is None else History(path)
