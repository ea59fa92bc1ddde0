"""Downloads over HTTP of what a response of the API names by its URL."""
