"""``xai chat``: a conversation in the terminal, or with lines from a pipe."""

import contextlib
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from xai.commands.chat.backends import PROMPT_IDE, ConversationBackend, print_response
from xai.commands.chat.v1_backend import V1Backend
from xai.commands.connection import DEFAULT_MODEL, prompt_ide_client, v1_client
from xai.commands.options import Command, connection, generation, model_option
from xai.commands.output import CommandError, is_terminal
from xai.commands.state import state_folder

if TYPE_CHECKING:
    import xai


@click.command("chat", cls=Command)
@model_option(
    f"Model (default: {DEFAULT_MODEL}, or if the server lists its models without it, the first of "
    "those; with --api prompt-ide the server's own)."
)
@click.option("-s", "--system", default="", metavar="TEXT", help="With the v1 API: system prompt.")
@click.option(
    "-t",
    "--tool",
    "tools",
    multiple=True,
    metavar="TOOL",
    help="With the v1 API: web_search, x_search or code_execution, or module:function. May be "
    "repeated.",
)
@click.option("--load", metavar="FILE", help="With the v1 API: go on with what /save wrote.")
@click.option("--history", metavar="FILE", help="File for the lines that are typed in a terminal.")
@click.option("--no-history", is_flag=True, help="Use no such file.")
@generation
@click.option(
    "--service",
    type=click.Choice([*PROMPT_IDE]),
    help="With --api prompt-ide: chat keeps the conversation here, grok on the server.",
)
@click.option("--fun", is_flag=True, help="With --api prompt-ide: use Grok's fun mode.")
@connection("Time for an answer, retries included", 900.0)
def chat(  # noqa: PLR0917  # as click passes them
    model: str,
    system: str,
    tools: tuple[str, ...],
    load: str | None,
    history: str | None,
    no_history: bool,  # noqa: FBT001
    api: str,
    service: str | None,
    fun: bool,  # noqa: FBT001
    host: str,
    timeout: float,
) -> None:
    """Talk with a model until the input ends.

    Answers appear as they come, Ctrl-C stops one, Ctrl-D leaves, /help lists the commands. Where
    the input or the output is no terminal, each line is a message, and the first failure is the
    end. The lines that are typed in a terminal are kept in xai/chat_history in $XDG_STATE_HOME, or
    in ~/.local/state.

    The key comes from the environment variable XAI_API_KEY, and needs the ACL chat:write.
    """
    if history is not None and no_history:
        raise click.UsageError("--history and --no-history exclude each other.")
    if api != "prompt-ide" and (service or fun):
        raise click.UsageError(f"{'--service' if service else '--fun'} needs --api prompt-ide.")
    if api == "prompt-ide" and (system or tools or load):
        raise click.UsageError("--system, --tool and --load need --api v1.")
    with contextlib.ExitStack() as stack:
        start: Callable[[], ConversationBackend]
        if api == "prompt-ide":
            older = stack.enter_context(prompt_ide_client(host, timeout))
            start = partial(PROMPT_IDE[service or "chat"], older, model=model, fun=fun)
        else:
            client = stack.enter_context(v1_client(host, timeout))
            start = partial(_start_v1, client, model=model, system=system, tools=tools, load=load)
        if sys.stdin is None:
            raise CommandError("there is no standard input to read messages from", 2)
        if not (sys.stdin.isatty() and is_terminal()):
            _answer_lines(start())
            return

        from xai.commands.chat.session import ChatSession

        folder = state_folder()
        kept = Path(history).expanduser() if history else folder and folder / "chat_history"
        greeting = f"Talking with {model or 'the default model'} on {host}."
        greeting += " /help tells more, Ctrl-D leaves."
        ChatSession(start, greeting, None if no_history else kept).run()


def _start_v1(
    client: "xai.v1.Client", *, model: str, system: str, tools: Sequence[str], load: str | None
) -> V1Backend:
    backend = V1Backend(client, model=model, system=system, tools=tools)
    if load:
        backend.load(Path(load).expanduser())
    return backend


def _answer_lines(backend: ConversationBackend) -> None:
    """Take each line for a message; the first failure ends it, as later lines build on it."""
    lines = iter(sys.stdin)
    while True:
        try:
            line = next(lines, None)
        except UnicodeDecodeError as error:
            raise CommandError(f"the standard input is not {error.encoding} text") from error
        if line is None:
            return
        if line.strip():
            print_response(backend, line.removesuffix("\n"), markdown=False)
