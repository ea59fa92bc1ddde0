"""What both clients are made from: the arguments of that package, as ours."""

import json
import math
import os
import sys
import warnings
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from xai._annotations import resolve_lazily
from xai._secrets import Secret
from xai._sentinel import NOT_GIVEN
from xai.runtime.net.config import MAX_MESSAGE_BYTES
from xai.runtime.net.endpoint import parse_host
from xai.xai_sdk.v1.__about__ import __version__

if TYPE_CHECKING:
    from xai._sentinel import NotGiven
    from xai.options import Keepalive, RetryPolicy

#: What that package calls itself.
USER_AGENT: Final = f"XaiSdk/{__version__}"
#: Set to 1 or true, it allows ``use_insecure_channel`` towards hosts that are not this machine.
ALLOW_INSECURE: Final = "XAI_SDK_ALLOW_INSECURE_CHANNEL"

#: What that package says of itself with each call; proxies and servers of tests look at it.
_ABOUT: Final = (
    ("xai-sdk-version", f"python/{__version__}"),
    ("xai-sdk-language", "python/{}.{}".format(*sys.version_info)),
)
_DEFAULT_RPC_TIMEOUT_SECONDS: Final = 27 * 60
_LARGEST: Final = 2**32 - 1
#: Options that change nothing here, because what they ask for is so anyway.
_SPARE: Final = frozenset(
    {
        "grpc.http2.max_pings_without_data",
        "grpc.keepalive_permit_without_calls",
        "grpc.primary_user_agent",
    }
)
_warned: set[str] = set()


class Settings:
    """The arguments of a client, in the terms of `xai.v1.Client`.

    Args:
        keys: The API key and the management key.
        api_host: The host of the API.
        management_api_host: The host of the management API.
        metadata: Pairs sent with each call.
        channel_options: Options of gRPC's core.
        timeout: Seconds for a call.
        use_insecure_channel: Whether there is no TLS.

    Raises:
        ValueError: There is no key, or plain text would leave this machine.
    """

    def __init__(
        self,
        keys: Secret[tuple[str | None, str | None]],
        *,
        api_host: str,
        management_api_host: str,
        metadata: Secret[Sequence[tuple[str, str]] | None],
        channel_options: Sequence[tuple[str, object]] | None,
        timeout: float | None,
        use_insecure_channel: bool,
    ) -> None:
        # By truth, as there: an empty key is none.
        self.api_key = Secret(keys.reveal()[0] or os.environ.get("XAI_API_KEY") or None)
        if self.api_key.reveal() is None:
            raise ValueError(
                "Trying to read the xAI API key from the XAI_API_KEY environment variable but it "
                "doesn't exist."
            )
        self.management_api_key = Secret(
            keys.reveal()[1] or os.environ.get("XAI_MANAGEMENT_KEY") or None
        )
        pairs = metadata.reveal()
        self.metadata = Secret((*(pairs or ()), *_ABOUT))
        self.timeout = timeout or _DEFAULT_RPC_TIMEOUT_SECONDS
        self.plaintext_anywhere = False
        self.api_host = self._host(api_host, "api_host", insecure=use_insecure_channel)
        self.management_api_host = self._host(
            management_api_host, "management_api_host", insecure=use_insecure_channel
        )
        self.max_message_bytes = MAX_MESSAGE_BYTES
        self.retry: RetryPolicy | NotGiven = NOT_GIVEN
        self.keepalive: Keepalive | NotGiven = NOT_GIVEN
        self._read_options(channel_options or ())

    def _host(self, host: str, argument: str, *, insecure: bool) -> str:
        if not insecure or host.startswith("localhost:"):
            return host
        from xai.runtime.net.proxy import on_loopback

        endpoint = parse_host(host, argument)
        if on_loopback(endpoint.host):
            # The form that means plain text here.
            return f"localhost:{endpoint.port}"
        if argument == "management_api_host" and self.management_api_key.reveal() is None:
            # Nothing is sent there.
            return host
        if os.environ.get(ALLOW_INSECURE, "").lower() not in ("1", "true"):
            raise ValueError(
                f"use_insecure_channel would send the API key to {endpoint.authority} in plain "
                f"text; set the environment variable {ALLOW_INSECURE}=1 if that is meant"
            )
        self.plaintext_anywhere = True
        return host

    def _read_options(self, options: Sequence[tuple[str, object]]) -> None:
        given = dict(options)
        limits = [given.pop(f"grpc.max_{end}_message_length", 0) for end in ("send", "receive")]
        numbers = [limit for limit in limits if isinstance(limit, int) and limit]
        if numbers:
            largest = _LARGEST if min(numbers) < 0 else max(numbers)
            self.max_message_bytes = max(MAX_MESSAGE_BYTES, min(largest, _LARGEST))
        interval = _milliseconds(given.pop("grpc.keepalive_time_ms", None))
        patience = _milliseconds(given.pop("grpc.keepalive_timeout_ms", None))
        if interval is not None or patience is not None:
            from xai.options import Keepalive

            # More often than that, servers take it for abuse.
            self.keepalive = Keepalive(
                interval=max(10.0, interval or 30.0), timeout=patience or 10.0
            )
        policy = _retry_policy(given.get("grpc.service_config"))
        if policy is not None:
            del given["grpc.service_config"]
            self.retry = policy
        if given.pop("grpc.enable_retries", 1) == 0:
            from xai.options import RetryPolicy

            self.retry = RetryPolicy.none()
        new = sorted(set(given) - _SPARE - _warned)
        if new:
            _warned.update(new)
            warnings.warn(
                f"channel_options that have no effect here: {', '.join(new)}",
                UserWarning,
                stacklevel=5,
            )


