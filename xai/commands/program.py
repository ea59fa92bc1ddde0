"""The program ``xai``: its commands, each loaded when it is used, and what becomes of errors."""

import os
from collections.abc import Callable, Sequence
from typing import Final

import click

import xai
from xai.commands.options import COMPLETION_VARIABLE, EXIT_STATUS
from xai.commands.output import CommandError, complain

# Imports by a name that is put together would be invisible to PyInstaller and its like.


def _ask() -> click.Command:
    from xai.commands.ask import ask

    return ask


def _chat() -> click.Command:
    from xai.commands.chat.command import chat

    return chat


def _check() -> click.Command:
    from xai.commands.check import check

    return check


def _completion() -> click.Command:
    from xai.commands.completion import completion

    return completion


def _demo() -> click.Command:
    from xai.commands.demo import demo

    return demo


def _files() -> click.Command:
    from xai.commands.files import files

    return files


def _models() -> click.Command:
    from xai.commands.models import models

    return models


def _serve() -> click.Command:
    from xai.commands.serve import serve

    return serve


def _batch() -> click.Command:
    from xai.commands.batch import batch

    return batch


def _bulk() -> click.Command:
    from xai.commands.bulk import bulk

    return bulk


def _collections() -> click.Command:
    from xai.commands.collections import collections

    return collections


def _embed() -> click.Command:
    from xai.commands.embed import embed

    return embed


def _image() -> click.Command:
    from xai.commands.image import image

    return image


def _search() -> click.Command:
    from xai.commands.search import search

    return search


def _tokens() -> click.Command:
    from xai.commands.tokens import tokens

    return tokens


def _video() -> click.Command:
    from xai.commands.video import video

    return video


def _config() -> click.Command:
    from xai.commands.config import config

    return config


def _logs() -> click.Command:
    from xai.commands.logs import logs

    return logs


#: What loads each command, and what the help of the program says about it.
_COMMANDS: Final[dict[str, tuple[Callable[[], click.Command], str]]] = {
    "demo": (_demo, "Show the client at work, without a key and a network."),
    "check": (_check, "Ask the API something, to see that host and key work."),
    "ask": (_ask, "Ask a model one thing, with documents, tools and schemas."),
    "chat": (_chat, "Talk with a model, in the terminal or through a pipe."),
    "models": (_models, "List the models, what they take and what they cost."),
    "image": (_image, "Make a picture and write it to a file."),
    "video": (_video, "Make a video and write it to a file."),
    "files": (_files, "List, upload, download and delete stored files."),
    "collections": (_collections, "Manage collections of documents."),
    "search": (_search, "Search in collections."),
    "batch": (_batch, "Have many prompts answered later, at a lower price."),
    "bulk": (_bulk, "Have the prompts of a file answered, many at the same time."),
    "embed": (_embed, "Print the vectors of texts."),
    "tokens": (_tokens, "Count the tokens of a text."),
    "logs": (_logs, "Show what was asked, if that is kept."),
    "config": (_config, "Set the default model and host."),
    "serve": (_serve, "Run the embedded server in the foreground."),
    "completion": (_completion, "Print what makes a shell complete the commands."),
}


class _Program(click.Group):
    """A group that knows the names of its commands before it loads them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names, in the order of the help."""
        del ctx
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load a command; None when there is none of the name."""
        del ctx
        found = _COMMANDS.get(cmd_name)
        return None if found is None else found[0]()

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands, without loading any."""
        del ctx
        with formatter.section("Commands"):
            rows = [(name, text) for name, (_, text) in _COMMANDS.items()]
            # It needs none of the libraries that the others need: see `xai.commands.run`.
            formatter.write_dl(
                [*rows, ("run", "Run a program written for xai_sdk on this package.")]
            )

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write where the key comes from, and what the exit status says."""
        del ctx
        formatter.write_paragraph()
        formatter.write_text(
            "XAI_API_KEY holds the API key; what does not call the API needs none. No command "
            "takes  "
            f"a key of the API as an argument, which other users could read. {EXIT_STATUS}"
        )


@click.group(
    "xai",
    cls=_Program,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80},
)
@click.version_option(xai.__version__, prog_name="xai-client", message="%(prog)s %(version)s")
def program() -> None:
    """Use the xAI API from a terminal or a script."""


def run(arguments: Sequence[str]) -> int:
    """Run a command, and tell in one line what went wrong.

    Args:
        arguments: The arguments after the program's name.

    Returns:
        The exit status.
    """
    wanted = os.environ.get(COMPLETION_VARIABLE)
    if wanted:
        from click.shell_completion import shell_complete

        return shell_complete(program, {}, "xai", COMPLETION_VARIABLE, wanted)
    try:
        with program.make_context("xai", list(arguments)) as context:
            status = program.invoke(context)
    except click.exceptions.Exit as end:
        return end.exit_code
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        return error.exit_code
    except click.UsageError as error:
        path = error.ctx.command_path if error.ctx else "xai"
        complain(path, f"{error.format_message().rstrip('.')}; {path} --help tells more")
        return error.exit_code
    except CommandError as error:
        complain(error.command or "xai", str(error))
        return error.status
    return status if isinstance(status, int) else 0
