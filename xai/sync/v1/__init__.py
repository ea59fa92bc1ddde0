# Do not edit: produced by "nox -s generate" from
# xai/aio/v1/__init__.py
"""Today's API, for blocking programs."""
