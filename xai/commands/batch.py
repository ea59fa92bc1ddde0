"""``xai batch``: many prompts at half the price."""

import json
from typing import TYPE_CHECKING

import click

import xai
from xai.commands.ask.inputs import as_text, read_input
from xai.commands.connection import find_model, v1_client
from xai.commands.options import NAME, Group, connection, json_option, model_option
from xai.commands.output import label, print_json, print_table
from xai.commands.progress import progress_bar

if TYPE_CHECKING:
    from collections.abc import Callable


@click.group("batch", cls=Group)
def batch() -> None:
    """Have many prompts answered later, as one batch.

    The key comes from the environment variable XAI_API_KEY.
    """


@batch.command("create")
@click.argument("name", type=NAME)
@model_option("Model (default: the one that chat uses).")
@click.option("-s", "--system", metavar="TEXT", help="System prompt of each.")
@connection("Time for each call, retries included", 300.0)
def _create(name: str, model: str, system: str | None, host: str, timeout: float) -> None:
    """Send each line that is piped in as a prompt of the batch NAME, and print the batch's ID."""
    prompts = [line for line in as_text(read_input()).splitlines() if line.strip()]
    if not prompts:
        raise click.UsageError("There are no prompts: pipe them in, one a line.")
    before = [] if system is None else [xai.v1.system(system)]
    with v1_client(host, timeout) as client:
        asked = find_model(client, model)()
        made = client.batch.create(name)
        chats = [
            client.chat.create(
                asked, messages=[*before, xai.v1.user(prompt)], batch_request_id=str(number)
            )
            for number, prompt in enumerate(prompts, 1)
        ]
        client.batch.add(made.batch_id, chats)
    print(label(made.batch_id))


@batch.command("ls")
@json_option
@connection("Time for each call, retries included", 300.0)
def _list(as_json: bool, host: str, timeout: float) -> None:  # noqa: FBT001  # as click passes it
    """List the batches, and how far each is."""
    with v1_client(host, timeout) as client:
        found = list(client.batch.list())
    if as_json:
        print_json([each.to_dict() for each in found])
        return
    rows = []
    for each in found:
        state = each.state
        counts = ("-", "-") if state is None else (str(state.num_success), str(state.num_requests))
        failed = "-" if state is None else str(state.num_error)
        rows.append((each.batch_id, each.name, *counts, failed))
    print_table(("ID", "NAME", ">DONE", ">OF", ">FAILED"), rows)


@batch.command("results")
@click.argument("batch_id", type=NAME)
@click.option("--no-progress", is_flag=True, help="Show no progress bar.")
@connection("Time for each call, and for the batch to be done", 86400.0)
def _results(batch_id: str, no_progress: bool, host: str, timeout: float) -> int:  # noqa: FBT001  # as click passes it
    """Wait for a batch, and print a line of JSON for each of its results.

    The exit status is 1 when a request failed.
    """
    status = 0
    with v1_client(host, timeout) as client:
        with progress_bar(label(batch_id), wanted=not no_progress, unit="percent") as bar:
            client.batch.wait(batch_id, timeout=timeout, on_progress=_shown(bar))
        for result in client.batch.results(batch_id):
            line: dict[str, object] = {"id": result.batch_request_id}
            if result.error is not None:
                line["error"] = str(result.error)
                status = 1
            elif result.kind == "chat":
                line["content"] = result.chat.content
            else:
                line["kind"] = result.kind
            print(json.dumps(line), flush=True)
    return status


def _shown(
    bar: "Callable[[int, int | None], None] | None",
) -> "Callable[[xai.v1.Batch], None] | None":
    if bar is None:
        return None

    def show(found: "xai.v1.Batch") -> None:
        if found.state is not None:
            bar(found.state.num_requests - found.state.num_pending, found.state.num_requests)

    return show


@batch.command("cancel")
@click.argument("batch_id", type=NAME)
@connection("Time for each call, retries included", 300.0)
def _cancel(batch_id: str, host: str, timeout: float) -> None:
    """Cancel a batch."""
    with v1_client(host, timeout) as client:
        client.batch.cancel(batch_id)
