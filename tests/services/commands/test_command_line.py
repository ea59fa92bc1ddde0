import importlib.metadata
import io
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

import xai
from tests.docs.documents import blocks
from tests.services.commands.command_line import MODULE, call, environment, run, running
from tests.support import ROOT, SECRET_KEY, SECRET_MARKER, ChildResult, run_child
from xai import StatusCode
from xai.__main__ import main
from xai.commands.program import program
from xai.testing import LocalServer

WORKS = "Does it work? Yes, it does.\n"

DEMO = r"""An embedded server is running on localhost:\d+: a real gRPC server with a small
language model\. No key is needed, and nothing leaves this machine\.

== A check: .+\.
>>> xai\.does_it_work\(client\)
Does it work\? Yes, it does\.

== A completion, token by token .+\.
\(.+\)
>>> (?P<code>client\.sampler\.sample\(.+\))
(?P<tokens>(?: {2,4}\d{1,3}\.\d%  \S+\n){5,})(?P<text>A question is .+\.)

== The same call again: .+\.
seed 3: (?P=text)
seed 5: (?!(?P=text))A question .+\.
The \d tokens of seed 3 are the same both times\.

== A failure: .+\.
>>> client\.sampler\.tokenize\('It works, again\.'\)
WARNING /prompt_ide\.Sampler/Tokenize: attempt 1 failed with UNAVAILABLE, trying again in [\d.]+ s
The second attempt succeeded: It ▁work s , ▁again \.

All of it worked\. .+
.+
"""


@pytest.fixture
def server() -> Iterator[LocalServer]:
    """A server that knows the secret key, and one key that may do nothing."""
    with LocalServer(api_keys={SECRET_KEY: ["*"], "no-acl": []}) as server:
        yield server


# demo


def test_demo_shows_every_step() -> None:
    """Without a key the demo succeeds and shows each step in the order it happens."""
    result = run("demo")
    assert (result.rc, result.stderr) == (0, "")
    assert re.fullmatch(DEMO, result.stdout), result.stdout


def test_demo_shows_code_that_does_what_it_shows() -> None:
    """The call which the demo prints, made by hand, gives the tokens which the demo prints."""
    shown = re.fullmatch(DEMO, run("demo").stdout)
    assert shown
    with LocalServer() as server, server.client() as client:
        tokens = eval(shown["code"], {"client": client})  # noqa: S307  # our own text
        expected = [f"{token.prob:.1%} {token.token_str}" for token in tokens]
    assert [" ".join(line.split()) for line in shown["tokens"].splitlines()] == expected


class Writes(io.RawIOBase):
    """Remembers what reaches the operating system, write by write."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def writable(self) -> bool:
        """Tell that it is a file for output."""
        return True

    def write(self, data: object) -> int:
        """Remember the data."""
        assert isinstance(data, (bytes, bytearray, memoryview))
        self.texts.append(bytes(data).decode())
        return len(data)


def test_demo_writes_each_token_when_it_arrives(monkeypatch: pytest.MonkeyPatch) -> None:
    """Even into a pipe, no token waits in a buffer for the next one."""
    writes = Writes()
    output = io.TextIOWrapper(io.BufferedWriter(writes), "utf-8")
    monkeypatch.setattr(sys, "stdout", output)
    assert main(["demo"]) == 0
    assert re.fullmatch(DEMO, "".join(writes.texts))
    assert sum(bool(re.fullmatch(r" +[\d.]+%  \S+\n", text)) for text in writes.texts) >= 5


def test_demo_prints_on_terminals_of_few_characters() -> None:
    """Where the ▁ of a token can't be printed, its escape is."""
    result = run("demo", encoding="ascii")
    assert (result.rc, result.stderr) == (0, "")
    assert r"%  \u2581is" in result.stdout


