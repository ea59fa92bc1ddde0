"""The API key: its check, how it is sent, and what errors must not show; cheap to import."""

from typing import TYPE_CHECKING, NoReturn

from xai._secrets import Secret, conceal
from xai.runtime.net.endpoint import HEADER_VALUE

if TYPE_CHECKING:
    from xai.errors import Metadata


class Credentials:
    """The API key that is sent to one host, from the client to the metadata and to the errors.

    Args:
        api_key: The key, sent with every call as a bearer token.
        promptide: Whether it is also sent as ``apikey``, where the PromptIDE services look for it.
        unsent: A key of the same client for another host: it is not sent to this one, and errors
            do not show it either.
    """

    __slots__ = ("_api_key", "_promptide", "_unsent")

    def __init__(
        self, api_key: Secret[str], *, promptide: bool = False, unsent: Secret[str] | None = None
    ) -> None:
        self._api_key = api_key
        self._promptide = promptide
        self._unsent = unsent

    def metadata(self) -> "Metadata":
        """Return the pairs that carry the key, in order."""
        bearer = ("authorization", f"Bearer {self._api_key.reveal()}")
        return (("apikey", self._api_key.reveal()), bearer) if self._promptide else (bearer,)

    def secrets(self) -> tuple[str, ...]:
        """Return what errors must not show."""
        unsent = () if self._unsent is None else (self._unsent.reveal(),)
        return (self._api_key.reveal(), *unsent)

    def __repr__(self) -> str:
        """Return nothing of the key."""
        return f"Credentials({self._api_key!r})"

    def __reduce__(self) -> NoReturn:
        """Refuse to be pickled.

        Raises:
            TypeError: Always.
        """
        raise TypeError("credentials can't be pickled: the API key would be written out")


def check_key(api_key: str | Secret[str], argument: str = "api_key") -> Secret[str]:
    """Return a key that can travel in a header.

    Args:
        api_key: The key; never shown in an error.
        argument: The name of the argument, for errors.

    Returns:
        The same key.

    Raises:
        TypeError: It is not a string.
        ValueError: It holds characters no header can carry.
    """
    key = conceal(api_key)
    del api_key
    if not isinstance(key.reveal(), str):
        raise TypeError(f"{argument} must be a str, not {type(key.reveal()).__name__}")
    if not HEADER_VALUE.fullmatch(key.reveal()):
        raise ValueError(
            f"{argument} can't be sent in a header: it must be printable ASCII without spaces at "
            "either end (often a line break was copied with it)"
        )
    return key
