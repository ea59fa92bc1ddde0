# Produced from xai/aio/__init__.py by "nox -s generate". Do not edit.
"""The blocking client and its services."""
