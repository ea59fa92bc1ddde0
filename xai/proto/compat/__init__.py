# Generated from the package compat (betterproto 2.0.0b7, protoc 35.1). Do not edit.
"""The packages below compat."""
