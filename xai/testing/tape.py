"""Recorded calls: how they are written, and which one a call is replayed from."""

import base64
import binascii
import dataclasses
import hashlib
import json
import pkgutil
import threading
from collections.abc import Iterator, Sequence
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

import attrs

import xai.proto
from xai._annotations import resolve_lazily
from xai.errors import Metadata, StatusCode
from xai.proto.base import Message, Method
from xai.runtime.retry.policy import CallFailed, Failure
from xai.v1.structured.encode import plain
from xai.v1.structured.json_value import JsonValue

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    from xai._masking import Masker

_VERSION: Final = 1
_HIDDEN: Final = "<hidden>"
_SHOWN: Final = 2_000


class RecordingError(AssertionError):
    """A call does not fit the recording that it should be replayed from."""

    __module__ = "xai.testing"


@attrs.define(eq=False, kw_only=True)
class RecordedCall:
    """One attempt of a call, and what came of it.

    Attributes:
        method: The path of the RPC.
        request: The request as JSON, without its secrets.
        replies: The messages that came, encoded.
        metadata: The metadata of the response; its values are hidden.
        failure: How it failed; None when it did not.
        left: Whether the caller left the stream early.
        over: Whether the call has ended; one that was cancelled has nothing to replay.
    """

    method: str
    request: JsonValue
    replies: list[bytes] = attrs.field(factory=list)
    metadata: Metadata = ()
    failure: Failure | None = None
    left: bool = False
    over: bool = False

    def line(self) -> str:
        """Return the call as a line of JSON."""
        value: dict[str, object] = {
            "version": _VERSION,
            "method": self.method,
            "request": self.request,
            "replies": [base64.b64encode(reply).decode() for reply in self.replies],
            "metadata": [key for key, _ in self.metadata],
        }
        if self.failure is not None:
            value["failure"] = {
                "code": self.failure.code.name,
                "message": self.failure.message,
                "details": base64.b64encode(self.failure.details).decode(),
                "trailers": [key for key, _ in self.failure.trailers],
                "connection": self.failure.connection,
                "unprocessed": self.failure.unprocessed,
                "final": self.failure.final,
                "from_server": self.failure.from_server,
            }
        if self.left:
            value["left"] = True
        return json.dumps(value, ensure_ascii=False) + "\n"

    @classmethod
    def read(cls, line: str) -> "RecordedCall":
        """Return the call of a line.

        Raises:
            ValueError: It is none.
        """
        try:
            value = json.loads(line)
            if value["version"] != _VERSION:
                raise ValueError(f"version {value['version']!r} is not known")
            failed = value.get("failure")
            return cls(
                method=value["method"],
                request=value["request"],
                replies=[base64.b64decode(reply, validate=True) for reply in value["replies"]],
                metadata=tuple((str(key), _HIDDEN) for key in value["metadata"]),
                failure=None if failed is None else _failure(failed),
                left=value.get("left", False),
            )
        except (LookupError, TypeError, AttributeError, binascii.Error) as error:
            raise ValueError(f"{type(error).__name__}: {error}") from error


def _read(path: Path, number: int, line: str) -> RecordedCall:
    try:
        return RecordedCall.read(line)
    except ValueError as error:
        raise ValueError(f"{path}, line {number} is no recorded call: {error}") from error


def _failure(value: "dict[str, JsonValue]") -> Failure:
    trailers = value["trailers"]
    if not isinstance(trailers, list):
        raise TypeError("trailers must be a list")
    return Failure(
        StatusCode[str(value["code"])],
        str(value["message"]),
        connection=bool(value["connection"]),
        unprocessed=bool(value["unprocessed"]),
        final=bool(value["final"]),
        from_server=bool(value["from_server"]),
        trailers=tuple((str(key), _HIDDEN) for key in trailers),
        details=base64.b64decode(str(value["details"]), validate=True),
    )


class Tape:
    """All calls of a recording; safe to use from every thread.

    Args:
        calls: What is to be replayed; None to record.
    """

    def __init__(self, calls: "Sequence[RecordedCall] | None" = None) -> None:
        self.replaying = calls is not None
        self._lock = threading.Lock()
        self._calls = list(calls or ())
        self._used = [False] * len(self._calls)

    @classmethod
    def read(cls, path: Path) -> "Tape":
        """Return the calls of a file, to be replayed.

        Raises:
            FileNotFoundError: There is no such file.
            ValueError: It is no recording.
        """
        lines = path.read_text("utf-8").splitlines()
        return cls([_read(path, number, line) for number, line in enumerate(lines, 1)])

    def lines(self) -> Iterator[str]:
        """Return the calls that were recorded, as lines of a file."""
        with self._lock:
            calls = [call for call in self._calls if call.over]
        return (call.line() for call in calls)

    def begin(self, method: str, payload: bytes) -> RecordedCall:
        """Append a call that is being made; what comes of it is added to it later."""
        call = RecordedCall(method=method, request=shown_request(method, payload))
        with self._lock:
            self._calls.append(call)
        return call

    def take(self, method: str, request: "JsonValue") -> RecordedCall:
        """Return the recorded call that a call is replayed from.

        Raises:
            RecordingError: There is none, or all are replayed already.
        """
        with self._lock:
            for index, call in enumerate(self._calls):
                if not self._used[index] and (call.method, call.request) == (method, request):
                    self._used[index] = True
                    return call
            waiting = [
                (index, call)
                for index, call in enumerate(self._calls, 1)
                if not self._used[index - 1]
            ]
        raise RecordingError(_mismatch(method, request, waiting))


