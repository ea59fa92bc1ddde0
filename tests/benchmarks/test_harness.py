"""The benchmarks as a whole, with tiny counts."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.benchmarks import __main__ as command
from tests.benchmarks import plan, runner
from tests.benchmarks.measure import memory
from tests.benchmarks.orders import Server
from tests.benchmarks.plan import SCENARIOS, Scenario
from tests.benchmarks.programs import program
from tests.benchmarks.rows import LABELS, ROWS, Row

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")

TINY = (
    Scenario("start", "program", ("xai",), floors=("python",)),
    Scenario("first", "program", ("xai",), floors=("python",)),
    Scenario("unary", "calls", ("xai_blocking", "grpcio_stubs"), "unary", count=3),
    Scenario("flood", "flood", ("xai_blocking",), "unary", count=3),
    Scenario("hostile-empty", "hostile", ("xai_v1", "grpcio_stubs"), suffix="empty"),
    Scenario("stream", "drain", ("xai_blocking", "xai_async"), "stream", count=5, streams=2),
    Scenario("v1-upload", "transfer", ("xai_v1", "xai_sdk", "grpcio_v1"), "upload"),
    Scenario("v1-download", "transfer", ("xai_v1", "xai_sdk", "grpcio_v1"), "download"),
    Scenario("v1-list", "calls", ("xai_v1", "xai_sdk", "grpcio_v1"), "list"),
    Scenario("threads", "threads", ("xai_blocking", "xai_async"), "unary", count=2, streams=3),
)


def silent(_: str) -> None:
    """Hear nothing."""


def test_each_peer_is_measured_in_each_round() -> None:
    """A run gives for each scenario, peer and round the numbers that the rows need."""
    samples, failures = runner.measure(TINY, 1, silent)
    assert failures == []
    for scenario in TINY:
        peers = (*scenario.peers, *scenario.floors)
        assert sorted(samples[scenario.name]) == sorted(peers)
        wanted = {row.metric for row in ROWS if row.scenario == scenario.name}
        for peer in scenario.peers:
            (found,) = samples[scenario.name][peer]
            assert wanted <= found.keys()
            assert all(value > 0 for value in found.values())


def test_a_peer_that_fails_is_named_and_left_out() -> None:
    """A peer that can't run costs its own numbers, not those of the others."""
    scenario = Scenario("unary", "calls", ("no_such_peer", "xai_blocking"), "unary", count=1)
    samples, failures = runner.measure([scenario], 2, silent)
    assert len(samples["unary"]["xai_blocking"]) == 2
    (line,) = failures
    assert line.startswith("unary: no_such_peer: ended with 1: ")
    assert "no_such_peer" in line


def test_the_server_ends_with_its_input() -> None:
    """The common server leaves no process behind, and ends well."""
    with runner.common_server() as server:
        assert server.cpu() > 0
        ports = dict(server.ports)
    with pytest.raises(ConnectionRefusedError):
        Server(ports)


def test_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The command prints the table, keeps a baseline, and fails by it, naming the row."""
    row = Row("unary-cpu", "a call", "unary", "cpu", "µs", against="grpcio_stubs")
    monkeypatch.setattr(command, "SCENARIOS", TINY[2:3])
    monkeypatch.setattr(command, "ROWS", [row])
    common = ["--quick", "--rounds", "1", "--folder", str(tmp_path)]
    assert command.main([*common, "--update-baseline"]) == 0
    assert "grpcio, bare stubs" in capsys.readouterr().out
    path = tmp_path / "baseline.json"
    known = json.loads(path.read_text(encoding="utf-8"))
    known["unary-cpu"]["value"] *= 1000
    path.write_text(json.dumps(known), encoding="utf-8")
    assert command.main([*common, "--check"]) == 1
    errors = capsys.readouterr().err
    assert "worse: unary-cpu: " in errors
    assert "round 5 of 5" in errors
    assert not (tmp_path / "results").exists()


def test_a_whole_run_needs_its_packages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A run that could not draw its picture ends before it measures anything."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    monkeypatch.setattr(command, "measure", None)
    assert command.main(["--folder", str(tmp_path)]) == 2
    assert "xai-client[bench]" in capsys.readouterr().err


def test_raw_numbers_are_json() -> None:
    """The raw numbers have an entry for each process, and name what it was."""
    samples = {"unary": {"xai_sdk": [{"cpu": 1.5}, {"cpu": 2.5}]}, "embed": {}}
    assert json.loads(command._raw(samples)) == [
        {"scenario": "unary", "peer": "xai_sdk", "round": 0, "cpu": 1.5},
        {"scenario": "unary", "peer": "xai_sdk", "round": 1, "cpu": 2.5},
    ]


def test_unknown_rows_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """A row that does not exist is an error that names those that do."""
    with pytest.raises(SystemExit):
        command.main(["--only", "unary,nonsense"])
    message = capsys.readouterr().err
    assert "nonsense" in message
    assert "stream-cpu" in message


def test_the_plan_is_sound() -> None:
    """Each row has a scenario, and each peer a label and something to run."""
    names = {scenario.name for scenario in SCENARIOS}
    assert {row.scenario for row in ROWS} == names | {"flat", "v1-flat"}
    folder = Path(plan.__file__).parent / "peers"
    for scenario in SCENARIOS:
        for peer in (*scenario.peers, *scenario.floors):
            assert peer in LABELS
            if scenario.kind == "program":
                text = program(scenario.name, peer, {"grpc": 1, "http": 2, "echo": 3})
                compile(text, peer, "exec")
            else:
                assert (folder / f"{peer}.py").is_file()


def test_memory_is_that_of_this_process() -> None:
    """The most that was resident is not less than what is, and unknown lines are an error."""
    assert memory("VmHWM") >= memory("VmRSS") > 0
    with pytest.raises(LookupError, match="VmNothing"):
        memory("VmNothing")


def test_children_that_hang_are_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """A measured process that does not end is a failure of its peer, and is ended."""
    monkeypatch.setattr(runner, "_LIMIT", 0.01)
    with pytest.raises(subprocess.TimeoutExpired):
        runner._child(["-c", "import time; time.sleep(60)"])
