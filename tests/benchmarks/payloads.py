"""The prepared replies: same-sized messages for each peer, encoded by hand.

By hand, so that no peer's own codec is needed to make them, and the server loads nothing.
"""

import base64
import functools
import itertools
import json
import random
import struct
from collections.abc import Callable

#: The sizes of a chunk of a chat, or a sampled token, on the wire.
SMALL = 48
LARGE = 4096
#: The tokens of a text, and the text of an answer.
TOKENS = 3
ANSWER = "Hello, world"
#: The embeddings: texts and numbers for each. A little under four MiB.
TEXTS = 1000
NUMBERS = 1024
#: In v1 a request takes so many texts, and so many requests take a little over a thousand.
V1_TEXTS = 128
V1_REQUESTS = 8
#: The file that is uploaded and downloaded, and the chunks in which it comes, in bytes.
FILE_BYTES = 64 * 2**20
FILE_CHUNK = 2**20
CHUNKS = FILE_BYTES // FILE_CHUNK
#: How many files are listed, and how many there are on a page.
FILES = 10_000
PAGE = 100
#: Stands for the token of the next page, which is another one each time.
_TOKEN = b"token-of-the-next-page"
#: The sizes of the hostile replies, in bytes.
HOSTILE = {"enums": 8 * 2**20, "empty": 8 * 2**20, "unknown": 32 * 2**20}
_MODEL = b"grok-4"
_TIME = 1_700_000_000


class Prepared:
    """One reply, in the form of each protocol.

    Args:
        message: The protobuf message.
        document: What the OpenAI client reads in its place.
        pages: Whether it is a page with the token of another.
    """

    def __init__(self, message: bytes, document: object, *, pages: bool = False) -> None:
        self.message = message
        self.json = json.dumps(document, separators=(",", ":")).encode()
        self.pages = pages

    def page(self, number: int) -> "Prepared":
        """Return it with a token of its own."""
        token = str(number).rjust(len(_TOKEN), "0").encode()
        return Prepared(self.message.replace(_TOKEN, token), [])


def prepare(name: str) -> Prepared:
    """Return a reply.

    Args:
        name: One of ``tokenize``, ``answer``, ``token``, ``chat``, ``embed``; some with a prefix
            ``sdk-`` for the services of xai-sdk, and the streamed ones with a suffix ``-large``.
            ``sdk-file``, ``sdk-content`` and ``sdk-files``: of a file, its content, and many.
            Or ``models-`` with the name of a hostile reply: lists of models that were made to
            take time and memory.
    """
    return _MAKERS[name]()


def _varint(number: int) -> bytes:
    found = bytearray()
    while number > 0x7F:
        found.append(number & 0x7F | 0x80)
        number >>= 7
    found.append(number)
    return bytes(found)


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _bytes(field: int, value: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(value)) + value


def _float(field: int, value: float) -> bytes:
    return _varint(field << 3 | 5) + struct.pack("<f", value)


