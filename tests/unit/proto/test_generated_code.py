"""The generator of ``xai/proto``, and the shape of what it writes."""

import asyncio
import dataclasses
import importlib
import inspect
import os
import subprocess
import sys
import typing
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, Final, cast

import betterproto
import grpclib
import grpclib.server
import pytest
from betterproto.lib.google.protobuf import Empty
from google.protobuf.descriptor_pb2 import FileDescriptorProto
from grpclib.testing import ChannelFor

import proto_sources
import protos
import xai.proto
from tests.support import ROOT, run_child
from xai.proto import base
from xai.proto.prompt_ide import (
    ListModelsResponse,
    SampleTokensRequest,
    SampleTokensResponse,
    Token,
    TokenizeRequest,
    TokenizeResponse,
)
from xai.proto.prompt_ide.sampler_public import (
    SAMPLER_GET_TOKEN_BUDGET,
    SAMPLER_LIST_MODELS,
    SAMPLER_LIST_TRANSACTIONS,
    SAMPLER_SAMPLE_TOKENS,
    SAMPLER_TOKENIZE,
    SAMPLER_TOKENIZE_AND_SAMPLE_TOKENS,
)
from xai.proto.prompt_ide.sampler_public_server import SamplerBase
from xai.proto.server_base import ServiceBase
from xai.proto.xai_api.files import FILES_UPLOAD_FILE, File, UploadFileChunk, UploadFileInit
from xai.proto.xai_api.files_server import FilesBase

PACKAGE: Final = Path(xai.proto.__file__).parent
HAND_WRITTEN = {"__init__.py", "base.py", "server_base.py", "status_details.py"}
PACKAGES = ("collections", "compat.chat", "google.rpc", "prompt_ide", "rag", "shared", "xai_api")


def contents(folder: Path) -> dict[str, bytes]:
    """Return the generated files below a folder."""
    files = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }
    return {name: data for name, data in files.items() if name not in HAND_WRITTEN}


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """What the generator writes now: from another folder, with another hash seed and locale."""
    out = tmp_path_factory.mktemp("generated")
    command = [sys.executable, str(ROOT / ".ci/generate/protos.py"), str(out)]
    env = {**os.environ, "PYTHONHASHSEED": "7", "LC_ALL": "C", "PYTHONUTF8": "0"}
    subprocess.run(command, check=True, cwd=out, env=env, timeout=150)
    return contents(out / "xai" / "proto")


# --- drift and determinism -----------------------------------------------------------------------


def test_generated_code_is_up_to_date(generated: dict[str, bytes]) -> None:
    """The files are those the generator writes from anywhere, and there is no stray one."""
    found = contents(PACKAGE)
    assert sorted(found) == sorted(generated)
    assert [name for name in found if found[name] != generated[name]] == []
    assert not any(b"\r" in data for data in generated.values())


def test_generator_without_a_folder_says_how_to_use_it() -> None:
    """Called wrongly it prints its usage and fails."""
    command = [sys.executable, str(ROOT / ".ci/generate/protos.py")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=150)
    assert done.returncode == 1
    assert "protos.py OUT_DIR" in done.stderr


# --- what the generator refuses ------------------------------------------------------------------


def described(**content: Any) -> FileDescriptorProto:  # noqa: ANN401  # whatever a file may hold
    """Return a .proto file as protoc describes it."""
    return FileDescriptorProto(name="a/b.proto", package="a", **content)


@pytest.mark.parametrize(
    "name",
    [
        "parse",
        "load",
        "dump",
        "to_dict",
        "is_set",
        "from_json",
        "class",
        "Async",
        "base",
        "datetime",
    ],
)
def test_field_that_would_break_its_class_is_refused(name: str) -> None:
    """A field called as a method of messages, or as a keyword, stops the generator."""
    file = described(message_type=[{"name": "M", "field": [{"name": name}]}])
    with pytest.raises(
        proto_sources.GenerateError, match=f"b.proto: M: {name.lower()} can't be used"
    ):
        proto_sources.check_names(proto_sources.Source(file))


