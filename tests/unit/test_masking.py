"""Credentials are found in whatever spelling a server sends them back."""

import base64
import json
import pickle
import time
import urllib.parse

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support import SECRET_KEY
from xai._masking import Masker, secret_values
from xai._secrets import MASK, Secret

_HALF = len(SECRET_KEY) // 2
_PERCENT = "".join(f"%{ord(letter):02x}" for letter in SECRET_KEY)
SPELLINGS = {
    "plain": SECRET_KEY,
    "lower case": SECRET_KEY.lower(),
    "upper case": SECRET_KEY.upper(),
    "percent-encoded": _PERCENT,
    "percent-encoded twice": urllib.parse.quote(_PERCENT),
    "hexadecimal": SECRET_KEY.encode().hex(),
    "hexadecimal with colons": SECRET_KEY.encode().hex(":"),
    "base64": base64.b64encode(SECRET_KEY.encode()).decode(),
    "base64 for URLs": base64.urlsafe_b64encode(SECRET_KEY.encode()).decode(),
    "base64 of one more": base64.b64encode(f":{SECRET_KEY}".encode()).decode(),
    "base64 of a user and a key": base64.b64encode(f"me:{SECRET_KEY}".encode()).decode(),
    "JSON escapes": "".join(f"\\u{ord(letter):04X}" for letter in SECRET_KEY),
    "Python escapes": "".join(f"\\x{ord(letter):02x}" for letter in SECRET_KEY),
    "HTML, decimal": "".join(f"&#{ord(letter)};" for letter in SECRET_KEY),
    "HTML, hexadecimal": "".join(f"&#x{ord(letter):x};" for letter in SECRET_KEY),
    "broken over lines": f"{SECRET_KEY[:_HALF]}\n    {SECRET_KEY[_HALF:]}",
    "two literals": f'"{SECRET_KEY[:_HALF]}" + "{SECRET_KEY[_HALF:]}"',
    "spaced out": " ".join(SECRET_KEY),
    "zero-width spaces": "\u200b".join(SECRET_KEY),
    "UTF-16": SECRET_KEY.encode("utf-16-le").decode("latin-1"),
    "cut off at the end": SECRET_KEY[:_HALF],
    "cut off at the start": SECRET_KEY[_HALF:],
    "twice": SECRET_KEY * 2,
}


def _normal(text: str) -> str:
    return "".join(letter for letter in text if letter.isalnum()).lower()


@pytest.mark.parametrize("name", SPELLINGS)
def test_spelling_is_masked(name: str) -> None:
    """No part of a spelling is left, and what stands around it is."""
    found = Masker([SECRET_KEY]).text(f"the key <<{SPELLINGS[name]}>> is not known")
    before, mask, after = found.partition(MASK)
    assert before.startswith("the key <<")
    assert after.endswith(">> is not known")
    assert mask
    # What is left of a base64 text would decode to a part of the key.
    assert len(_normal(found)) < len(_normal("the key  is not known")) + 4


@pytest.mark.parametrize("name", SPELLINGS)
def test_spelling_is_masked_in_bytes(name: str) -> None:
    """In encoded messages the length stays, and so does whatever frames the text."""
    spelled = SPELLINGS[name].encode()
    data = b"\x0a\x7f\x00" + spelled + b"\x12\x01\xff"
    found = Masker([SECRET_KEY]).data(data)
    assert len(found) == len(data)
    assert found.startswith(b"\x0a\x7f\x00")
    assert found.endswith(b"\x12\x01\xff")
    assert not Masker([SECRET_KEY]).finds(found.decode("latin-1"))
    assert found.count(b"*") >= 12


def test_other_text_stays_as_it_is() -> None:
    """A text without a credential is returned itself."""
    masker = Masker([SECRET_KEY, "hunter2"])
    for text in ("", "The model 'x' does not exist.", "100% of \\u00e9", "hunter21", "a" * 999):
        assert masker.text(text) is text
    data = bytes(range(256)) * 4
    assert masker.data(data) is data


@pytest.mark.parametrize(
    ("secret", "text", "masked"),
    [
        ("hunter2", "the password hunter2, again", f"the password {MASK}, again"),
        ("hunter2", "hunter23 is another", "hunter23 is another"),
        ("p@ss!", "user:p%40ss%21@proxy", f"user:{MASK}@proxy"),
        ("p@ss!", "xp@ss!x", f"x{MASK}x"),
        ("key", "the key is wrong", "the key is wrong"),
    ],
)
def test_short_secret_must_stand_alone(secret: str, text: str, masked: str) -> None:
    """A short password is found as a word of its own; a placeholder is no secret."""
    assert Masker([secret]).text(text) == masked


def test_no_secret_masks_nothing() -> None:
    """Without credentials nothing is hidden."""
    assert Masker([]).text(SECRET_KEY) == SECRET_KEY
    assert Masker([""]).text("") == ""


@given(st.text(), st.text())
def test_key_never_survives(before: str, after: str) -> None:
    """Whatever stands around a key, it is not there afterwards."""
    assert SECRET_KEY not in Masker([SECRET_KEY]).text(before + SECRET_KEY + after)


@given(st.binary(), st.binary())
def test_bytes_keep_their_length(before: bytes, after: bytes) -> None:
    """Whatever stands around a key, the length of the bytes stays."""
    data = before + SECRET_KEY.encode() + after
    found = Masker([SECRET_KEY]).data(data)
    assert len(found) == len(data)
    assert SECRET_KEY.encode() not in found


def test_work_grows_with_the_text_alone() -> None:
    """Texts that look like the beginning of a key, again and again, take no longer than others."""
    masker = Masker(["a" * 40 + "b"])

    def seconds(text: str) -> float:
        start = time.perf_counter()
        masker.text(text)
        return time.perf_counter() - start

    plain = min(seconds(SECRET_KEY * 1000) for _ in range(3))
    nasty = min(seconds(("a" * 7 + "-" * 23) * 1000) for _ in range(3))
    assert nasty < 20 * plain


def test_secret_values_are_those_of_secret_keys() -> None:
    """Credentials are known by their key; the name of the scheme is not part of them."""
    basic = base64.b64encode(b"me:pass:word").decode()
    pairs = (
        ("x-team", "blue"),
        ("authorization", "Bearer abc.def"),
        ("proxy-authorization", f"Basic {basic}"),
        ("x-api-key", "k1"),
        ("cookie", "sid=1"),
        ("x-amz-security-token", "t"),
        ("trace", "Bearer no"),
    )
    assert secret_values(pairs) == ("abc.def", basic, "pass:word", "k1", "sid=1", "t")


def test_secret_shows_nothing() -> None:
    """A wrapped value is in no representation, and can't be pickled."""
    secret = Secret(SECRET_KEY)
    assert secret.reveal() == SECRET_KEY
    for shown in (repr(secret), str(secret), f"{secret}", f"{secret!r}", repr([secret])):
        assert SECRET_KEY not in shown
        assert MASK in shown
    with pytest.raises(TypeError, match="can't be pickled"):
        pickle.dumps(secret)
    with pytest.raises(TypeError):
        json.dumps(secret)
