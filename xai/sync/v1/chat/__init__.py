# Do not edit: produced by "nox -s generate" from
# xai/aio/v1/chat/__init__.py
"""Conversations of the v1 API."""
