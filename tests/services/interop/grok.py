"""The service prompt_ide.Chat, scripted."""

from typing import TYPE_CHECKING, Any

from tests.services.interop.scripted import Said, Scripted

if TYPE_CHECKING:
    from tests.services.interop.server import GrpcioServer

_SERVICE = "/prompt_ide.Chat"
CREATED = {"seconds": 1_700_000_000}
MODIFIED = {"seconds": 1_700_000_100, "nanos": 250_000_000}
ID = "c-1"


def conversation(*responses: Said, **more: object) -> dict[str, object]:
    """Return a conversation as the server tells of it."""
    return {
        "conversation_id": ID,
        "title": "A title",
        "create_time": CREATED,
        "modify_time": MODIFIED,
        "responses": responses,
        **more,
    }


def human(name: str, parent: str = "", message: str = "", **more: object) -> dict[str, object]:
    """Return a message of the user."""
    return {
        "response_id": name,
        "parent_response_id": parent,
        "message": message or f"text of {name}",
        "sender": "human",
        **more,
    }


def model(name: str, parent: str = "", message: str = "", **more: object) -> dict[str, object]:
    """Return a message of the model."""
    return {**human(name, parent, message), "sender": "grok-interop", **more}


def token(text: str, **more: object) -> dict[str, object]:
    """Return a chunk of the stream that holds a token."""
    return {"token": {"token": {"final_logit": {"string_token": text, **more}}}}


class GrokScript:
    """Each method of the service.

    Args:
        server: Where it is served.
    """

    def __init__(self, server: "GrpcioServer") -> None:
        self.server = server
        self.create = Scripted(server, f"{_SERVICE}/CreateConversation")
        self.get = Scripted(server, f"{_SERVICE}/GetConversation")
        self.list = Scripted(server, f"{_SERVICE}/ListConversations")
        self.add_response = Scripted(server, f"{_SERVICE}/AddResponse")
        self.delete = Scripted(server, f"{_SERVICE}/DeleteConversation")
        self.generate_title = Scripted(server, f"{_SERVICE}/GenerateTitle")
        self.update = Scripted(server, f"{_SERVICE}/UpdateConversation")
        self.add_model_response = Scripted(server, f"{_SERVICE}/AddModelResponse")
        self.share = Scripted(server, f"{_SERVICE}/ShareConversation")
        self.search = Scripted(server, f"{_SERVICE}/SearchConversations")

    def answers(self, number: int, parent: str = "", **more: Any) -> None:  # noqa: ANN401  # fields
        """Plan an exchange: h1 and m1, h2 and m2, and so on."""
        self.add_response.says(
            {"user_response": human(f"h{number}", parent)},
            token("Hel"),
            token("lo"),
            {"model_response": model(f"m{number}", f"h{number}", "Hello", **more)},
        )

    @property
    def paths(self) -> list[str]:
        """The last part of the path of each call, in order."""
        return [call.path.rpartition("/")[2] for call in self.server.calls]
