"""Messages to bytes and back, by tables built from betterproto's metadata."""
