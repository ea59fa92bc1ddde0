"""``xai embed``: texts as vectors."""

import click

from xai.commands.ask.inputs import as_text, read_input
from xai.commands.connection import near_names, v1_client
from xai.commands.options import Command, connection, model_option
from xai.commands.output import CommandError, print_json


@click.command("embed", cls=Command)
@click.argument("texts", nargs=-1, metavar="[TEXT...]")
@model_option("Model (default: the first embedding model of the server).")
@connection("Time for each call, retries included", 60.0)
def embed(texts: tuple[str, ...], model: str, host: str, timeout: float) -> None:
    """Print the vector of each TEXT, or of each line that is piped in, as JSON."""
    given = texts or tuple(line for line in as_text(read_input()).splitlines() if line.strip())
    if not given:
        raise click.UsageError("There is no text: give one, or pipe it in.")
    with v1_client(host, timeout) as client:
        name = model
        if not name:
            known = client.models.list_embedding_models()
            if not known:
                raise CommandError("the server has no embedding model")
            name = known[0].name
        with near_names(client, name):
            found = client.embedder.embed(given, model=name)
    print_json(found.to_list())
