"""The two kinds of server behind one face: the embedded one, and one made with grpcio."""

from abc import ABC, abstractmethod
from contextlib import ExitStack
from typing import Any, Final

import grpc

from tests.services.interop.chat import StatelessChatScript
from tests.services.interop.compat import CompatScript
from tests.services.interop.embedder import EmbedderScript
from tests.services.interop.files import FileStore
from tests.services.interop.grok import GrokScript, conversation, human, model
from tests.services.interop.protos import AnyMessage
from tests.services.interop.scripted import Scripted
from tests.services.interop.server import GrpcioServer
from tests.support import SECRET_KEY
from xai import StatusCode
from xai.testing import LocalServer

REFUSAL: Final = "not today"

#: What the server made with grpcio says in services that no other test scripts.
_SAYINGS: Final[dict[str, tuple[dict[str, Any], ...]]] = {
    "/prompt_ide.Sampler/TokenizeAndSampleTokens": (
        {"token": {"final_logit": {"string_token": "a"}, "token_type": 2}},
    ),
    "/prompt_ide.Search/Search": (
        {"search_id": "s-1"},
        {"web_search_results": {"results": [{"url": "https://x.ai"}]}},
    ),
    "/prompt_ide.Search/GetMostRecentSearchQuery": ({"queries": [{"search_id": "s-1"}]},),
    "/prompt_ide.Search/DeleteSearchQuery": (),
    "/prompt_ide.Search/CompleteQuery": ({"query": "the river"},),
    "/prompt_ide.Search/SummarizeWebResult": ({"answer": "It flows."},),
    "/prompt_ide.Search/GetXCuratedTrends": ({"trends": [{"name": "River", "rest_id": "t-1"}]},),
    "/prompt_ide.Search/GetXTrendById": ({"trend": {"name": "River", "rest_id": "t-1"}},),
}


class Peer(ABC):
    """A server that answers every documented method."""

    host: str

    @abstractmethod
    def paths(self) -> list[str]:
        """Return the paths of the calls so far, in their order."""

    @abstractmethod
    def refuse(self, path: str) -> None:
        """Answer every call of a method with PERMISSION_DENIED."""


class LocalPeer(Peer):
    """The embedded server.

    Args:
        stack: Stops it.
    """

    def __init__(self, stack: ExitStack) -> None:
        self._server = stack.enter_context(LocalServer(api_keys={SECRET_KEY: ["*"]}))
        self.host = self._server.host

    def paths(self) -> list[str]:
        """Return the paths of the calls so far, in their order."""
        return [call.method for call in self._server.calls]

    def refuse(self, path: str) -> None:
        """Answer every call of a method with PERMISSION_DENIED."""
        self._server.fail(StatusCode.PERMISSION_DENIED, REFUSAL, method=path, times=None)


class GrpcioPeer(Peer):
    """The server made with Google's libraries alone.

    Args:
        server: The server.
    """

    def __init__(self, server: GrpcioServer) -> None:
        self._server = server
        self.host = server.host
        StatelessChatScript(server).says_pieces("Hel", "lo")
        for name in ("LogForDebugging", "DeleteLoggedConversations"):
            Scripted(server, f"/prompt_ide.StatelessChat/{name}").says()
        CompatScript(server)
        FileStore(server)
        EmbedderScript(server).numbers(4)
        _script_grok(GrokScript(server))
        for path, said in _SAYINGS.items():
            Scripted(server, path).says(*said)

    def paths(self) -> list[str]:
        """Return the paths of the calls so far, in their order."""
        return [call.path for call in self._server.calls]

    def refuse(self, path: str) -> None:
        """Answer every call of a method with PERMISSION_DENIED."""

        def refusal(_: AnyMessage, context: grpc.ServicerContext) -> AnyMessage:
            context.abort(grpc.StatusCode.PERMISSION_DENIED, REFUSAL)

        self._server.answer(path, refusal)


def _script_grok(script: GrokScript) -> None:
    script.create.says(conversation())
    script.get.says(conversation(human("h1"), model("m1", "h1", "Hello")))
    script.list.says({"conversations": [conversation()]})
    script.search.says({"conversations": [conversation()]})
    script.answers(1)
    script.delete.says()
    script.generate_title.says({"new_title": "About rivers"})
    script.update.says(conversation(title="Mine", starred=True))
    script.add_model_response.says(model("m2", "h1", "No."))
    script.share.says({"shared_id": "m1"})