def test_nested_field_that_would_break_its_class_is_refused() -> None:
    """Messages within messages are looked at too."""
    inner = {"name": "Inner", "field": [{"name": "parse"}]}
    file = described(message_type=[{"name": "M", "nested_type": [inner]}])
    with pytest.raises(proto_sources.GenerateError, match=r"M\.Inner: parse"):
        proto_sources.check_names(proto_sources.Source(file))


def test_fields_that_become_one_name_are_refused() -> None:
    """Two spellings of one name in Python stop the generator."""
    fields = [{"name": "someName"}, {"name": "some_name"}]
    file = described(message_type=[{"name": "M", "field": fields}])
    with pytest.raises(proto_sources.GenerateError, match="some_name"):
        proto_sources.check_names(proto_sources.Source(file))


@pytest.mark.parametrize("name", ["name", "value", "try_value", "None", "real"])
def test_enum_member_that_would_break_its_class_is_refused(name: str) -> None:
    """A member called as an attribute of members, or as a keyword, stops the generator."""
    file = described(enum_type=[{"name": "E", "value": [{"name": name}]}])
    with pytest.raises(proto_sources.GenerateError, match=f"b.proto: E: {name} can't be used"):
        proto_sources.check_names(proto_sources.Source(file))


def test_proto_file_without_a_package_is_refused() -> None:
    """Every file needs a place in the result."""
    with pytest.raises(proto_sources.GenerateError, match="a package is missing"):
        proto_sources.Source(FileDescriptorProto(name="b.proto"))


def write_protos(root: Path, **files: str) -> None:
    """Write .proto files of a package each, called as the package."""
    for name, text in files.items():
        path = root / "proto" / name / "file.proto"
        path.parent.mkdir(parents=True)
        path.write_text(f'// Of {name}.\nsyntax = "proto3";\npackage {name};\n{text}')


SERVICE = """
// A message.
message M {{}}
// A service.
service S {{
{comment}
  rpc Run({kind} M) returns (M);
}}
"""


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            SERVICE.format(comment="// It runs.", kind="stream").replace("(M)", "(stream M)"),
            "/a.S/Run: streams in both directions",
        ),
        (SERVICE.format(comment="", kind=""), "/a.S/Run: a comment is missing"),
        ("message M {}", "M: a comment is missing"),
        ("message M {", r"protoc: .*a/file\.proto:4"),
        (
            "// M.\nmessage OneTwo {}\n// M.\nmessage One {\n// M.\nmessage Two {} }",
            "the same name in Python",
        ),
    ],
)
def test_unsupported_file_is_refused(tmp_path: Path, text: str, message: str) -> None:
    """What can't be generated stops the generator, names the place and writes nothing."""
    write_protos(tmp_path, a=text)
    with pytest.raises(proto_sources.GenerateError, match=message):
        protos.generate(tmp_path / "out", tmp_path)
    assert not (tmp_path / "out").exists()


CROSS_SCRIPT = """
import dataclasses, sys
sys.path.insert(0, sys.argv[1])
import xai.proto
xai.proto.__path__.append(sys.argv[1] + "/xai/proto")
from xai.proto.b.file import Holder, S_RUN
from xai.proto.a.file import Kind, Thing
from xai.proto.b import file_aio, file_server, file_sync

holder = Holder(thing=Thing(kind=Kind.SECOND), things={"x": Thing()}, kinds=[Kind.FIRST])
assert Holder.FromString(bytes(holder)) == holder
assert Holder().things == {} and Holder().kind is Kind.FIRST
assert S_RUN.request is Thing and S_RUN.reply is Holder and not S_RUN.idempotent
print(Holder.__doc__)
"""


def test_types_of_another_package_are_imported_from_it(tmp_path: Path) -> None:
    """Fields and methods may refer to other packages; longer comments become whole docstrings."""
    write_protos(
        tmp_path,
        a="""
// A kind.
enum Kind { FIRST = 0; SECOND = 1; }
// A thing.
message Thing { Kind kind = 1; }
""",
        b="""
import "a/file.proto";
// Holds things.
//
// All of them.
message Holder {
  a.Thing thing = 1;
  map<string, a.Thing> things = 2;
  repeated a.Kind kinds = 3;
  a.Kind kind = 4;
}
// A service.
service S {
  // Run.
  rpc Run(a.Thing) returns (stream Holder);
}
""",
    )
    protos.generate(tmp_path / "out", tmp_path)
    shown = run_child(CROSS_SCRIPT, args=[str(tmp_path / "out")]).stdout
    assert shown.split() == ["Holds", "things.", "All", "of", "them."]


