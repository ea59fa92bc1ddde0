"""Produce the blocking twin: ``xai/aio`` to ``xai/sync``, and the behaviour tests likewise.

Usage: ``python .ci/generate/twins.py OUT_DIR``

The text is edited token by token and formatted afterwards. What cannot be converted is an error
with its line: an import of asyncio, a keyword left over, prose that is true of one twin only.
A rule that matched nothing in the whole run is an error as well, so the table cannot rot.

Two comments in the source mark what has to differ:

* ``# twin: async-only`` at the end of a line drops that line.
* ``# twin: sync CODE`` on a line of its own puts CODE in the place of the following line.
"""

import ast
import io
import keyword
import re
import subprocess
import sys
import tokenize
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

#: What is converted to what, relative to the root of the repository.
FOLDERS = {
    "xai/aio": "xai/sync",
    "xai/xai_sdk/v1/aio": "xai/xai_sdk/v1/sync",
    "tests/services/aio": "tests/services/sync",
}
#: Each test folder has its own, with fixtures of the same names.
HAND_WRITTEN = frozenset({"conftest.py"})

BANNER = '# Do not edit: produced by "nox -s generate" from\n# {source}\n'

NAMES = {
    "AsyncTransport": "BlockingTransport",
    "__aenter__": "__enter__",
    "__aexit__": "__exit__",
    "__aiter__": "__iter__",
    "__anext__": "__next__",
    "StopAsyncIteration": "StopIteration",
    "aclose": "close",
    "aio": "sync",
    "aiter": "iter",
    "anext": "next",
}

#: Rules that may go without a match, and why.
OPTIONAL = {
    "aclose": "our own classes say close; foreign ones in tests may not",
    "aiter": "tests that step through a stream by hand",
    "anext": "as aiter",
    "asyncio.run": "complete programs in docstrings",
    "asynchronous": "prose is better when it is true of both twins",
    "parentheses": "only where a result is used in the same expression",
    "twin: async-only": "differences are to be avoided",
    "twin: sync": "as above",
    "_aio": "only modules that import the generated services directly",
}

#: Asynchronous names of these modules have their blocking counterparts in another module.
MOVED = {
    "xai.runtime.download.asynchronous": "xai.runtime.download.blocking",
    "xai.runtime.transport.asynchronous": "xai.runtime.transport.blocking",
}

_PREFIX = re.compile(r"(_*)Async([A-Z]\w*)")
_ARTICLE = re.compile(r"\b([Aa])n(?= `*_*Async[B-DF-HJ-NP-TV-Z])")
_WORD = re.compile(r"[^\W\d]\w*")
_CODE_SPAN = re.compile(r"``.+?``")
_LEFTOVER = re.compile(r"\b(?:async|await|asyncio|awaitable|coroutine)\b", re.IGNORECASE)
_IMPORT = re.compile(r"^ *(?:>>> )?import asyncio\n(?: *\n)?", re.MULTILINE)
_HEADING = re.compile(r"\s*Examples?:\s*")


class TwinError(Exception):
    """The source cannot be converted."""


@dataclass(frozen=True)
class Piece:
    """A token, or a whole f-string, with its place in the text."""

    kind: str
    text: str
    start: int
    end: int
    line: int


def _pieces(source: str) -> Iterator[Piece]:
    """Split a text into pieces that are the same for every version of Python.

    Since 3.12 an f-string arrives as many tokens, before that as one; it is one here.
    """
    starts = [0, 0]
    for line in io.StringIO(source):
        starts.append(starts[-1] + len(line))
    depth, begin, first_line = 0, 0, 0
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        kind = tokenize.tok_name[token.type]
        start = starts[token.start[0]] + token.start[1]
        end = starts[token.end[0]] + token.end[1]
        if kind in ("FSTRING_START", "TSTRING_START"):
            if not depth:
                begin, first_line = start, token.start[0]
            depth += 1
        elif kind in ("FSTRING_END", "TSTRING_END"):
            depth -= 1
            if not depth:
                yield Piece("STRING", source[begin:end], begin, end, first_line)
        elif not depth:
            yield Piece(kind, token.string, start, end, token.start[0])


