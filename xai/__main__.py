"""The command line: ``python -m xai`` or ``xai``."""

import argparse
import contextlib
import logging
import os
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import xai

if TYPE_CHECKING:
    from xai.testing import LocalServer

_PROMPT = "The river begins"


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command.

    Args:
        argv: The arguments after the program's name; those of the process when None.

    Returns:
        0 when all went well, 1 when a call failed, 2 when an argument was wrong, 130 after Ctrl-C.
    """
    options = _parser().parse_args(argv)
    try:
        if options.command == "demo":
            _demo()
        elif options.command == "check":
            _check(options.host)
        else:
            _serve(options.host, options.port, options.key)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # Whoever read our output has left; there is nobody to tell. The descriptor is pointed
        # elsewhere so that the interpreter's own flush at exit finds no broken pipe either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except (ValueError, OSError, xai.XAIError) as error:
        print(f"xai {options.command}: {_line(error)}", file=sys.stderr)
        return 2 if isinstance(error, ValueError) else 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="xai",
        description="A client for the xAI API, with an embedded server to try it on.",
        epilog="XAI_API_KEY holds the API key for 'check'; 'demo' and 'serve' need none.",
    )
    parser.add_argument("--version", action="version", version=f"xai-client {xai.__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser(
        "demo",
        help="show the client at work against the embedded server (no key, no network)",
        description="Start the embedded server on a loopback port and talk to it: a check, a "
        "streamed completion, the same again from its seed, and a retry after a failure.",
    )
    check = commands.add_parser(
        "check",
        help="sample a few tokens from the API to see that host and key work",
        description="Sample a few tokens and print them. The key comes from XAI_API_KEY.",
    )
    check.add_argument(
        "--host", default="api.x.ai", help="host or host:port (default: %(default)s)"
    )
    serve = commands.add_parser(
        "serve",
        help="run the embedded server in the foreground",
        description="Run the embedded server on the loopback interface until Ctrl-C.",
    )
    serve.add_argument(
        "--host", default="127.0.0.1", help="loopback address to listen on (default: %(default)s)"
    )
    serve.add_argument(
        "--port", type=_port, default=0, help="port to listen on (default: a free one)"
    )
    serve.add_argument(
        "--key", default="local-key", help="API key to accept (default: %(default)s)"
    )
    return parser


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) <= 65535):
        raise argparse.ArgumentTypeError(f"not a port from 0 to 65535: {text!r}")
    return int(text)


def _line(error: BaseException) -> str:
    name = type(error).__name__
    text = " ".join(str(error).split())
    return f"{name}: {text}" if text else name


def _check(host: str) -> None:
    with xai.Client(api_host=host) as client:
        xai.does_it_work(client)


def _serve(host: str, port: int, key: str) -> None:
    from xai.testing import serve

    def ready(server: "LocalServer") -> None:
        print(f"serving on {server.host} until Ctrl-C; try it from another terminal:\n")
        print(f"    XAI_API_KEY={key} python -m xai check --host {server.host}\n")
        print("or from Python:\n")
        print(f'    client = xai.Client("{key}", api_host="{server.host}")', flush=True)

    serve(host=host, port=port, keys=[key], on_ready=ready)


def _demo() -> None:
    from xai.testing import LocalServer

    with LocalServer() as server, server.client() as client:
        print(f"The embedded server listens on {server.host}; all of this stays on this machine.")
        _step("A first check: the client asks the model, the model answers.")
        xai.does_it_work(client)
        _step("A completion, token by token as it streams in, with the model's probability.")
        first = _stream(client)
        _step("The same call with the same seed gives the same tokens.")
        again = [token.token_id for token in client.sampler.sample(_PROMPT, max_len=12, rng_seed=7)]
        print(f"{len(again)} tokens, identical: {'yes' if again == first else 'NO'}")
        _step("The server fails once with UNAVAILABLE; the client says so and tries again.")
        server.fail(xai.StatusCode.UNAVAILABLE, "restarting", times=1)
        with _log_to_stdout():
            tokens = client.sampler.tokenize("It just works.")
        print(f"after the retry: {[token.token_str for token in tokens]}")
        if again != first:
            raise xai.XAIError("the seeded run differed from the first one")
    print("\nDone. Next: the README, and 'python -m xai --help'.")


def _stream(client: "xai.Client") -> list[int]:
    ids = []
    print(f"{_PROMPT!r} goes on:")
    for token in client.sampler.sample(_PROMPT, max_len=12, rng_seed=7):
        ids.append(token.token_id)
        print(f"  {token.prob:6.1%}  {token.token_str!r}", flush=True)
    return ids


def _step(text: str) -> None:
    print(f"\n== {text}", flush=True)


@contextlib.contextmanager
def _log_to_stdout() -> Iterator[None]:
    logger = logging.getLogger("xai")
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(logging.Formatter("log: %(levelname)s %(message)s"))
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)


if __name__ == "__main__":
    sys.exit(main())
