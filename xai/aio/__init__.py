"""The asynchronous client and its services; the blocking ones are produced from these files."""
