"""The API of the site under test: a local server in a process of its own.

Each line of stdin is a JSON list, a question and its arguments; each line of stdout its answer.
"""

import json
import sys
from typing import Any

from xai.testing import LocalServer


def _answer(server: LocalServer, question: str, arguments: list[Any]) -> object:
    if question == "wait":
        method, state, count = arguments
        call = server.wait_for_call(method, state, count=count, timeout=60.0)
        return {"state": call.state, "reset": call.reset_code, "sent": call.messages_sent}
    if question == "states":
        return [[call.method, call.state] for call in server.calls]
    if question == "connections":
        server.wait_for_connections(arguments[0])
        return True
    raise ValueError(question)


def main() -> None:
    """Serve until stdin ends."""
    with LocalServer(token_delay=float(sys.argv[1])) as server:
        print(json.dumps([server.host, server.api_key]), flush=True)  # noqa: T201  # told to the test
        for line in sys.stdin:
            question, *arguments = json.loads(line)
            print(json.dumps(_answer(server, question, arguments)), flush=True)  # noqa: T201  # told to the test


if __name__ == "__main__":
    main()
