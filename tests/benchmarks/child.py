"""A measured process: one peer, one scenario, one line of JSON.

``python -m tests.benchmarks.child PEER SCENARIO PORTS`` with the last two as JSON.
"""

import importlib
import inspect
import json
import sys

from tests.benchmarks.orders import Server
from tests.benchmarks.plan import Scenario


def measure(peer: str, scenario: Scenario, server: Server) -> dict[str, float]:
    """Connect a peer and let it do its part.

    Args:
        peer: The name of its module.
        scenario: What it has to do.
        server: With whom.

    Returns:
        What it cost, by the name of the metric.
    """
    connect = importlib.import_module(f"tests.benchmarks.peers.{peer}").connect
    if inspect.iscoroutinefunction(connect):
        # Only where it is needed, since some peers do without it.
        import asyncio

        from tests.benchmarks import looped

        async def run() -> dict[str, float]:
            connected = await connect(server)
            try:
                return await looped.RUNNERS[scenario.kind](server, connected, scenario)
            finally:
                await connected.close()

        return asyncio.run(run())
    from tests.benchmarks import blocking

    connected = connect(server)
    try:
        return blocking.RUNNERS[scenario.kind](server, connected, scenario)
    finally:
        connected.close()


def main(peer: str, scenario: str, ports: str) -> None:
    """Measure and print."""
    server = Server(json.loads(ports))
    metrics = measure(peer, Scenario(**json.loads(scenario)), server)
    server.close()
    short = {name: float(f"{value:.5g}") for name, value in metrics.items()}
    sys.stdout.write(json.dumps(short) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
