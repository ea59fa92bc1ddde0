"""What the commands share on the command line: their class, and options of the connection."""

import math
from collections.abc import Callable
from typing import Final, TypeVar

import click

from xai.commands.output import CommandError, failure

#: What stands at the end of each help text.
EXIT_STATUS: Final = "Exit status: 0 when all went well, 1 when it did not, 2 for a wrong argument."
#: The variable by which a shell asks for completions.
COMPLETION_VARIABLE: Final = "_XAI_COMPLETE"
DEFAULT_HOST: Final = "api.x.ai"

_F = TypeVar("_F", bound=Callable[..., object])


class Command(click.Command):
    """A command: whatever goes wrong in it is a `CommandError` that has its name."""

    def invoke(self, ctx: click.Context) -> object:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except CommandError as error:
            error.command = error.command or ctx.command_path
            raise
        except (click.ClickException, click.exceptions.Exit, BrokenPipeError):
            raise
        except Exception as error:
            known = failure(error)
            if known is None:
                raise
            known.command = ctx.command_path
            raise known from error

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write what the exit status says."""
        super().format_epilog(ctx, formatter)
        formatter.write_paragraph()
        formatter.write_text(EXIT_STATUS)


class Group(click.Group):
    """A command that has commands of its own."""

    command_class = Command

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write what the exit status says."""
        super().format_epilog(ctx, formatter)
        formatter.write_paragraph()
        formatter.write_text(EXIT_STATUS)


class _Seconds(click.ParamType[float]):
    name = "seconds"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Return a number of seconds."""
        try:
            seconds = float(str(value))
        except ValueError:
            seconds = math.nan
        if not seconds > 0:
            self.fail(f"not a positive number of seconds: {value!r}", param, ctx)
        return seconds


class _Name(click.ParamType[str]):
    name = "name"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> str:
        """Return a text that is not empty."""
        if not value:
            self.fail("the name is empty", param, ctx)
        return str(value)


SECONDS: Final = _Seconds()
NAME: Final = _Name()


def _default_host() -> str:
    from xai.commands.settings import read_settings

    return read_settings().get("host", DEFAULT_HOST)


def connection(timeout: str, default: float) -> Callable[[_F], _F]:
    """Return a decorator that gives a command ``--host`` and ``--timeout``.

    Args:
        timeout: What the time is for.
        default: How many seconds it is.
    """

    def decorate(function: _F) -> _F:
        function = click.option(
            "--timeout",
            type=SECONDS,
            default=default,
            metavar="SECONDS",
            show_default=True,
            help=f"{timeout}.",
        )(function)
        return click.option(
            "--host",
            default=_default_host,
            metavar="HOST",
            show_default=f"{DEFAULT_HOST}, or that of xai config",
            help="Host, or host:port.",
        )(function)

    return decorate


def generation(function: _F) -> _F:
    """Give a command ``--api``."""
    return click.option(
        "--api",
        type=click.Choice(["v1", "prompt-ide"]),
        default="v1",
        show_default=True,
        help="Generation of the API: v1, or the older PromptIDE API.",
    )(function)


def model_option(text: str) -> "Callable[[_F], _F]":
    """Return a decorator that gives a command ``--model``.

    Args:
        text: What it says.
    """
    return click.option("-m", "--model", default="", metavar="NAME", help=text)


def json_option(function: _F) -> _F:
    """Give a command ``--json``, as ``as_json``."""
    return click.option("--json", "as_json", is_flag=True, help="Write JSON.")(function)
