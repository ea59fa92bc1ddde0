"""``xai check``: see whether host and key work."""

import click

import xai
from xai.commands.connection import find_model, near_names, prompt_ide_client, v1_client
from xai.commands.options import Command, connection, generation, model_option
from xai.commands.output import CommandError, visible

_QUESTION = "Does it work?"


@click.command("check", cls=Command)
@connection("Time for the whole check, retries included", 30.0)
@generation
@model_option("Model to ask, with the v1 API (default: the one that chat uses).")
def check(host: str, timeout: float, api: str, model: str) -> None:
    """Ask a model whether it works, and print what it says.

    The key comes from the environment variable XAI_API_KEY. It needs the ACL chat:write, or
    sampler:write with --api prompt-ide.
    """
    if api == "prompt-ide":
        if model:
            raise CommandError("--model needs --api v1", 2)
        with prompt_ide_client(host, timeout) as client:
            xai.does_it_work(client)
        return
    with v1_client(host, timeout) as v1:
        name = find_model(v1, model)()
        with near_names(v1, name):
            chat = v1.chat.create(
                name, messages=[xai.v1.user(_QUESTION)], max_tokens=16, temperature=0.0
            )
            response = chat.sample()
    print(f"{_QUESTION} {visible(' '.join(response.content.split()))}")
