# Generated from kitchen_sink.proto (betterproto 2.0.0b7), on the bases of xai.proto. Do not edit.
# ruff: noqa: D101, I001, PYI016, RUF009  # as betterproto writes it
from dataclasses import dataclass
from datetime import (
    datetime,
    timedelta,
)

import betterproto
import betterproto.lib.google.protobuf as betterproto_lib_google_protobuf

from xai.proto import base


class Color(base.Enum):
    COLOR_NONE = 0
    COLOR_RED = 1
    COLOR_BLUE = 200
    COLOR_MINUS = -3


@dataclass(eq=False, repr=False)
class Nothing(base.Message):
    pass


@dataclass(eq=False, repr=False)
class Scalars(base.Message):
    f_int32: int = betterproto.int32_field(1)
    f_int64: int = betterproto.int64_field(2)
    f_uint32: int = betterproto.uint32_field(3)
    f_uint64: int = betterproto.uint64_field(4)
    f_sint32: int = betterproto.sint32_field(5)
    f_sint64: int = betterproto.sint64_field(6)
    f_bool: bool = betterproto.bool_field(7)
    f_enum: "Color" = betterproto.enum_field(8)
    f_fixed32: int = betterproto.fixed32_field(9)
    f_fixed64: int = betterproto.fixed64_field(10)
    f_sfixed32: int = betterproto.sfixed32_field(11)
    f_sfixed64: int = betterproto.sfixed64_field(12)
    f_float: float = betterproto.float_field(13)
    f_double: float = betterproto.double_field(14)
    f_string: str = betterproto.string_field(15)
    f_bytes: bytes = betterproto.bytes_field(16)


@dataclass(eq=False, repr=False)
class Optionals(base.Message):
    f_int32: "int | None" = betterproto.int32_field(1, optional=True)
    f_int64: "int | None" = betterproto.int64_field(2, optional=True)
    f_uint32: "int | None" = betterproto.uint32_field(3, optional=True)
    f_uint64: "int | None" = betterproto.uint64_field(4, optional=True)
    f_sint32: "int | None" = betterproto.sint32_field(5, optional=True)
    f_sint64: "int | None" = betterproto.sint64_field(6, optional=True)
    f_bool: "bool | None" = betterproto.bool_field(7, optional=True)
    f_enum: "Color | None" = betterproto.enum_field(8, optional=True)
    f_fixed32: "int | None" = betterproto.fixed32_field(9, optional=True)
    f_fixed64: "int | None" = betterproto.fixed64_field(10, optional=True)
    f_sfixed32: "int | None" = betterproto.sfixed32_field(11, optional=True)
    f_sfixed64: "int | None" = betterproto.sfixed64_field(12, optional=True)
    f_float: "float | None" = betterproto.float_field(13, optional=True)
    f_double: "float | None" = betterproto.double_field(14, optional=True)
    f_string: "str | None" = betterproto.string_field(15, optional=True)
    f_bytes: "bytes | None" = betterproto.bytes_field(16, optional=True)
    f_message: "Scalars | None" = betterproto.message_field(17, optional=True)


@dataclass(eq=False, repr=False)
class Repeated(base.Message):
    f_int32: "list[int]" = betterproto.int32_field(1)
    f_int64: "list[int]" = betterproto.int64_field(2)
    f_uint32: "list[int]" = betterproto.uint32_field(3)
    f_uint64: "list[int]" = betterproto.uint64_field(4)
    f_sint32: "list[int]" = betterproto.sint32_field(5)
    f_sint64: "list[int]" = betterproto.sint64_field(6)
    f_bool: "list[bool]" = betterproto.bool_field(7)
    f_enum: "list[Color]" = betterproto.enum_field(8)
    f_fixed32: "list[int]" = betterproto.fixed32_field(9)
    f_fixed64: "list[int]" = betterproto.fixed64_field(10)
    f_sfixed32: "list[int]" = betterproto.sfixed32_field(11)
    f_sfixed64: "list[int]" = betterproto.sfixed64_field(12)
    f_float: "list[float]" = betterproto.float_field(13)
    f_double: "list[float]" = betterproto.double_field(14)
    f_string: "list[str]" = betterproto.string_field(15)
    f_bytes: "list[bytes]" = betterproto.bytes_field(16)
    f_message: "list[Scalars]" = betterproto.message_field(17)
    f_nothing: "list[Nothing]" = betterproto.message_field(18)


@dataclass(eq=False, repr=False)
class Unpacked(base.Message):
    f_int32: "list[int]" = betterproto.int32_field(1)
    f_sint64: "list[int]" = betterproto.sint64_field(6)
    f_bool: "list[bool]" = betterproto.bool_field(7)
    f_enum: "list[Color]" = betterproto.enum_field(8)
    f_fixed64: "list[int]" = betterproto.fixed64_field(10)
    f_float: "list[float]" = betterproto.float_field(13)


