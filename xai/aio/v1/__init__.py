"""Today's API, for asynchronous programs."""
