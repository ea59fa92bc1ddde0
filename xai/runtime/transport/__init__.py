"""The path of one attempt, from the caller's thread or task to a connection."""