UPLOAD_SCRIPT = """
import sys
sys.path.insert(0, sys.argv[1])
import xai.proto
xai.proto.__path__.append(sys.argv[1] + "/xai/proto")
from xai.proto.a import file, file_aio, file_server, file_sync

assert file.S_RUN.client_streaming and not file.S_RUN.server_streaming
for stub in (file_sync.SStub, file_aio.AsyncSStub):
    assert callable(stub.run)
assert "/a.S/Run" in file_server.SBase().__mapping__()
"""


def test_upload_is_offered_on_all_sides(tmp_path: Path) -> None:
    """A stream of requests is in the table, the server's base and the stubs of both twins."""
    write_protos(tmp_path, a=SERVICE.format(comment="// It runs.", kind="stream"))
    protos.generate(tmp_path / "out", tmp_path)
    run_child(UPLOAD_SCRIPT, args=[str(tmp_path / "out")])


ENUM_SCRIPT = """
import sys
sys.path.insert(0, sys.argv[1])
import xai.proto
xai.proto.__path__.append(sys.argv[1] + "/xai/proto")
from xai.proto.a.file import Holder, HolderKind, Level

print(*(f"{item.name}={item.value}" for item in [*Level, *HolderKind]))
print(Holder(level=Level.LEVEL_4).to_json())
"""


def test_members_of_enums_are_called_as_on_the_wire(tmp_path: Path) -> None:
    """Betterproto's shortened names, some of which are no names, are not taken over."""
    write_protos(
        tmp_path,
        a="""
// A level.
enum Level { LEVEL_UNKNOWN = 0; LEVEL_4 = 1; }
// Holds things.
message Holder {
  // A kind.
  enum Kind { KIND_UNKNOWN = 0; HOLDER_KIND_NONE = 1; }
  Level level = 1;
}
""",
    )
    protos.generate(tmp_path / "out", tmp_path)
    members, json = run_child(ENUM_SCRIPT, args=[str(tmp_path / "out")]).stdout.splitlines()
    assert members == "LEVEL_UNKNOWN=0 LEVEL_4=1 KIND_UNKNOWN=0 HOLDER_KIND_NONE=1"
    assert json == '{"level": "LEVEL_4"}'


# --- modules and imports -------------------------------------------------------------------------


def generated_modules(suffix: str = "") -> list[str]:
    """Return the names of the generated modules that end with something."""
    names = sorted(contents(PACKAGE))
    modules = [f"xai.proto.{name[:-3].replace('/', '.')}" for name in names]
    return [name for name in modules if name.endswith(suffix) and "__init__" not in name]


def classes() -> Iterator[type[base.Message]]:
    """Yield all messages."""
    for name in PACKAGES:
        package = importlib.import_module(f"xai.proto.{name}")
        for member in package.__all__:
            cls = getattr(package, member)
            if issubclass(cls, base.Message):
                yield cls


@pytest.mark.parametrize("name", PACKAGES)
def test_packages_offer_their_messages_lazily(name: str) -> None:
    """A package lists its messages in order, loads one when it is used, and knows no others."""
    module = f"xai.proto.{name}"
    script = f"""
import sys, {module} as package
assert package.__all__ == sorted(package.__all__) and set(package.__all__) <= set(dir(package))
loaded = [name for name in sys.modules if name.startswith("{module}.")]
assert loaded == [] and "betterproto" not in sys.modules, loaded
for name in package.__all__:
    assert getattr(package, name).__name__ == name
try:
    package.Nothing
except AttributeError as error:
    print(error)
"""
    expected = f"module '{module}' has no attribute 'Nothing'\n"
    assert run_child(script).stdout == expected


