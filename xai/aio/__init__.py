"""The asynchronous client and its services."""
