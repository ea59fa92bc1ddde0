"""Words that were given up for those of gRPC, HTTP/2 and the API's own documentation."""

import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import ROOT

#: Names in code, and what to use. A name is compared as a whole, without underscores in front and
#: without the prefix of the asynchronous twin; an attribute of somebody else's may have it.
NAMES = {
    "Attempts": "Caller",
    "Opening": "StreamCall",
    "Trial": "RetryController",
    "Ticket": "PendingCall",
    "Bell": "OneShotEvent",
    "Portal": "LoopThread",
    "LoopSide": "LoopChannel",
    "Patience": "WaitTimeout",
    "OutOfPatience": "WaitTimeout",
    "OutOfPatienceError": "WaitTimeout",
    "Turn": "ReadLock",
    "Pace": "KeepaliveState",
    "Watch": "CallObserver, KeepaliveMonitor",
    "Miss": "ConnectFailure",
    "Described": "Annotated",
    "Fixed": "Tuple",
    "Talk": "ConversationBackend",
    "Kept": "StoredCompletion",
    "Archive": "Store",
    "Sealer": "OpaqueCodec",
    "Ask": "ParsedRequest",
    "Facts": "PromptEntities",
    "named_wait": "retry_delay",
    "hush": "detach",
    "take_news": "take_progress",
    "give_back": "acknowledge",
    "on_slot": "on_stream_available",
    "greeted": "reset_backoff",
    "babble": "send_garbage",
    "recite": "send_script",
    "DOCUMENTED": "PROMPT_IDE",
    "OFFICIAL": "REFERENCE",
    "official": "reference, xai_sdk",
    "AnswerCall": "ResponseCall",
    "Answering": "SampleOne",
    "Shelf": "ConversationStore",
    "has_news": "is_ready",
    "wait_patiently": "wait_for_reader",
    "judge": "evaluate",
}

#: Phrases of comments, docstrings, messages and documents, as regular expressions.
PHRASES = {
    r"\btoday's\b": "v1",
    r"of_today\b|todays_": "v1",
    r"\bdocumented (?:API|RPCs?|services?)\b": "PromptIDE",
    r"--api documented\b": "--api prompt-ide",
    r"\bfirst generation\b": "PromptIDE",
    r"\bofficial (?:API|client|package|SDK)\b": "xai_sdk",
    r"\blets? the model answer\b": "sample a response",
    r"\bvalid answers?\b": "valid response",
    r"\bAsyncAnswers?\b": "AsyncResponseStream, AsyncReplyText",
    r"\b(?:whole|last|deferred) answers?\b": "complete, last, deferred response",
    r"\bpieces? of (?:an?|the|its) (?:answers?|stream|reply|response)\b": "chunk",
    r"\bretries\.due\b": "retries.next_attempt_at",
    r"\bhow bold\b": "sampling temperature",
    r"\bsay goodbye\b": "send GOAWAY",
    r"(?<![\w-])[HGBW]\d{1,2}\b(?!-)": "the hazard itself, in a sentence",
}

#: Where a retired word is right: the beginning of a path, the word, and why.
EXCEPTIONS = (
    ("tests/docs/test_vocabulary.py", "", "the list itself"),
    ("xai/testing/", "Turn", "a turn of a conversation; the retired class was a lock"),
)

FOLDERS = ("xai", "tests", ".ci", "stubs")
DOCUMENTS = ("README.md", "noxfile.py", ".github/CONTRIBUTING.md")


def files() -> list[str]:
    """Return the files to look at; what is generated follows from those it is made of."""
    found = [
        path.relative_to(ROOT).as_posix()
        for folder in FOLDERS
        for path in (ROOT / folder).rglob("*")
        if path.suffix in (".py", ".pyi", ".md") and path.is_file()
    ]
    skipped = ("xai/sync/", "tests/services/sync/", "tests/benchmarks/results/")
    found = [name for name in found if not name.startswith(skipped) and not excepted(name, "")]
    return sorted([*found, *(name for name in DOCUMENTS if (ROOT / name).exists())])


def names(text: str) -> Iterator[tuple[int, str]]:
    """Yield the identifiers of a program, with their lines."""
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.NAME:
            yield token.start[0], token.string


def excepted(name: str, word: str) -> bool:
    """Tell whether a word is right in a file."""
    return any(name.startswith(path) and word == right for path, right, _ in EXCEPTIONS)


def retired(name: str, text: str) -> Iterator[str]:
    """Yield the retired words of a file, with their lines and what to use."""
    if name.endswith((".py", ".pyi")):
        for line, identifier in names(text):
            bare = identifier.lstrip("_").removeprefix("Async")
            if bare in NAMES and not excepted(name, bare):
                yield f"{name}:{line}: {identifier}; use {NAMES[bare]}"
    for pattern, use in PHRASES.items():
        for match in re.finditer(pattern, text, 0 if "HGBW" in pattern else re.IGNORECASE):
            line = text.count("\n", 0, match.start()) + 1
            yield f"{name}:{line}: {match[0]}; use {use}"


def test_no_retired_words() -> None:
    """Nothing that people read or maintain has a word of the lists above."""
    found = [hit for name in files() for hit in retired(name, Path(ROOT / name).read_text("utf-8"))]
    assert found == [], "\n".join(found)


def test_no_retired_words_in_the_changes_to_come() -> None:
    """Neither have the changes that are not released yet; older ones stay as they were."""
    text = (ROOT / "CHANGELOG.md").read_text("utf-8")
    unreleased = text.partition("## [Unreleased]")[2].partition("\n## [")[0]
    assert unreleased
    assert list(retired("CHANGELOG.md", unreleased)) == []


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        ("a.py", "class _AsyncPortal: ...", 1),
        ("a.py", "portals = 'a portal'", 0),
        ("a.py", "# as today's API does", 1),
        ("a.md", "Let the model answer.", 1),
        ("a.md", "The signatures are documented.", 0),
    ],
)
def test_words_are_found(name: str, text: str, found: int) -> None:
    """Whole names and phrases are found, and their neighbors are not."""
    assert len(list(retired(name, f"{text}\n"))) == found


def test_glossary_explains_our_own_terms() -> None:
    """The contributors' page has a dozen terms or so, each in one line."""
    text = (ROOT / ".github" / "CONTRIBUTING.md").read_text("utf-8")
    rows = re.findall(r"^\| ([^|]+) \| ([^|]+) \|$", text, re.MULTILINE)
    terms = [term for term, _ in rows if term not in ("term", "---")]
    assert 8 <= len(terms) <= 16
    assert len(set(terms)) == len(terms)