@pytest.mark.parametrize(
    ("package", "name", "siblings"),
    [
        ("prompt_ide", "sampler_public", []),
        ("prompt_ide", "embedder_public_sync", ["embedder_public"]),
        ("prompt_ide", "chat", ["prod_search", "sampler_public", "x_entities"]),
        (
            "prompt_ide",
            "stateless_chat_aio",
            ["chat", "prod_search", "sampler_public", "stateless_chat", "x_entities"],
        ),
        ("xai_api", "tokenize_sync", ["tokenize"]),
        ("xai_api", "chat", ["deferred", "documents", "image", "sample", "usage"]),
        ("xai_api", "models_aio", ["models"]),
    ],
)
def test_module_loads_only_the_files_it_refers_to(
    package: str, name: str, siblings: list[str]
) -> None:
    """Importing a module loads what its .proto file imports, and nothing more of the package."""
    script = f"""
import sys, xai.proto.{package}.{name}
start = "xai.proto.{package}."
print(*sorted(n.removeprefix(start) for n in sys.modules if n.startswith(start)))
"""
    assert run_child(script).stdout.split() == sorted([name, *siblings])


def test_client_side_modules_do_not_load_the_server_of_grpclib() -> None:
    """Only the modules with server bases load ``grpclib.server``."""
    names = [name for name in generated_modules() if not name.endswith("_server")]
    script = f"""
import sys
from importlib import import_module
for name in {names}:
    import_module(name)
print("grpclib.server" in sys.modules, "xai.proto.server_base" in sys.modules)
import xai.proto.prompt_ide.files_server
print("grpclib.server" in sys.modules)
"""
    assert run_child(script).stdout.split() == ["False", "False", "True"]


@pytest.mark.parametrize("cls", [*classes()])
def test_types_resolve_as_betterproto_resolves_them(cls: type[base.Message]) -> None:
    """The types of all fields are found in the namespace of the class's own module."""
    hints = typing.get_type_hints(cls, vars(sys.modules[cls.__module__]), {})
    fields = dataclasses.fields(cls)  # type: ignore[arg-type]  # all but the base are dataclasses
    assert {field.name for field in fields} <= set(hints)
    assert cls.__mro__[1:3] == (base.Message, betterproto.Message)
    assert "__post_init__" not in vars(cls), "it warns of deprecated fields"
    assert cls.__doc__
    assert not cls.__doc__.startswith(f"{cls.__name__}("), "the docstring of a dataclass"


def test_generated_modules_hold_nothing_that_was_to_go(generated: dict[str, bytes]) -> None:
    """No hooks that warn, no generators around others, no base but ours."""
    for name, data in generated.items():
        text = data.decode()
        for word in ("warnings", "import grpclib", "yield", "__post_init__", "betterproto.Message"):
            assert word not in text, name
        assert text.startswith("# Generated from "), name


# --- services ------------------------------------------------------------------------------------


class Recorder:
    """A caller that makes no calls: what it returns says what it was asked for."""

    def unary(self, method: Any, request: Any, *, timeout: Any, metadata: Any) -> Any:  # noqa: ANN401  # of any method
        """Return the arguments."""
        return method, request, timeout, metadata.reveal()

    def upload(self, method: Any, requests: Any, *, timeout: Any, metadata: Any) -> Any:  # noqa: ANN401  # of any method
        """Return the arguments."""
        return self.unary(method, requests, timeout=timeout, metadata=metadata)

    def stream(self, method: Any, request: Any, *, timeout: Any, metadata: Any) -> Any:  # noqa: ANN401  # of any method
        """Return the arguments, as a list to tell them from those of a call with one reply."""
        return [method, request, timeout, metadata.reveal()]


class AsyncRecorder(Recorder):
    """The same for the asynchronous services."""

    async def unary(self, method: Any, request: Any, *, timeout: Any, metadata: Any) -> Any:  # noqa: ANN401  # of any method
        """Return the arguments."""
        return method, request, timeout, metadata.reveal()


