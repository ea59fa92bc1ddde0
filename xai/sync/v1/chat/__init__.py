# Produced from xai/aio/v1/chat/__init__.py by "nox -s generate". Do not edit.
"""Conversations of the v1 API."""
