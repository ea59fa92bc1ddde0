"""What a test can tell the local server to do, and what it can ask of it."""
