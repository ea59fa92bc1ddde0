# Do not edit: produced by "nox -s generate" from
# xai/aio/v1/bulk/__init__.py
"""Bulk work: many items, some of them at the same time."""
