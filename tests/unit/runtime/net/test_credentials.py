import copy
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support import SECRET_KEY, SECRET_MARKER
from xai._secrets import Secret
from xai.runtime.net.config import ChannelConfig
from xai.runtime.net.credentials import Credentials, check_key
from xai.runtime.net.endpoint import Endpoint

PRINTABLE = "".join(map(chr, range(0x20, 0x7F)))


@given(st.text(PRINTABLE, min_size=1).filter(lambda key: key == key.strip(" ")))
def test_any_printable_key_is_taken(key: str) -> None:
    """A key of printable ASCII is returned as it is."""
    assert check_key(key).reveal() == key


@given(st.text(min_size=1).filter(lambda key: set(key) - set(PRINTABLE)))
def test_any_other_key_is_refused(key: str) -> None:
    """A key with any other character is refused, and not a piece of it is shown."""
    with pytest.raises(ValueError, match="api_key can't be sent") as caught:
        check_key(key)
    assert caught.value.args == (caught.value.args[0],)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


@pytest.mark.parametrize("key", [" a", "a ", "a\n", "\na", "a\nb", "a\x7f", "\xa0a", "a\0"])
def test_key_with_a_bad_character_is_refused(key: str) -> None:
    """White space at the ends and control characters anywhere can't travel."""
    with pytest.raises(ValueError, match="api_key"):
        check_key(key)


@pytest.mark.parametrize(
    ("promptide", "names"),
    [(True, ["x", "apikey", "authorization"]), (False, ["x", "authorization"])],
)
def test_key_is_one_value_on_its_way_to_the_metadata(*, promptide: bool, names: list[str]) -> None:
    """It comes after the client's metadata, and errors hide it with the keys that are not sent."""
    key = Credentials(Secret("the-key"), promptide=promptide, unsent=Secret("the-other-key"))
    config = ChannelConfig(
        Endpoint("api.x.ai", 443, plaintext=False), (("x", "y"),), credentials=key
    )
    assert [name for name, _ in config.headers] == names
    assert {value.removeprefix("Bearer ") for _, value in config.headers[1:]} == {"the-key"}
    assert set(config.secrets()) == {"the-key", "the-other-key"}


def test_config_never_shows_or_writes_the_key() -> None:
    """The repr has the host alone; pickling and deep copies are refused."""
    key = Credentials(Secret(SECRET_KEY), unsent=Secret(f"other-{SECRET_KEY}"))
    config = ChannelConfig(Endpoint("api.x.ai", 443, plaintext=False), (), credentials=key)
    assert repr(config) == "ChannelConfig(Endpoint('api.x.ai:443', plaintext=False))"
    assert SECRET_MARKER not in repr(key)
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        for value in (config, key):
            with pytest.raises(TypeError, match="can't be pickled") as caught:
                pickle.dumps(value, protocol)
            assert SECRET_MARKER not in str(caught.value)
    with pytest.raises(TypeError, match="can't be pickled"):
        copy.deepcopy(config)
