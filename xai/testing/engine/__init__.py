"""The language model of the local server and what it knows; no service."""
