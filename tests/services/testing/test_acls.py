"""What a key may do at the local server: every method has its ACL."""

import inspect
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import betterproto
import pytest

import xai
from xai.testing import LocalServer

if TYPE_CHECKING:
    from google.protobuf.descriptor import MethodDescriptor

    from tests.services.interop.protos import Protos

#: For each service of the PromptIDE API: its name among the stubs, what its ACLs begin with, and
#: which of its methods only read.
SERVICES = {
    "prompt_ide.Sampler": (
        *("sampler", "sampler"),
        {"Tokenize", "ListModels", "GetTokenBudget", "ListTransactions"},
    ),
    "prompt_ide.StatelessChat": ("stateless_chat", "chat", set[str]()),
    "prompt_ide.Chat": (
        *("chat", "chat"),
        {"GetConversation", "ListConversations", "SearchConversations"},
    ),
    "prompt_ide.File": ("file", "files", {"DownloadFile", "ListFiles"}),
    "prompt_ide.Embedder": ("embedder", "embedder", set[str]()),
    "compat.chat.Chat": ("compat_chat", "chat", set[str]()),
    "prompt_ide.Search": (
        *("search", "search"),
        {
            *("Search", "GetMostRecentSearchQuery", "CompleteQuery"),
            *("SummarizeWebResult", "GetXCuratedTrends", "GetXTrendById"),
        },
    ),
}
#: Every ACL there is.
ALL = {"sampler", "chat", "files", "embedder", "search"}
DENIED = xai.StatusCode.PERMISSION_DENIED
#: How an empty request ends that is looked at.
SERVED = (xai.StatusCode.OK, xai.StatusCode.INVALID_ARGUMENT, xai.StatusCode.NOT_FOUND)
MISSING = "API key is missing ACLs required to perform this request."


@pytest.fixture
def server() -> Iterator[LocalServer]:
    """A local server with a key for each set of ACLs."""
    kinds = {f"{name}:{kind}" for name in ALL for kind in ("read", "write")}
    keys: dict[str, list[str]] = {"none": []}
    for acl in kinds:
        keys[f"only-{acl}"] = [acl]
        keys[f"not-{acl}"] = sorted(kinds - {acl})
    with LocalServer(api_keys=keys) as server:
        yield server


def code_of(server: LocalServer, key: str, method: "MethodDescriptor") -> tuple[object, str]:
    """Call a method with an empty request; return the status it ends with, and the text."""
    stub, _, _ = SERVICES[method.containing_service.full_name]
    with xai.Client(key, api_host=server.host, timeout=60.0) as client:
        call = getattr(getattr(client.stubs, stub), betterproto.casing.snake_case(method.name))
        request: Any = inspect.signature(call).parameters["request"].annotation()
        try:
            reply = call(request)
            if method.server_streaming:
                list(reply)
        except xai.APIError as error:
            return error.code, str(error)
    return xai.StatusCode.OK, ""


def test_each_method_needs_one_acl(server: LocalServer, protos: "Protos") -> None:
    """A method is open to keys with its ACL, and to no other, however many ACLs they have."""
    methods = [
        method
        for method in protos.methods.values()
        if method.containing_service.full_name in SERVICES
    ]
    assert len(methods) == 34
    for method in methods:
        _, name, reading = SERVICES[method.containing_service.full_name]
        acl = f"{name}:{'read' if method.name in reading else 'write'}"
        for key in ("none", f"not-{acl}"):
            code, text = code_of(server, key, method)
            assert (code, text.partition("\n")[0]) == (DENIED, MISSING), (method.full_name, acl)
        code, _ = code_of(server, f"only-{acl}", method)
        assert code in SERVED, (method.full_name, acl, code)
