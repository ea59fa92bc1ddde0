"""What the tests of the command `chat` share."""

import json
from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Final

from tests.services.commands.command_line import MODULE
from tests.services.commands.pseudo_terminal import CTRL_D, Terminal, terminal
from tests.support import SECRET_KEY
from xai.proto.prompt_ide.chat import AddResponseRequest
from xai.proto.prompt_ide.stateless_chat import StatelessConversation
from xai.proto.xai_api.chat import GetCompletionsRequest
from xai.testing import LocalServer

CHAT: Final = "/prompt_ide.StatelessChat/AddResponse"
GROK: Final = "/prompt_ide.Chat/AddResponse"
V1: Final = "/xai_api.Chat/GetCompletionChunk"
PATHS: Final = {"v1": V1, "chat": CHAT, "grok": GROK}
#: The arguments that lead to each service that holds a conversation.
TALKS: Final[dict[str, tuple[str, ...]]] = {
    "v1": (),
    "chat": ("--api", "prompt-ide"),
    "grok": ("--api", "prompt-ide", "--service", "grok"),
}

SEA: Final = "Tell me about the sea"
SEA_ANSWER: Final = "The capital of France is Paris."
RIVER: Final = "Where does the river begin?"
RIVER_ANSWER: Final = "Yes, it does."
#: The same question as the second of a conversation.
NEXT_ANSWER: Final = "Two plus two is four."


class Chats:
    """Starts conversations in a terminal, which have their history in a folder of the test."""

    def __init__(self, server: LocalServer, folder: Path) -> None:
        self._server = server
        self.folder = folder
        self.history = folder / "state" / "xai" / "chat_history"

    def __call__(
        self,
        *arguments: str,
        key: str | None = SECRET_KEY,
        program: tuple[str, ...] = MODULE,
        env: Mapping[str, str] | None = None,
    ) -> AbstractContextManager[Terminal]:
        """Start a conversation with the server."""
        return terminal(
            *("chat", "--host", self._server.host, *arguments),
            program=program,
            key=key,
            env={"XDG_STATE_HOME": str(self.folder / "state"), **(env or {})},
        )


def leave(shown: Terminal) -> None:
    """Leave with Ctrl-D, and see to it that this is no failure."""
    shown.type(CTRL_D)
    assert shown.wait() == 0


def saved(path: Path) -> str:
    """Return what a conversation was saved as, that of v1 in the form of the others."""
    text = path.read_text("utf-8")
    if not text.startswith("{"):
        return text
    found = json.loads(text)
    lines = [f"# {found['title']}"] if found["title"] else []
    for said, answer in found["turns"]:
        lines += [f"You: {said}", f"Model: {answer}"]
    return "\n\n".join(lines) + "\n"


def messages(server: LocalServer) -> list[str]:
    """Return the messages of the user that reached the server, the newest of each call."""
    found = []
    for call in server.calls:
        if isinstance(call.request, StatelessConversation):
            found.append(call.request.responses[-1].message)
        elif isinstance(call.request, AddResponseRequest):
            found.append(call.request.message)
        elif isinstance(call.request, GetCompletionsRequest):
            found.append(call.request.messages[-1].content[0].text)
    return found


def has_past(server: LocalServer) -> bool:
    """Tell whether the newest message was sent as part of a longer conversation."""
    request = server.calls[-1].request
    if isinstance(request, StatelessConversation):
        return len(request.responses) > 1
    if isinstance(request, GetCompletionsRequest):
        return len(request.messages) > 1
    assert isinstance(request, AddResponseRequest)
    return bool(request.parent_response_id)
