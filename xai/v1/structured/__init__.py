"""Python types to JSON schemas, and JSON back to values of these types."""
