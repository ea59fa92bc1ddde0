"""Values of the PromptIDE API, the same for both twins."""
