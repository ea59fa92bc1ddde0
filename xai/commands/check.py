"""``xai check``: see whether host and key work."""

import argparse

import xai
from xai.commands.terminal import CommandError, describe, open_client


def run(options: argparse.Namespace) -> int:
    """Sample a few tokens from the API, and print them.

    Args:
        options: ``host``, and ``timeout`` in seconds.

    Returns:
        The exit status.
    """
    with open_client(options.host, options.timeout) as client:
        try:
            xai.does_it_work(client)
        except xai.APIError as error:
            raise CommandError(describe(error)) from error
    return 0
