"""The private functions of grpclib and h2 that ours replace are those that were read.

`xai.runtime.http2.channel` overrides what its dependencies offer no hook for. When one of these
functions changes, a test fails here and says what to read again.
"""

import hashlib
import inspect
from collections.abc import Callable
from importlib.metadata import version
from typing import Any

import grpclib.client
import grpclib.protocol
import h2.connection
import h2.stream
import hpack.table
import pytest
from hyperframe.frame import GoAwayFrame

from xai.runtime.http2 import channel, connection, events, protocol

#: The versions whose source was read.
READ = {"grpclib": "0.4.9", "h2": "4.4.1", "hpack": "4.2.0"}

#: Upstream classes, and ours on top of them.
CLASSES: dict[type, type] = {
    grpclib.client.Channel: channel.Channel,
    grpclib.protocol.Connection: connection.Connection,
    grpclib.protocol.EventsProcessor: events.EventsProcessor,
    grpclib.protocol.H2Protocol: protocol.H2Protocol,
}

#: What ours calls or stands on, without being a method of the same name in one of our classes.
USED: dict[str, Callable[..., Any]] = {
    "Channel._get_authority": grpclib.client.Channel._get_authority,
    "Connection.feed": grpclib.protocol.Connection.feed,
    "Connection.initialize": grpclib.protocol.Connection.initialize,
    "EventsProcessor.__init__": grpclib.protocol.EventsProcessor.__init__,
    "H2Connection._begin_new_stream": h2.connection.H2Connection._begin_new_stream,
    "H2Connection._open_streams": h2.connection.H2Connection._open_streams,
    "H2Connection._receive_data_frame": h2.connection.H2Connection._receive_data_frame,
    "H2Connection._receive_goaway_frame": h2.connection.H2Connection._receive_goaway_frame,
    "H2Connection._receive_headers_frame": h2.connection.H2Connection._receive_headers_frame,
    "H2Connection._terminate_connection": h2.connection.H2Connection._terminate_connection,
    "H2Connection.acknowledge_received_data": (
        h2.connection.H2Connection.acknowledge_received_data
    ),
    "H2Connection.data_to_send": h2.connection.H2Connection.data_to_send,
    "H2Connection.receive_data": h2.connection.H2Connection.receive_data,
    "H2Connection.send_data": h2.connection.H2Connection.send_data,
    "H2Connection.send_headers": h2.connection.H2Connection.send_headers,
    "H2Stream.acknowledge_received_data": h2.stream.H2Stream.acknowledge_received_data,
    "H2Stream.receive_data": h2.stream.H2Stream.receive_data,
    "H2Stream.receive_headers": h2.stream.H2Stream.receive_headers,
    "H2Stream.send_data": h2.stream.H2Stream.send_data,
    "H2Stream.send_headers": h2.stream.H2Stream.send_headers,
    "HeaderTable": hpack.table.HeaderTable,
    "_decode_headers": h2.connection._decode_headers,
    "Handler": grpclib.client.Handler,
}

#: The start of the SHA-256 of each function's source, in the versions above.
RECORDED = {
    "Channel.__connect__": "259165e25dc4e522",
    "Channel.__del__": "bc4e695cc61c0061",
    "Channel.__init__": "2ba2d37d07e2c0df",
    "Channel._create_connection": "84598fc5679a3e34",
    "Channel._get_authority": "4d14c6a361aab932",
    "Channel.close": "0e666c5cf3eefc1e",
    "Channel.request": "a1f2e7aed6df1ec8",
    "Connection.__init__": "818f96d73e89f33d",
    "Connection.close": "8680bc312bc6ef44",
    "Connection.feed": "a0c710d033056448",
    "Connection.flush": "000d44d32892bdb6",
    "Connection.initialize": "1bf85820540ee3cd",
    "Connection.is_closing": "e2e963c67b55d71a",
    "Connection.pause_writing": "5d854fd4071d767a",
    "Connection.resume_writing": "2a08e61a819a7bec",
    "EventsProcessor.__init__": "555ebaf27d5cc8a6",
    "EventsProcessor.close": "bc7b3d050036a795",
    "EventsProcessor.process": "5dba9947784c778b",
    "EventsProcessor.process_connection_terminated": "14799057360cf51c",
    "EventsProcessor.process_data_received": "2345e80fd787eae5",
    "EventsProcessor.process_remote_settings_changed": "23829af221c709ac",
    "EventsProcessor.process_response_received": "6604b501cde0d251",
    "EventsProcessor.process_stream_ended": "a85a2462a45d0c1e",
    "EventsProcessor.process_stream_reset": "df96c8715d01ed4a",
    "EventsProcessor.process_trailers_received": "f065f6117fd9c2ec",
    "EventsProcessor.process_window_updated": "1fc3e49671de3037",
    "H2Connection._begin_new_stream": "de40fc0b03dfa443",
    "H2Connection._open_streams": "28d9501144f0cee7",
    "H2Connection._receive_data_frame": "09803eef3f564140",
    "H2Connection._receive_goaway_frame": "adb9adfae94088c4",
    "H2Connection._receive_headers_frame": "4a014e7d795a15a5",
    "H2Connection._terminate_connection": "e5fe91884fa0c30d",
    "H2Connection.acknowledge_received_data": "a4280c825a0c3987",
    "H2Connection.data_to_send": "d681c42548b1f8cc",
    "H2Connection.receive_data": "4470c8fafce8153a",
    "H2Connection.send_data": "9f67cb77f02c01d0",
    "H2Connection.send_headers": "0b3368f81906b27a",
    "H2Protocol.__init__": "74f573baf43f5f10",
    "H2Protocol.connection_lost": "212dcc31cc322c93",
    "H2Protocol.connection_made": "349133fc183764e5",
    "H2Protocol.data_received": "43a344c83ac60bbf",
    "H2Stream.acknowledge_received_data": "c1e0fcca00665e73",
    "H2Stream.receive_data": "50acc2e021f36c39",
    "H2Stream.receive_headers": "6bb0626547ebe2da",
    "H2Stream.send_data": "9742a001ccca6af7",
    "H2Stream.send_headers": "174255442235241e",
    "Handler": "ba07cf73163af246",
    "HeaderTable": "1c70cdb1540c178d",
    "_decode_headers": "ee1b71503327698a",
}


def replaced() -> dict[str, Callable[..., Any]]:
    """Return the upstream functions that our classes replace."""
    return {
        f"{theirs.__name__}.{name}": vars(theirs)[name]
        for theirs, ours in CLASSES.items()
        for name in vars(ours)
        if inspect.isfunction(vars(theirs).get(name))
    }


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


def test_goaway_is_still_handled_where_ours_is_put() -> None:
    """G4: h2 looks its handlers up in the table that ours goes into, by the class of the frame."""
    connection = h2.connection.H2Connection()
    handler = connection._frame_dispatch_table[GoAwayFrame]
    assert getattr(handler, "__func__", None) is USED["H2Connection._receive_goaway_frame"]
