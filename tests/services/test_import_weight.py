"""What a program loads that uses a part of the API."""

from tests.services.interop.server import GrpcioServer
from tests.support import SECRET_KEY, run_child
from xai.testing import LocalServer

#: Says which generated packages, and which of their modules, a process has.
_LOADED = """
def loaded(package):
    start = f"xai.proto.{package}."
    return sorted(name.removeprefix(start) for name in sys.modules if name.startswith(start))
"""

_SAMPLE_SCRIPT = f"""
import asyncio, sys, xai
{_LOADED}
key, host = sys.argv[1:]
with xai.Client(key, api_host=host) as client:
    assert len(list(client.sampler.sample("Once", max_len=3, temperature=0.0))) == 3

async def main():
    async with xai.AsyncClient(key, api_host=host) as client:
        async with client.sampler.sample("Once", max_len=3, temperature=0.0) as stream:
            assert len([token async for token in stream]) == 3

asyncio.run(main())
for package in ("collections", "rag", "shared", "xai_api"):
    assert f"xai.proto.{{package}}" not in sys.modules, package
print(*(name for name in sys.modules if name.startswith("xai.") and "v1" in name))
print(*loaded("prompt_ide"))
"""


def test_program_that_samples_loads_nothing_of_v1s_api() -> None:
    """Neither twin's sampler loads a module of the packages of the v1 API."""
    with LocalServer() as server:
        shown = run_child(_SAMPLE_SCRIPT, args=[server.api_key, server.host]).stdout
    assert shown.splitlines()[0] == ""
    assert shown.split() == ["sampler_public", "sampler_public_aio", "sampler_public_sync"]


_STUB_SCRIPT = f"""
import sys, xai
from xai.proto.xai_api import TokenizeTextRequest
{_LOADED}
key, host = sys.argv[1:]
with xai.Client(key, api_host=host) as client:
    reply = client.stubs.v1.tokenize.tokenize_text(TokenizeTextRequest(text="a"))
    assert reply.model == "some-model", reply
print(*loaded("xai_api"))
print(*loaded("prompt_ide"))
"""


def test_program_with_one_service_of_v1s_api_loads_only_that(
    grpcio_server: GrpcioServer,
) -> None:
    """The namespace of the stubs loads no other service, and nothing of the documented ones."""
    path = "/xai_api.Tokenize/TokenizeText"
    reply = grpcio_server.protos.message("xai_api.TokenizeTextResponse")
    grpcio_server.answer(path, lambda _, __: reply(model="some-model"))
    shown = run_child(_STUB_SCRIPT, args=[SECRET_KEY, grpcio_server.host]).stdout
    assert shown.splitlines() == ["tokenize tokenize_sync", ""]


_MODELS_SCRIPT = """
import sys, xai
key, host = sys.argv[1:]
with xai.Client(key, api_host=host) as client:
    assert client.v1.models.list_language_models() == []
names = sorted(name for name in sys.modules if name.startswith("xai."))
print(*(name for name in names if name.startswith(("xai.sync.v1", "xai.v1"))))
print(*(name for name in names if name.startswith("xai.proto.xai_api.")))
print(*({"asyncio", "pydantic", "xai.aio.client"} & set(sys.modules) - {"asyncio"}))
"""


def test_program_that_lists_models_loads_no_chat(grpcio_server: GrpcioServer) -> None:
    """The namespace loads the service that is used, and none of the others."""
    path = "/xai_api.Models/ListLanguageModels"
    reply = grpcio_server.protos.message("xai_api.ListLanguageModelsResponse")
    grpcio_server.answer(path, lambda _, __: reply())
    shown = run_child(_MODELS_SCRIPT, args=[SECRET_KEY, grpcio_server.host]).stdout
    ours, generated, foreign = shown.splitlines()
    assert not [name for name in ours.split() if "chat" in name or "messages" in name]
    assert "xai.sync.v1.models" in ours.split()
    assert generated.split() == ["xai.proto.xai_api.models"]
    assert foreign == ""


_CHAT_SCRIPT = """
import sys, xai
key, host = sys.argv[1:]
with xai.Client(key, api_host=host) as client:
    chat = client.v1.chat.create("m", messages=[xai.v1.user("Hi")])
    assert chat.sample().content == "Hello"
names = ("pydantic", "xai.aio.client", "xai.sync.prompt_ide.chat")
names += ("xai.v1.chat.functions", "xai.v1.structured.schema")
print(*(name for name in names if name in sys.modules))
"""


def test_program_that_chats_loads_neither_pydantic_nor_schemas(
    grpcio_server: GrpcioServer,
) -> None:
    """A plain conversation needs no more than it uses."""
    path = "/xai_api.Chat/GetCompletion"
    reply = grpcio_server.protos.message("xai_api.GetChatCompletionResponse")
    answer: dict[str, object] = {"outputs": [{"message": {"role": 2, "content": "Hello"}}]}
    grpcio_server.answer(path, lambda _, __: reply(**answer))
    shown = run_child(_CHAT_SCRIPT, args=[SECRET_KEY, grpcio_server.host]).stdout
    assert shown.strip() == ""
