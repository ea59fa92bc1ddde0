"""The package xai-sdk 1.x, as programs know it, on this one."""
