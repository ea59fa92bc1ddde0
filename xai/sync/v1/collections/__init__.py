# Do not edit: produced by "nox -s generate" from
# xai/aio/v1/collections/__init__.py
"""Collections and their documents."""
