"""What a measured process tells the common server, and its connection to it."""

import json
import socket
from collections.abc import Mapping


class Server:
    """The common server, from outside.

    Args:
        ports: Its ports, by name.
    """

    def __init__(self, ports: Mapping[str, int]) -> None:
        self.ports = ports
        self._socket = socket.create_connection(("127.0.0.1", ports["orders"]))
        self._answers = self._socket.makefile("rb")

    @property
    def host(self) -> str:
        """Where gRPC is spoken, in plain text."""
        return f"localhost:{self.ports['grpc']}"

    @property
    def url(self) -> str:
        """Where the HTTP interface is."""
        return f"http://127.0.0.1:{self.ports['http']}/v1"

    def answer_with(self, payload: str, *, count: int = 0, rate: int = 0) -> None:
        """Say what every call is answered with from now on.

        Args:
            payload: The name of the reply.
            count: How many messages a stream has; 0 for a unary call.
            rate: 0 sends all at once. Otherwise each stream gets its first message and waits for
                `release`; then so many messages a second are sent, to the streams in turn.
        """
        self._order({"payload": payload, "count": count, "rate": rate})

    def release(self) -> None:
        """Let the waiting streams go on."""
        self._order({"go": True})

    def cpu(self) -> float:
        """Return the CPU time of the server, in seconds."""
        return self._order({})

    def close(self) -> None:
        """Close the connection."""
        self._answers.close()
        self._socket.close()

    def _order(self, order: dict[str, object]) -> float:
        self._socket.sendall(json.dumps(order).encode() + b"\n")
        answer = json.loads(self._answers.readline())
        return float(answer["cpu"])
