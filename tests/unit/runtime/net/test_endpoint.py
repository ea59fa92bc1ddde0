import string
import traceback

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support import SECRET_KEY, SECRET_MARKER
from xai.runtime.net.endpoint import Endpoint, check_metadata, parse_host

PRINTABLE = "".join(map(chr, range(0x20, 0x7F)))
KEY_CHARACTERS = string.ascii_lowercase + string.digits + "_.-"


#: DNS has room for so much, without the dot at the end.
_LONGEST = ".".join(["a" * 63, "b" * 63, "c" * 63, "d" * 61])


@pytest.mark.parametrize(
    ("api_host", "host", "port", "plaintext", "authority"),
    [
        ("api.x.ai", "api.x.ai", 443, False, "api.x.ai:443"),
        ("api.x.ai:443", "api.x.ai", 443, False, "api.x.ai:443"),
        ("api.x.ai:1", "api.x.ai", 1, False, "api.x.ai:1"),
        ("api.x.ai:65535", "api.x.ai", 65535, False, "api.x.ai:65535"),
        ("API.X.AI", "API.X.AI", 443, False, "API.X.AI:443"),
        ("api.x.ai.", "api.x.ai.", 443, False, "api.x.ai.:443"),
        ("my_host-1:50051", "my_host-1", 50051, False, "my_host-1:50051"),
        ("localhost", "localhost", 443, False, "localhost:443"),
        ("localhost:443", "localhost", 443, True, "localhost:443"),
        ("localhost:50051", "localhost", 50051, True, "localhost:50051"),
        ("LOCALHOST:50051", "LOCALHOST", 50051, False, "LOCALHOST:50051"),
        ("localhost.:50051", "localhost.", 50051, False, "localhost.:50051"),
        ("localhost.evil.example:80", "localhost.evil.example", 80, False, None),
        ("127.0.0.1", "127.0.0.1", 443, False, "127.0.0.1:443"),
        ("127.0.0.1:50051", "127.0.0.1", 50051, False, "127.0.0.1:50051"),
        ("[::1]", "::1", 443, False, "[::1]:443"),
        ("[::1]:443", "::1", 443, False, "[::1]:443"),
        ("[2001:DB8:0:0::1]:8443", "2001:db8::1", 8443, False, "[2001:db8::1]:8443"),
        ("[FE80::1%eth0]:443", "fe80::1%eth0", 443, False, "[fe80::1]:443"),
        ("[fe80::1%25eth0.100]", "fe80::1%eth0.100", 443, False, "[fe80::1]:443"),
        ("127.1", "127.1", 443, False, "127.1:443"),
        ("0x7f.1:80", "0x7f.1", 80, False, "0x7f.1:80"),
        ("2130706433", "2130706433", 443, False, "2130706433:443"),
        ("xn--bcher-kva.example", "xn--bcher-kva.example", 443, False, None),
        ("BÜCHER.example", "xn--bcher-kva.example", 443, False, "xn--bcher-kva.example:443"),
        ("a\N{IDEOGRAPHIC FULL STOP}b\N{FULLWIDTH FULL STOP}c", "a.b.c", 443, False, "a.b.c:443"),
        ("_acme.x.ai", "_acme.x.ai", 443, False, "_acme.x.ai:443"),
        ("a" * 63, "a" * 63, 443, False, "a" * 63 + ":443"),
        (_LONGEST, _LONGEST, 443, False, f"{_LONGEST}:443"),
        (f"{_LONGEST}.", f"{_LONGEST}.", 443, False, f"{_LONGEST}.:443"),
        ("bücher.example:80", "xn--bcher-kva.example", 80, False, "xn--bcher-kva.example:80"),
    ],
)
def test_host_is_read(
    api_host: str,
    host: str,
    port: int,
    plaintext: bool,  # noqa: FBT001
    authority: str | None,
) -> None:
    """Each form of ``api_host`` has its host, port and protocol (443 and TLS by default)."""
    endpoint = parse_host(api_host)
    assert (endpoint.host, endpoint.port, endpoint.plaintext) == (host, port, plaintext)
    assert endpoint.authority in (authority, api_host, f"{api_host}:{port}")
    assert endpoint.authority in repr(endpoint)


@pytest.mark.parametrize(
    ("api_host", "name"),
    [
        ("api.x.ai", "api.x.ai"),
        ("api.x.ai.:443", "api.x.ai"),
        ("API.X.AI.", "API.X.AI"),
        ("bücher.example.", "xn--bcher-kva.example"),
        ("[::1]", "::1"),
        ("[fe80::1%lo]:1", "fe80::1"),
        ("127.0.0.1:1", "127.0.0.1"),
    ],
)
def test_name_for_tls(api_host: str, name: str) -> None:
    """TLS knows no dot at the end of a name (RFC 6066, section 3), and no zone of this machine."""
    assert parse_host(api_host).tls_name == name