class Converter:
    """Turns asynchronous text into blocking text and remembers which rules were needed."""

    def __init__(self) -> None:
        self.used: Counter[str] = Counter()

    def convert(self, source: str, name: str = "<text>") -> str:
        """Return the blocking twin of a module's text, not yet formatted.

        Args:
            source: The text of the module.
            name: What error messages call it.

        Raises:
            TwinError: Something in it has no blocking counterpart.
        """
        try:
            ast.parse(source)
            text = self._mark(source)
            pieces = [piece for piece in _pieces(text) if piece.kind not in ("NL", "ENDMARKER")]
            converted = _apply(text, self._edits(text, pieces))
            ast.parse(converted)
            _refuse_leftovers(converted)
        except (TwinError, SyntaxError) as error:
            raise TwinError(f"{name}: {error}") from error
        return converted

    def unused(self) -> list[str]:
        """Return the rules that should have matched something and did not."""
        rules = {"async", "await", "Async", "Awaitable", "import", *NAMES} - OPTIONAL.keys()
        return sorted(rules - self.used.keys())

    def _mark(self, source: str) -> str:
        """Obey the ``# twin:`` comments."""
        lines = list(io.StringIO(source))
        for piece in list(_pieces(source)):
            if piece.kind != "COMMENT" or not piece.text.startswith("# twin:"):
                continue
            index = piece.line - 1
            mark, _, code = piece.text.removeprefix("# twin:").strip().partition(" ")
            alone = lines[index].lstrip().startswith("#")
            if mark == "async-only" and not code and not alone:
                lines[index] = ""
            elif mark == "sync" and code and alone and index + 1 < len(lines):
                following = lines[index + 1]
                indent = following[: len(following) - len(following.lstrip())]
                lines[index : index + 2] = ["", f"{indent}{code}\n"]
            else:
                raise TwinError(f"line {piece.line}: not a mark: {piece.text}")
            self.used[f"twin: {mark}"] += 1
        return "".join(lines)

    def _edits(self, text: str, pieces: list[Piece]) -> Iterator[tuple[int, int, str]]:
        index = 0
        while index < len(pieces):
            piece = pieces[index]
            following = pieces[index + 1] if index + 1 < len(pieces) else piece
            if piece.kind == "NAME" and piece.text in ("async", "await"):
                self.used[piece.text] += 1
                same_line = "\n" not in text[piece.end : following.start]
                yield piece.start, following.start if same_line else piece.end, ""
            elif piece.kind == "NAME" and piece.text == "from" and _moved(pieces, index):
                end = next(i for i in range(index, len(pieces)) if pieces[i].kind == "NEWLINE")
                indent = text[text.rfind("\n", 0, piece.start) + 1 : piece.start]
                yield piece.start, pieces[end].start, self._split(pieces[index:end], indent)
                index = end
            elif piece.text == "Awaitable" and following.text == "[":
                # What is awaited in one twin is returned in the other.
                self.used["Awaitable"] += 1
                bracket = _closing(pieces, index + 1)
                yield piece.start, following.end, ""
                yield bracket.start, bracket.end, ""
                index += 1
            elif piece.kind == "NAME":
                yield piece.start, piece.end, self._name(piece)
            elif piece.kind in ("STRING", "COMMENT"):
                yield piece.start, piece.end, self._prose(piece)
            elif piece.text == "(" and following.text == "await":
                closing = _spare_parentheses(text, pieces, index)
                if closing is not None:
                    self.used["parentheses"] += 1
                    yield piece.start, piece.end, ""
                    yield closing.start, closing.end, ""
            index += 1

    def _name(self, piece: Piece) -> str:
        if piece.text == "asyncio":
            raise TwinError(f"line {piece.line}: asyncio has no place here")
        name = self._rename(piece.text)
        if "async" in name.lower():
            raise TwinError(f"line {piece.line}: no rule for the name {name}")
        return name

    def _rename(self, name: str) -> str:
        if name in NAMES:
            self.used[name] += 1
            return NAMES[name]
        match = _PREFIX.fullmatch(name)
        if match:
            self.used["Async"] += 1
            return match[1] + match[2]
        if name.endswith("_aio"):
            self.used["_aio"] += 1
            return name.removesuffix("aio") + "sync"
        return name

    def _split(self, pieces: list[Piece], indent: str) -> str:
        """Return an import, of which the asynchronous names moved to another module."""
        self.used["import"] += 1
        if any(piece.kind == "COMMENT" for piece in pieces):
            raise TwinError(f"line {pieces[0].line}: no comments inside this import")
        at = next(i for i, piece in enumerate(pieces) if piece.text == "import")
        module = "".join(piece.text for piece in pieces[1:at])
        listed = " ".join(piece.text for piece in pieces[at + 1 :] if piece.text not in "()")
        stay: list[str] = []
        move: list[str] = []
        for name in filter(None, (name.strip() for name in listed.split(","))):
            renamed = " ".join(self._rename(word) for word in name.split())
            (move if _PREFIX.match(name) else stay).append(renamed)
        imports = [(MOVED[module], move), (module, stay)]
        lines = (f"from {origin} import {', '.join(names)}" for origin, names in imports if names)
        return f"\n{indent}".join(lines)

    def _prose(self, piece: Piece) -> str:
        """Convert a string or a comment: names everywhere, keywords where it shows code."""
        result: list[str] = []
        example: int | None = None
        for line in _IMPORT.sub("", piece.text).split("\n"):
            indent = len(line) - len(line.lstrip())
            if example is not None and line.strip() and indent <= example:
                example = None
            if _HEADING.fullmatch(line):
                example = indent
            elif example is not None or line.lstrip().startswith((">>>", "...")):
                result.append(self._code(line))
                continue
            result.append(_CODE_SPAN.sub(lambda match: self._code(match[0]), line))
        text = self._words("\n".join(result))
        if _LEFTOVER.search(text):
            raise TwinError(f"line {piece.line}: true of one twin only: {text.strip()}")
        return text

    def _code(self, text: str) -> str:
        text, count = re.subn(r"\bawait\s+", "", text)
        self.used["await"] += count
        text, count = re.subn(r"\basync\s+(?=(?:def|for|with)\b)", "", text)
        self.used["async"] += count
        while (found := text.find("asyncio.run(")) >= 0:
            self.used["asyncio.run"] += 1
            text = text[:found] + _inside(text[found + len("asyncio.run(") :])
        return text

    def _words(self, text: str) -> str:
        def replace(match: "re.Match[str]") -> str:
            return self._rename(match[0])

        for article, other in (("an ", "a "), ("An ", "A "), ("", "")):
            for word, twin in (("asynchronous", "blocking"), ("Asynchronous", "Blocking")):
                text, count = re.subn(rf"\b{article}{word}\b", other + twin, text)
                self.used["asynchronous"] += count
        return _WORD.sub(replace, _ARTICLE.sub(r"\1", text))


