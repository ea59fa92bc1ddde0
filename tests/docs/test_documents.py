import importlib.metadata
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

import xai
from tests.docs.documents import (
    DOCUMENTS,
    GUIDES,
    README,
    TEXT,
    Block,
    blocks,
    run_program,
    section,
    serving,
)
from tests.support import ROOT, SECRET_MARKER, run_child
from xai.commands.program import program

PACKAGE = Path(xai.__file__).parent
RELIABILITY = GUIDES / "reliability.md"
PYTHON = blocks("python")
PROGRAMS = [block for block in PYTHON if not block.for_pytest]

#: What a program prints, where that is certain; of the others only that they end well.
OUTPUT = {
    "README: A first program 1": r".+\n\d+ tokens\n",
    "README: Chat 1": r".+\nso far: .{21,}\n",
    "README: Chat 3": r".+\n",
    "README: Tools and structured answers 1": r".+\nAnna 33\n",
    "README: Pictures, files, search 1": (r"house\.jpg \d{4,} 0\.\d+\n.+\n19 bytes\nball\.mp4\n"),
    "README: Pictures, files, search 2": r"\d\.\d{3} The bridge was .+\n.*collections://.+\n",
    "README: Many prompts 1": r"(one|two|three) .+\n(one|two|three) .+\n(one|two|three) .+\n",
    "services: One prompt for many items 1": r".+\n3 items, \$0\.\d{4}, stopped by None\n",
    "testing: Record real calls 1": r"False (.+)\nTrue \1\n",
    "README: Many prompts 2": r"200\nFrance .+\nNorway .+\n",
    "README: Reliability 1": r".*no-such-model.* 1\n",
    "README: Asyncio, threads, types 1": r".+\n.+\n",
    "chat: Hold a conversation 1": r".+ STOP \d+\n.+\n\['.+', '.+', '.+'\]\n4 messages\n",
    "chat: Stream, and leave early 1": r".+\nso far: .{21,}\n",
    "media: Make images 1": r"house\.jpg \d{4,} 0\.07\nhttp://.+\nhttp://.+\n",
    "media: Make videos 1": r"0\n40\n80\n100\nball\.mp4 2 0\.1\n3\n",
    "chat: Let the model call your functions 1": (
        r".*ToolStep.*get_weather \{.*'Oslo'.*\} 12 degrees.*"
    ),
    "chat: Get structured answers 1": r"Anna 33\n.*\{'name': 'Anna', 'age': 33\}\n",
    "chat: Use deferred completions 1": r".+\n.+\n",
    "chat: Store conversations, or compact them 1": r".+\n3 messages became one\n.+\n",
    "services: List models, count tokens, inspect the API key 1": (
        r"grok-local .*\ngrok-4 .*\['Hello'\]\n\*+.*\n"
    ),
    "services: Process many requests in a batch 1": (
        r"(BatchState\(.*\)\n)+0\.\d{6} USD\nFrance .+\nNorway .+\n"
    ),
    "services: Embed texts and images 1": r"200 0 256 200\n",
    "services: Continue a text 1": r"\(TextChoice\(index=0, .*\n.+",
    "prompt-ide: Sample tokens 1": r"(?:'\S+' [01]\.\d\d\n){5}",
    "prompt-ide: Sample tokens 2": r"",
    "reliability: Handle errors 1": r".*no-such-model.* /xai_api\.Chat/GetCompletion 1\n",
    "reliability: Retry 1": r"\d\n",
    "reliability: Time out 1": r"\['grok-local', .*'grok-4', .*\]\n",
    "testing: Test your own program 2": r"\['grok-local', .*'grok-4', .*\]\n",
    "running: Use asyncio 1": r"Yes, it does\.\nYes, it does\.",
    "services: Use the generated services 1": r"\['.+'\]\n\['https://.+'\]\n.+",
}

#: The first without xai_sdk, the second with it; it has no types.
MADE_AT_RUN_TIME = re.compile(
    r'Cannot find implementation or library stub for module named "xai_sdk[.\w]*"'
    r'|Skipping analyzing "xai_sdk[.\w]*": .*'
)


def test_expected_output_is_that_of_existing_programs() -> None:
    """The table above is about blocks that there are."""
    assert OUTPUT.keys() <= {block.name for block in PROGRAMS}


@pytest.fixture(scope="module")
def api_host() -> Iterator[str]:
    """The address of ``xai serve``, which stands in for the API; its key is in XAI_API_KEY."""
    with serving() as host:
        yield host


@pytest.mark.parametrize("block", PROGRAMS, ids=lambda block: block.name)
def test_program_runs(block: Block, api_host: str) -> None:
    """With nothing but ``api_host=`` added the block runs without a warning, as it is meant to."""
    result = run_program(block.text, name=block.document.name, line=block.line, api_host=api_host)
    assert re.fullmatch(OUTPUT.get(block.name, ".*"), result.stdout, re.DOTALL), result.stdout
    assert SECRET_MARKER not in result.stdout


