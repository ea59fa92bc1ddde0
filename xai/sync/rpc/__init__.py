# Do not edit: produced by "nox -s generate" from
# xai/aio/rpc/__init__.py
"""How one call is made, for every service."""
