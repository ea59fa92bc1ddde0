# Generated from the package google (betterproto 2.0.0b7, protoc 35.1). Do not edit.
"""The packages below google."""
