"""``xai image``: pictures from prompts."""

from pathlib import Path
from typing import Final

import click

from xai.commands.connection import near_names, v1_client
from xai.commands.local_files import check_target, write_whole
from xai.commands.options import Command, connection, model_option
from xai.commands.output import label, size

#: The model that is asked when none is named.
_MODEL: Final = "grok-imagine-image"


@click.command("image", cls=Command)
@click.argument("prompt")
@click.option("-o", "--output", default="image", show_default=True, metavar="PATH", help="File.")
@model_option(f"Model (default: {_MODEL}).")
@click.option("-n", "--count", type=click.IntRange(1, 10), default=1, help="How many to make.")
@click.option(
    "-a", "--attach", multiple=True, metavar="FILE|URL", help="Picture to edit. May be repeated."
)
@click.option("--overwrite", is_flag=True, help="Replace a file that is there.")
@connection("Time for each call, retries included", 300.0)
def image(  # noqa: PLR0917  # as click passes them
    prompt: str,
    output: str,
    model: str,
    count: int,
    attach: tuple[str, ...],
    overwrite: bool,  # noqa: FBT001
    host: str,
    timeout: float,
) -> None:
    """Make a picture of what PROMPT says, and write it to a file.

    An ending that PATH lacks is that of the picture's format; several get numbers before it.
    """
    name = model or _MODEL
    wanted = Path(output).expanduser()
    if wanted.suffix and count == 1:
        # Nobody wants to learn about it after the picture was paid for.
        check_target(str(wanted), overwrite=overwrite)
    pictures = [_picture(source) for source in attach]
    with v1_client(host, timeout) as client, near_names(client, name):
        made = client.image.sample_batch(
            prompt, name, count, images=pictures or None, image_format="base64"
        )
        for number, each in enumerate(made, 1):
            data = each.read()
            target = str(_path(wanted, data, number if count > 1 else None))
            write_whole(target, [data], overwrite=overwrite)
            print(f"Wrote {label(target)} ({size(len(data))})")


def _picture(source: str) -> str | Path:
    return source if source.startswith(("http://", "https://")) else Path(source).expanduser()


def _path(wanted: Path, data: bytes, number: int | None) -> Path:
    """Return where a picture goes."""
    ending = wanted.suffix or (".png" if data.startswith(b"\x89PNG") else ".jpg")
    mark = "" if number is None else f"-{number}"
    return wanted.with_name(f"{wanted.stem}{mark}{ending}")
