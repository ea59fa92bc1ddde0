"""The command ``xai files``: stored files, of the v1 API or the PromptIDE API."""

from xai.commands.files.command import files

__all__ = ["files"]