def _padded(make: Callable[[bytes], bytes], size: int) -> tuple[bytes, str]:
    """Choose the text with which a message has exactly this size."""
    for length in range(size - len(make(b"")), 0, -1):
        text = (b" word" * (length // 5 + 1))[:length]
        message = make(text)
        if len(message) == size:
            return message, text.decode()
    raise ValueError(f"no text makes {size} bytes")


def _token_message(text: bytes) -> bytes:
    logit = _number(1, 1234) + _bytes(2, text) + _float(3, 0.25)
    return _bytes(1, _bytes(1, logit) + _number(3, 2))


def _chat_message(text: bytes) -> bytes:
    choice = _bytes(1, _bytes(1, text))
    return _bytes(1, b"chat-1") + _bytes(2, choice) + _number(3, _TIME) + _bytes(4, _MODEL)


def _sdk_chat_message(text: bytes) -> bytes:
    # It gives the role of the speaker with each piece.
    output = _bytes(1, _bytes(1, text) + _number(2, 2))
    created = _bytes(3, _number(1, _TIME))
    return _bytes(1, b"chat-1") + _bytes(2, output) + created + _bytes(4, _MODEL)


def _chunk(make: Callable[[bytes], bytes], size: int) -> Prepared:
    message, text = _padded(make, size)
    choice = {"index": 0, "delta": {"content": text}, "finish_reason": None}
    document = {
        "id": "chat-1",
        "object": "chat.completion.chunk",
        "created": _TIME,
        "model": _MODEL.decode(),
        "choices": [choice],
    }
    return Prepared(message, document)


def _tokens(*, sdk: bool) -> Prepared:
    words = (b"Hello", b",", b" world")
    if sdk:
        parts = [_bytes(1, _number(1, 9) + _bytes(2, word) + _bytes(4, word)) for word in words]
    else:
        parts = [
            _bytes(1, _bytes(1, _number(1, 9) + _bytes(2, word)) + _number(3, 1)) for word in words
        ]
    return Prepared(b"".join(parts), _answer_document())


def _answer(*, sdk: bool) -> Prepared:
    text = _bytes(1, ANSWER.encode())
    if sdk:
        output = _number(1, 3) + _bytes(3, text + _number(2, 2))
        created = _bytes(5, _number(1, _TIME))
    else:
        output = _bytes(1, b"stop") + _bytes(3, text + _bytes(2, b"assistant"))
        created = _number(5, _TIME)
    parts = (_bytes(1, b"chat-1"), _bytes(2, output), created, _bytes(6, _MODEL))
    return Prepared(b"".join(parts), _answer_document())


def _answer_document() -> object:
    message = {"role": "assistant", "content": ANSWER}
    return {
        "id": "chat-1",
        "object": "chat.completion",
        "created": _TIME,
        "model": _MODEL.decode(),
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
    }


@functools.cache
def _embeddings() -> Prepared:
    source = random.Random(1)  # noqa: S311  # any numbers will do
    numbers = struct.pack(f"<{NUMBERS}f", *(source.uniform(-1, 1) for _ in range(NUMBERS)))
    one = _bytes(1, _bytes(1, numbers) + _bytes(2, _varint(NUMBERS)))
    text = base64.b64encode(numbers).decode()
    data = [{"object": "embedding", "index": i, "embedding": text} for i in range(TEXTS)]
    usage = {"prompt_tokens": 1, "total_tokens": 1}
    document = {"object": "list", "model": _MODEL.decode(), "data": data, "usage": usage}
    return Prepared(one * TEXTS, document)


@functools.cache
def _v1_embeddings() -> Prepared:
    source = random.Random(1)  # noqa: S311  # any numbers will do
    numbers = struct.pack(f"<{NUMBERS}f", *(source.uniform(-1, 1) for _ in range(NUMBERS)))
    vector = _bytes(2, _bytes(1, numbers))
    entries = (_bytes(2, _number(1, index) + vector) for index in range(V1_TEXTS))
    return Prepared(b"".join(entries), [])


def _file(number: int) -> bytes:
    size, created = _number(1, FILE_BYTES), _bytes(2, _number(1, _TIME))
    name, identity = b"report-%05d.pdf" % number, b"file-%024d" % number
    return size + created + _bytes(4, name) + _bytes(5, identity)


def _page() -> Prepared:
    files = b"".join(_bytes(1, _file(number)) for number in range(PAGE))
    return Prepared(files + _bytes(2, _TOKEN), [], pages=True)


def _hostile(kind: str) -> Prepared:
    size = HOSTILE[kind]
    if kind == "enums":
        # Modalities of one model, packed: numbers that have no name, each of three bytes.
        numbers = (_varint(number) for number in itertools.cycle(range(2**14, 2**21)))
        packed = b"".join(itertools.islice(numbers, size // 3))
        message = _bytes(1, _bytes(3, packed))
    elif kind == "empty":
        message = _bytes(1, b"") * (size // 2)
    else:
        message = _number(100, 1) * (size // 3)
    return Prepared(message, [])


_MAKERS: dict[str, Callable[[], Prepared]] = {
    "tokenize": lambda: _tokens(sdk=False),
    "sdk-tokenize": lambda: _tokens(sdk=True),
    "answer": lambda: _answer(sdk=False),
    "sdk-answer": lambda: _answer(sdk=True),
    "token": lambda: _chunk(_token_message, SMALL),
    "chat": lambda: _chunk(_chat_message, SMALL),
    "sdk-chat": lambda: _chunk(_sdk_chat_message, SMALL),
    "token-large": lambda: _chunk(_token_message, LARGE),
    "chat-large": lambda: _chunk(_chat_message, LARGE),
    "sdk-chat-large": lambda: _chunk(_sdk_chat_message, LARGE),
    "embed": _embeddings,
    "sdk-embed": _v1_embeddings,
    "sdk-file": lambda: Prepared(_file(1), []),
    "sdk-content": lambda: Prepared(_bytes(1, bytes(FILE_CHUNK)), []),
    "sdk-files": _page,
    **{f"models-{kind}": functools.partial(_hostile, kind) for kind in HOSTILE},
}