def _moved(pieces: list[Piece], index: int) -> bool:
    """Tell whether an import statement begins here that takes names from a moved module."""
    if index and pieces[index - 1].kind not in ("NEWLINE", "INDENT", "DEDENT", "COMMENT"):
        return False
    module = ""
    for piece in pieces[index + 1 :]:
        if piece.text == "import":
            return module in MOVED
        module += piece.text
    return False


def _closing(pieces: list[Piece], index: int) -> Piece:
    """Return the bracket that closes the one at an index."""
    depth = 0
    for piece in pieces[index:]:
        depth += {"[": 1, "]": -1}.get(piece.text, 0)
        if not depth:
            return piece
    raise TwinError(f"line {pieces[index].line}: a bracket is not closed")


def _spare_parentheses(text: str, pieces: list[Piece], index: int) -> Piece | None:
    """Return the closing parenthesis if the pair held nothing together but an ``await``."""
    before = pieces[index - 1] if index else None
    if before is not None and (
        before.text in (")", "]", "}")
        or before.kind == "STRING"
        or (before.kind == "NAME" and not keyword.iskeyword(before.text))
    ):
        return None
    depth = 1
    for piece in pieces[index + 2 :]:
        if piece.text in ("(", "[", "{"):
            depth += 1
        elif piece.text in (")", "]", "}"):
            depth -= 1
            if not depth:
                return piece
        elif depth == 1 and not _simple(piece):
            return None
        if depth == 1 and "\n" in text[pieces[index].end : piece.start]:
            return None
    return None


