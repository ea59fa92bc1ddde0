"""The local server's side of the v1 API."""
