"""``xai bulk``: the prompts of a file, many of them at the same time."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

import xai
from xai.commands.ask import inputs
from xai.commands.connection import find_model, near_names, v1_client
from xai.commands.local_files import check_target
from xai.commands.options import Command, connection, model_option
from xai.commands.output import CommandError, label, note
from xai.commands.progress import progress_bar

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import IO

    from xai.v1.bulk import Progress, Result

    _Messages = Sequence[xai.v1.Message | Mapping[str, object]]

#: What every other item would meet as well.
_HOPELESS: Final = (xai.AuthenticationError, xai.PermissionDeniedError, xai.NotFoundError)


@click.command("bulk", cls=Command)
@click.argument("path", metavar="FILE")
@model_option("Model (default: the one that chat uses).")
@click.option("-o", "--output", required=True, metavar="FILE", help="File for the results.")
@click.option("-s", "--system", metavar="TEXT", help="System prompt of each.")
@click.option(
    "-p",
    "--prompt",
    "template",
    metavar="TEXT",
    help="Prompt with {item} in it, or {NAME} for fields of the lines, which then may be anything.",
)
@click.option(
    "--schema",
    metavar="FILE|FIELDS",
    help="Respond in JSON: a file with a JSON schema, or fields such as 'name str, age int'.",
)
@click.option(
    "--concurrency",
    type=click.IntRange(1, 10_000),
    metavar="COUNT",
    help="How many at the same time (default: as many as the server takes).",
)
@click.option(
    "--budget",
    type=click.FloatRange(0.0, min_open=True),
    metavar="USD",
    help="What may be spent; no more prompts are sent that could pass it.",
)
@click.option(
    "--via",
    type=click.Choice(["calls", "batch"]),
    default="calls",
    show_default=True,
    help="Calls, or one batch: it takes longer and costs less.",
)
@click.option("--overwrite", is_flag=True, help="Replace a file that is there.")
@click.option("--no-progress", is_flag=True, help="Show no progress bar.")
@connection("Time for each response, retries included", 900.0)
def bulk(  # noqa: PLR0917  # as click passes them
    path: str,
    model: str,
    output: str,
    system: str | None,
    template: str | None,
    schema: str | None,
    concurrency: int | None,
    budget: float | None,
    via: str,
    overwrite: bool,  # noqa: FBT001
    no_progress: bool,  # noqa: FBT001
    host: str,
    timeout: float,
) -> int:
    """Ask a model about each line of FILE, and write a line of JSON for each response.

    A line of FILE is JSON: a text, or an object with a "prompt" and perhaps an "id", which all
    lines have or none. A line of the results has the "id" (else the number of the prompt, from 1)
    and the "content", the "value" with --schema, or the "error". They come in any order.

    What is finished is kept in the file OUTPUT.checkpoint: after Ctrl-C the same command goes on
    where it stopped, and pays for nothing twice. The exit status is 1 when a prompt failed or the
    budget was too small.

    The key comes from the environment variable XAI_API_KEY, and needs the ACL chat:write.
    """
    if via == "batch" and (concurrency is not None or budget is not None):
        raise click.UsageError("--via batch excludes --concurrency and --budget.")
    lines = _Lines(path, template)
    checkpoint = f"{output}.checkpoint"
    goes_on = Path(checkpoint).exists()
    if Path(output).exists() and Path(output).samefile(path):
        raise click.UsageError("The results would replace the prompts.")
    check_target(output, overwrite=overwrite or goes_on)
    shape = None if schema is None else inputs.schema(schema)
    with v1_client(host, timeout) as client:
        name = find_model(client, model)()
        task: xai.v1.ChatTask[object, xai.v1.Response] = xai.v1.ChatTask(
            name, _prompts(system, template), response_format=shape
        )
        with progress_bar(label(path), wanted=not no_progress, unit="percent") as bar:
            run = client.bulk.map(
                task,
                lines,
                concurrency=concurrency,
                budget_usd=budget,
                checkpoint=checkpoint,
                key=_id if lines.named else None,
                via="batch" if via == "batch" else "calls",
                on_progress=_shown(bar),
            )
            try:
                with run, near_names(client, name):
                    failed = _write(run, output, shaped=shape is not None)
            except KeyboardInterrupt:
                note(f"xai bulk: stopped at {_summary(run.progress)}; the same command goes on")
                raise
    print(_summary(run.progress))
    if run.stopped is not None:
        note("xai bulk: the next prompt could have passed the budget")
    return 1 if failed or run.stopped is not None else 0


class _Lines:
    """The prompts of a file, read when they are asked for; all lines are checked before that."""

    def __init__(self, path: str, template: str | None) -> None:
        self._path = path
        self._template = template
        self._count = 0
        self._ids: set[str | int] = set()
        self.named = False
        # They are read twice.
        if Path(path).exists() and not Path(path).is_file():
            raise CommandError(f"{path}: not a regular file", 2)
        for place, item in self._read():
            named = isinstance(item, Mapping) and "id" in item
            if not self._count:
                self.named = named
            self._check(place, item, named=named)
            self._count += 1
        self._ids.clear()
        if not self._count:
            raise CommandError(f"{path}: there are no prompts", 2)

    def __len__(self) -> int:
        """Return how many there are."""
        return self._count

    def __iter__(self) -> Iterator[object]:
        """Read them."""
        return (item for _, item in self._read())

    def _read(self) -> Iterator[tuple[int, object]]:
        with open(self._path, encoding="utf-8") as file:  # noqa: PTH123  # a path as the user gave it
            for place, line in enumerate(file, 1):
                if line.strip():
                    try:
                        yield place, json.loads(line)
                    except ValueError as error:
                        raise self._wrong(place, f"not JSON: {error}") from None

    def _check(self, place: int, item: object, *, named: bool) -> None:
        if named != self.named:
            raise self._wrong(place, 'all lines have an "id", or none')
        if named and (isinstance(_id(item), bool) or not isinstance(_id(item), (str, int))):
            raise self._wrong(place, '"id" is a text or a whole number')
        if named and _id(item) in self._ids:
            raise self._wrong(place, f"another line has the id {_id(item)!r}")
        if named:
            self._ids.add(_id(item))
        if self._template is None and not _prompt(item):
            raise self._wrong(
                place, 'neither a text nor an object with a "prompt"; -p says what to ask'
            )

    def _wrong(self, place: int, text: str) -> CommandError:
        return CommandError(f"{self._path}, line {place}: {text}", 2)


def _id(item: object) -> str | int:
    return item["id"]  # type: ignore[index, no-any-return]  # looked at before


def _prompt(item: object) -> str:
    found = item.get("prompt") if isinstance(item, Mapping) else item
    return found if isinstance(found, str) else ""


def _prompts(system: str | None, template: str | None) -> "Callable[[object], _Messages]":
    try:
        filled = None if template is None else xai.v1.ChatTask("any", template)
    except ValueError as error:
        raise click.UsageError(f"--prompt: {error}") from None
    # With the texts, which the checkpoint has digests of.
    return partial(_messages, system, template, filled)


def _messages(
    system: str | None,
    _template: str | None,
    filled: "xai.v1.ChatTask[object, xai.v1.Response] | None",
    item: object,
) -> "_Messages":
    asked: list[xai.v1.Message | Mapping[str, object]] = (
        [] if system is None else [xai.v1.system(system)]
    )
    if filled is None:
        return [*asked, xai.v1.user(_prompt(item))]
    return [*asked, *filled.messages(item)]


def _write(
    results: "Iterable[Result[object, xai.v1.Response]]", output: str, *, shaped: bool
) -> bool:
    """Write results as they come; return whether one of them is an error."""
    succeeded = failed = False
    file: IO[str] | None = None
    try:
        for result in results:
            succeeded = succeeded or result.error is None
            if not succeeded and isinstance(result.error, _HOPELESS):
                raise result.error
            # Once it is known that this is the work of the checkpoint.
            file = file or open(output, "w", encoding="utf-8")  # noqa: PTH123, SIM115  # closed below
            line = _line(result, shaped=shaped)
            failed = failed or "error" in line
            file.write(json.dumps(line) + "\n")
            file.flush()
    finally:
        if file is not None:
            file.close()
    return failed


def _line(result: "Result[object, xai.v1.Response]", *, shaped: bool) -> dict[str, object]:
    named = isinstance(result.item, Mapping) and "id" in result.item
    line: dict[str, object] = {"id": result.key if named else int(result.key) + 1}
    if result.value is None:
        return {**line, "error": str(result.error)}
    content = result.value.content
    if not shaped:
        return {**line, "content": content}
    try:
        return {**line, "value": json.loads(content)}
    except ValueError as error:
        return {**line, "content": content, "error": f"the response is no JSON: {error}"}


def _shown(
    bar: "Callable[[int, int | None], None] | None",
) -> "Callable[[Progress], None] | None":
    if bar is None:
        return None
    return lambda progress: bar(progress.done, progress.total)


def _summary(progress: "Progress") -> str:
    failed = f", {progress.errors:,} failed" if progress.errors else ""
    spent = f"{progress.tokens:,} tokens, ${progress.cost_usd:.4f}"
    return f"{progress.done:,} of {progress.total or 0:,} prompts{failed}, {spent}"
