"""What is measured: the scenarios, and how much of each."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["program", "calls", "flood", "hostile", "threads", "drain", "streams", "transfer"]


@dataclass(frozen=True)
class Scenario:
    """One thing that peers do.

    Args:
        name: What rows call it.
        kind: Which function of the measured process runs it, or ``program``.
        peers: The modules of the peers, in the order in which they take turns.
        what: The call or the stream, by the name that peers give it.
        suffix: Of the payload; ``-large`` for large messages. For ``hostile``, the kind of reply.
        count: Calls (of each thread), messages of a stream, or messages of all streams.
        streams: How many streams or threads there are at once; for ``drain``, one after another.
        floors: Peers that do less than a client does; they are left out of quick runs.
    """

    name: str
    kind: Kind
    peers: tuple[str, ...]
    what: str = ""
    suffix: str = ""
    count: int = 1
    streams: int = 1
    floors: tuple[str, ...] = ()


# The two that most ratios are of are next to each other in time.
_GRPC = ("xai_blocking", "xai_sdk", "grpcio_stubs", "xai_async", "openai_client", "grpclib_plain")
_CHAT = ("xai_blocking", "xai_sdk", "openai_client")
#: The same methods and the same bytes for both.
_TODAY = ("xai_v1", "xai_sdk")
#: And with bare stubs of these methods.
_V1_BARE = ("xai_v1", "xai_sdk", "grpcio_v1")
_HOSTILE = ("xai_v1", "grpcio_stubs")
_CODECS = ("codec_xai", "codec_betterproto")
_FLOORS = ("grpclib_bytes", "bare_socket")
#: Without the one that would need as many connections as streams.
_MANY = ("xai_blocking", "xai_sdk", "grpcio_stubs", "xai_async", "grpclib_plain")
_BYTES = ("grpclib_bytes",)

SCENARIOS = (
    Scenario("start", "program", ("xai", "xai_sdk", "openai", "grpcio"), floors=("python",)),
    Scenario("first", "program", ("xai", "xai_sdk", "openai", "grpcio"), floors=("python",)),
    Scenario("unary", "calls", _GRPC, "unary", count=500, floors=_FLOORS),
    Scenario("flood", "flood", ("xai_blocking",), "unary", count=2000),
    Scenario("chat", "calls", _CHAT, "chat", count=300),
    Scenario("stream", "drain", _GRPC, "stream", count=3000, streams=3, floors=_FLOORS),
    Scenario(
        "stream-large", "drain", _GRPC, "stream", "-large", count=3000, streams=2, floors=_FLOORS
    ),
    Scenario("stream-paced", "streams", _MANY, "stream", count=600, floors=_BYTES),
    Scenario("chat-stream", "drain", _CHAT, "chat", count=3000, streams=2),
    Scenario("threads", "threads", _GRPC, "unary", count=50, streams=32, floors=_BYTES),
    Scenario("streams-10", "streams", _MANY, "stream", count=5000, streams=10, floors=_BYTES),
    Scenario("streams-100", "streams", _MANY, "stream", count=5000, streams=100, floors=_BYTES),
    Scenario("streams-1000", "streams", _MANY, "stream", count=5000, streams=1000, floors=_BYTES),
    Scenario("v1-first", "program", ("xai_v1", "xai_sdk"), floors=("python",)),
    Scenario("v1-unary", "calls", _TODAY, "unary", count=500),
    Scenario("v1-chat", "calls", _TODAY, "chat", count=300),
    Scenario("v1-stream", "drain", _TODAY, "stream", count=3000, streams=3),
    Scenario("v1-stream-large", "drain", _TODAY, "stream", "-large", count=3000, streams=2),
    Scenario("v1-threads", "threads", _TODAY, "unary", count=50, streams=32),
    Scenario("v1-streams-10", "streams", _TODAY, "stream", count=5000, streams=10),
    Scenario("v1-streams-1000", "streams", _TODAY, "stream", count=5000, streams=1000),
    Scenario(
        "embed",
        "calls",
        ("xai_blocking", "grpcio_stubs", "xai_async", "openai_client", "grpclib_plain"),
        "embed",
        count=3,
        floors=("grpclib_bytes", "memory_copy"),
    ),
    Scenario("v1-embed", "calls", _V1_BARE, "embed", count=3),
    Scenario("v1-upload", "transfer", _V1_BARE, "upload", count=3),
    Scenario("v1-download", "transfer", _V1_BARE, "download", count=3),
    Scenario("v1-list", "calls", _V1_BARE, "list", count=3),
    Scenario("hostile-enums", "hostile", _HOSTILE, suffix="enums"),
    Scenario("hostile-empty", "hostile", _HOSTILE, suffix="empty"),
    Scenario("hostile-unknown", "hostile", _HOSTILE, suffix="unknown"),
    Scenario("codec-read", "calls", _CODECS, "read", count=20),
    Scenario("codec-write", "calls", _CODECS, "write", count=20),
    Scenario("codec-floats", "calls", ("codec_xai", "codec_upb"), "floats", count=5),
)