class BaseClient:
    """A client of the API, in the shape of that package.

    Args:
        api_key: The API key; XAI_API_KEY of the environment when there is none.
        management_api_key: The key for collections; XAI_MANAGEMENT_KEY when there is none.
        api_host: The host of the API, with or without a port.
        management_api_host: The host of the management API.
        metadata: Pairs of a key and a value, sent with every call.
        channel_options: Options of gRPC's core, of which the limits of messages, keepalive and
            retries are read.
        timeout: Seconds for a call; 1620 when there is none.
        use_insecure_channel: Speak without TLS; only to this machine, unless the environment has
            XAI_SDK_ALLOW_INSECURE_CHANNEL.

    Raises:
        TypeError: An argument is of the wrong type.
        ValueError: There is no API key, or an argument is not valid.
    """

    def __init__(
        self,
        api_key: str | None = None,
        management_api_key: str | None = None,
        *,
        api_host: str = "api.x.ai",
        management_api_host: str = "management-api.x.ai",
        metadata: tuple[tuple[str, str], ...] | None = None,
        channel_options: list[tuple[str, object]] | None = None,
        timeout: float | None = None,
        use_insecure_channel: bool = False,
    ) -> None:
        # Whatever is refused below: a traceback with local variables shows none of these.
        keys, pairs = Secret((api_key, management_api_key)), Secret(metadata)
        del api_key, management_api_key, metadata
        self._init(
            Settings(
                keys,
                api_host=api_host,
                management_api_host=management_api_host,
                metadata=pairs,
                channel_options=channel_options,
                timeout=timeout,
                use_insecure_channel=use_insecure_channel,
            )
        )

    def _init(self, settings: Settings) -> None:
        raise NotImplementedError


def _milliseconds(value: object) -> float | None:
    return value / 1000.0 if isinstance(value, int) and value > 0 else None


def _retry_policy(config: object) -> "RetryPolicy | None":
    """Read the policy of a service config that has one for all methods; None for any other."""
    if config is None:
        return None
    from xai.options import RetryPolicy

    try:
        methods = json.loads(config)["methodConfig"]  # type: ignore[arg-type]  # caught below
        found = next(each for each in methods if each["name"] == [{}])["retryPolicy"]
        return RetryPolicy(
            max_attempts=int(found["maxAttempts"]),
            initial_backoff=_duration(found, "initialBackoff"),
            max_backoff=_duration(found, "maxBackoff"),
            multiplier=float(found["backoffMultiplier"]),
        )
    except (KeyError, TypeError, ValueError, StopIteration):
        return None


def _duration(found: Mapping[str, str], name: str) -> float:
    seconds = float(found[name].removesuffix("s"))
    if not math.isfinite(seconds):
        raise ValueError(name)
    return seconds


resolve_lazily(globals())
