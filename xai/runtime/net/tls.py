"""TLS settings: which certificates are trusted, and that HTTP/2 is spoken."""

import os
import ssl
from pathlib import Path

_FILE = "SSL_CERT_FILE"
_FOLDER = "SSL_CERT_DIR"


def default_context() -> ssl.SSLContext:
    """Build the settings used when the caller brings none.

    Trusted are the certificates of ``SSL_CERT_FILE``/``SSL_CERT_DIR`` when one of them is set,
    else those of certifi when it is installed, else the system's.

    Returns:
        A context which verifies certificates and host names and offers ``h2`` alone.

    Raises:
        ValueError: The variables name nothing that is there. OpenSSL would trust nobody then, and
            say so of each server.
    """
    cafile = None
    if not _named_by_environment():
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


def _named_by_environment() -> bool:
    file, folders = os.environ.get(_FILE), os.environ.get(_FOLDER)
    if not file and not folders:
        return False
    found = [path for path in (folders or "").split(os.pathsep) if path and Path(path).is_dir()]
    if not found and not (file and Path(file).is_file()):
        given = " and ".join(
            f"{name}={value!r}" for name, value in ((_FILE, file), (_FOLDER, folders)) if value
        )
        raise ValueError(f"there are no certificates where the environment says: {given}")
    return True
