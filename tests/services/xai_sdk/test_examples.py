"""The example programs of xai-sdk, unchanged, on this package: to their end, as with that one."""

import re
from pathlib import Path

from tests.xai_sdk_examples import SERVICES, programs, run
from xai.testing import LocalServer

#: What the server or the system makes up anew each time.
_MADE_UP = re.compile(
    r"localhost:\d+|\S*/tmp\w*|\btmp\w+|http://127\.0\.0\.1\S+|\b[\w-]*[0-9a-f]{8}-[0-9a-f-]{27}"
    r"|\b\w+[-_][0-9a-f]{12,}|\d{4}-\d\d-\d\d[T ][\d:.]+\w*|(?:seconds|nanos): \d+|0x[0-9a-f]+"
)


def shown(text: str) -> str:
    """Return an output without what differs from run to run."""
    return _MADE_UP.sub("...", text)


def test_chat_examples_say_what_they_say_with_the_real_package(tmp_path: Path) -> None:
    """Blocking and asynchronous: chats, tools, structured outputs, models, tokens, telemetry."""
    names = {each.path.split("/")[1].removesuffix(".py") for each in programs()} - {*SERVICES}
    wanted = programs(*sorted(names))
    outputs = []
    for ours in (True, False):
        folder = tmp_path / str(ours)
        folder.mkdir()
        with LocalServer() as server:
            results = run(wanted, server, folder, as_xai_sdk=ours)
        assert {name: result for name, result in results.items() if result.rc} == {}
        outputs.append({name: shown(result.stdout) for name, result in results.items()})
    # Spans end in the order in which their exporter is told.
    here, there = ({k: v for k, v in each.items() if "telemetry" not in k} for each in outputs)
    assert here == there


def test_examples_of_the_other_services_run_to_their_end(tmp_path: Path) -> None:
    """Files, collections, batches, images and videos; no call of theirs fails."""
    wanted = programs(*SERVICES)
    with LocalServer() as server:
        results = run(wanted, server, tmp_path, as_xai_sdk=True)
        calls = server.calls
    assert {name: result for name, result in results.items() if result.rc} == {}
    assert [call for call in calls if call.state != "ok"] == []
