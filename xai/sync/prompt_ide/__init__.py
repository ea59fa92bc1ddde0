# Do not edit: produced by "nox -s generate" from
# xai/aio/prompt_ide/__init__.py
"""The services of the PromptIDE API."""
