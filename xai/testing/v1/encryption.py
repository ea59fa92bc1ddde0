"""Opaque texts: callers keep and return them, and only the local server can read them; pure."""

import base64
import binascii
import hashlib
import hmac
import secrets

_NONCE, _TAG = 16, 32


class OpaqueCodec:
    """Encodes texts with a secret key, so that only the same object can decode them.

    It keeps tests from looking inside, which is all that is asked of it; it is no cipher for
    secrets.
    """

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)

    def encode(self, text: str) -> str:
        """Return the opaque form of a text."""
        nonce = secrets.token_bytes(_NONCE)
        hidden = self._hidden(nonce, text.encode("utf-8", "surrogatepass"))
        return base64.b64encode(nonce + self._tag(nonce + hidden) + hidden).decode()

    def decode(self, encoded: str) -> str:
        """Return the text of an opaque form.

        Raises:
            ValueError: Another object made it, or nobody.
        """
        try:
            data = base64.b64decode(encoded, validate=True)
        except (binascii.Error, ValueError):
            data = b""
        nonce, tag, hidden = data[:_NONCE], data[_NONCE : _NONCE + _TAG], data[_NONCE + _TAG :]
        if not hmac.compare_digest(tag, self._tag(nonce + hidden)):
            raise ValueError("this server did not make it.")
        return self._hidden(nonce, hidden).decode("utf-8", "surrogatepass")

    def _tag(self, data: bytes) -> bytes:
        return hmac.digest(self._key, data, "sha256")

    def _hidden(self, nonce: bytes, data: bytes) -> bytes:
        stream = hashlib.shake_256(self._key + nonce).digest(len(data))
        # As two large numbers: one byte at a time takes a hundred times as long.
        hidden = int.from_bytes(data, "big") ^ int.from_bytes(stream, "big")
        return hidden.to_bytes(len(data), "big")
