"""``manage.py continue_text``: the clients of the site, outside a server."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

import xai
from tests.django.site import clients


class Command(BaseCommand):
    """Continues a text."""

    help = "Continue a text."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the text, its length and the model."""
        parser.add_argument("text")
        parser.add_argument("--length", type=int, default=5)
        parser.add_argument("--model", default="")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ANN401, ARG002  # Django's signature
        """Write the tokens as they come."""
        try:
            with clients.blocking.sampler.sample(
                options["text"],
                max_len=options["length"],
                rng_seed=7,
                model_name=options["model"],
            ) as stream:
                for token in stream:
                    self.stdout.write(token.token_str)
        except xai.APIError as error:
            raise CommandError(error.message) from error
