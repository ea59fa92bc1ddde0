"""A minute of the soak, and what its judges notice."""

import sys
from collections import Counter

import pytest

import xai
from tests.reliability.soak.__main__ import growth, verdict
from tests.reliability.soak.calls import Check, WrongAnswerError
from tests.reliability.soak.server import Chaos, Server
from tests.reliability.soak.workers import Look, Report
from tests.support import run_child

_RUN = "import sys; from tests.reliability.soak.__main__ import main; sys.exit(main(sys.argv[1:]))"
#: Seconds of calls, and seconds for all of it.
_SECONDS, _LIMIT = 60, 300
RIGHT = [(1, "one"), (2, "two"), (3, "three")]


linux = pytest.mark.skipif(sys.platform != "linux", reason="looks at processes by /proc")


@linux
@pytest.mark.soak
@pytest.mark.timeout(_LIMIT + 30)
def test_a_minute_under_chaos() -> None:
    """Each call ends in time in the right answer or a fitting error, and nothing grows."""
    # In the output of a failure is the seed that repeats it.
    result = run_child(_RUN, timeout=_LIMIT, args=["--minutes", str(_SECONDS / 60)], check=False)
    assert (result.rc, result.stderr) == (0, ""), result.stdout + result.stderr


def read(numbers: list[int]) -> None:
    """Let a stream bring some of the right tokens, by their numbers, and end."""
    check = Check(RIGHT)
    for number in numbers:
        check.take(xai.Token(*RIGHT[number], 0.5))
    check.finish()


def test_right_stream_is_accepted() -> None:
    """A stream of the right tokens in their order is not complained about."""
    read([0, 1, 2])


@pytest.mark.parametrize(
    "numbers", [[], [0, 1], [0, 0, 1, 2], [0, 2], [1, 0, 2], [0, 1, 2, 2]], ids=str
)
def test_wrong_stream_is_noticed(numbers: list[int]) -> None:
    """Tokens that are lost, doubled or out of order are noticed."""
    with pytest.raises(WrongAnswerError):
        read(numbers)


_HANGS = """
import threading, time
from tests.reliability.soak import workers
from tests.reliability.soak.calls import Answers

workers.DEADLINE = workers.GRACE = 0.01
workers.BLOCKING = {"forever": lambda client, choice: threading.Event().wait()}
answers = Answers({"text": []}, {("prompt", 1): []})
plan = workers.Plan("localhost:1", "key", answers, 1, time.monotonic() + 60.0)
hanging = workers.Workers("name", plan, threads=1)
hanging.start()
hanging.finish()
"""


@linux
def test_call_that_hangs_is_noticed() -> None:
    """A call that never ends takes its process down, and the reader is told where it stood."""
    result = run_child(_HANGS, check=False)
    assert result.rc == 3
    assert result.stderr.startswith("name thread 0, forever: hangs\n")
    assert "in _work" in result.stderr


def _report(looks: list[Look], outcome: str = "right") -> Report:
    return Report("name", calls=Counter({("tokenize", outcome): 1}), looks=looks)


def test_growth_is_noticed() -> None:
    """Memory, threads and descriptors that go on growing after the warming up are told."""
    chaos = Chaos(Server(), 1)
    flat = [Look(90_000, 9, 30)] * 10 + [Look(100_000, 5, 20), Look(100_100, 6, 21)] * 45
    assert verdict([_report(flat)], chaos) == []
    for step in (Look(200, 0, 0), Look(0, 1, 0), Look(0, 0, 1)):
        looks = [Look(*(100 + number * one for one in step)) for number in range(100)]
        assert growth(looks) == Look(*(50 * one for one in step))
        assert len(verdict([_report(looks)], chaos)) == 1


def test_process_without_an_answer_is_noticed() -> None:
    """Errors alone are no success, however well they are typed."""
    chaos = Chaos(Server(), 1)
    (text,) = verdict([_report([], "APIConnectionError")], chaos)
    assert "no call had an answer" in text


class _Gone(Server):
    """A server that can't be started."""

    def start(self) -> None:
        raise OSError("no such machine")


def test_error_of_the_soak_is_told() -> None:
    """A server that can't be tormented any more does not make for a good run."""
    chaos = Chaos(_Gone(), 1)
    chaos.run()
    (text,) = verdict([_report([])], chaos)
    assert text.startswith("Traceback")
