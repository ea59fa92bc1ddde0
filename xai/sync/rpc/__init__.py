# Produced from xai/aio/rpc/__init__.py by "nox -s generate". Do not edit.
"""How one call is made, for every service."""
