# Produced from xai/aio/v1/__init__.py by "nox -s generate". Do not edit.
"""Today's API, for blocking programs."""
