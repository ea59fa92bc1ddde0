"""The functions of grpclib, h2 and hpack that ours replace or rest on are those that were read.

`xai.runtime.http2` says which they are and why. When one of them changes, a test fails here and
says what to read again.
"""

import functools
import hashlib
import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from importlib.metadata import version
from types import ModuleType
from typing import Any

import grpclib.client
import grpclib.protocol
import h2.connection
import h2.frame_buffer
import h2.stream
import h2.windows
import hpack
import hpack.huffman_table
import hpack.table
import pytest

#: The versions whose source was read.
READ = {"grpclib": "0.4.9", "h2": "4.4.1", "hpack": "4.2.0"}

#: Where our classes with theirs among their bases are; walls in the house rules say so.
PACKAGES = ("xai.runtime", "xai.testing")

#: What the classes of asyncio let others replace, in its documentation; these are in no list here.
REPLACEABLE = frozenset({"BaseProtocol", "Protocol", "BufferedProtocol", "AbstractEventLoop"})
#: What else of asyncio ours replace. Its source is another one with each version of Python.
OF_ASYNCIO = {"BaseEventLoop.__del__", "BaseEventLoop.time"}

#: What ours stands in for or rests on, without being a method of the same name in our classes.
USED: dict[str, Callable[..., Any]] = {
    "Channel._get_authority": grpclib.client.Channel._get_authority,
    "EventsProcessor": grpclib.protocol.EventsProcessor,
    "FrameBuffer._update_header_buffer": h2.frame_buffer.FrameBuffer._update_header_buffer,
    "H2Connection._acknowledge_settings": h2.connection.H2Connection._acknowledge_settings,
    "H2Connection._handle_data_on_closed_stream": (
        h2.connection.H2Connection._handle_data_on_closed_stream
    ),
    "H2Connection._receive_data_frame": h2.connection.H2Connection._receive_data_frame,
    "H2Connection._receive_frame": h2.connection.H2Connection._receive_frame,
    "H2Connection._receive_goaway_frame": h2.connection.H2Connection._receive_goaway_frame,
    "H2Connection._receive_headers_frame": h2.connection.H2Connection._receive_headers_frame,
    "H2Connection._receive_ping_frame": h2.connection.H2Connection._receive_ping_frame,
    "H2Connection._receive_priority_frame": h2.connection.H2Connection._receive_priority_frame,
    "H2Connection._receive_rst_stream_frame": (
        h2.connection.H2Connection._receive_rst_stream_frame
    ),
    "H2Connection._receive_settings_frame": h2.connection.H2Connection._receive_settings_frame,
    "H2Connection._receive_window_update_frame": (
        h2.connection.H2Connection._receive_window_update_frame
    ),
    "H2Connection.initiate_connection": h2.connection.H2Connection.initiate_connection,
    "H2Connection.send_data": h2.connection.H2Connection.send_data,
    "H2Connection.send_headers": h2.connection.H2Connection.send_headers,
    "H2Stream.receive_data": h2.stream.H2Stream.receive_data,
    "H2Stream.receive_headers": h2.stream.H2Stream.receive_headers,
    "H2Stream.receive_window_update": h2.stream.H2Stream.receive_window_update,
    "H2Stream.stream_reset": h2.stream.H2Stream.stream_reset,
    "Handler": grpclib.client.Handler,
    "HeaderTable": hpack.table.HeaderTable,
    "Decoder.decode": hpack.Decoder.decode,
    "Encoder._encode_table_size_change": hpack.Encoder._encode_table_size_change,
    "WindowManager": h2.windows.WindowManager,
    "decode_huffman": hpack.huffman_table.decode_huffman,
}

