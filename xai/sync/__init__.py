# Do not edit: produced by "nox -s generate" from
# xai/aio/__init__.py
"""The blocking client and its services."""
