"""The messages and services of the API; all but the two base modules is generated."""
