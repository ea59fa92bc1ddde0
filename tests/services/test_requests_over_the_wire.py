"""Requests built from any arguments, sent over a socket and read by Google's protobuf."""

import struct
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.services.interop.embedder import EmbedderScript
from tests.services.interop.grok import ID, GrokScript, conversation, model
from tests.services.interop.protos import AnyMessage
from tests.services.interop.scripted import Scripted
from tests.support import SECRET_KEY
from xai import Client, Token

if TYPE_CHECKING:
    from tests.services.interop.server import GrpcioServer

# What a Python str may hold and UTF-8 may not is refused by the codec, which has its own tests.
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
NAME = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
TOKEN_ID = st.integers(0, 2**32 - 1)
IDS = st.lists(TOKEN_ID, max_size=4)
WORDS = st.lists(st.one_of(TEXT, TEXT.map("\u2581".__add__)), max_size=3)
TOKENS = st.lists(st.one_of(TEXT, TOKEN_ID), max_size=4)
IMAGE = TEXT.map("data:image".__add__)
PROMPT = st.one_of(
    NAME,
    st.lists(TOKEN_ID, min_size=1, max_size=4),
    st.lists(st.builds(Token, token_id=TOKEN_ID, token_str=TEXT), min_size=1, max_size=4),
)
INPUTS = st.lists(
    st.one_of(TEXT, IMAGE, st.binary(max_size=20), IDS, IDS.map(tuple)), min_size=1, max_size=4
)
SETTINGS: dict[str, st.SearchStrategy[Any]] = {
    "max_len": st.integers(0, 2**31 - 1),
    "temperature": st.floats(0, width=32, allow_nan=False, allow_infinity=False),
    "nucleus_p": st.floats(0, 1, width=32),
    "stop_tokens": WORDS,
    "stop_strings": WORDS,
    "return_attention": st.booleans(),
    "augment_tokens": st.booleans(),
    "model_name": TEXT,
    "rng_seed": st.integers(0, 2**64 - 1),
}
SAMPLING = st.tuples(
    st.one_of(st.tuples(st.just("prompt"), PROMPT), st.tuples(st.just("inputs"), INPUTS)),
    st.fixed_dictionaries({}, optional=SETTINGS),
    st.one_of(
        st.just({}),
        st.fixed_dictionaries({"allowed_tokens": TOKENS}),
        st.fixed_dictionaries({"disallowed_tokens": TOKENS}),
    ),
)
WRITTEN = {"temperature": 0.7, "nucleus_p": 0.95, "max_len": 256}


def float32(value: float) -> float:
    """Return the nearest number that four bytes can hold."""
    return cast("float", struct.unpack("<f", struct.pack("<f", value))[0])


def both_forms(words: Sequence[str | int], *, augment: bool) -> list[str | int]:
    """Return the words, each with its word-initial form behind it unless it is one."""
    found: list[str | int] = []
    for word in words:
        found.append(word)
        if augment and isinstance(word, str) and not word.startswith("\u2581"):
            found.append("\u2581" + word)
    return found


def sent_part(part: AnyMessage) -> tuple[str, object]:
    """Return what a part is on the wire: its kind and its value."""
    kind = part.WhichOneof("payload")
    value = getattr(part, kind)
    return kind, list(value.tokens) if kind == "token_ids" else value


def given_part(part: object) -> tuple[str, object]:
    """Return what a part is to be on the wire."""
    if isinstance(part, str):
        return ("image_base64" if part.startswith("data:image") else "text"), part
    if isinstance(part, bytes):
        return "image_bytes", part
    assert isinstance(part, (list, tuple))
    return "token_ids", [item.token_id if isinstance(item, Token) else item for item in part]


def given_prompt(prompt: object) -> tuple[str, object]:
    """Return what a whole prompt is to be: a text is a text, whatever it begins with."""
    return ("text", prompt) if isinstance(prompt, str) else given_part(prompt)


@given(arguments=SAMPLING)
@settings(max_examples=60, deadline=None)
def test_sampling_request(running_grpcio_server: "GrpcioServer", arguments: Any) -> None:  # noqa: ANN401  # as the strategy says
    """Any prompt or mix of inputs, with any settings, arrives as it was given."""
    (name, value), options, tokens = arguments
    server = running_grpcio_server
    server.forget()
    method = Scripted(server, "/prompt_ide.Sampler/SampleTokens")
    method.says()
    with Client(SECRET_KEY, api_host=server.host, initial_rng_seed=5) as client:
        assert list(client.sampler.sample(**{name: value}, **options, **tokens)) == []
    (request,) = method.requests
    parts = [given_prompt(value)] if name == "prompt" else list(map(given_part, value))
    assert [sent_part(part) for part in request.inputs] == parts
    assert list(request.prompt) == []
    assert request.model_name == options.get("model_name", "")
    assert request.return_attention == options.get("return_attention", False)
    found, augment = request.settings, options.get("augment_tokens", True)
    assert found.max_len == options.get("max_len", 256)
    assert found.rng_seed == options.get("rng_seed", 5)
    for number in ("temperature", "nucleus_p"):
        assert getattr(found, number) == float32(options.get(number, WRITTEN[number]))
    stops = both_forms(options.get("stop_tokens", []), augment=augment)
    assert list(found.stop_tokens) == stops
    assert list(found.stop_strings) == options.get("stop_strings", [])
    for kind in ("allowed_tokens", "disallowed_tokens"):
        sent = [getattr(item, item.WhichOneof("token")) for item in getattr(found, kind)]
        assert sent == both_forms(tokens.get(kind, []), augment=augment)