#: The start of the SHA-256 of each function's source, in the versions above.
RECORDED = {
    "AbstractHandler.accept": "bd99fd8d5a39883e",
    "AbstractHandler.cancel": "7455046b4304bd3a",
    "AbstractHandler.close": "93cadbec87133e2c",
    "Channel.__connect__": "259165e25dc4e522",
    "Channel.__del__": "bc4e695cc61c0061",
    "Channel.__init__": "2ba2d37d07e2c0df",
    "Channel._create_connection": "84598fc5679a3e34",
    "Channel._get_authority": "4d14c6a361aab932",
    "Channel.close": "0e666c5cf3eefc1e",
    "Channel.request": "a1f2e7aed6df1ec8",
    "CodecBase.__content_subtype__": "b02673fc2747363c",
    "CodecBase.decode": "16c21656fcce9b10",
    "CodecBase.encode": "39baff4b26b4b40f",
    "Connection.__init__": "818f96d73e89f33d",
    "Connection.close": "8680bc312bc6ef44",
    "Connection.flush": "000d44d32892bdb6",
    "Connection.is_closing": "e2e963c67b55d71a",
    "Connection.pause_writing": "5d854fd4071d767a",
    "Connection.resume_writing": "2a08e61a819a7bec",
    "Decoder.decode": "b5696a4fb741c7c4",
    "Encoder._encode_table_size_change": "c46e2c01ef7f8be2",
    "EventsProcessor": "3bdc4ec4627c34cd",
    "EventsProcessor.process": "5dba9947784c778b",
    "EventsProcessor.process_connection_terminated": "14799057360cf51c",
    "EventsProcessor.process_data_received": "2345e80fd787eae5",
    "EventsProcessor.process_request_received": "00ffcb660d6cdf23",
    "EventsProcessor.process_stream_reset": "df96c8715d01ed4a",
    "FrameBuffer._update_header_buffer": "e32970a56626afcc",
    "H2Connection.__init__": "e5c93da64d0e6476",
    "H2Connection._acknowledge_settings": "0524b527727bf4e5",
    "H2Connection._handle_data_on_closed_stream": "c24bc43847fcac20",
    "H2Connection._receive_data_frame": "09803eef3f564140",
    "H2Connection._receive_frame": "39b2e16b4fd74ed0",
    "H2Connection._receive_goaway_frame": "adb9adfae94088c4",
    "H2Connection._receive_headers_frame": "4a014e7d795a15a5",
    "H2Connection._receive_ping_frame": "af1bec590af8a4b4",
    "H2Connection._receive_priority_frame": "08c3fce59d57d537",
    "H2Connection._receive_rst_stream_frame": "b96a97b05ef76306",
    "H2Connection._receive_settings_frame": "d34f8536d5e831b1",
    "H2Connection._receive_window_update_frame": "e12d377e2c7da2b6",
    "H2Connection.initiate_connection": "f197c4fc0ab791fe",
    "H2Connection.open_inbound_streams": "1a867741031a2523",
    "H2Connection.send_data": "9f67cb77f02c01d0",
    "H2Connection.send_headers": "0b3368f81906b27a",
    "H2Protocol.__init__": "74f573baf43f5f10",
    "H2Protocol.connection_lost": "212dcc31cc322c93",
    "H2Protocol.connection_made": "349133fc183764e5",
    "H2Protocol.data_received": "43a344c83ac60bbf",
    "H2Stream.receive_data": "50acc2e021f36c39",
    "H2Stream.receive_headers": "6bb0626547ebe2da",
    "H2Stream.receive_window_update": "da0e713f859d9773",
    "H2Stream.stream_reset": "d7f7b208b198f4a0",
    "Handler": "ba07cf73163af246",
    "HeaderTable": "1c70cdb1540c178d",
    "WindowManager": "0d38af4978eb0ff6",
    "decode_huffman": "cc3f7f031fb93b35",
}


def modules() -> Iterator[ModuleType]:
    """Yield the modules in which our classes may be."""
    for name in PACKAGES:
        package = importlib.import_module(name)
        for found in pkgutil.walk_packages(package.__path__, f"{name}."):
            yield importlib.import_module(found.name)


def overrides(*packages: str) -> Iterator[tuple[str, Callable[..., Any]]]:
    """Yield the functions of classes of some packages that ours replace, with their names."""
    for module in modules():
        ours = [item for item in vars(module).values() if isinstance(item, type)]
        for each in ours:
            if each.__module__ != module.__name__:
                continue
            for base in each.__mro__[1:]:
                if base.__module__.partition(".")[0] not in packages:
                    continue
                for name in vars(each):
                    theirs = vars(base).get(name)
                    function = theirs.fget if isinstance(theirs, property) else theirs
                    if inspect.isfunction(function):
                        yield f"{base.__name__}.{name}", function


@functools.cache
def replaced() -> dict[str, Callable[..., Any]]:
    """Return the upstream functions that our classes replace."""
    return dict(overrides("grpclib", "h2", "hpack", "hyperframe"))


def digest(function: Callable[..., Any]) -> str:
    """Return the start of the hash of a function's source."""
    return hashlib.sha256(inspect.getsource(function).encode()).hexdigest()[:16]


@pytest.mark.parametrize("name", sorted(RECORDED))
def test_function_is_the_one_that_was_read(name: str) -> None:
    """The upstream function has not changed since ours was written to take its place."""
    function = {**replaced(), **USED}.get(name)
    assert function is not None, f"{name} is recorded here, but nothing replaces or uses it now"
    found = digest(function)
    package = function.__module__.partition(".")[0]
    assert found == RECORDED[name], (
        f"{function.__module__}.{name} of {package} {version(package)} is not what was read in "
        f"{READ[package]}. Read it again, compare it with what xai/runtime does in its "
        f"place, and only then record {found!r} for it here."
    )


def test_every_replaced_function_is_recorded() -> None:
    """An override that is new in our classes is recorded as well."""
    assert sorted(RECORDED) == sorted({**replaced(), **USED})


def test_overrides_of_other_classes_are_found() -> None:
    """Those of the local server as well, and properties; of asyncio only what is known."""
    assert {"H2Connection._receive_frame", "H2Connection.open_inbound_streams"} <= set(replaced())
    of_asyncio = {name for name, _ in overrides("asyncio")}
    assert {n for n in of_asyncio if n.partition(".")[0] not in REPLACEABLE} == OF_ASYNCIO
