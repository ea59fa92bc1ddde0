"""``xai completion``: what makes a shell complete the commands."""

import click

from xai.commands.options import COMPLETION_VARIABLE, Command

_SHELLS = ("bash", "zsh", "fish")


@click.command("completion", cls=Command)
@click.argument("shell", type=click.Choice(_SHELLS))
def completion(shell: str) -> None:
    """Print a script that makes a shell complete commands and options.

    For this session: eval "$(xai completion bash)". For good, put that line into ~/.bashrc or
    ~/.zshrc; for fish: xai completion fish > ~/.config/fish/completions/xai.fish.
    """
    from click.shell_completion import get_completion_class

    kind = get_completion_class(shell)
    if kind is None:
        raise click.BadParameter(f"click does not know {shell}")
    program = click.get_current_context().find_root().command
    print(kind(program, {}, "xai", COMPLETION_VARIABLE).source())