def stubs(suffix: str, parent: type) -> Iterator[tuple[type, str, base.Method[Any, Any]]]:
    """Yield each method of each service of a kind: class, name, and entry of the table."""
    for name in generated_modules(suffix):
        module = importlib.import_module(name)
        table = vars(importlib.import_module(name.removesuffix(suffix)))
        methods = [item for item in table.values() if isinstance(item, base.Method)]
        for cls in vars(module).values():
            if inspect.isclass(cls) and cls.__module__ == name:
                assert cls.__mro__[1] is parent
                service = (
                    cls.__name__.removeprefix("Async").removesuffix("Stub").removesuffix("Base")
                )
                mine = [item for item in methods if item.path.split("/")[1].endswith(f".{service}")]
                for item in mine:
                    yield cls, betterproto.casing.snake_case(item.path.split("/")[2]), item


BLOCKING = list(stubs("_sync", base.ServiceStub))
ASYNCHRONOUS = list(stubs("_aio", base.AsyncServiceStub))
SERVERS = list(stubs("_server", ServiceBase))


def test_every_service_has_all_methods_on_all_sides() -> None:
    """Clients of both twins and server bases have the methods of the table, and no others."""
    names = {(item.path, name) for _, name, item in BLOCKING}
    assert len(names) == 85
    assert {(item.path, name) for _, name, item in ASYNCHRONOUS} == names
    assert {(item.path, name) for _, name, item in SERVERS} == names
    for rows in (BLOCKING, ASYNCHRONOUS, SERVERS):
        for cls in {cls for cls, _, _ in rows}:
            own = {name for name in vars(cls) if not name.startswith("_")}
            assert own == {name for of, name, _ in rows if of is cls}


@pytest.mark.parametrize(("cls", "name", "method"), BLOCKING)
def test_blocking_stub_passes_the_call_on(
    cls: type[base.ServiceStub], name: str, method: base.Method[Any, Any]
) -> None:
    """The method hands its entry of the table, the request and the options to the caller."""
    stub, request = cls(cast("base.RpcCaller", Recorder())), method.request()
    done = getattr(stub, name)(request, timeout=1.5, metadata=[("a", "b")])
    assert list(done) == [method, request, 1.5, [("a", "b")]]
    assert isinstance(done, list) == method.server_streaming


@pytest.mark.parametrize(("cls", "name", "method"), ASYNCHRONOUS)
def test_asynchronous_stub_passes_the_call_on(
    cls: type[base.AsyncServiceStub], name: str, method: base.Method[Any, Any]
) -> None:
    """As the blocking one; a stream is the caller's own object, not a generator around it."""
    stub, request = cls(cast("base.AsyncRpcCaller", AsyncRecorder())), method.request()
    done = getattr(stub, name)(request, timeout=None, metadata=())
    if not method.server_streaming:
        done = list(asyncio.run(done))
    assert done == [method, request, None, ()]


@pytest.mark.parametrize(("cls", "name", "method"), BLOCKING)
def test_twins_have_the_same_signature(
    cls: type[base.ServiceStub], name: str, method: base.Method[Any, Any]
) -> None:
    """Both twins take the same arguments with the same types, and have the same docstring."""
    twin = next(of for of, other, item in ASYNCHRONOUS if (other, item) == (name, method))
    ours, theirs = getattr(cls, name), getattr(twin, name)
    signatures = [inspect.signature(item) for item in (ours, theirs)]
    parameters = [
        str(list(item.parameters.values())).replace("AsyncIterable", "Iterable")
        for item in signatures
    ]
    assert parameters[0] == parameters[1]
    assert ours.__doc__ == theirs.__doc__
    answers = [str(item.return_annotation).replace("AsyncStream", "Stream") for item in signatures]
    assert answers[0] == answers[1]


class SomeSampler(SamplerBase):
    """A server with some methods."""

    finished = False

    async def tokenize(self, request: TokenizeRequest) -> TokenizeResponse:
        """Return a token for each character."""
        return TokenizeResponse(tokens=[Token() for _ in request.text])

    async def sample_tokens(
        self, request: SampleTokensRequest
    ) -> AsyncIterator[SampleTokensResponse]:
        """Return as many tokens as asked for."""
        try:
            for _ in range(request.settings.max_len):
                yield SampleTokensResponse(token=Token())
        finally:
            self.finished = True


