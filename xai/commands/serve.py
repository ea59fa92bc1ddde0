"""``xai serve``: the embedded server in the foreground."""

import os
import shlex
from typing import TYPE_CHECKING

import click

from xai.commands.options import Command
from xai.commands.output import CommandError

if TYPE_CHECKING:
    from xai.testing import LocalServer


class _Key(click.ParamType[str]):
    name = "key"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> str:
        """Return a key that can be sent in a header."""
        from xai.runtime.net.credentials import check_key

        if not value:
            self.fail("the key is empty", param, ctx)
        try:
            return check_key(str(value)).reveal()
        except ValueError as error:
            self.fail(str(error), param, ctx)


# Clients find plain text at "localhost" only, so no other address would be of use.
@click.command("serve", cls=Command)
@click.option(
    "--host",
    type=click.Choice(["127.0.0.1", "::1"]),
    default="127.0.0.1",
    show_default=True,
    help="Address to listen on.",
)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=0,
    show_default="a free one",
    help="Port to listen on.",
)
@click.option(
    "--key", type=_Key(), default="local-key", show_default=True, help="API key to accept."
)
@click.option(
    "--management-key",
    type=_Key(),
    default="local-management-key",
    show_default=True,
    help="Key of the management API to accept, which is served at the same address.",
)
def serve(host: str, port: int, key: str, management_key: str) -> None:
    """Run the embedded server on the loopback interface until Ctrl-C.

    It says how to point a client at it, and answers with a small language model of its own. Its
    keys are worth nothing elsewhere, which is why they may be arguments.
    """
    from xai import testing

    def ready(server: "LocalServer") -> None:
        management = f"XAI_MANAGEMENT_KEY={shlex.quote(management_key)}"
        print(f"Serving on {server.host} until Ctrl-C. Try it from another terminal:\n")
        print(f"    export XAI_API_KEY={shlex.quote(key)} {management}")
        print(f"    python -m xai check --host {server.host}\n")
        print("or from Python:\n")
        print(
            f"    client = xai.v1.Client({key!r}, {management_key!r}, api_host={server.host!r}, "
            f"management_api_host={server.host!r})",
            flush=True,
        )

    try:
        testing.serve(
            host=host,
            port=port,
            keys=[key],
            management_keys=[management_key],
            on_ready=ready,
        )
    except BrokenPipeError:
        raise
    except OSError as error:
        # The event loop's own text names the address in a different way in each version.
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise CommandError(f"can't listen on {host} port {port}: {reason}") from error
