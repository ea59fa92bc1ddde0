"""Every program of this folder runs as its reader would run it, and the index has them all."""

import ast
import json
import re
from pathlib import Path
from typing import Final

import pytest

from tests.support import SECRET_KEY, SECRET_MARKER, run_child
from xai.testing.control.accounts import DEFAULT_MANAGEMENT_KEY

HERE: Final = Path(__file__).parent
PROGRAMS: Final = sorted(path for path in HERE.glob("*.py") if not path.name.startswith("test_"))
INDEX: Final = (HERE / "README.md").read_text("utf-8")

#: What a program prints, where that is certain; of the others only that they print something.
OUTPUT: Final = {
    "celery_task": r".+\n",
    "conversation": r"(you: .+\ngrok: .+\n){3}grok: .+\n7 and 9 messages\n",
    "conversation_in_sqlite": r".+\n.+\n4 messages\n",
    "deferred": r"started [\w-]+\n.+\n",
    "django_view": r'\{"answer": ".+", "tokens": \d+\}\n',
    "document_search": r"keyword \d\.\d+ The bridge is closed\.\n(semantic .+\n){2}",
    "embeddings": r"The river is high in spring\.\n",
    "files": r"file-\w+ notes\.txt 19\n.+\n19 bytes\n(?s:.+)",
    "first_chat": r".+\nSTOP \d+ tokens 0\.\d+\n",
    "image": r".+house\.jpg \d+ bytes 0\.07 USD\n",
    "image_editing": r".+night-1\.jpg\n.+night-2\.jpg\n",
    "multiprocessing_fork": r"Spain: .+\nFrance: .+\nNorway: .+\n",
    "opentelemetry_tracing": r'(?s).*"name": "chat grok-4".*"name": "answer a customer".*',
    "prometheus_metrics": r'(?s).+xai_tokens_total\{kind="completion",model="grok-4"\} [1-9].+',
    "rag": r"(?s).+\['collections://.+\n",
    "recording_calls": r"recording\nreplaying\nTrue\n",
    "reasoning": r"(?s).+ \d+ tokens of reasoning\n",
    "retries_and_fallbacks": r"no-such-model failed: .+\n.+\n",
    "structured_output": r"Anna 33\n",
    "testing_with_local_server": r"(?s).*2 passed in .*",
    "timeouts_and_cancelling": r"(?s).+\ncancelled, also on the wire\n",
    "token_counting": r"10 \[.+\]\nabout .+ USD\n\d+ \d+ 0\.\d+\n",
    "tools": r"get_weather \{'city': 'Paris'\} -> 12 degrees and rain in Paris, .+\n.+\n",
    "tools_async": r"(?s)get_weather \{'city': 'Oslo'\} -> .+\n.+",
    "upload_progress": r"file-\w+ 2700000\n",
    "video": r"(?s)0\n.*100\n.+ball\.mp4 2 s 0\.1 USD\n\d+ s\n",
    "web_search_with_citations": r"(?s).+\n\[1\] http.+",
}

#: One after the other in one process: most of the time goes to imports. A local server stands in
#: for the API: it is the default host, and knows the keys. Each program has a folder of its own.
_CHILD: Final = """
import contextlib, io, json, os, runpy, sys, tempfile, traceback
import xai, xai.v1
from xai.testing import LocalServer

found, here = {}, os.getcwd()
with LocalServer(api_keys={os.environ["XAI_API_KEY"]: ["*"]}) as server:
    for client in (xai.Client, xai.AsyncClient, xai.v1.Client, xai.v1.AsyncClient):
        for name in ("api_host", "management_api_host"):
            client.__init__.__kwdefaults__[name] = server.host
    for program in sys.argv[1:]:
        with tempfile.TemporaryDirectory() as folder:
            os.chdir(folder)
            out, failure = io.StringIO(), ""
            try:
                with contextlib.redirect_stdout(out), contextlib.redirect_stderr(io.StringIO()):
                    runpy.run_path(program, run_name="__main__")
            except SystemExit as left:
                failure = f"left with {left.code}" if left.code else ""
            except BaseException:
                failure = traceback.format_exc()
            os.chdir(here)
        found[program] = [out.getvalue(), failure]
print(json.dumps(found))
"""


def title(path: Path) -> str:
    """Return the first line of a program."""
    text = ast.get_docstring(ast.parse(path.read_text("utf-8")))
    assert text, path
    return text


@pytest.mark.timeout(700)
def test_every_program_runs() -> None:
    """Against a local server, without a warning, it prints what it is meant to print."""
    env = {"XAI_API_KEY": SECRET_KEY, "XAI_MANAGEMENT_KEY": DEFAULT_MANAGEMENT_KEY}
    # The one with tests comes first: pytest warns when what it plugs in was imported before.
    programs = sorted(PROGRAMS, key=lambda path: not path.stem.startswith("testing"))
    result = run_child(_CHILD, args=[str(path) for path in programs], env=env, timeout=600)
    assert SECRET_MARKER not in result.stdout
    wrong = {}
    for name, (output, failure) in json.loads(result.stdout).items():
        stem = Path(name).stem
        if failure or not re.fullmatch(OUTPUT.get(stem, r"(?s).+"), output):
            wrong[stem] = failure or output
    assert wrong == {}


def test_expected_output_is_that_of_existing_programs() -> None:
    """The table above is about programs that there are."""
    assert OUTPUT.keys() <= {path.stem for path in PROGRAMS}


def test_programs_are_short_and_have_a_title() -> None:
    """One line says what each is for; it fits a screen, and the key comes from the environment."""
    assert len(PROGRAMS) >= 30
    for path in PROGRAMS:
        text = path.read_text("utf-8")
        assert "\n" not in title(path), path
        assert len(text.splitlines()) <= 50, path
        assert "api_key=" not in text, path


def test_index_has_every_program_with_its_title() -> None:
    """Each line links a program and says what it says of itself."""
    listed = dict(re.findall(r"^- \[(.+)\]\((\w+\.(?:py|ipynb))\)$", INDEX, re.MULTILINE))
    known = {title(path).split(":")[0].rstrip("."): path.name for path in PROGRAMS}
    programs = {text: name for text, name in listed.items() if name.endswith(".py")}
    assert programs == known
