"""The command line: ``python -m xai`` or ``xai``."""

import argparse
import contextlib
import io
import logging
import math
import os
import shlex
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import xai

if TYPE_CHECKING:
    from xai.testing import LocalServer

_PROMPT = "A question"
_SEED, _OTHER_SEED = 3, 5
#: Slow enough to see a stream arrive, fast enough for nobody to wait for it.
_TOKEN_DELAY = 0.03

_EXIT_STATUS = "Exit status: 0 when all went well, 1 when it did not, 2 for a wrong argument."


class _CommandError(Exception):
    """What ends a command: one line for the user, and the exit status."""

    def __init__(self, text: str, status: int) -> None:
        super().__init__(" ".join(text.split()))
        self.status = status


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command.

    Args:
        argv: The arguments after the program's name; those of the process when None.

    Returns:
        0 when all went well, 1 when a call failed, 2 when an argument was wrong, 130 after Ctrl-C.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        # Models write in any language, and not every terminal or pipe takes every character.
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        try:
            return _run(_parser().parse_args(argv))
        finally:
            # Here, where a reader that has left is caught, and not at the interpreter's exit.
            if sys.stdout is not None:
                sys.stdout.flush()
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # Whoever read our output has left; there is nobody to tell. The descriptor is pointed
        # elsewhere so that the interpreter's own flush at exit finds no broken pipe either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def _run(options: argparse.Namespace) -> int:
    try:
        if options.command == "demo":
            _demo()
        elif options.command == "check":
            _check(options.host, options.timeout)
        else:
            _serve(options.host, options.port, options.key)
    except _CommandError as error:
        print(f"xai {options.command}: {error}", file=sys.stderr)
        return error.status
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="xai",
        description="A client for the xAI API, with an embedded server to try it on.",
        epilog=f"XAI_API_KEY holds the API key for 'check'; the others need none. {_EXIT_STATUS}",
    )
    parser.add_argument("--version", action="version", version=f"xai-client {xai.__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser(
        "demo",
        help="show the client at work against the embedded server (no key, no network)",
        description="Start the embedded server on a loopback port and talk to it: a check, a "
        "streamed completion, the same again from its seed, and a retry after a failure.",
        epilog=_EXIT_STATUS,
    )
    check = commands.add_parser(
        "check",
        help="sample a few tokens from the API to see that host and key work",
        description="Sample a few tokens and print them. The key comes from the environment "
        "variable XAI_API_KEY and needs the ACL sampler:write.",
        epilog=_EXIT_STATUS,
    )
    check.add_argument(
        "--host", default="api.x.ai", help="host or host:port (default: %(default)s)"
    )
    check.add_argument(
        "--timeout",
        type=_seconds,
        default=30.0,
        metavar="SECONDS",
        help="time for the whole check, retries included (default: %(default)g)",
    )
    _add_serve_arguments(
        commands.add_parser(
            "serve",
            help="run the embedded server in the foreground",
            description="Run the embedded server on the loopback interface until Ctrl-C, and say "
            "how to point a client at it. It answers with a small language model of its own.",
            epilog=_EXIT_STATUS,
        )
    )
    return parser


def _add_serve_arguments(serve: argparse.ArgumentParser) -> None:
    # Clients find plain text at "localhost" only, so no other address would be of use.
    serve.add_argument(
        "--host",
        choices=["127.0.0.1", "::1"],
        default="127.0.0.1",
        help="address to listen on, 127.0.0.1 or ::1 (default: %(default)s)",
        metavar="ADDRESS",
    )
    serve.add_argument(
        "--port", type=_port, default=0, help="port to listen on (default: a free one)"
    )
    serve.add_argument(
        "--key", type=_key, default="local-key", help="API key to accept (default: %(default)s)"
    )


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) <= 65535):
        raise argparse.ArgumentTypeError(f"not a port from 0 to 65535: {text!r}")
    return int(text)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not seconds > 0:
        raise argparse.ArgumentTypeError(f"not a positive number of seconds: {text!r}")
    return seconds


def _key(text: str) -> str:
    from xai.runtime.endpoint import check_key

    if not text:
        raise argparse.ArgumentTypeError("the key is empty")
    try:
        return check_key(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _check(host: str, timeout: float) -> None:
    try:
        client = xai.Client(api_host=host, timeout=timeout)
    except ValueError as error:
        raise _CommandError(str(error), 2) from error
    # Retries are not the user's business here: what matters is how it ended.
    with client, _log_to(logging.NullHandler()):
        try:
            xai.does_it_work(client)
        except xai.APIError as error:
            tries = f" (after {error.attempts} attempts)" if error.attempts > 1 else ""
            text = f"{type(error).__name__}: {error}{tries}"
            raise _CommandError(text, 1) from error


def _serve(host: str, port: int, key: str) -> None:
    from xai.testing import serve

    def ready(server: "LocalServer") -> None:
        print(f"Serving on {server.host} until Ctrl-C. Try it from another terminal:\n")
        print(f"    XAI_API_KEY={shlex.quote(key)} python -m xai check --host {server.host}\n")
        print("or from Python:\n")
        print(f"    client = xai.Client({key!r}, api_host={server.host!r})", flush=True)

    try:
        serve(host=host, port=port, keys=[key], on_ready=ready)
    except BrokenPipeError:
        raise
    except OSError as error:
        # The event loop's own text names the address in a different way in each version.
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise _CommandError(f"can't listen on {host} port {port}: {reason}", 1) from error


def _demo() -> None:
    from xai.testing import LocalServer

    with LocalServer(token_delay=_TOKEN_DELAY) as server, server.client() as client:
        print(f"An embedded server is running on {server.host}: a real gRPC server with a small")
        print("language model. No key is needed, and nothing leaves this machine.")
        try:
            _show(server, client)
        except xai.APIError as error:
            raise _CommandError(f"{type(error).__name__}: {error}", 1) from error
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
        raise _CommandError("the same seed did not give the same tokens", 1)
    print(f"The {len(again)} tokens of seed {_SEED} are the same both times.")

    _step(
        "A failure: the server is told to answer UNAVAILABLE once. The client logs it and retries.",
        "client.sampler.tokenize('It works, again.')",
    )
    server.fail(xai.StatusCode.UNAVAILABLE, "restarting", times=1)
    with _log_to(_Printer()):
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


@contextlib.contextmanager
def _log_to(handler: logging.Handler) -> Iterator[None]:
    logger = logging.getLogger("xai")
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)


if __name__ == "__main__":
    sys.exit(main())
