"""``xai collections``: collections of documents."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import click

from xai.commands.connection import v1_client
from xai.commands.files.v1 import when
from xai.commands.options import NAME, Group, connection, json_option
from xai.commands.output import complain, failure, label, print_json, print_table, size

_F = TypeVar("_F", bound=Callable[..., object])


def _managed(function: _F) -> _F:
    function = connection("Time for each call, retries included", 300.0)(function)
    return click.option(
        "--management-host",
        metavar="HOST",
        help="Host of the management API (default: management-api.x.ai, or that of --host on this "
        "machine).",
    )(function)


@click.group("collections", cls=Group)
def collections() -> None:
    """Manage collections of documents, which xai search searches.

    The keys come from the environment variables XAI_API_KEY and XAI_MANAGEMENT_KEY.
    """


@collections.command("ls")
@click.argument("collection", required=False, type=NAME)
@json_option
@_managed
def _list(
    collection: str | None,
    as_json: bool,  # noqa: FBT001  # as click passes it
    management_host: str | None,
    host: str,
    timeout: float,
) -> None:
    """List the collections, or the documents of COLLECTION."""
    with v1_client(host, timeout, management_host) as client:
        if collection is None:
            found = list(client.collections.list())
            if as_json:
                print_json([each.to_dict() for each in found])
                return
            rows = [
                (
                    each.collection_id,
                    each.collection_name,
                    str(each.documents_count),
                    when(each.created_at),
                )
                for each in found
            ]
            print_table(("ID", "NAME", ">DOCUMENTS", "CREATED"), rows)
            return
        documents = list(client.collections.list_documents(collection_id=collection))
    if as_json:
        print_json([document.to_dict() for document in documents])
        return
    print_table(
        ("FILE", "NAME", ">SIZE", "STATUS"),
        [
            (document.file_id, document.name, size(document.size_bytes), document.status.name)
            for document in documents
        ],
    )


@collections.command("create")
@click.argument("name", type=NAME)
@click.option("--description", metavar="TEXT", help="What is in it.")
@_managed
def _create(
    name: str, description: str | None, management_host: str | None, host: str, timeout: float
) -> None:
    """Create a collection, and print its ID."""
    with v1_client(host, timeout, management_host) as client:
        made = client.collections.create(name, description=description)
    print(label(made.collection_id))


@collections.command("add")
@click.argument("collection", type=NAME)
@click.argument("paths", type=NAME, nargs=-1, required=True, metavar="FILE...")
@_managed
def _add(
    collection: str,
    paths: tuple[str, ...],
    management_host: str | None,
    host: str,
    timeout: float,
) -> int:
    """Upload each FILE into COLLECTION, and wait until it can be searched."""
    status = 0
    with v1_client(host, timeout, management_host) as client:
        outcomes = client.collections.upload_documents(
            [Path(path).expanduser() for path in paths],
            collection_id=collection,
            wait_for_indexing=True,
            timeout=timeout,
        )
    for path, outcome in zip(paths, outcomes, strict=True):
        if isinstance(outcome, Exception):
            known = failure(outcome)
            if known is None:
                raise outcome
            complain("xai collections add", f"{path}: {known}")
            status = 1
        else:
            print(f"Added {label(path)} as {label(outcome.file_id)}")
    return status


@collections.command("rm")
@click.argument("collection", type=NAME)
@click.argument("files", type=NAME, nargs=-1, metavar="[FILE_ID...]")
@_managed
def _remove(
    collection: str,
    files: tuple[str, ...],
    management_host: str | None,
    host: str,
    timeout: float,
) -> None:
    """Delete COLLECTION, or take documents out of it."""
    with v1_client(host, timeout, management_host) as client:
        for file in files:
            client.collections.remove_document(collection_id=collection, file_id=file)
        if not files:
            client.collections.delete(collection_id=collection)