@dataclass(eq=False, repr=False)
class Maps(base.Message):
    by_string: "dict[str, str]" = betterproto.map_field(
        1, betterproto.TYPE_STRING, betterproto.TYPE_STRING
    )
    by_int32: "dict[int, int]" = betterproto.map_field(
        2, betterproto.TYPE_INT32, betterproto.TYPE_INT64
    )
    by_int64: "dict[int, float]" = betterproto.map_field(
        3, betterproto.TYPE_INT64, betterproto.TYPE_DOUBLE
    )
    by_uint32: "dict[int, float]" = betterproto.map_field(
        4, betterproto.TYPE_UINT32, betterproto.TYPE_FLOAT
    )
    by_uint64: "dict[int, bool]" = betterproto.map_field(
        5, betterproto.TYPE_UINT64, betterproto.TYPE_BOOL
    )
    by_sint32: "dict[int, bytes]" = betterproto.map_field(
        6, betterproto.TYPE_SINT32, betterproto.TYPE_BYTES
    )
    by_sint64: "dict[int, Color]" = betterproto.map_field(
        7, betterproto.TYPE_SINT64, betterproto.TYPE_ENUM
    )
    by_fixed32: "dict[int, Scalars]" = betterproto.map_field(
        8, betterproto.TYPE_FIXED32, betterproto.TYPE_MESSAGE
    )
    by_fixed64: "dict[int, Nothing]" = betterproto.map_field(
        9, betterproto.TYPE_FIXED64, betterproto.TYPE_MESSAGE
    )
    by_sfixed32: "dict[int, int]" = betterproto.map_field(
        10, betterproto.TYPE_SFIXED32, betterproto.TYPE_UINT32
    )
    by_sfixed64: "dict[int, int]" = betterproto.map_field(
        11, betterproto.TYPE_SFIXED64, betterproto.TYPE_SINT64
    )
    by_bool: "dict[bool, Maps]" = betterproto.map_field(
        12, betterproto.TYPE_BOOL, betterproto.TYPE_MESSAGE
    )


@dataclass(eq=False, repr=False)
class Choice(base.Message):
    before: str = betterproto.string_field(9)
    f_int32: int = betterproto.int32_field(1, group="kind")
    f_bool: bool = betterproto.bool_field(2, group="kind")
    f_string: str = betterproto.string_field(3, group="kind")
    f_bytes: bytes = betterproto.bytes_field(4, group="kind")
    f_double: float = betterproto.double_field(5, group="kind")
    f_enum: "Color" = betterproto.enum_field(6, group="kind")
    f_message: "Scalars" = betterproto.message_field(7, group="kind")
    f_nothing: "Nothing" = betterproto.message_field(8, group="kind")
    again: "Choice" = betterproto.message_field(10, group="other")
    f_sint64: int = betterproto.sint64_field(11, group="other")


@dataclass(eq=False, repr=False)
class Tree(base.Message):
    value: int = betterproto.int32_field(1)
    left: "Tree" = betterproto.message_field(2)
    children: "list[Tree]" = betterproto.message_field(3)
    named: "dict[str, Tree]" = betterproto.map_field(
        4, betterproto.TYPE_STRING, betterproto.TYPE_MESSAGE
    )
    one: "Tree" = betterproto.message_field(5, group="way")
    word: str = betterproto.string_field(6, group="way")


@dataclass(eq=False, repr=False)
class Numbers(base.Message):
    """Numbers in no order, gaps, and tags of one to five bytes."""

    last: str = betterproto.string_field(536870911)
    fifteen: int = betterproto.int32_field(15)
    sixteen: int = betterproto.int32_field(16)
    many: "list[float]" = betterproto.float_field(2047)
    nothing: "Nothing" = betterproto.message_field(2048)
    first: str = betterproto.string_field(1)
    million: int = betterproto.uint64_field(1000000)


@dataclass(eq=False, repr=False)
class WellKnown(base.Message):
    time: datetime = betterproto.message_field(1)
    span: timedelta = betterproto.message_field(2)
    maybe_time: "datetime | None" = betterproto.message_field(3, optional=True)
    times: "list[datetime]" = betterproto.message_field(4)
    spans: "list[timedelta]" = betterproto.message_field(5)
    time_by_name: "dict[str, datetime]" = betterproto.map_field(
        6, betterproto.TYPE_STRING, betterproto.TYPE_MESSAGE
    )
    span_by_name: "dict[str, timedelta]" = betterproto.map_field(
        7, betterproto.TYPE_STRING, betterproto.TYPE_MESSAGE
    )
    one_time: datetime = betterproto.message_field(8, group="either")
    one_span: timedelta = betterproto.message_field(9, group="either")
    one_string: "str | None" = betterproto.message_field(
        10, wraps=betterproto.TYPE_STRING, group="either"
    )
    one_empty: "betterproto_lib_google_protobuf.Empty" = betterproto.message_field(
        11, group="either"
    )
    w_bool: "bool | None" = betterproto.message_field(20, wraps=betterproto.TYPE_BOOL)
    w_int32: "int | None" = betterproto.message_field(21, wraps=betterproto.TYPE_INT32)
    w_int64: "int | None" = betterproto.message_field(22, wraps=betterproto.TYPE_INT64)
    w_uint32: "int | None" = betterproto.message_field(23, wraps=betterproto.TYPE_UINT32)
    w_uint64: "int | None" = betterproto.message_field(24, wraps=betterproto.TYPE_UINT64)
    w_float: "float | None" = betterproto.message_field(25, wraps=betterproto.TYPE_FLOAT)
    w_double: "float | None" = betterproto.message_field(26, wraps=betterproto.TYPE_DOUBLE)
    w_string: "str | None" = betterproto.message_field(27, wraps=betterproto.TYPE_STRING)
    w_bytes: "bytes | None" = betterproto.message_field(28, wraps=betterproto.TYPE_BYTES)
    w_repeated: "list[int | None]" = betterproto.message_field(29, wraps=betterproto.TYPE_INT32)
    w_optional: "int | None | None" = betterproto.message_field(
        30, wraps=betterproto.TYPE_INT32, optional=True
    )
    struct: "betterproto_lib_google_protobuf.Struct" = betterproto.message_field(31)
    empty: "betterproto_lib_google_protobuf.Empty" = betterproto.message_field(32)