def _mismatch(method: str, request: "JsonValue", waiting: "list[tuple[int, RecordedCall]]") -> str:
    asked = f"the recording has no reply for {method} {_short(request)}"
    if not waiting:
        return f"{asked}: all of its calls were replayed. Record it anew with mode='record'."
    same = [(index, call) for index, call in waiting if call.method == method]
    index, call = (same or waiting)[0]
    expected = f"call {index} of the recording expects {call.method} {_short(call.request)}"
    found = "".join(f"\n  {text}" for text in _differences("request", call.request, request))
    detail = f", which differs in:{found}" if same and found else ""
    return f"{asked}; {expected}{detail}\nRecord it anew with mode='record' if that is meant."


def _short(value: "JsonValue") -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _differences(where: str, recorded: "JsonValue", now: "JsonValue") -> Iterator[str]:
    if isinstance(recorded, dict) and isinstance(now, dict):
        for name in dict.fromkeys([*recorded, *now]):
            yield from _differences(f"{where}.{name}", recorded.get(name), now.get(name))
    elif isinstance(recorded, list) and isinstance(now, list) and len(recorded) == len(now):
        for index, (old, new) in enumerate(zip(recorded, now, strict=True)):
            yield from _differences(f"{where}[{index}]", old, new)
    elif recorded != now:
        yield f"{where}: recorded {_short(recorded)}, now {_short(now)}"


def finish(call: RecordedCall, masker: "Masker") -> None:
    """Take the secrets out of what came of a call."""
    call.over = True
    method = _methods().get(call.method)
    call.replies = [_without_secrets(method, masker.data(reply)) for reply in call.replies]
    if call.failure is not None:
        call.failure = _masked(call.failure, masker)


def _masked(failure: Failure, masker: "Masker") -> Failure:
    """Return a failure of its own: the other one is still to be raised."""
    masked = Failure(
        failure.code,
        failure.message,
        connection=failure.connection,
        unprocessed=failure.unprocessed,
        final=failure.final,
        from_server=failure.from_server,
        trailers=failure.trailers,
        details=failure.details,
    )
    masked.mask(masker)
    return masked


def shown_request(method: str, payload: bytes) -> "JsonValue":
    """Return a request as JSON, without its secrets."""
    known = _methods().get(method)
    if known is None:
        return {"sha256": hashlib.sha256(payload).hexdigest()}
    return dict(plain(known.request().parse(payload)))


def shown_upload(payloads: "Sequence[bytes]") -> "JsonValue":
    """Return what tells one streamed request from another."""
    digest = hashlib.sha256()
    for payload in payloads:
        digest.update(len(payload).to_bytes(8, "big") + payload)
    return {"messages": len(payloads), "sha256": digest.hexdigest()}


def replayed(call: RecordedCall) -> list[bytes]:
    """Return the messages of a recorded call.

    Raises:
        CallFailed: It failed without one.
    """
    if call.failure is not None and not call.replies:
        raise CallFailed(call.failure)
    return call.replies


@lru_cache(maxsize=1)
def _methods() -> "dict[str, Method[Message, Message]]":
    """Return all RPCs by their paths."""
    found: dict[str, Method[Message, Message]] = {}
    for module in pkgutil.walk_packages(xai.proto.__path__, "xai.proto."):
        # What only servers need takes long to import.
        if not module.name.endswith(("_server", "server_base")):
            names = vars(import_module(module.name)).values()
            found.update({value.path: value for value in names if isinstance(value, Method)})
    return found


def _without_secrets(method: "Method[Message, Message] | None", data: bytes) -> bytes:
    if method is None:
        return data
    message = method.reply().parse(data)
    return bytes(message) if _blank(message) else data


def _blank(message: Message) -> bool:
    """Blank out the fields that hold secrets; return whether there was one."""
    found = False
    for field in dataclasses.fields(cast("DataclassInstance", message)):
        # Presence is asked for first: reading a message that is not there would put one there.
        if not message.is_set(field.name):
            continue
        value: object = getattr(message, field.name)
        if field.name in message._secrets:  # noqa: SLF001  # ours, and read by its repr
            found = found or bool(value)
            setattr(message, field.name, type(value)())
            continue
        parts: list[object] = [value]
        if isinstance(value, (list, dict)):
            parts = list(value.values()) if isinstance(value, dict) else value
        blanked = [_blank(part) for part in parts if isinstance(part, Message)]
        found = found or any(blanked)
    return found


resolve_lazily(globals())
