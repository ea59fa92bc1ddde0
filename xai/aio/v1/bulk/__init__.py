"""Bulk work: many items, some of them at the same time."""
