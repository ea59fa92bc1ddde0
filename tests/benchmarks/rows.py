"""The rows of the table, and the targets that some of them have."""

from dataclasses import dataclass

#: The names of the peers in the table. The first one is what all ratios are against.
LABELS = {
    "xai_blocking": "xai",
    "xai": "xai",
    "xai_async": "xai, asynchronous",
    "xai_v1": "xai, client.v1",
    "xai_sdk": "xai-sdk",
    "grpcio": "grpcio",
    "grpcio_stubs": "grpcio, bare stubs",
    "grpcio_v1": "grpcio, bare stubs of v1",
    "openai": "openai",
    "openai_client": "openai",
    "grpclib_plain": "grpclib, plain betterproto",
    "grpclib_bytes": "floor: grpclib, bytes",
    "bare_socket": "floor: asyncio, bare socket",
    "codec_xai": "xai",
    "codec_betterproto": "betterproto",
    "codec_upb": "upb and list()",
    "memory_copy": "floor: memcpy and list()",
    "python": "floor: python alone",
}
OURS = ("xai_blocking", "xai", "xai_v1", "codec_xai")


@dataclass(frozen=True)
class Row:
    """One thing to compare.

    Args:
        name: What options and the baseline call it.
        title: What the table calls it.
        scenario: Where it was measured.
        metric: What was measured there.
        unit: Of the numbers.
        scale: What the measured number is multiplied with to have that unit.
        against: The peer that the target and the baseline speak of; "" for a bare number.
        target: How many times better than that peer it has to be, if there is a target.
        limit: For a bare number, what it may be at most.
        more: More is better.
        tolerance: By which part a ratio may fall before it counts as worse, in a new baseline.
    """

    name: str
    title: str
    scenario: str
    metric: str
    unit: str
    scale: float = 1.0
    against: str = "xai_sdk"
    target: float | None = None
    limit: float | None = None
    more: bool = False
    tolerance: float = 0.25


#: What may change between ten streams and a thousand, and still count as flat.
FLAT = 1.25
#: What a hostile reply may take: the timeout of its call and a little more, in ms; and how many
#: times its bytes.
HOSTILE_LIMIT = 2250.0
HOSTILE_TIMES = 20.0
#: What an upload or a download of any size may take, in MiB.
TRANSFER_MEMORY = 16.0
_WIDE = 0.4

