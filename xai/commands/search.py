"""``xai search``: what collections say about something."""

import click

from xai.commands.connection import v1_client
from xai.commands.options import Command, connection, json_option
from xai.commands.output import print_json, shown


@click.command("search", cls=Command)
@click.argument("query")
@click.option(
    "-c",
    "--collection",
    "collections",
    multiple=True,
    required=True,
    metavar="ID",
    help="Collection to search in. May be repeated.",
)
@click.option("-n", "--limit", type=click.IntRange(1), default=5, help="The most matches.")
@json_option
@connection("Time for each call, retries included", 60.0)
def search(  # noqa: PLR0917  # as click passes them
    query: str,
    collections: tuple[str, ...],
    limit: int,
    as_json: bool,  # noqa: FBT001
    host: str,
    timeout: float,
) -> None:
    """Print the passages in collections that fit QUERY, the best first."""
    with v1_client(host, timeout) as client:
        found = client.documents.search(query, collection_ids=list(collections), limit=limit)
    if as_json:
        print_json([match.to_dict() for match in found.matches])
        return
    for match in found.matches:
        print(shown(f"[{match.score:.2f}] {match.file_id}\n{match.chunk_content.strip()}\n"))
