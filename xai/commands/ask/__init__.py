"""The command ``xai ask``: one prompt, one response."""

from xai.commands.ask.command import ask

__all__ = ["ask"]
