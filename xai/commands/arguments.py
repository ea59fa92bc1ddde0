"""The command line's arguments; reading them loads nothing but argparse."""

import argparse
import math

#: What stands at the end of each help text.
EXIT_STATUS = "Exit status: 0 when all went well, 1 when it did not, 2 for a wrong argument."
#: The model of `xai chat` in the v1 API, if the server has it.
DEFAULT_MODEL = "grok-4.6"
_KEY = "The key comes from the environment variable XAI_API_KEY"


def add_commands(parser: argparse.ArgumentParser) -> None:
    """Give the parser of the program its commands.

    Args:
        parser: The parser.
    """
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser(
        "demo",
        help="show the client at work against the embedded server (no key, no network)",
        description="Start the embedded server on a loopback port and talk to it: a check, a "
        "streamed completion, the same again from its seed, and a retry after a failure.",
        epilog=EXIT_STATUS,
    )
    check = commands.add_parser(
        "check",
        help="sample a few tokens from the API to see that host and key work",
        description=f"Sample a few tokens and print them. {_KEY} and needs the ACL sampler:write.",
        epilog=EXIT_STATUS,
    )
    _add_connection(check, "time for the whole check, retries included", 30.0)
    _add_chat_arguments(
        commands.add_parser(
            "chat",
            help="talk with a model, in the terminal or through a pipe",
            description="Talk with a model: answers appear as they come, Ctrl-C stops one, Ctrl-D "
            "leaves, /help lists the commands. Where the input or the output is no terminal, each "
            f"line is a message, and the first failure is the end. {_KEY} and needs the ACL "
            "chat:write.",
            epilog=EXIT_STATUS,
        )
    )
    _add_file_actions(
        commands.add_parser(
            "files",
            help="list, upload, download, delete and rename files stored with the API",
            description=f"Manage the files stored with the API. {_KEY} and needs the "
            "ACLs files:read and files:write.",
            epilog=EXIT_STATUS,
        )
    )
    _add_serve_arguments(
        commands.add_parser(
            "serve",
            help="run the embedded server in the foreground",
            description="Run the embedded server on the loopback interface until Ctrl-C, and say "
            "how to point a client at it. It answers with a small language model of its own.",
            epilog=EXIT_STATUS,
        )
    )


def _add_connection(parser: argparse.ArgumentParser, timeout: str, default: float) -> None:
    parser.add_argument(
        "--host", default="api.x.ai", help="host or host:port (default: %(default)s)"
    )
    parser.add_argument(
        "--timeout",
        type=_seconds,
        default=default,
        metavar="SECONDS",
        help=f"{timeout} (default: %(default)g)",
    )


def _add_chat_arguments(chat: argparse.ArgumentParser) -> None:
    # What goes with what is checked when all of it is read, which argparse has no place for.
    chat.set_defaults(refuse=chat.error)
    chat.add_argument(
        "--api",
        choices=["prompt-ide", "v1"],
        default="v1",
        help="the generation of the API: v1, or the older PromptIDE API (default: %(default)s)",
    )
    _add_connection(chat, "time for an answer, retries included", 900.0)
    chat.add_argument(
        "--model",
        default="",
        metavar="NAME",
        help=f"model (default: {DEFAULT_MODEL}, or if the server lists its models without it, the "
        "first of those; with --api prompt-ide the server's own)",
    )
    chat.add_argument(
        "--service",
        choices=["chat", "grok"],
        help="with --api prompt-ide: chat keeps the conversation here, grok on the server "
        "(default: chat)",
    )
    chat.add_argument(
        "--fun",
        action="store_true",
        help="with --api prompt-ide: use Grok's fun mode (default: off)",
    )
    history = chat.add_mutually_exclusive_group()
    history.add_argument(
        "--history",
        metavar="FILE",
        help="file for the lines that are typed in a terminal (default: xai/chat_history in "
        "$XDG_STATE_HOME, or in ~/.local/state)",
    )
    history.add_argument(
        "--no-history", action="store_true", help="use no such file (default: it is used)"
    )


def _add_file_actions(files: argparse.ArgumentParser) -> None:
    actions = files.add_subparsers(dest="action", required=True, metavar="ACTION")

    def add(name: str, text: str) -> argparse.ArgumentParser:
        described = f"{text[0].upper()}{text[1:]}."
        action = actions.add_parser(name, help=text, description=described, epilog=EXIT_STATUS)
        _add_connection(action, "time for each call, retries included", 900.0)
        return action

    listing = add("ls", "list the files and the storage they use")
    listing.add_argument(
        "--json", action="store_true", help="write JSON, with sizes in bytes (default: a table)"
    )
    put = add("put", "upload a file")
    put.add_argument("local", metavar="LOCAL", type=_name, help="path of the file to upload")
    put.add_argument(
        "remote", metavar="REMOTE", type=_name, nargs="?", help="name to store it under, if another"
    )
    get = add("get", "download a file")
    get.add_argument("remote", metavar="REMOTE", type=_name, help="name of the file to download")
    get.add_argument(
        "local",
        metavar="LOCAL",
        type=_name,
        nargs="?",
        help="path to write it to: a file, a folder, or - for the standard output; a file of the "
        "same name if none is given",
    )
    for action in (put, get):
        action.add_argument(
            "--overwrite", action="store_true", help="replace a file (default: refuse to)"
        )
        action.add_argument(
            "--no-progress",
            action="store_true",
            help="show no progress bar (default: one on a terminal, when it takes a while)",
        )
    remove = add("rm", "delete files")
    remove.add_argument("names", metavar="NAME", type=_name, nargs="+", help="file to delete")
    rename = add("mv", "rename a file")
    rename.add_argument("old", metavar="OLD", type=_name, help="its name")
    rename.add_argument("new", metavar="NEW", type=_name, help="its new name")


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


def _name(text: str) -> str:
    if not text:
        raise argparse.ArgumentTypeError("the name is empty")
    return text


def _key(text: str) -> str:
    from xai.runtime.net.credentials import check_key

    if not text:
        raise argparse.ArgumentTypeError("the key is empty")
    try:
        return check_key(text).reveal()
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
