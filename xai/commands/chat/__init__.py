"""The command ``xai chat``: a conversation in the terminal or through a pipe."""

from xai.commands.chat.command import chat

__all__ = ["chat"]
