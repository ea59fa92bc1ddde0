# Do not edit: produced by "nox -s generate" from
# xai/aio/stubs/__init__.py
"""Every generated service, for calls with raw messages."""
