"""The services of the PromptIDE API."""
