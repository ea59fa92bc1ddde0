"""``xai serve``: the embedded server in the foreground."""

import argparse
import os
import shlex
from typing import TYPE_CHECKING

from xai.commands.terminal import CommandError

if TYPE_CHECKING:
    from xai.testing import LocalServer


def run(options: argparse.Namespace) -> int:
    """Run the embedded server until the process is told to end.

    Args:
        options: ``host``, ``port``, and the ``key`` that is accepted.

    Returns:
        The exit status.
    """
    from xai.testing import serve

    host, port, key = options.host, options.port, options.key

    def ready(server: "LocalServer") -> None:
        print(f"Serving on {server.host} until Ctrl-C. Try it from another terminal:\n")
        print(f"    XAI_API_KEY={shlex.quote(key)} python -m xai check --host {server.host}\n")
        print("or from Python:\n")
        print(f"    client = xai.Client({key!r}, api_host={server.host!r})", flush=True)

    try:
        serve(host=host, port=port, keys=[key], on_ready=ready)
    except BrokenPipeError:
        raise
    except OSError as error:
        # The event loop's own text names the address in a different way in each version.
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise CommandError(f"can't listen on {host} port {port}: {reason}") from error
    return 0
