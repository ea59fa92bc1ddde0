"""``manage.py xai check``: tell whether the clients of this site can call the API."""

from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError

from xai.django.clients import client
from xai.errors import APIError


class Command(BaseCommand):
    """Calls the API with the settings of the site."""

    help = "Call the xAI API with the settings of this site."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare what can be asked.

        Args:
            parser: Takes the declarations.
        """
        parser.add_argument("action", choices=["check"], help="see whether the key works")

    def handle(self, *args: object, **options: object) -> None:
        """Print the key's name and the models it may use.

        Args:
            args: Nothing.
            options: What was asked.

        Raises:
            CommandError: There is no key, or a call failed.
        """
        del args, options
        try:
            key = client.auth.get_api_key_info()
            models = [model.name for model in client.models.list_language_models()]
        except (APIError, ValueError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"The key {key.redacted_api_key} works: {', '.join(models)}")
