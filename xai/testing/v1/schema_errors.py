"""What is wrong with a JSON schema."""


class MalformedSchemaError(ValueError):
    """Something is no JSON schema; the text names the place in it."""