ROWS = (
    Row("import", "import", "start", "import", "ms", tolerance=_WIDE),
    Row("construct", "construct", "start", "construct", "ms", tolerance=_WIDE),
    Row("start", "import and construct", "start", "wall", "ms", target=10.0, tolerance=_WIDE),
    Row("start-memory", "import and construct: memory", "start", "peak", "MiB", target=2.0),
    Row("first", "new process to first reply", "first", "wall", "ms", target=2.0, tolerance=_WIDE),
    Row("unary", "unary call: latency (p50)", "unary", "wall", "µs", tolerance=_WIDE),
    Row("unary-cpu", "unary call: client CPU", "unary", "cpu", "µs", target=2.0),
    Row(
        "flood",
        "unary call beside a flooded client: latency (p99)",
        "flood",
        "p99",
        "ms",
        against="",
        limit=5.0,
        tolerance=_WIDE,
    ),
    Row("chat", "chat answer: latency (p50)", "chat", "wall", "µs", tolerance=_WIDE),
    Row("chat-cpu", "chat answer: client CPU", "chat", "cpu", "µs", target=2.0),
    Row("stream", "stream: time a message", "stream", "wall", "µs", tolerance=_WIDE),
    Row("stream-cpu", "stream: client CPU a message", "stream", "cpu", "µs", target=4.0),
    Row(
        "stream-large-cpu",
        "stream of 4 KiB: client CPU a message",
        "stream-large",
        "cpu",
        "µs",
        target=4.0,
    ),
    Row(
        "stream-paced-cpu",
        "stream, a message each 2 ms: CPU",
        "stream-paced",
        "cpu",
        "µs",
        tolerance=_WIDE,
    ),
    Row(
        "chat-stream-cpu",
        "chat stream: client CPU a message",
        "chat-stream",
        "cpu",
        "µs",
        target=4.0,
    ),
    Row(
        "threads",
        "32 threads: calls a second",
        "threads",
        "rate",
        "/s",
        target=2.0,
        more=True,
        tolerance=_WIDE,
    ),
    Row("threads-cpu", "32 threads: client CPU a call", "threads", "cpu", "µs", tolerance=_WIDE),
    Row(
        "streams-10-cpu",
        "10 streams at once: CPU a message",
        "streams-10",
        "cpu",
        "µs",
        tolerance=_WIDE,
    ),
    Row(
        "streams-100-cpu",
        "100 streams at once: CPU a message",
        "streams-100",
        "cpu",
        "µs",
        tolerance=_WIDE,
    ),
    Row(
        "streams-1000-cpu",
        "1000 streams at once: CPU a message",
        "streams-1000",
        "cpu",
        "µs",
        tolerance=_WIDE,
    ),
    Row(
        "streams-10-memory",
        "10 streams at once: memory each",
        "streams-10",
        "held",
        "KiB",
        tolerance=_WIDE,
    ),
    Row(
        "streams-100-memory",
        "100 streams at once: memory each",
        "streams-100",
        "held",
        "KiB",
        tolerance=_WIDE,
    ),
    Row(
        "streams-1000-memory",
        "1000 streams at once: memory each",
        "streams-1000",
        "held",
        "KiB",
        tolerance=_WIDE,
    ),
    Row(
        "flat-cpu",
        "CPU a message, 1000 streams by 10",
        "flat",
        "cpu",
        "x",
        against="",
        limit=FLAT,
        tolerance=_WIDE,
    ),
    Row(
        "flat-memory",
        "memory a stream, 1000 streams by 10",
        "flat",
        "held",
        "x",
        against="",
        limit=FLAT,
    ),
    Row(
        "embed",
        "1000 embeddings: time",
        "embed",
        "wall",
        "ms",
        1e-3,
        "grpcio_stubs",
        target=1.0,
        tolerance=_WIDE,
    ),
    Row(
        "embed-cpu",
        "1000 embeddings: client CPU",
        "embed",
        "cpu",
        "ms",
        1e-3,
        "grpcio_stubs",
        target=1.0,
    ),
    Row(
        "v1-embed",
        "client.v1: 1024 embeddings: time",
        "v1-embed",
        "wall",
        "ms",
        1e-3,
        "xai_sdk",
        tolerance=_WIDE,
    ),
    Row(
        "v1-embed-cpu",
        "client.v1: 1024 embeddings: client CPU",
        "v1-embed",
        "cpu",
        "ms",
        1e-3,
        "xai_sdk",
    ),
    Row(
        "v1-upload",
        "client.v1: upload of 64 MiB: time",
        "v1-upload",
        "wall",
        "ms",
        1e-3,
        tolerance=_WIDE,
    ),
    Row("v1-upload-cpu", "client.v1: upload of 64 MiB: client CPU", "v1-upload", "cpu", "ms", 1e-3),
    Row(
        "v1-upload-memory",
        "client.v1: upload of 64 MiB: memory above start",
        "v1-upload",
        "grown",
        "MiB",
        against="",
        limit=TRANSFER_MEMORY,
    ),
    Row(
        "v1-download",
        "client.v1: download of 64 MiB: time",
        "v1-download",
        "wall",
        "ms",
        1e-3,
        tolerance=_WIDE,
    ),
    Row(
        "v1-download-cpu",
        "client.v1: download of 64 MiB: client CPU",
        "v1-download",
        "cpu",
        "ms",
        1e-3,
    ),
    Row(
        "v1-download-memory",
        "client.v1: download of 64 MiB: memory above start",
        "v1-download",
        "grown",
        "MiB",
        against="",
        limit=TRANSFER_MEMORY,
    ),
    Row(
        "v1-list",
        "client.v1: 10,000 files by pages: time",
        "v1-list",
        "wall",
        "ms",
        1e-3,
        tolerance=_WIDE,
    ),
    Row(
        "v1-list-cpu", "client.v1: 10,000 files by pages: client CPU", "v1-list", "cpu", "ms", 1e-3
    ),
    Row(
        "v1-first",
        "client.v1: new process to first reply",
        "v1-first",
        "wall",
        "ms",
        target=2.0,
        tolerance=_WIDE,
    ),
    Row("v1-unary-cpu", "client.v1: tokens, client CPU", "v1-unary", "cpu", "µs", target=2.0),
    Row("v1-chat-cpu", "client.v1: chat answer, client CPU", "v1-chat", "cpu", "µs", target=2.0),
    Row(
        "v1-stream-cpu",
        "client.v1: stream, client CPU a message",
        "v1-stream",
        "cpu",
        "µs",
        target=4.0,
    ),
    Row(
        "v1-stream-large-cpu",
        "client.v1: stream of 4 KiB, client CPU a message",
        "v1-stream-large",
        "cpu",
        "µs",
        target=4.0,
    ),
    Row(
        "v1-threads",
        "client.v1: 32 threads, calls a second",
        "v1-threads",
        "rate",
        "/s",
        target=2.0,
        more=True,
        tolerance=_WIDE,
    ),
    Row(
        "v1-streams-10-cpu",
        "client.v1: 10 streams at once, CPU a message",
        "v1-streams-10",
        "cpu",
        "µs",
        tolerance=_WIDE,
    ),
    Row(
        "v1-streams-1000-cpu",
        "client.v1: 1000 streams at once, CPU a message",
        "v1-streams-1000",
        "cpu",
        "µs",
        tolerance=_WIDE,
    ),
    Row(
        "v1-streams-1000-memory",
        "client.v1: 1000 streams at once, memory each",
        "v1-streams-1000",
        "held",
        "KiB",
        tolerance=_WIDE,
    ),
    Row(
        "v1-flat-cpu",
        "client.v1: CPU a message, 1000 streams by 10",
        "v1-flat",
        "cpu",
        "x",
        against="",
        limit=FLAT,
        tolerance=_WIDE,
    ),
    Row(
        "v1-flat-memory",
        "client.v1: memory a stream, 1000 streams by 10",
        "v1-flat",
        "held",
        "x",
        against="",
        limit=FLAT,
    ),
    Row(
        "codec-read",
        "codec: a chat chunk read, CPU",
        "codec-read",
        "cpu",
        "µs",
        0.01,
        "codec_betterproto",
        target=15.0,
    ),
    Row(
        "codec-write",
        "codec: a chat chunk written, CPU",
        "codec-write",
        "cpu",
        "µs",
        0.01,
        "codec_betterproto",
        target=15.0,
    ),
    Row(
        "codec-floats",
        "codec: 1,000 x 1,024 floats read, CPU",
        "codec-floats",
        "cpu",
        "ms",
        1e-3,
        "codec_upb",
        # At most 1.3 times what that takes.
        target=0.77,
    ),
    Row(
        "hostile-enums",
        "8 MiB of unknown enum numbers: reply or error",
        "hostile-enums",
        "wall",
        "ms",
        1e-3,
        against="",
        limit=HOSTILE_LIMIT,
        tolerance=_WIDE,
    ),
    Row(
        "hostile-enums-memory",
        "8 MiB of unknown enum numbers: peak by bytes",
        "hostile-enums",
        "times",
        "x",
        against="",
        limit=HOSTILE_TIMES,
    ),
    Row(
        "hostile-empty",
        "8 MiB of empty messages: reply or error",
        "hostile-empty",
        "wall",
        "ms",
        1e-3,
        against="",
        limit=HOSTILE_LIMIT,
        tolerance=_WIDE,
    ),
    Row(
        "hostile-empty-memory",
        "8 MiB of empty messages: peak by bytes",
        "hostile-empty",
        "times",
        "x",
        against="",
        limit=HOSTILE_TIMES,
    ),
    Row(
        "hostile-unknown",
        "32 MiB of unknown fields: reply or error",
        "hostile-unknown",
        "wall",
        "ms",
        1e-3,
        against="",
        limit=HOSTILE_LIMIT,
        tolerance=_WIDE,
    ),
    Row(
        "hostile-unknown-memory",
        "32 MiB of unknown fields: peak by bytes",
        "hostile-unknown",
        "times",
        "x",
        against="",
        limit=HOSTILE_TIMES,
    ),
    Row("peak", "peak memory after streams", "stream", "peak", "MiB"),
)
