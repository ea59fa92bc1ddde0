"""The local server's side of today's API."""
