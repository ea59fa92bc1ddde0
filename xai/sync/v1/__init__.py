# Do not edit: produced by "nox -s generate" from
# xai/aio/v1/__init__.py
"""The services of the v1 API, blocking."""
