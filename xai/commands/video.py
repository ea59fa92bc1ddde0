"""``xai video``: videos from prompts."""

from pathlib import Path
from typing import Final

import click

from xai.commands.connection import near_names, v1_client
from xai.commands.local_files import check_target
from xai.commands.options import Command, connection, model_option
from xai.commands.output import label, size
from xai.commands.progress import progress_bar

#: The model that is asked when none is named.
_MODEL: Final = "grok-imagine-video"


@click.command("video", cls=Command)
@click.argument("prompt")
@click.option(
    "-o", "--output", default="video.mp4", show_default=True, metavar="PATH", help="File."
)
@model_option(f"Model (default: {_MODEL}).")
@click.option("--seconds", type=click.IntRange(1, 15), help="Length in seconds.")
@click.option("-a", "--attach", metavar="FILE|URL", help="Picture that the video begins with.")
@click.option("--overwrite", is_flag=True, help="Replace a file that is there.")
@click.option("--no-progress", is_flag=True, help="Show no progress bar.")
@connection("Time for each call, and for the video to be made", 900.0)
def video(  # noqa: PLR0917  # as click passes them
    prompt: str,
    output: str,
    model: str,
    seconds: int | None,
    attach: str | None,
    overwrite: bool,  # noqa: FBT001
    no_progress: bool,  # noqa: FBT001
    host: str,
    timeout: float,
) -> None:
    """Make a video of what PROMPT says, and write it to a file. It shows how far it is."""
    name = model or _MODEL
    target = Path(output).expanduser()
    check_target(str(target), overwrite=overwrite)
    picture: str | Path | None = attach
    if attach and not attach.startswith(("http://", "https://")):
        picture = Path(attach).expanduser()
    with v1_client(host, timeout) as client, near_names(client, name):
        with progress_bar("making", wanted=not no_progress, unit="percent") as bar:
            made = client.video.generate(
                prompt,
                name,
                timeout=timeout,
                on_progress=None if bar is None else lambda percent: bar(percent, 100),
                duration=seconds,
                image=picture,
            )
        with progress_bar(label(target.name), wanted=not no_progress) as bar:
            path = made.download(target, on_progress=bar)
    print(f"Wrote {label(str(path))} ({size(path.stat().st_size)}, {made.duration} s)")
