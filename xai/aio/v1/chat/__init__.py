"""Conversations of the v1 API."""