def _simple(piece: Piece) -> bool:
    return piece.text == "." or (piece.kind == "NAME" and not keyword.iskeyword(piece.text))


def _inside(text: str) -> str:
    """Return a text without the first parenthesis that closes more than was opened."""
    depth = 0
    for position, character in enumerate(text):
        depth += {"(": 1, ")": -1}.get(character, 0)
        if depth < 0:
            return text[:position] + text[position + 1 :]
    raise TwinError(f"asyncio.run has to be closed on its line: {text}")


def _apply(text: str, edits: Iterable[tuple[int, int, str]]) -> str:
    parts: list[str] = []
    position = 0
    for start, end, replacement in sorted(edits):
        parts += text[position:start], replacement
        position = end
    return "".join((*parts, text[position:]))


def _refuse_leftovers(text: str) -> None:
    for piece in _pieces(text):
        if piece.kind == "NAME" and piece.text in ("async", "await"):
            raise TwinError(f"line {piece.line}: {piece.text} was left over")


def _convert_folder(converter: Converter, source: Path, shown: str, target: Path) -> None:
    for path in sorted(source.rglob("*.py")):
        relative = path.relative_to(source)
        if path.name in HAND_WRITTEN:
            continue
        name = f"{shown}/{relative.as_posix()}"
        text = converter.convert(path.read_text(encoding="utf-8"), name)
        written = target / relative
        written.parent.mkdir(parents=True, exist_ok=True)
        written.write_text(BANNER.format(source=name) + text, encoding="utf-8", newline="\n")


def _format(folder: Path) -> None:
    # Sorting the imports, dropping those that only the other twin needs, then the layout.
    options = ["--config", str(ROOT / "pyproject.toml"), "--no-cache", "--quiet", str(folder)]
    # No folder is left out: a temporary one may lie in one that ruff or git skips, such as .nox.
    options = [*options, "--config", "exclude = []", "--no-respect-gitignore"]
    ruff = [sys.executable, "-m", "ruff"]
    subprocess.run([*ruff, "check", "--select", "I,F401", "--fix-only", *options], check=True)
    subprocess.run([*ruff, "format", *options], check=True)


def generate(out: Path, root: Path = ROOT, *, package: Path | None = None) -> None:
    """Write the converted folders below a folder that stands for the repository.

    Args:
        out: Where ``xai/sync`` and ``tests/services/sync`` are written.
        root: The repository to read.
        package: The package ``xai`` to read, if it is not the one of the repository.

    Raises:
        TwinError: Something cannot be converted, or a rule matched nothing.
    """
    converter = Converter()
    for source, target in FOLDERS.items():
        folder = root / source
        if package is not None and source.startswith("xai/"):
            folder = package / source.removeprefix("xai/")
        _convert_folder(converter, folder, source, out / target)
        if (out / target).is_dir():
            _format(out / target)
    unused = converter.unused()
    if unused:
        raise TwinError(f"rules that matched nothing: {', '.join(unused)}")


def main() -> int:
    """Run from the command line."""
    if len(sys.argv) != 2:  # the program and its argument
        print("usage: python .ci/generate/twins.py OUT_DIR", file=sys.stderr)  # noqa: T201
        return 2
    try:
        generate(Path(sys.argv[1]))
    except TwinError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
