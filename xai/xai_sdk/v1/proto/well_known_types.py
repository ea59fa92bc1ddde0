"""Times and ``Any`` in protobuf's manner: what they can besides being messages."""

# ruff: noqa: N802  # protobuf's names

from datetime import datetime, timedelta, timezone, tzinfo
from typing import Any, ClassVar, Final

from xai._annotations import resolve_lazily
from xai.runtime.codec import times
from xai.runtime.codec.times import Real
from xai.xai_sdk.v1.proto.message import BASES, Message

_GIGA: Final = 1_000_000_000
_FIRST: Final = -62_135_596_800
_LAST: Final = 253_402_300_799
_LONGEST: Final = 315_576_000_000


class _Time(Message):
    """Seconds and nanoseconds, which are Python's own type in the generated message around."""

    __slots__ = ("_stamp",)

    seconds: int
    nanos: int

    _title: ClassVar[str]
    _python: ClassVar[type]

    def _made(self, seconds: int, nanos: int) -> object:
        """Return Python's own value."""
        raise NotImplementedError

    def _parts(self, value: Any) -> tuple[int, int]:  # noqa: ANN401  # of Python's type
        """Return seconds and nanoseconds of Python's own value."""
        raise NotImplementedError

    def _own_value(self) -> object:
        self._stamp = self._made(self.seconds, self.nanos)
        return self._stamp

    def _stands_for(self, value: object) -> bool:
        return value is getattr(self, "_stamp", None)

    def _stand_for(self, value: object) -> None:
        self._values["seconds"], self._values["nanos"] = self._parts(value)
        self._stamp = value

    def _assign(self, value: object) -> None:
        self._set(*self._parts_of(value))

    def _set(self, seconds: int, nanos: int) -> None:
        self.seconds, self.nanos = seconds, nanos

    def _parts_of(self, value: object) -> tuple[int, int]:
        if not isinstance(value, self._python):
            raise TypeError(
                f"Fail to convert to {self._title}. Expected a {self._python.__name__} object got "
                f"{type(value).__name__}"
            )
        return self._parts(value)

    def _checked(self) -> tuple[int, int]:
        """Return seconds and nanoseconds.

        Raises:
            ValueError: They are out of protobuf's range.
        """
        raise NotImplementedError

    def _nanoseconds(self) -> int:
        seconds, nanos = self._checked()
        return seconds * _GIGA + nanos

    def _truncated(self, unit: int) -> int:
        raise NotImplementedError

    def _set_nanoseconds(self, total: int) -> None:
        raise NotImplementedError

    def ToNanoseconds(self) -> int:
        """Return it in nanoseconds."""
        return self._nanoseconds()

    def ToMicroseconds(self) -> int:
        """Return it in microseconds."""
        return self._truncated(1000)

    def ToMilliseconds(self) -> int:
        """Return it in milliseconds."""
        return self._truncated(1_000_000)

    def ToSeconds(self) -> int:
        """Return it in seconds."""
        return self._checked()[0]

    def FromNanoseconds(self, nanos: int) -> None:
        """Set it.

        Args:
            nanos: In nanoseconds.
        """
        self._set_nanoseconds(nanos)

    def FromMicroseconds(self, micros: int) -> None:
        """Set it.

        Args:
            micros: In microseconds.
        """
        self._set_nanoseconds(micros * 1000)

    def FromMilliseconds(self, millis: int) -> None:
        """Set it.

        Args:
            millis: In milliseconds.
        """
        self._set_nanoseconds(millis * 1_000_000)

    def FromSeconds(self, seconds: int) -> None:
        """Set it.

        Args:
            seconds: In seconds.
        """
        self._set(seconds, 0)