async def ask(
    channel: grpclib.client.Channel,
    method: base.Method[Any, Any],
    request: betterproto.Message | None,
) -> list[Any]:
    """Make a call with nothing but grpclib."""
    kinds = grpclib.const.Cardinality
    cardinality = kinds.UNARY_STREAM if method.server_streaming else kinds.UNARY_UNARY
    if request is None:
        # The only kind that lets a client end its side without a message.
        cardinality = kinds.STREAM_STREAM
    async with channel.request(method.path, cardinality, method.request, method.reply) as stream:
        await stream.send_request()
        if request is None:
            await stream.end()
        else:
            await stream.send_message(request, end=True)
        return [reply async for reply in stream]


async def test_server_base_answers_calls() -> None:
    """Methods of a server get the request and give the reply, one or many."""
    server = SomeSampler()
    async with ChannelFor([server]) as channel:
        (reply,) = await ask(channel, SAMPLER_TOKENIZE, TokenizeRequest(text="abc"))
        assert reply == TokenizeResponse(tokens=[Token(), Token(), Token()])
        request = SampleTokensRequest()
        request.settings.max_len = 3
        replies = await ask(channel, SAMPLER_SAMPLE_TOKENS, request)
        assert replies == [SampleTokensResponse(token=Token())] * 3
        assert await ask(channel, SAMPLER_SAMPLE_TOKENS, SampleTokensRequest()) == []
    assert server.finished


class SomeFiles(FilesBase):
    """A server that takes uploads."""

    async def upload_file(self, requests: AsyncIterator[UploadFileChunk]) -> File:
        """Add the sizes up."""
        (first, *chunks) = [request async for request in requests]
        return File(filename=first.init.name, size=sum(len(chunk.data) for chunk in chunks))


async def test_server_base_takes_uploads() -> None:
    """A method with a stream of requests gets them one by one, and gives its reply at the end."""
    chunks = [UploadFileChunk(data=b"abc"), UploadFileChunk(data=b"de")]
    requests = [UploadFileChunk(init=UploadFileInit(name="a.txt")), *chunks]
    kind = grpclib.const.Cardinality.STREAM_UNARY
    method = FILES_UPLOAD_FILE
    async with (
        ChannelFor([SomeFiles()]) as channel,
        channel.request(method.path, kind, method.request, method.reply) as stream,
    ):
        for request in requests:
            await stream.send_message(request)
        await stream.end()
        assert await stream.recv_message() == File(filename="a.txt", size=5)


@pytest.mark.parametrize(
    "method",
    [
        SAMPLER_TOKENIZE_AND_SAMPLE_TOKENS,
        SAMPLER_LIST_TRANSACTIONS,
        SAMPLER_GET_TOKEN_BUDGET,
        SAMPLER_LIST_MODELS,
    ],
)
async def test_method_a_server_lacks_is_unimplemented(method: base.Method[Any, Any]) -> None:
    """A method that was not overridden answers UNIMPLEMENTED, and names itself."""
    async with ChannelFor([SomeSampler()]) as channel:
        with pytest.raises(grpclib.GRPCError, match=method.path) as caught:
            await ask(channel, method, method.request())
    assert caught.value.status is grpclib.const.Status.UNIMPLEMENTED


@pytest.mark.parametrize("method", [SAMPLER_TOKENIZE, SAMPLER_SAMPLE_TOKENS])
async def test_call_without_a_request_is_an_invalid_argument(
    method: base.Method[Any, Any],
) -> None:
    """A client that ends its side without a message is told so."""
    async with ChannelFor([SomeSampler()]) as channel:
        with pytest.raises(grpclib.GRPCError, match="the request is missing") as caught:
            await ask(channel, method, None)
    assert caught.value.status is grpclib.const.Status.INVALID_ARGUMENT


def test_replies_of_a_table_are_typed() -> None:
    """An entry of the table knows the classes of its request and its reply."""
    assert SAMPLER_LIST_MODELS.request is Empty
    assert SAMPLER_LIST_MODELS.reply is ListModelsResponse
