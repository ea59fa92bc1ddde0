"""``xai tokens``: how a model cuts a text into tokens."""

import click

from xai.commands.ask.inputs import as_text, read_input
from xai.commands.connection import find_model, near_names, v1_client
from xai.commands.options import Command, connection, json_option, model_option
from xai.commands.output import print_json


@click.command("tokens", cls=Command)
@click.argument("text", required=False)
@model_option("Model (default: the one that chat uses).")
@json_option
@connection("Time for each call, retries included", 60.0)
def tokens(text: str | None, model: str, as_json: bool, host: str, timeout: float) -> None:  # noqa: FBT001  # as click passes it
    """Print how many tokens TEXT, or what is piped in, has; with --json, each of them."""
    whole = text if text is not None else as_text(read_input())
    if not whole:
        raise click.UsageError("There is no text: give one, or pipe it in.")
    with v1_client(host, timeout) as client:
        name = find_model(client, model)()
        with near_names(client, name):
            found = client.tokenize.tokenize_text(whole, name)
    if as_json:
        print_json([{"id": token.token_id, "text": token.string_token} for token in found.tokens])
    else:
        print(len(found.tokens))
