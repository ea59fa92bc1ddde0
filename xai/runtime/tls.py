"""TLS settings: which certificates are trusted, and that HTTP/2 is spoken."""

import os
import ssl


def default_context() -> ssl.SSLContext:
    """Build the settings used when the caller brings none.

    Trusted are the certificates of ``SSL_CERT_FILE``/``SSL_CERT_DIR`` when one of them is set,
    else those of certifi when it is installed, else the system's.

    Returns:
        A context which verifies certificates and host names and offers ``h2`` alone.
    """
    cafile = None
    if not (os.environ.get("SSL_CERT_FILE") or os.environ.get("SSL_CERT_DIR")):
        try:
            import certifi
        except ImportError:
            pass
        else:
            cafile = certifi.where()
    context = ssl.create_default_context(ssl.Purpose.SERVER_AUTH, cafile=cafile)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["h2"])
    return context
