"""The ID of the last response, by which the next prompt goes on with it."""

import contextlib
import json

from xai.commands.output import CommandError
from xai.commands.state import state_folder, write_private

_NAME = "last_response.json"


def last_response(host: str) -> tuple[str, str]:
    """Return the ID of the last response from a host, and the model that was asked.

    Raises:
        CommandError: There is none.
    """
    folder = state_folder()
    if folder is not None:
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            found = json.loads((folder / _NAME).read_text("utf-8"))[host]
            return str(found["id"]), str(found["model"])
    raise CommandError(f"-c: there is no response of {host} to go on with", 2)


def forget_or_keep(host: str, response_id: str, model: str) -> None:
    """Remember the last response of a host; nothing that was said is kept.

    Args:
        host: The host.
        response_id: The ID; empty when it can't be gone on with.
        model: The model that was asked.
    """
    folder = state_folder()
    if folder is None:
        return
    known: dict[str, object] = {}
    with contextlib.suppress(OSError, ValueError, TypeError):
        known = dict(json.loads((folder / _NAME).read_text("utf-8")))
    known.pop(host, None)
    if response_id:
        known[host] = {"id": response_id, "model": model}
    # Where it can't be kept, -c says that there is none.
    with contextlib.suppress(OSError):
        write_private(folder / _NAME, json.dumps(known))