@pytest.mark.parametrize(
    "block", [block for block in PYTHON if block.for_pytest], ids=lambda block: block.name
)
def test_tests_of_the_reader_pass(block: Block, tmp_path: Path) -> None:
    """The block's tests pass under pytest, which finds the fixture by itself."""
    (tmp_path / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    path = tmp_path / "test_reader.py"
    path.write_text(block.text, encoding="utf-8")
    script = "import sys, pytest; sys.exit(pytest.main(sys.argv[1:]))"
    result = run_child(script, args=["-q", "-W", "error", "-p", "no:cacheprovider", str(path)])
    count = block.text.count("def test_")
    assert re.search(rf"^{count} passed in ", result.stdout, re.MULTILINE), result.stdout


@pytest.mark.timeout(900)
def test_programs_pass_mypy(tmp_path: Path) -> None:
    """Every block passes `mypy --strict` in a project of its own."""
    for block in PYTHON:
        text = "\n" * block.line + block.text
        (tmp_path / f"{block.document.stem}_{block.line}.py").write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file=", "--output=json"]
    command += [f"--cache-dir={tmp_path}/cache", *map(str, sorted(tmp_path.glob("*.py")))]
    process = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    errors = [json.loads(line) for line in process.stdout.splitlines() if line]
    shown = [
        f"{error['file']}:{error['line']}: {error['message']}"
        for error in errors
        # A module that is made while the program runs; its users know what it has.
        if not MADE_AT_RUN_TIME.fullmatch(error["message"])
    ]
    assert (shown, process.stderr) == ([], "")


def test_command_in_a_sentence_works(api_host: str) -> None:
    """The line that tells whether a key works tells so."""
    commands = re.findall(r'`python -c "(.+?)"`', TEXT)
    assert len(commands) == 1
    assert run_program(commands[0], api_host=api_host).stdout == "Does it work? Yes, it does.\n"


def test_commands_of_the_program_exist() -> None:
    """The README names only commands that the program has."""
    known = program.list_commands(click.Context(program))
    named = {
        word
        for path in DOCUMENTS
        for word in re.findall(r"`(?:python -m )?xai (\w+)`", path.read_text("utf-8"))
    }
    assert named
    assert named <= {*known}, named


# The two commands at the top; other tests cover what they run.


def test_first_command_installs_and_shows_the_demo() -> None:
    """It makes an environment, installs the checkout with the command line, and runs the demo."""
    first = blocks("sh", [README])[0].text.strip()
    environment, install, demo = first.split(" && ")
    assert environment == "python3 -m venv .venv"
    assert install == '.venv/bin/pip install -q ".[cli]"'
    assert demo == ".venv/bin/python -m xai demo"


def test_second_command_is_what_continuous_integration_runs() -> None:
    """The script in .ci/run reads the marked block, whole and as it stands, and executes it."""
    script = (ROOT / ".ci" / "run").read_text("utf-8")
    start, end = "command=$(python3 - README.md <<'PYTHON'\n", "\nPYTHON\n"
    assert start in script
    reader = script.partition(start)[2].partition(end)[0]
    assert script.rstrip().endswith('\nexec bash -euo pipefail -c "$command"')
    second = blocks("sh", [README])[1]
    assert "<!-- test-command -->\n```sh\n" + second.text in TEXT
    assert run_child(reader, args=["README.md"], python_args=()).stdout == second.text


def test_second_command_installs_extras_that_exist() -> None:
    """The extra it names, and the others in the text, are those of the distribution."""
    command = blocks("sh", [README])[1].text
    extra = re.search(r"-e \"\.\[(\w+)\]\"", command)
    assert extra
    assert extra[1] in importlib.metadata.metadata("xai-client").get_all("Provides-Extra", [])


# What is said about the library.


def test_table_of_errors_is_complete() -> None:
    """The table names every class of error a call can raise, and no other."""
    rows = re.findall(r"^\| (`.+?) \|", section("Handle errors", RELIABILITY), re.MULTILINE)
    named = [name for row in rows for name in re.findall(r"`(\w+Error)`", row)]
    # The builtins of which two of them are as well.
    named = [name for name in named if hasattr(xai, name)]
    known = {name for name in xai.__all__ if is_kind_of_failure(getattr(xai, name))}
    assert sorted(named) == sorted(known)


def is_kind_of_failure(value: object) -> bool:
    """Tell whether something is a class of error for one kind of failed call."""
    return isinstance(value, type) and issubclass(value, xai.APIError) and value is not xai.APIError


def test_stated_defaults_are_the_defaults() -> None:
    """The numbers in the text are those of the code."""
    stated = re.search(
        r"(\d+) s in all, (\d+) s for a connection, and (\d+) s of silence",
        section("Time out", RELIABILITY),
    )
    assert stated
    limits = xai.Timeouts()
    assert [float(text) for text in stated.groups()] == [limits.total, limits.connect, limits.idle]
    assert "five attempts in all" in section("Retry", RELIABILITY)
    assert xai.RetryPolicy().max_attempts == 5


def test_rooms_of_the_architecture_exist() -> None:
    """Every folder and module that the picture or the path of a call names is there."""
    text = section("Architecture")
    picture = re.findall(r"^    ((?:  )*)([\w.]+)(/?)(?:  |$)", text, re.MULTILINE)
    assert len(picture) > 20
    above: list[str] = []
    for indent, name, _ in picture:
        above[len(indent) // 2 :] = [name]
        path = "/".join(above)
        # Tests run in a checkout without the package, which is then installed elsewhere.
        assert (PACKAGE.parent if above[0] == "xai" else ROOT).joinpath(path).exists(), path
    folders = re.search(r"^    tests/ +([a-z ]+);", text, re.MULTILINE)
    assert folders
    assert all((ROOT / "tests" / name).is_dir() for name in folders[1].split())
    walk = re.findall(r"^    (\w+/[\w/]+\.py)", text, re.MULTILINE)
    assert len(walk) > 4
    assert [name for name in walk if not (PACKAGE / name).is_file()] == []
    for name in re.findall(r"\b(\w+\.py)\b", text):
        assert list(PACKAGE.rglob(name)), name
