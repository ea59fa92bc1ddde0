"""Clients of the commands, and the models they ask."""

import contextlib
import difflib
from collections.abc import Callable, Iterator
from functools import cache
from typing import Final

import xai
from xai.commands.output import CommandError, describe, log_to
from xai.commands.settings import read_settings

#: The model that is asked when none is named, if the server has it.
DEFAULT_MODEL: Final = "grok-4.6"
_MANAGEMENT_HOST: Final = "management-api.x.ai"


@contextlib.contextmanager
def prompt_ide_client(host: str, timeout: float) -> "Iterator[xai.Client]":
    """Open a client of the PromptIDE API whose key comes from the environment.

    Args:
        host: The API's host, as for `xai.Client`.
        timeout: Seconds a call may take.

    Raises:
        CommandError: The key or the host can't be used; the status is 2.
    """
    try:
        client = xai.Client(api_host=host, timeout=timeout)
    except (ValueError, ImportError) as error:
        raise CommandError(str(error), 2) from error
    with client, _silence():
        yield client


@contextlib.contextmanager
def v1_client(
    host: str, timeout: float, management_host: str | None = None
) -> "Iterator[xai.v1.Client]":
    """Open a client of the v1 API whose keys come from the environment.

    Args:
        host: The API's host, as for `xai.v1.Client`.
        timeout: Seconds a call may take.
        management_host: That of the management API; when None, a server on this machine is
            expected to serve both at one address.

    Raises:
        CommandError: A key or a host can't be used; the status is 2.
    """
    if management_host is None:
        management_host = host if host.startswith("localhost:") else _MANAGEMENT_HOST
    try:
        client = xai.v1.Client(api_host=host, management_api_host=management_host, timeout=timeout)
    except (ValueError, ImportError) as error:
        raise CommandError(str(error), 2) from error
    with client, _silence():
        yield client


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    """Log no retries: what matters to the user of a command is how it ended."""
    import logging

    with log_to(logging.NullHandler()):
        yield


def find_model(client: "xai.v1.Client", name: str) -> Callable[[], str]:
    """Return a function that finds the language model to use; it asks the server once.

    Args:
        client: Makes the call.
        name: The model the user wants; empty for the default.
    """
    wanted = name or read_settings().get("model", "")
    if wanted:
        return lambda: wanted

    # What is raised is not remembered: the next message asks again.
    @cache
    def default() -> str:
        try:
            models = client.models.list_language_models()
        except (xai.PermissionDeniedError, xai.UnimplementedError):
            # A key may be good for chat alone; the server then judges the name itself.
            models = []
        known = any(DEFAULT_MODEL in (model.name, *model.aliases) for model in models)
        return DEFAULT_MODEL if known or not models else models[0].name

    return default


@contextlib.contextmanager
def near_names(client: "xai.v1.Client", name: str) -> Iterator[None]:
    """Name the models that are spelled alike when the server has none of a name.

    Args:
        client: Lists the models.
        name: The model that is asked for in the block.

    Raises:
        CommandError: There is no such model; the line has what the server says, and the names.
    """
    try:
        yield
    except xai.NotFoundError as error:
        if not name or name not in error.message:
            raise
        near = difflib.get_close_matches(name, _names(client), n=3, cutoff=0.4)
        if not near:
            raise
        raise CommandError(f"{describe(error)} Did you mean {' or '.join(near)}?") from error


def _names(client: "xai.v1.Client") -> list[str]:
    """Return the names and aliases of all models; those that can't be listed are left out."""
    listings: list[Callable[[], object]] = [
        client.models.list_language_models,
        client.models.list_image_generation_models,
        client.models.list_embedding_models,
    ]
    names: dict[str, None] = {}
    for listing in listings:
        with contextlib.suppress(xai.APIError):
            for model in listing():  # type: ignore[attr-defined]  # each lists models of a kind
                names.update(dict.fromkeys((model.name, *model.aliases)))
    return list(names)
