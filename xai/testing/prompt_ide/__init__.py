"""The services of the PromptIDE API of the local server."""