@given(
    file_name=NAME,
    content=st.binary(max_size=200),
    mime_type=TEXT,
    overwrite=st.booleans(),
    other=NAME,
)
@settings(max_examples=40, deadline=None)
def test_file_requests(
    running_grpcio_server: "GrpcioServer",
    *,
    file_name: str,
    content: bytes,
    mime_type: str,
    overwrite: bool,
    other: str,
) -> None:
    """Any names, content and type of a file arrive as they were given, each in its field."""
    server = running_grpcio_server
    server.forget()
    names = ("UploadFile", "RenameFile", "DownloadFile", "DeleteFile")
    methods = [Scripted(server, f"/prompt_ide.File/{name}") for name in names]
    for method in methods:
        method.says()
    with Client(SECRET_KEY, api_host=server.host) as client:
        client.files.upload(file_name, content, mime_type, overwrite=overwrite)
        client.files.rename(file_name, other)
        assert client.files.download(file_name) == b""
        client.files.delete(other)
    ((upload,), (rename,), (download,), (delete,)) = (method.requests for method in methods)
    assert (upload.file_name, upload.content) == (file_name, content)
    assert (upload.mime_type, upload.overwrite) == (mime_type, overwrite)
    assert (rename.file_name, rename.new_file_name) == (file_name, other)
    assert (download.file_name, delete.file_name) == (file_name, other)


@given(texts=st.lists(TEXT, max_size=6), model_name=TEXT, in_tuple=st.booleans())
@settings(max_examples=40, deadline=None)
def test_embedding_request(
    running_grpcio_server: "GrpcioServer",
    *,
    texts: list[str],
    model_name: str,
    in_tuple: bool,
) -> None:
    """Any texts arrive in their order, empty ones too, and each has its embedding."""
    server = running_grpcio_server
    server.forget()
    method = EmbedderScript(server)
    method.numbers(3)
    with Client(SECRET_KEY, api_host=server.host) as client:
        found = client.embedder.embed(tuple(texts) if in_tuple else texts, model_name)
    (request,) = method.requests
    assert (list(request.texts), request.model_name) == (texts, model_name)
    assert [item.values[0] for item in found] == [len(text) for text in texts]


@given(
    messages=st.lists(TEXT, min_size=1, max_size=3),
    model_name=TEXT,
    fun_mode=st.booleans(),
    title=TEXT,
    replacement=TEXT,
)
@settings(max_examples=40, deadline=None)
def test_stateful_requests(
    running_grpcio_server: "GrpcioServer",
    *,
    messages: list[str],
    model_name: str,
    fun_mode: bool,
    title: str,
    replacement: str,
) -> None:
    """Any messages, titles and replacements arrive as they were given, under the right parent."""
    server = running_grpcio_server
    server.forget()
    script = GrokScript(server)
    script.create.says(conversation())
    for number in range(1, len(messages) + 1):
        script.answers(number, f"m{number - 1}" if number > 1 else "")
    script.update.says(conversation())
    script.add_model_response.says(model("m9", f"h{len(messages)}", replacement))
    with Client(SECRET_KEY, api_host=server.host) as client:
        talk = client.grok.create_conversation(model_name, fun_mode)
        for message in messages:
            answer = talk.add_response(message)[1].result()
        talk.set_title(title)
        assert answer.replace(replacement)[1].result().message == (replacement or "text of m9")
    prompt_name = "fun" if fun_mode else ""
    assert [item.system_prompt_name for item in script.create.requests] == [prompt_name]
    sent = script.add_response.requests
    assert [item.message for item in sent] == messages
    parents = ["", *(f"m{number}" for number in range(1, len(messages)))]
    assert [item.parent_response_id for item in sent] == parents
    common = {(item.conversation_id, item.model_name, item.system_prompt_name) for item in sent}
    assert common == {(ID, model_name, prompt_name)}
    (update,) = script.update.requests
    assert (update.conversation_id, update.title, update.starred) == (ID, title, False)
    (stored,) = script.add_model_response.requests
    assert (stored.conversation_id, stored.message) == (ID, replacement)
    assert stored.parent_response_id == f"h{len(messages)}"
