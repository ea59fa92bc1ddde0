"""When a failed call is made again, and how long to wait before that."""