@pytest.mark.parametrize(
    ("api_host", "text"),
    [
        ("", "empty"),
        (f"{_LONGEST}a", "not a host name"),
        ("a\N{FULLWIDTH COLON}80", "not a host name"),
        ("a\N{FULLWIDTH COMMERCIAL AT}b", "not a host name"),
        ("[::1%]", "IPv6"),
        ("[::1%a b]", "IPv6"),
        ("[127.0.0.1%lo]", "IPv6"),
        (" ", "not a host name"),
        ("api.x.ai ", "not a host name"),
        (" api.x.ai", "not a host name"),
        ("api.x.ai\n", "not a host name"),
        ("api x.ai", "not a host name"),
        ("https://api.x.ai", "without a scheme"),
        ("grpc://api.x.ai:443", "without a scheme"),
        ("https://user:secret@api.x.ai", "without (a scheme|user information)"),
        ("dns:///api.x.ai", "without a scheme"),
        ("api.x.ai/", "without a path"),
        ("api.x.ai:443/v1", "without a path"),
        ("api.x.ai?a=b", "without a path"),
        ("api.x.ai#a", "without a path"),
        ("api\\x.ai", "without a path"),
        ("user@api.x.ai", "user information"),
        ("user:secret@api.x.ai:443", "user information"),
        ("api.x.ai:", "port"),
        ("api.x.ai:0", "port"),
        ("api.x.ai:65536", "port"),
        ("api.x.ai:-1", "port"),
        ("api.x.ai:+80", "port"),
        ("api.x.ai: 80", "port"),
        ("api.x.ai:80 ", "port"),
        ("api.x.ai:8_0", "port"),
        ("api.x.ai:http", "port"),
        ("api.x.ai:\N{ARABIC-INDIC DIGIT EIGHT}0", "port"),
        ("api.x.ai:" + "9" * 5000, "port"),
        ("localhost:", "port"),
        (":443", "not a host name"),
        (".", "not a host name"),
        ("..", "not a host name"),
        ("a..b", "not a host name"),
        (".a", "not a host name"),
        ("-a.b", "not a host name"),
        ("a-.b", "not a host name"),
        ("a" * 64, "not a host name"),
        (".".join(["a" * 60] * 5), "not a host name"),
        ("a*b", "not a host name"),
        ("a\0b", "not a host name"),
        ("\ud800", "not a host name"),
        ("::1", "brackets"),
        ("::1:443", "brackets"),
        ("2001:db8::1", "brackets"),
        ("a:80:90", "brackets"),
        ("[::1", "brackets"),
        ("[::1]443", "brackets"),
        ("[::1]x:443", "brackets"),
        ("[]", "IPv6"),
        ("[]:443", "IPv6"),
        ("[127.0.0.1]:443", "IPv6"),
        ("[api.x.ai]", "IPv6"),
        ("[::g]", "IPv6"),
        ("[[::1]]:443", "brackets|IPv6"),
        ("[::1]:", "port"),
        ("[::1]:65536", "port"),
    ],
)
def test_host_that_is_bad_is_refused(api_host: str, text: str) -> None:
    """Whatever is not a host and a port is a ValueError that names the argument and the reason."""
    with pytest.raises(ValueError, match=text) as caught:
        parse_host(api_host)
    assert type(caught.value) is ValueError
    assert str(caught.value).startswith("api_host")


@pytest.mark.parametrize("api_host", [f"user:{SECRET_KEY}@api.x.ai", f"{SECRET_KEY}@localhost:80"])
def test_host_with_a_password_is_not_shown(api_host: str) -> None:
    """What stands before an @ may be a secret, so that value is not in the error."""
    with pytest.raises(ValueError, match="user information") as caught:
        parse_host(api_host)
    assert SECRET_MARKER not in "".join(traceback.format_exception(caught.value))


def test_host_with_scheme_and_password_is_not_shown() -> None:
    """A whole URL with a password in it is refused without being shown either."""
    with pytest.raises(ValueError, match="api_host") as caught:
        parse_host(f"https://user:{SECRET_KEY}@api.x.ai")
    assert SECRET_MARKER not in str(caught.value)


@pytest.mark.parametrize("api_host", [None, 443, b"api.x.ai", ["api.x.ai"], ("a", 1)])
def test_host_of_wrong_type_is_refused(api_host: object) -> None:
    """Anything but a str is a TypeError that names the argument."""
    with pytest.raises(TypeError, match=r"^api_host must be a str, not \w+$"):
        parse_host(api_host)  # type: ignore[arg-type]  # the point of the test


