"""``xai models``: the models of the v1 API."""

from typing import TYPE_CHECKING

import click

from xai.commands.connection import v1_client
from xai.commands.options import Command, connection, json_option
from xai.commands.output import print_json, print_table

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import xai


@click.command("models", cls=Command)
@click.option(
    "--kind",
    type=click.Choice(["language", "image", "embedding"]),
    help="List the models of one kind alone.",
)
@json_option
@connection("Time for each call, retries included", 60.0)
def models(kind: str | None, as_json: bool, host: str, timeout: float) -> None:  # noqa: FBT001  # as click passes it
    """List the models: their names, what they take, and what they cost in USD.

    Prices of text are per million tokens, those of images for each image.
    """
    with v1_client(host, timeout) as client:
        listings: dict[str, Callable[[], Sequence[_Model]]] = {
            "language": client.models.list_language_models,
            "image": client.models.list_image_generation_models,
            "embedding": client.models.list_embedding_models,
        }
        found = [
            (each, model)
            for each, listing in listings.items()
            if kind in (None, each)
            for model in listing()
        ]
    if as_json:
        print_json([{"kind": each, **model.to_dict()} for each, model in found])
        return
    print_table(
        ("MODEL", "KIND", "TAKES", ">PROMPT", ">OUTPUT", "ALSO CALLED"),
        [
            (
                model.name,
                each,
                ", ".join(str(item) for item in model.input_modalities) or "-",
                *_prices(model),
                ", ".join(model.aliases),
            )
            for each, model in found
        ],
    )


def _prices(model: "_Model") -> tuple[str, str]:
    """Return the price of what is asked, and of what is made."""
    from xai.v1 import EmbeddingModel, ImageGenerationModel

    if isinstance(model, ImageGenerationModel):
        return "-", f"{model.image_usd:.3f}"
    if isinstance(model, EmbeddingModel):
        return f"{model.prompt_text_usd_per_million:.2f}", "-"
    return (
        f"{model.prompt_text_usd_per_million:.2f}",
        f"{model.completion_text_usd_per_million:.2f}",
    )


if TYPE_CHECKING:
    _Model = xai.v1.LanguageModel | xai.v1.ImageGenerationModel | xai.v1.EmbeddingModel
