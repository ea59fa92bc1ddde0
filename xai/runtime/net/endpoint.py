"""Where a client connects to, and the checks of what it sends there; pure and cheap to import."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from xai._secrets import Secret, conceal

if TYPE_CHECKING:
    from xai.errors import Metadata


DEFAULT_PORT: Final = 443

_KEY = re.compile(r"[0-9a-z_.\-]+")
# RFC 9113, 8.2.1: no control characters, no white space at either end.
HEADER_VALUE: Final = re.compile(r"(?:[!-~](?:[ -~]*[!-~])?)?")
# RFC 9113, 8.2.2 forbids the connection's own fields; the others are written by the transport.
_RESERVED = frozenset(
    {
        "connection",
        "content-length",
        "content-type",
        "host",
        "keep-alive",
        "proxy-connection",
        "te",
        "transfer-encoding",
        "upgrade",
        "user-agent",
    }
)
_ZONE = re.compile(r"[!-$&-~]{1,64}")
_LABEL = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(?<!-)")


class Endpoint:
    """Where a client connects to.

    Args:
        host: A name or an IP address, an IPv6 one without brackets; a name may end with a dot, and
            an IPv6 address with a zone.
        port: The TCP port.
        plaintext: Whether the connection has no TLS; then it must be on the loopback interface.
        anywhere: Whether it may be elsewhere all the same.

    Attributes:
        authority: What requests name as their target. A zone is not in it: it means something on
            this machine only (RFC 6874, section 1).
        tls_name: What the server's certificate has to be for, and the name sent in the handshake.
            Neither has the dot that ends an absolute name (RFC 6066, section 3).
    """

    __slots__ = ("anywhere", "authority", "host", "plaintext", "port", "tls_name")

    def __init__(self, host: str, port: int, *, plaintext: bool, anywhere: bool = False) -> None:
        self.anywhere = anywhere
        self.host = host
        self.port = port
        self.plaintext = plaintext
        address = host.partition("%")[0]
        self.authority = f"[{address}]:{port}" if ":" in host else f"{host}:{port}"
        self.tls_name = address.removesuffix(".")

    def __repr__(self) -> str:
        """Return the authority and whether TLS is spoken."""
        return f"Endpoint({self.authority!r}, plaintext={self.plaintext})"


def parse_host(api_host: str, argument: str = "api_host") -> Endpoint:
    """Read the ``api_host`` of a client.

    Args:
        api_host: ``host`` or ``host:port``; an IPv6 address in brackets; the port is 443 when not
            given. A value that starts with ``localhost:`` is spoken to without TLS.
        argument: What errors call it.

    Returns:
        The endpoint.

    Raises:
        TypeError: It is not a string.
        ValueError: It is empty, or holds a scheme, a path or anything else that is not a host.
    """
    if not isinstance(api_host, str):
        raise TypeError(f"{argument} must be a str, not {type(api_host).__name__}")
    if not api_host:
        raise ValueError(f"{argument} is empty; expected 'host' or 'host:port'")
    # What stands before an @ may be a secret, so such a value is not shown.
    shown = "" if "@" in api_host else f": {api_host!r}"
    if "://" in api_host:
        raise ValueError(f"{argument} must be 'host' or 'host:port' without a scheme{shown}")
    if "@" in api_host:
        raise ValueError(f"{argument} must be 'host' or 'host:port' without user information")
    if any(mark in api_host for mark in "/?#\\"):
        raise ValueError(f"{argument} must be 'host' or 'host:port' without a path: {api_host!r}")
    if api_host.startswith("["):
        host, bracket, rest = api_host[1:].partition("]")
        if not bracket or (rest and not rest.startswith(":")):
            raise ValueError(f"{argument} is not a host in brackets and a port: {api_host!r}")
        host, port = _ipv6(host, api_host, argument), rest[1:] if rest else None
    elif api_host.count(":") > 1:
        raise ValueError(f"{argument}: an IPv6 address needs brackets, as in '[::1]': {api_host!r}")
    else:
        name, colon, rest = api_host.partition(":")
        host, port = _name(name, api_host, argument), rest if colon else None
    number = _port(port, api_host, argument)
    return Endpoint(host, number, plaintext=api_host.startswith("localhost:"))


def _port(text: str | None, api_host: str, argument: str) -> int:
    if text is None:
        return DEFAULT_PORT
    digits = text.lstrip("0")
    if not (text.isascii() and text.isdigit() and 1 <= len(digits) <= 5 and int(digits) <= 65535):
        raise ValueError(f"{argument}: the port must be a number from 1 to 65535: {api_host!r}")
    return int(digits)


def _ipv6(text: str, api_host: str, argument: str) -> str:
    import ipaddress

    # In a URI the percent sign before a zone is escaped: RFC 6874, section 2.
    address, percent, zone = text.replace("%25", "%", 1).partition("%")
    try:
        if percent and not _ZONE.fullmatch(zone):
            raise ValueError  # noqa: TRY301  # as for the address
        return f"{ipaddress.IPv6Address(address)}{percent}{zone}"
    except ValueError:
        raise ValueError(f"{argument}: not an IPv6 address: {api_host!r}") from None


def _name(text: str, api_host: str, argument: str) -> str:
    try:
        name = text if text.isascii() else text.encode("idna").decode("ascii")
    except UnicodeError:
        raise ValueError(f"{argument} is not a host name: {api_host!r}") from None
    relative = name.removesuffix(".")
    labels = relative.split(".")
    if len(relative) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise ValueError(f"{argument} is not a host name: {api_host!r}")
    return name


def check_metadata(
    metadata: "Sequence[tuple[str, str]] | Secret[Sequence[tuple[str, str]]]",
    argument: str = "metadata",
) -> "Metadata":
    """Return pairs that can be sent as metadata.

    Args:
        metadata: Pairs of a lower-case key and an ASCII value.
        argument: The argument's name, for errors. Values are never shown: they may be secret.

    Returns:
        The pairs as tuples.

    Raises:
        TypeError: It is not a sequence of pairs of strings.
        ValueError: A key or a value can't travel, or the key is not the caller's to set.
    """
    pairs = conceal(metadata)
    del metadata
    # Raised here, where no variable holds a value.
    error = _metadata_error(pairs.reveal(), argument)
    if error is not None:
        raise error
    return tuple((key, value) for key, value in pairs.reveal())


def _metadata_error(metadata: object, argument: str) -> Exception | None:
    if isinstance(metadata, (str, bytes)) or not isinstance(metadata, Sequence):
        kind = type(metadata).__name__
        return TypeError(f"{argument} must be a sequence of (key, value) pairs, not {kind}")
    found = (_pair_error(f"{argument}[{index}]", pair) for index, pair in enumerate(metadata))
    return next((error for error in found if error is not None), None)


def _pair_error(where: str, pair: object) -> Exception | None:  # noqa: PLR0911  # one a rule
    if not isinstance(pair, (tuple, list)) or len(pair) != 2:
        return TypeError(f"{where} must be a (key, value) pair")
    key, value = pair
    if not isinstance(key, str) or not isinstance(value, str):
        return TypeError(f"{where}: key and value must both be str")
    if not _KEY.fullmatch(key):
        # Not shown: somebody may have swapped the key and the value.
        return ValueError(f"{where}: the key may hold only 0-9, a-z, '_', '.' and '-'")
    if key in _RESERVED or key.startswith("grpc-"):
        return ValueError(f"{where}: the key {key!r} is reserved for the transport")
    if key.endswith("-bin"):
        return ValueError(f"{where}: binary metadata is not supported (key {key!r})")
    if not HEADER_VALUE.fullmatch(value):
        return ValueError(
            f"{where}: the value of {key!r} must be printable ASCII without spaces at either end"
        )
    return None
