# Produced from xai/aio/stubs/__init__.py by "nox -s generate". Do not edit.
"""Every generated service, for calls with raw messages."""
