"""The models; the clients are in ``xai_sdk.sync.models`` and ``xai_sdk.aio.models``."""
