# Produced from xai/aio/prompt_ide/__init__.py by "nox -s generate". Do not edit.
"""The services of the PromptIDE API."""
