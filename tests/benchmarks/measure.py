"""What a process costs: CPU, time and memory, its own and the common server's.

Linux only, whose kernel tells what is resident and what was at most.
"""

import resource
import time
from pathlib import Path
from typing import final

from tests.benchmarks.orders import Server

_STATUS = Path("/proc/self/status")


def cpu() -> float:
    """Return the CPU time of this process with all its threads, in seconds."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def memory(name: str) -> float:
    """Return a line of the kernel's account of this process, in KiB.

    Args:
        name: ``VmRSS`` for what is resident now, ``VmHWM`` for the most that was.
    """
    for line in _STATUS.read_text(encoding="ascii").splitlines():
        if line.startswith(f"{name}:"):
            return float(line.split()[1])
    raise LookupError(f"{_STATUS} has no {name}")


def forget_peak() -> None:
    """Let ``VmHWM`` start again from what is resident now."""
    # proc(5): what 5 does.
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


@final
class Span:
    """What passes between entering and leaving.

    Args:
        server: Whose CPU time is taken as well.
    """

    def __init__(self, server: Server) -> None:
        self._server = server
        self.wall = self.cpu = self.server_cpu = 0.0

    def __enter__(self) -> "Span":
        """Begin."""
        self.server_cpu = -self._server.cpu()
        self.cpu = -cpu()
        self.wall = -time.perf_counter()
        return self

    def __exit__(self, *_: object) -> None:
        """End."""
        self.wall += time.perf_counter()
        self.cpu += cpu()
        self.server_cpu += self._server.cpu()

    def metrics(self, count: int) -> dict[str, float]:
        """Return what one of so many things cost.

        Args:
            count: The things that were done.

        Returns:
            Microseconds of wall time and of CPU time, things a second, the share of the time
            in which the server was busy, and the peak memory of the process in MiB.
        """
        return {
            "wall": self.wall / count * 1e6,
            "cpu": self.cpu / count * 1e6,
            "rate": count / self.wall,
            "server": self.server_cpu / self.wall,
            "peak": memory("VmHWM") / 1024,
        }
