"""Programs written for ``xai_sdk`` on this package."""