@given(st.text())
def test_any_text_is_a_host_or_a_value_error(text: str) -> None:
    """No text leads to another exception, or to an endpoint that can't be connected to."""
    endpoint: Endpoint | None = None
    try:
        endpoint = parse_host(text)
    except ValueError as error:
        refusal = error
    if endpoint is None:
        # A subclass such as UnicodeError would show what the codec thought.
        assert type(refusal) is ValueError
        assert str(refusal).startswith("api_host")
        return
    assert 1 <= endpoint.port <= 65535
    assert endpoint.host
    assert endpoint.authority.isascii()
    assert not set(endpoint.authority) & set(" /@?#\\\r\n\0")
    assert endpoint.plaintext is text.startswith("localhost:")


_LABELS = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?", fullmatch=True)


@given(st.lists(_LABELS, min_size=1, max_size=5), st.integers(1, 65535))
def test_any_name_and_port_is_read(labels: list[str], port: int) -> None:
    """Every proper name, with and without a port, is read back as it was written."""
    name = ".".join(labels)
    assert parse_host(name).authority == f"{name}:443"
    assert parse_host(f"{name}:{port}").authority == f"{name}:{port}"


@given(st.ip_addresses(v=6), st.integers(1, 65535))
def test_any_ipv6_address_is_read(address: object, port: int) -> None:
    """Every IPv6 address works in brackets, and only so."""
    endpoint = parse_host(f"[{address}]:{port}")
    assert (endpoint.host, endpoint.port) == (str(address), port)
    with pytest.raises(ValueError, match="api_host"):
        parse_host(str(address))


# Metadata.

_KEYS = st.text(KEY_CHARACTERS, min_size=1).filter(
    lambda key: not key.startswith("grpc-") and not key.endswith("-bin")
)
_VALUES = st.text(PRINTABLE).filter(lambda value: value == value.strip(" "))


@given(st.lists(st.tuples(_KEYS.map(lambda key: f"x{key}"), _VALUES)))
def test_any_proper_metadata_is_taken(pairs: list[tuple[str, str]]) -> None:
    """Pairs that can travel are returned in their order, as tuples, repeated keys included."""
    assert check_metadata(pairs) == tuple(pairs)
    assert check_metadata(tuple(pairs)) == tuple(pairs)
    assert check_metadata([list(pair) for pair in pairs]) == tuple(pairs)  # type: ignore[misc]  # as JSON has them


@given(st.text().filter(lambda value: set(value) - set(PRINTABLE) or value != value.strip()))
def test_any_other_value_is_refused_and_not_shown(value: str) -> None:
    """A value that can't travel is refused by place and key."""
    with pytest.raises(ValueError, match=r"^metadata\[1\]: the value of 'x-b' must be") as caught:
        check_metadata([("x-a", "1"), ("x-b", SECRET_MARKER + value if value else value)])
    assert SECRET_MARKER not in str(caught.value)


@given(st.text().filter(lambda key: not key or set(key) - set(KEY_CHARACTERS)))
def test_any_other_key_of_metadata_is_refused(key: str) -> None:
    """A key of other characters is refused, and its value is not shown."""
    with pytest.raises(ValueError, match=r"^metadata\[0\]: the key") as caught:
        check_metadata([(key, SECRET_MARKER)])
    assert SECRET_MARKER not in str(caught.value)


@pytest.mark.parametrize(
    "key",
    [
        *("te", "host", "content-type", "content-length", "user-agent", "connection"),
        *("keep-alive", "proxy-connection", "transfer-encoding", "upgrade"),
        *("grpc-timeout", "grpc-encoding", "grpc-anything", "x-bin", "grpc-x-bin"),
        *(":path", ":authority", "X-Upper", "é", "a b", "a\n", ""),
    ],
)
def test_key_of_metadata_that_is_not_the_callers_is_refused(key: str) -> None:
    """Keys of the transport, binary keys and invalid ones are refused by their place."""
    with pytest.raises(ValueError, match=r"^metadata\[0\]"):
        check_metadata([(key, "1")])


@pytest.mark.parametrize(
    ("metadata", "text"),
    [
        (None, "metadata must be a sequence of"),
        ("ab", "metadata must be a sequence of"),
        (b"ab", "metadata must be a sequence of"),
        ({"a": "b"}, "metadata must be a sequence of"),
        ({("a", "b")}, "metadata must be a sequence of"),
        (iter([("a", "b")]), "metadata must be a sequence of"),
        (["ab"], r"metadata\[0\] must be a \(key, value\) pair"),
        ([("a", "b"), ("c",)], r"metadata\[1\] must be"),
        ([("a", "b", "c")], r"metadata\[0\] must be"),
        ([None], r"metadata\[0\] must be"),
        ([("a", None)], r"metadata\[0\]: key and value"),
        ([("a", b"b")], r"metadata\[0\]: key and value"),
        ([(1, "b")], r"metadata\[0\]: key and value"),
    ],
)
def test_metadata_of_wrong_type_is_refused(metadata: object, text: str) -> None:
    """What is not a sequence of pairs of str is a TypeError with the place."""
    with pytest.raises(TypeError, match=f"^{text}"):
        check_metadata(metadata)  # type: ignore[arg-type]  # the point of the test
