"""The names of the local server's models, and the error for a name that it does not have."""

from collections.abc import Collection
from typing import Final, get_args

from grpclib.const import Status
from grpclib.exceptions import GRPCError

from xai.v1.chat.enums import ChatModel

#: The name of the model of a server that was given none.
DEFAULT_MODELS: Final = ("grok-local",)
#: The public names, which such a server knows as well: programs written for the API run unchanged.
PUBLIC_MODELS: Final[tuple[str, ...]] = get_args(ChatModel)


def missing_model(name: str, known: Collection[str]) -> GRPCError:
    """Return the error for a model that does not exist, which lists those that do."""
    names = ", ".join(filter(None, known))
    return GRPCError(
        Status.NOT_FOUND, f"The model {name!r} does not exist; this server has: {names}."
    )
