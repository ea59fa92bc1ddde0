"""The API key; the clients are in ``xai_sdk.sync.auth`` and ``xai_sdk.aio.auth``."""