def test_demo_ends_quietly_on_ctrl_c(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C gives the exit status that shells expect, and no traceback."""

    def interrupt(_client: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(xai, "does_it_work", interrupt)
    assert main(["demo"]) == 130


# check


def test_check_prints_the_exact_line(server: LocalServer) -> None:
    """With host and key in order, the one line is all there is."""
    result = call("check", "--host", server.host, key=SECRET_KEY)
    assert result == ChildResult(0, WORKS, "")
    assert [call.method for call in server.calls] == [
        "/xai_api.Models/ListLanguageModels",
        "/xai_api.Chat/GetCompletion",
    ]
    result = call("check", "--api", "prompt-ide", "--host", server.host, key=SECRET_KEY)
    assert result == ChildResult(0, WORKS, "")
    assert server.calls[-1].method == "/prompt_ide.Sampler/SampleTokens"


def test_check_outlasts_a_restart_in_silence(server: LocalServer) -> None:
    """Retries that end well are not worth a word."""
    server.fail(StatusCode.UNAVAILABLE, "restarting", times=2)
    result = call("check", "--host", server.host, key=SECRET_KEY)
    assert result == ChildResult(0, WORKS, "")


@pytest.mark.parametrize(
    ("key", "line"),
    [
        (
            "no-acl",
            "PermissionDeniedError: API key is missing ACLs required to perform this request.",
        ),
        ("not-known", "AuthenticationError: .+"),
    ],
)
def test_check_says_what_the_server_holds_against_the_key(
    server: LocalServer, key: str, line: str
) -> None:
    """A refused key is one line with the server's own words, and status 1."""
    result = call("check", "--host", server.host, key=key)
    assert (result.rc, result.stdout) == (1, "")
    assert re.fullmatch(f"xai check: {line}\n", result.stderr)


def test_check_makes_one_line_of_any_message(server: LocalServer) -> None:
    """A message of several lines is printed in one."""
    server.fail(StatusCode.INTERNAL, "first\n\n  second\tthird")
    result = call("check", "--host", server.host, key=SECRET_KEY)
    assert (result.rc, result.stdout) == (1, "")
    assert result.stderr == "xai check: InternalServerError: first second third\n"


def test_check_counts_attempts_in_its_one_line(server: LocalServer) -> None:
    """Retries that don't help are counted at the end of the line, and not logged as well."""
    server.fail(StatusCode.UNAVAILABLE, "down", times=5)
    result = call("check", "--host", server.host, key=SECRET_KEY)
    assert (result.rc, result.stdout) == (1, "")
    assert result.stderr == "xai check: ServiceUnavailableError: down (after 5 attempts)\n"


def test_check_names_the_host_that_nobody_listens_on() -> None:
    """A refused connection is one line that names host and port."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        result = call("check", "--host", f"localhost:{port}", key=SECRET_KEY)
    assert (result.rc, result.stdout) == (1, "")
    line = rf"xai check: APIConnectionError: can't connect to localhost:{port}: .+\n"
    assert re.fullmatch(line, result.stderr)


def test_check_waits_no_longer_than_told(server: LocalServer) -> None:
    """A server that says nothing costs the time of --timeout, and gives one line."""
    server.stall(times=None)
    result = call("check", "--host", server.host, "--timeout", "0.3", key=SECRET_KEY)
    assert (result.rc, result.stdout) == (1, "")
    assert re.fullmatch(r"xai check: DeadlineExceededError: .+\n", result.stderr)


@pytest.mark.parametrize(
    ("key", "line"),
    [
        (None, r"Trying to read the xAI API key from the XAI_API_KEY environment variable .+"),
        ("", r"Empty xAI API key provided\."),
        (f"{SECRET_KEY}\n", r"api_key can't be sent in a header: .+"),
    ],
)
def test_check_needs_a_key(
    key: str | None,
    line: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A missing or impossible key is one line and status 2; the key is not part of it."""
    monkeypatch.delenv("XAI_API_KEY", raising=False)
    if key is not None:
        monkeypatch.setenv("XAI_API_KEY", key)
    assert main(["check"]) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert re.fullmatch(f"xai check: {line}\n", output.err)
    assert SECRET_MARKER not in output.err


@pytest.mark.parametrize("host", ["", "https://api.x.ai", "api.x.ai/v1", "api.x.ai:99999", "a b"])
def test_check_refuses_what_is_no_host(
    host: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A bad host is one line that names the argument, and status 2."""
    monkeypatch.setenv("XAI_API_KEY", SECRET_KEY)
    assert main(["check", "--host", host]) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert re.fullmatch(r"xai check: api_host\W.+\n", output.err)


def test_missing_key_ends_a_process_in_one_line() -> None:
    """In a process of its own there is no traceback either."""
    result = run("check")
    assert (result.rc, result.stdout) == (2, "")
    assert result.stderr.startswith("xai check: ")
    assert result.stderr.count("\n") == 1


# What all commands share.


def test_version_is_that_of_the_distribution() -> None:
    """--version, the package and the installed distribution say the same."""
    result = run("--version")
    assert result == ChildResult(0, f"xai-client {xai.__version__}\n", "")
    assert importlib.metadata.version("xai-client") == xai.__version__


def test_console_script_is_the_same_program() -> None:
    """The installed script `xai` does what `python -m xai` does, under that name in its usage."""
    script = shutil.which("xai", path=str(Path(sys.executable).parent))
    assert script, "the package is not installed beside this interpreter"
    assert run("--help", program=[script]) == run("--help")
    assert run("demo", program=[script]).rc == 0


def test_no_command_is_an_error_with_the_usage() -> None:
    """Alone, the program says how it is used, on stderr and with status 2."""
    result = run()
    assert (result.rc, result.stdout) == (2, "")
    assert result.stderr.startswith("Usage: xai ")


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["dance"], "dance"),
        (["check", "--timeout", "0"], "--timeout"),
        (["check", "--timeout", "nan"], "--timeout"),
        (["check", "--timeout", "soon"], "--timeout"),
        (["serve", "--port", "65536"], "--port"),
        (["serve", "--port", "-1"], "--port"),
        (["serve", "--port", "http"], "--port"),
        (["serve", "--host", "0.0.0.0"], "--host"),  # noqa: S104  # refused
        (["serve", "--key", ""], "--key"),
        (["serve", "--key", f"{SECRET_KEY}\n"], "--key"),
        (["demo", "--key", "k"], "--key"),
    ],
)
def test_wrong_argument_is_named(
    arguments: list[str], word: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A wrong argument is one line that names it, and status 2."""
    assert main(arguments) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err.count("\n") == 1
    assert word in output.err
    assert SECRET_MARKER not in output.err


def commands() -> dict[str, click.Command]:
    """Return each command of the program, and the program itself as the first."""
    return dict(commands_below("", program))


def commands_below(name: str, command: click.Command) -> Iterator[tuple[str, click.Command]]:
    """Yield a command and those it has, with the words that lead to them."""
    yield name, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for word in command.list_commands(context):
            below = command.get_command(context, word)
            assert below is not None, word
            yield from commands_below(f"{name} {word}".strip(), below)


def test_help_explains_every_option() -> None:
    """--help describes each command, each of its options, and the exit status, in 80 columns."""
    known = commands()
    assert len(known) > 12
    for name, command in known.items():
        result = call(*name.split(), "--help")
        assert (result.rc, result.stderr) == (0, ""), name
        text = " ".join(result.stdout.split())
        assert command.help, name
        assert "Exit status: 0 when all went well" in text, name
        for parameter in command.params:
            if isinstance(parameter, click.Option):
                assert parameter.opts[-1] in text, name
                assert parameter.help, (name, parameter.name)
        assert max(map(len, result.stdout.splitlines())) <= 80, name


STARTING = """
import sys
from xai.__main__ import main
assert main(["--help"]) == 0
assert main(["--version"]) == 0
heavy = ("asyncio", "attr", "betterproto", "grpclib", "logging", "prompt_toolkit", "rich", "ssl")
assert not [name for name in heavy if name in sys.modules], list(sys.modules)
assert not [name for name in sys.modules if name.startswith("xai.sync")]
from xai.commands.program import program
import click
context = click.Context(program)
for name in program.list_commands(context):
    program.get_command(context, name)
    assert main([name, "--help"]) == 0
# What a command needs is loaded when it runs, and not to read its arguments.
loaded = [name for name in heavy if name in sys.modules and name != "logging"]
assert not loaded, loaded
assert not [name for name in sys.modules if name.startswith("xai.sync")]
"""


def test_start_is_cheap() -> None:
    """Arguments are read before anything that takes a while to load."""
    run_child(STARTING)


WITHOUT = """
import sys
sys.modules["{library}"] = None
from xai.__main__ import main
sys.exit(main({arguments}))
"""


@pytest.mark.parametrize("library", ["click", "rich", "prompt_toolkit"])
def test_extra_may_be_missing(library: str, tmp_path: Path) -> None:
    """Without the extra one line says what to install, and the status is 1."""
    script = WITHOUT.format(library=library, arguments=["check"])
    result = run_child(script, check=False, env={"XAI_API_KEY": SECRET_KEY, "HOME": str(tmp_path)})
    assert (result.rc, result.stdout) == (1, "")
    line = f"xai: the command line needs {library}: pip install 'xai-client[cli]'\n"
    assert result.stderr == line


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_shell_completes(shell: str) -> None:
    """The script is one that the shell can read, and what it calls knows commands and options."""
    script = call("completion", shell)
    assert (script.rc, script.stderr) == (0, "")
    assert "_XAI_COMPLETE" in script.stdout
    if shutil.which(shell):
        subprocess.run([shell, "-n"], input=script.stdout, text=True, check=True)


def test_completions_are_commands_and_options(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bash asks with the words of the line, and is told what may follow."""
    monkeypatch.setenv("_XAI_COMPLETE", "bash_complete")
    for words, expected in (("xai che", "plain,check"), ("xai files pu", "plain,put")):
        monkeypatch.setenv("COMP_WORDS", words)
        monkeypatch.setenv("COMP_CWORD", str(len(words.split()) - 1))
        assert call().stdout.split() == [expected]


def test_readme_shows_what_works(server: LocalServer, tmp_path: Path) -> None:
    """The lines of the README succeed one after the other, as they stand but for the host."""
    (tmp_path / "notes.txt").write_text("The sea is calm.\n", "utf-8")
    here = shlex.join(MODULE)
    for line in (line for block in blocks("console") for line in block.text.splitlines()):
        words = re.sub(
            r"\bxai ((?:files|batch) \w+|\w+)", rf"{here} \1 --host {server.host}", line[2:]
        )
        result = run(program=["/bin/sh", "-c", words], key=SECRET_KEY, cwd=tmp_path)
        assert (result.rc, bool(result.stderr)) == (0, "--usage" in line), result.stderr
        # The first two conversations have no input here.
        assert result.stdout or " chat" in line or re.search(" (rm|batch) ", line), line
    assert (tmp_path / "copy.txt").read_text("utf-8") == "The sea is calm.\n"


# Output that nobody reads.


@pytest.mark.parametrize("part", ["An embedded", "%", "tokenize", "WARNING"])
def test_reader_may_leave_at_any_line(part: str) -> None:
    """`xai demo | head` ends early or late, but without a traceback."""
    with running("demo") as command:
        command.lines_to(part)
        command.leave()
        assert command.wait() in (0, 1)
        assert command.errors() == ""


@pytest.mark.parametrize("name", ["--help", "--version", "demo", "check", "serve"])
def test_pipe_may_be_closed_from_the_start(server: LocalServer, name: str) -> None:
    """A command whose output nobody reads ends with status 1 and says nothing."""
    arguments = [name, "--host", server.host] if name == "check" else [name]
    reader, writer = os.pipe()
    os.close(reader)
    try:
        process = subprocess.run(
            [*MODULE, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=writer,
            stderr=subprocess.PIPE,
            env=environment(SECRET_KEY),
            cwd=ROOT,
            timeout=100,
            check=False,
        )
    finally:
        os.close(writer)
    assert (process.returncode, process.stderr) == (1, b"")


@pytest.mark.parametrize("name", ["demo", "--version"])
def test_output_may_be_closed(name: str) -> None:
    """With `>&-` there is no output at all, which is no reason to fail."""
    closing = ["/bin/sh", "-c", 'exec "$@" >&-', "sh", *MODULE]
    assert run(name, program=closing).rc == 0


def test_error_output_may_be_closed() -> None:
    """With `2>&-` an error leaves its status alone, and does not get into the output."""
    closing = ["/bin/sh", "-c", 'exec "$@" 2>&-', "sh", *MODULE]
    result = run("files", "get", "x", "-", program=closing)
    assert (result.rc, result.stdout) == (2, "")
