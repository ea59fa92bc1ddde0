"""``xai demo``: the client at work against the embedded server."""

import logging
from typing import TYPE_CHECKING

import click

import xai
from xai.commands.options import Command
from xai.commands.output import CommandError, log_to

if TYPE_CHECKING:
    from xai.testing import LocalServer

_PROMPT = "A question"
_SEED, _OTHER_SEED = 3, 5
#: Slow enough to see a stream arrive, fast enough for nobody to wait for it.
_TOKEN_DELAY = 0.03


@click.command("demo", cls=Command)
def demo() -> None:
    """Start the embedded server on a loopback port and talk to it.

    A check, a streamed completion, the same again from its seed, and a retry after a failure. It
    needs no key and no network.
    """
    from xai.testing import LocalServer

    with LocalServer(token_delay=_TOKEN_DELAY) as server, server.client() as client:
        print(f"An embedded server is running on {server.host}: a real gRPC server with a small")
        print("language model. No key is needed, and nothing leaves this machine.")
        _show(server, client)
    print("\nAll of it worked. The README goes on from here; 'xai serve' keeps a server running")
    print("for programs of your own, and 'xai check' tries your key on the real API.")


def _show(server: "LocalServer", client: "xai.Client") -> None:
    _step("A check: the model is asked a question and continues it.", "xai.does_it_work(client)")
    xai.does_it_work(client)

    _step(
        "A completion, token by token as it arrives, each with the probability the model gave it.",
        f"client.sampler.sample({_PROMPT!r}, rng_seed={_SEED}, stop_strings=['.'])",
        "(A leading ▁ in a token stands for the space before a word.)",
    )
    first = _sample(client, _SEED, aloud=True)
    print(_text(first))

    _step("The same call again: a seed makes the result reproducible, another one changes it.")
    again, other = _sample(client, _SEED), _sample(client, _OTHER_SEED)
    print(f"seed {_SEED}: {_text(again)}")
    print(f"seed {_OTHER_SEED}: {_text(other)}")
    if again != first:
        raise CommandError("the same seed did not give the same tokens")
    print(f"The {len(again)} tokens of seed {_SEED} are the same both times.")

    _step(
        "A failure: the server is told to answer UNAVAILABLE once. The client logs it and retries.",
        "client.sampler.tokenize('It works, again.')",
    )
    server.fail(xai.StatusCode.UNAVAILABLE, "restarting", times=1)
    with log_to(_Printer(logging.INFO)):
        tokens = client.sampler.tokenize("It works, again.")
    print("The second attempt succeeded:", *(token.token_str for token in tokens))


def _sample(client: "xai.Client", seed: int, *, aloud: bool = False) -> list["xai.Token"]:
    tokens = []
    for token in client.sampler.sample(_PROMPT, rng_seed=seed, stop_strings=["."]):
        tokens.append(token)
        if aloud:
            print(f"  {token.prob:6.1%}  {token.token_str}", flush=True)
    return tokens


def _text(tokens: list["xai.Token"]) -> str:
    return _PROMPT + "".join(token.token_str for token in tokens).replace("▁", " ")


def _step(title: str, code: str = "", note: str = "") -> None:
    lines = [f"\n== {title}", note, code and f">>> {code}"]
    print(*filter(None, lines), sep="\n", flush=True)


class _Printer(logging.Handler):
    """Prints what is logged; unlike a StreamHandler it lets the error of a closed pipe out."""

    def emit(self, record: logging.LogRecord) -> None:
        print(record.levelname, record.getMessage(), flush=True)
