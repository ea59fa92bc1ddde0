"""Tokens; the clients are in ``xai_sdk.sync.tokenizer`` and ``xai_sdk.aio.tokenizer``."""
