"""The benchmarks: ``nox -s bench``, or ``python -m tests.benchmarks``."""

import argparse
import dataclasses
import importlib.util
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.benchmarks import baseline, plot
from tests.benchmarks.evaluation import evaluate
from tests.benchmarks.plan import SCENARIOS, Scenario
from tests.benchmarks.report import report
from tests.benchmarks.rows import ROWS, Row
from tests.benchmarks.runner import Samples, measure

_HERE = Path(__file__).resolve().parent
_ROUNDS, _QUICK_ROUNDS = 5, 2
#: Fewer pairs of numbers are not compared with the baseline: one that was disturbed would decide.
_CHECK_ROUNDS = 5
#: Whom quick runs compare with: the peers that targets and the baseline speak of.
_QUICK_PEERS = frozenset(
    {
        "xai",
        "xai_blocking",
        "xai_async",
        "xai_v1",
        "xai_sdk",
        "grpcio",
        "grpcio_stubs",
        "grpcio_v1",
        "codec_xai",
        "codec_betterproto",
        "codec_upb",
    }
)
#: Scenarios that a row needs besides its own.
_NEEDS = {
    f"{prefix}flat": (f"{prefix}streams-10", f"{prefix}streams-1000") for prefix in ("", "v1-")
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, show, and return the exit status."""
    options = _parser().parse_args(arguments)
    rows = _rows(options.only)
    scenarios = _scenarios(rows, quick=options.quick)
    rounds = options.rounds or (_QUICK_ROUNDS if options.quick else _ROUNDS)
    if options.check and rounds < _CHECK_ROUNDS:
        _tell(f"a check takes {_CHECK_ROUNDS} rounds")
        rounds = _CHECK_ROUNDS
    written = not (options.only or options.quick)
    if written and importlib.util.find_spec("matplotlib") is None:
        _tell('a whole run draws a picture: pip install "xai-client[bench]", or use nox -s bench')
        return 2
    known = baseline.load(options.folder / "baseline.json")
    samples, failures = measure(scenarios, rounds, _tell)
    results = evaluate(rows, samples)
    text = report(results, failures, rounds)
    sys.stdout.write(text)
    if written:
        folder: Path = options.folder / "results"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "table.md").write_text(text, encoding="utf-8")
        (folder / "raw.json").write_text(_raw(samples), encoding="utf-8")
        plot.draw(results, folder / "plot.svg")
    if options.update_baseline:
        baseline.save(options.folder / "baseline.json", baseline.renew(known, results))
    if not options.check:
        return 1 if failures else 0
    for line in baseline.noisy(known, results):
        _tell(f"noisy: {line}")
    found = baseline.worse(known, results) + failures
    for line in found:
        _tell(f"worse: {line}")
    return 1 if found else 0


def _raw(samples: Samples) -> str:
    """Return what was measured as JSON with a line for each process."""
    lines = (
        json.dumps({"scenario": scenario, "peer": peer, "round": number, **metrics})
        for scenario, peers in samples.items()
        for peer, rounds in peers.items()
        for number, metrics in enumerate(rounds)
    )
    return "[\n" + ",\n".join(lines) + "\n]\n"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    add = parser.add_argument
    add("--only", type=_names, default=[], metavar="ROW,...", help="measure only these rows")
    add("--quick", action="store_true", help="fewer rounds, peers and calls")
    add("--rounds", type=int, default=0, help="how often to measure each number")
    add(
        "--check",
        action="store_true",
        help="fail if a ratio is worse than the baseline's in all of 5 rounds",
    )
    add("--update-baseline", action="store_true", help="make this run the baseline")
    add("--folder", type=Path, default=_HERE, help="where baseline.json and results/ are")
    return parser


def _names(text: str) -> list[str]:
    known = {row.name for row in ROWS} | {row.scenario for row in ROWS}
    names = [name.strip() for name in text.split(",")]
    unknown = [name for name in names if name not in known]
    if unknown:
        raise argparse.ArgumentTypeError(f"{', '.join(unknown)}; there are: {sorted(known)}")
    return names


def _rows(only: Sequence[str]) -> list[Row]:
    return [row for row in ROWS if not only or row.name in only or row.scenario in only]


def _scenarios(rows: Sequence[Row], *, quick: bool) -> list[Scenario]:
    wanted = {name for row in rows for name in _NEEDS.get(row.scenario, (row.scenario,))}
    chosen = [scenario for scenario in SCENARIOS if scenario.name in wanted]
    return [_shortened(scenario) for scenario in chosen] if quick else chosen


def _shortened(scenario: Scenario) -> Scenario:
    peers = tuple(peer for peer in scenario.peers if peer in _QUICK_PEERS)
    # Concurrent streams have few messages each; with fewer there would be nothing to measure.
    count = scenario.count if scenario.kind == "streams" else (scenario.count + 1) // 2
    return dataclasses.replace(scenario, peers=peers, floors=(), count=count)


def _tell(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
