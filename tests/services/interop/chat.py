"""The service prompt_ide.StatelessChat, scripted."""

from typing import TYPE_CHECKING

from tests.services.interop.scripted import Scripted

if TYPE_CHECKING:
    from tests.services.interop.server import GrpcioServer

_SERVICE = "/prompt_ide.StatelessChat"


class StatelessChatScript:
    """Each method of the service.

    Args:
        server: Where it is served.
    """

    def __init__(self, server: "GrpcioServer") -> None:
        self.server = server
        self.add_response = Scripted(server, f"{_SERVICE}/AddResponse")
        self.log_for_debugging = Scripted(server, f"{_SERVICE}/LogForDebugging")
        self.delete_logged = Scripted(server, f"{_SERVICE}/DeleteLoggedConversations")

    def says_pieces(self, *pieces: str) -> None:
        """Plan a reply that comes in pieces of text."""
        self.add_response.says(*({"message": piece} for piece in pieces))
