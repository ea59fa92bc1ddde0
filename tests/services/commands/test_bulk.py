import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.services.commands.command_line import call, running
from tests.support import SECRET_KEY, ChildResult
from xai import StatusCode
from xai.proto.xai_api.batch import AddBatchRequestsRequest
from xai.proto.xai_api.chat import GetCompletionsRequest
from xai.testing import LocalServer

MODEL = "grok-local"


@pytest.fixture
def server() -> Iterator[LocalServer]:
    """A server that knows the key."""
    with LocalServer(api_keys={SECRET_KEY: ["*"]}) as server:
        yield server


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with four prompts, in each form that a line may have."""
    lines = [{"id": name, "prompt": f"Tell me about {name}"} for name in ("sea", "sun", "moon")]
    content = "\n\n".join(map(json.dumps, lines)) + "\n"
    (tmp_path / "prompts.jsonl").write_text(content)
    return tmp_path


def words(server: LocalServer, *arguments: str, prompts: str = "prompts.jsonl") -> list[str]:
    """Return the command, with the results in ``results.jsonl``."""
    given = ("bulk", prompts, "-m", MODEL, "-o", "results.jsonl")
    return [*given, "--host", server.host, *arguments]


def bulk(server: LocalServer, folder: Path, *arguments: str, **given: str) -> ChildResult:
    """Run the command."""
    return call(*words(server, *arguments, **given), key=SECRET_KEY, cwd=folder)


def results(folder: Path) -> dict[object, dict[str, object]]:
    """Return the results by their IDs."""
    lines = (folder / "results.jsonl").read_text().splitlines()
    found = {line["id"]: line for line in map(json.loads, lines)}
    assert len(found) == len(lines)
    return found


def asked(server: LocalServer) -> list[str]:
    """Return the last message of each chat that came, sorted."""
    requests = [call.request for call in server.calls]
    chats = [request for request in requests if isinstance(request, GetCompletionsRequest)]
    return sorted(chat.messages[-1].content[0].text for chat in chats)


def test_lines_are_answered_and_failures_asked_again(server: LocalServer, folder: Path) -> None:
    """A failed prompt makes the status 1; the same command does it again, and nothing else."""
    server.fail(StatusCode.INVALID_ARGUMENT, "not this one", method="GetCompletion")
    first = bulk(server, folder, "--concurrency", "1", "-s", "Be brief.")
    assert (first.rc, first.stderr) == (1, "")
    assert first.stdout.startswith("3 of 3 prompts, 1 failed, ")
    found = results(folder)
    assert set(found) == {"sea", "sun", "moon"}
    assert [name for name, line in found.items() if "not this one" in str(line.get("error"))] == [
        "sea"
    ]
    server.clear_calls()
    again = bulk(server, folder, "-s", "Be brief.")
    assert (again.rc, asked(server)) == (0, ["Tell me about sea"])
    assert all(line["content"] for line in results(folder).values())
    other = bulk(server, folder, "-s", "Be verbose.")
    assert (other.rc, other.stderr.count("\n")) == (1, 1)
    assert "prompt differ" in other.stderr
    assert len(results(folder)) == 3


def test_fields_schemas_and_batches(server: LocalServer, folder: Path) -> None:
    """Lines may be anything with -p; without IDs results have numbers; --schema gives values."""
    (folder / "any.jsonl").write_text('{"city": "Bern"}\n{"town": "Biel"}\n')
    options = ("-p", "Describe {city}", "--schema", "name str, people int", "--via", "batch")
    found = bulk(server, folder, *options, prompts="any.jsonl")
    assert (found.rc, found.stdout.count("\n")) == (1, 1)
    value = results(folder)[1]["value"]
    assert isinstance(value, dict)
    assert set(value) == {"name", "people"}
    assert "wants {city}" in str(results(folder)[2]["error"])
    assert any(isinstance(call.request, AddBatchRequestsRequest) for call in server.calls)
    assert not asked(server)


def test_interrupted_run_goes_on(server: LocalServer, folder: Path) -> None:
    """Ctrl-C ends it with status 130 and one line; the same command does what is left."""
    # The first is answered, the second is not.
    server.stall(method="GetCompletion", times=2)
    line = words(server, "--concurrency", "1", "--no-progress")
    with running(*line, key=SECRET_KEY, cwd=folder) as command:
        server.wait_for_call("GetCompletion", "open")
        server.release()
        server.wait_for_call("GetCompletion", "ok")
        server.wait_for_call("GetCompletion", "open")
        assert command.interrupt() == 130
        assert "stopped at" in command.errors()
        assert command.errors().count("\n") == 1
    server.clear_calls()
    assert bulk(server, folder).rc == 0
    assert asked(server) == ["Tell me about moon", "Tell me about sun"]
    assert set(results(folder)) == {"sea", "sun", "moon"}


def test_budget_and_hopeless_runs(server: LocalServer, folder: Path) -> None:
    """A budget ends the run; a model that there is not ends it at the first prompt."""
    found = bulk(server, folder, "--budget", "0.0000001")
    assert found.rc == 1
    assert "could have passed the budget" in found.stderr
    assert len(asked(server)) == 1
    (folder / "results.jsonl.checkpoint").unlink()
    (folder / "results.jsonl").unlink()
    found = bulk(server, folder, "-m", "grok-lokal")
    assert (found.rc, found.stderr.count("\n")) == (1, 1)
    assert "Did you mean grok-local" in found.stderr
    assert not (folder / "results.jsonl").exists()


@pytest.mark.parametrize(
    ("content", "options", "text"),
    [
        ("", (), "there are no prompts"),
        ('"a"\nb\n', (), "line 2: not JSON"),
        ('"a"\n{"id": 1, "prompt": "b"}\n', (), "line 2: all lines have an"),
        ('{"id": 1.5, "prompt": "b"}\n', (), 'line 1: "id" is a text or'),
        ('{"id": 1, "prompt": "b"}\n' * 2, (), "line 2: another line has the id 1"),
        ('"a"\n', ("--via", "post"), "'post' is not one of"),
        ('{"text": "b"}\n', (), "line 1: neither a text nor"),
        ('"a"\n', ("-p", "the same"), "--prompt: prompt must have {item}"),
        ('"a"\n', ("--via", "batch", "--budget", "5"), "--via batch excludes"),
        ('"a"\n', ("-o", "bad.jsonl"), "would replace the prompts"),
        ('"a"\n', ("--schema", "a b c"), "--schema: not a field"),
    ],
)
def test_wrong_arguments(
    server: LocalServer, folder: Path, content: str, options: tuple[str, ...], text: str
) -> None:
    """Status 2 and one line, before anything is asked; nothing is written."""
    (folder / "bad.jsonl").write_text(content)
    found = bulk(server, folder, *options, prompts="bad.jsonl")
    assert (found.rc, found.stderr.count("\n")) == (2, 1)
    assert text in found.stderr
    assert not server.calls
    assert len(list(folder.iterdir())) == 2


def test_results_of_other_work_stay(server: LocalServer, folder: Path) -> None:
    """A file without a checkpoint beside it is replaced with --overwrite alone."""
    (folder / "results.jsonl").write_text("precious\n")
    found = bulk(server, folder)
    assert (found.rc, found.stderr.count("\n")) == (1, 1)
    assert (folder / "results.jsonl").read_text() == "precious\n"
    assert not server.calls
    assert bulk(server, folder, "--overwrite").rc == 0
    assert len(results(folder)) == 3
