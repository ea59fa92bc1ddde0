"""What `xai.xai_sdk.v1.chat` offers, in parts."""