class Timestamp(_Time):
    """A point in time."""

    __slots__ = ()

    _title = "Timestamp"
    _python = Real.datetime

    def _made(self, seconds: int, nanos: int) -> datetime:
        return times.time_of(seconds, nanos)

    def _parts(self, value: datetime) -> tuple[int, int]:
        # protobuf takes one without a time zone for UTC.
        aware = value.replace(tzinfo=timezone.utc) if times.is_naive(value) else value
        return times.time_parts(aware)

    def _checked(self) -> tuple[int, int]:
        seconds, nanos = self.seconds, self.nanos
        if not _FIRST <= seconds <= _LAST:
            raise ValueError(
                f"Timestamp is not valid: Seconds {seconds} must be in range [{_FIRST}, {_LAST}]."
            )
        if not 0 <= nanos < _GIGA:
            raise ValueError(
                f"Timestamp is not valid: Nanos {nanos} must be in a range [0, {_GIGA - 1}]."
            )
        return seconds, nanos

    def _truncated(self, unit: int) -> int:
        return self._nanoseconds() // unit

    def _set_nanoseconds(self, total: int) -> None:
        self._set(*divmod(total, _GIGA))

    def GetCurrentTime(self) -> None:
        """Set it to the present."""
        self._assign(datetime.now(timezone.utc))

    def ToDatetime(self, tzinfo: tzinfo | None = None) -> datetime:
        """Return it as a datetime, to the microsecond; without a time zone it is UTC.

        Args:
            tzinfo: The time zone of the datetime.

        Raises:
            ValueError: It is out of range.
        """
        seconds, nanos = self._checked()
        moment = times.EPOCH + timedelta(seconds=seconds, microseconds=nanos // 1000)
        return moment.replace(tzinfo=None) if tzinfo is None else moment.astimezone(tzinfo)

    def FromDatetime(self, dt: datetime) -> None:
        """Set it.

        Args:
            dt: A datetime; without a time zone it is UTC.

        Raises:
            TypeError: It is none.
        """
        self._assign(dt)

    def ToJsonString(self) -> str:
        """Return it as RFC 3339 has it.

        Raises:
            ValueError: It is out of range.
        """
        return times.time_text(times.time_of(*self._checked()))

    def FromJsonString(self, value: str) -> None:
        """Set it.

        Args:
            value: A text as RFC 3339 has it.

        Raises:
            ValueError: It is no such text.
        """
        if not isinstance(value, str):
            raise ValueError(f"Timestamp JSON value not a string: {value!r}")  # noqa: TRY004  # as protobuf
        self._set(*times.time_parts(times.read_time(value)))

    def __add__(self, other: timedelta) -> datetime:
        """Return the datetime that is later by this."""
        return self.ToDatetime() + other

    __radd__ = __add__

    def __sub__(self, other: Any) -> Any:  # noqa: ANN401  # as datetime's
        """Return the time between two, or the datetime that is earlier."""
        if isinstance(other, Timestamp):
            other = other.ToDatetime()
        return self.ToDatetime() - other

    def __rsub__(self, dt: datetime) -> timedelta:
        """Return the time between two."""
        return dt - self.ToDatetime()


class Duration(_Time):
    """A span of time."""

    __slots__ = ()

    _title = "Duration"
    _python = timedelta

    def _made(self, seconds: int, nanos: int) -> timedelta:
        return times.span_of(seconds, nanos)

    def _parts(self, value: timedelta) -> tuple[int, int]:
        return times.span_parts(value)

    def _checked(self) -> tuple[int, int]:
        seconds, nanos = self.seconds, self.nanos
        if abs(seconds) > _LONGEST:
            raise ValueError(
                f"Duration is not valid: Seconds {seconds} must be in range "
                f"[-{_LONGEST}, {_LONGEST}]."
            )
        if abs(nanos) >= _GIGA or seconds * nanos < 0:
            raise ValueError(f"Duration is not valid: Nanos {nanos} do not fit seconds {seconds}.")
        return seconds, nanos

    def _truncated(self, unit: int) -> int:
        total = self._nanoseconds()
        return total // unit if total >= 0 else -(-total // unit)

    def _set_nanoseconds(self, total: int) -> None:
        seconds, nanos = divmod(abs(total), _GIGA)
        self._set(*((-seconds, -nanos) if total < 0 else (seconds, nanos)))

    def ToTimedelta(self) -> timedelta:
        """Return it as a timedelta, to the microsecond."""
        return timedelta(seconds=self.seconds, microseconds=self._micros())

    def _micros(self) -> int:
        return self.nanos // 1000 if self.nanos >= 0 else -(-self.nanos // 1000)

    def FromTimedelta(self, td: timedelta) -> None:
        """Set it.

        Args:
            td: A timedelta.

        Raises:
            TypeError: It is none.
        """
        self._assign(td)

    def ToJsonString(self) -> str:
        """Return it in seconds, with an s behind.

        Raises:
            ValueError: It is out of range.
        """
        return times.span_text(times.span_of(*self._checked()))

    def FromJsonString(self, value: str) -> None:
        """Set it.

        Args:
            value: Seconds, with an s behind.

        Raises:
            ValueError: It is no such text.
        """
        if not isinstance(value, str):
            raise ValueError(f"Duration JSON value not a string: {value!r}")  # noqa: TRY004  # as protobuf
        self._set(*times.span_parts(times.read_span(value)))


class AnyMessage(Message):
    """A message with its type."""

    __slots__ = ()

    type_url: str
    value: bytes

    def TypeName(self) -> str:
        """Return the full name of the type."""
        return self.type_url.rpartition("/")[2]

    def Is(self, descriptor: Any) -> bool:  # noqa: ANN401  # of protobuf's or ours
        """Return whether it has a type.

        Args:
            descriptor: The type.
        """
        name: str = descriptor.full_name
        return "/" in self.type_url and self.TypeName() == name

    def Pack(
        self,
        msg: Any,  # noqa: ANN401  # of protobuf's or ours
        type_url_prefix: str = "type.googleapis.com/",
        deterministic: bool | None = None,  # noqa: FBT001  # protobuf's signature
    ) -> None:
        """Take over a message.

        Args:
            msg: The message.
            type_url_prefix: What the name of the type gets in front of it.
            deterministic: Passed on.
        """
        self.type_url = f"{type_url_prefix.removesuffix('/')}/{msg.DESCRIPTOR.full_name}"
        self.value = msg.SerializeToString(deterministic=deterministic)

    def Unpack(self, msg: Any) -> bool:  # noqa: ANN401  # of protobuf's or ours
        """Fill a message; return whether this has its type.

        Args:
            msg: The message.
        """
        if not self.Is(msg.DESCRIPTOR):
            return False
        msg.ParseFromString(self.value)
        return True


def register() -> None:
    """Let the classes of these types have these bases."""
    BASES.update(
        {
            "google.protobuf.Any": AnyMessage,
            "google.protobuf.Duration": Duration,
            "google.protobuf.Timestamp": Timestamp,
        }
    )


resolve_lazily(globals())
