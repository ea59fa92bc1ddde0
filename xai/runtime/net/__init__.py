"""Addresses, name resolution, proxies and TLS: what it takes to open a connection."""
