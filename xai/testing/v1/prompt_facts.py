"""What a message offers to fill in forms with: numbers, names, dates and the like; pure."""

import copy
import re
from collections.abc import Callable, Iterator

_UUID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_DATE = r"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])"
_TIME = r"(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,6})?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)"
#: How values of the formats of JSON Schema look in a text, those first that contain others.
_FORMATS = {
    "uri": re.compile(r"https?://[^\s\"'<>]*[^\s\"'<>.,;:!?)]"),
    # Looking back keeps the search from starting anew at each character of a word.
    "email": re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+"),
    "uuid": re.compile(rf"\b{_UUID}\b"),
    "date-time": re.compile(rf"\b{_DATE}T{_TIME}"),
    "date": re.compile(rf"\b{_DATE}\b"),
    "time": re.compile(rf"\b{_TIME}"),
}
_NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?(?![\w])")
_QUOTED = re.compile(r"\"([^\"\n]+)\"|“([^“”\n]+)”|(?<!\w)'([^'\n]+)'(?!\w)")
_NAME = re.compile(r"\b[A-Z][\w-]*(?:\s+[A-Z][\w-]*)*")
_WORD = re.compile(r"[^\W\d_]+")
_RUN = re.compile(r"\w+")
_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
#: Words that say nothing about what is asked for.
_COMMON_WORDS = (
    "a about all an and any are as ask at be by call can could current data do does for from get "
    "give given go has have hello help here hi how i if in input into is it its let list make me "
    "more my name no not number object of on one or our out output please result return returns "
    "say set should show so some string tell than thank thanks that the their them then there "
    "these they this those to tool two type up us use used user using value want was we what "
    "when where which who why will with would yes you your"
)
_COMMON = frozenset(_COMMON_WORDS.split())
_PLURAL_FROM = 4
_MOST_DIGITS = 30
#: Of each kind, since a schema may have thousands of parts that look through all of them.
_MOST_VALUES = 1_000


def words(text: str) -> set[str]:
    """Return the words of a text, or of a name in code, that say something, in one form each."""
    found = set()
    for run in _WORD.findall(text):
        for part in _PART.findall(run) or [run]:
            word = part.casefold()
            if len(word) > 1 and word not in _COMMON:
                found.add(_singular(word))
    return found


def _singular(word: str) -> str:
    if len(word) >= _PLURAL_FROM and word.endswith("s") and not word.endswith("ss"):
        return word[:-1]
    return word


class PromptEntities:
    """The values in a text, each of which is used once.

    Args:
        text: The message.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.words = words(text)
        self._formatted: dict[str, list[str]] = {}
        rest = text
        for name, pattern in _FORMATS.items():
            self._formatted[name] = pattern.findall(rest)[:_MOST_VALUES]
            rest = pattern.sub(" ", rest)
        numbers = [text for text in _NUMBER.findall(rest) if len(text) <= _MOST_DIGITS]
        self._numbers = numbers[:_MOST_VALUES]
        quoted = ["".join(groups) for groups in _QUOTED.findall(rest)]
        # Twice, or the words of a quotation would count as names as well.
        found = dict.fromkeys([*quoted, *_names(_QUOTED.sub(" ", rest))])
        self._strings = list(found)[:_MOST_VALUES]
        self._casefolded = text.casefold()
        self._runs = frozenset(_RUN.findall(self._casefolded))

    def copy(self) -> "PromptEntities":
        """Return the same values, to be used on their own."""
        other = copy.copy(self)
        # What is taken from one must stay in the other.
        own = {name: list(values) for name, values in self._formatted.items()}
        vars(other).update(
            _formatted=own, _numbers=list(self._numbers), _strings=list(self._strings)
        )
        return other

    def number(self, fits: Callable[[float], bool], *, integer: bool) -> float | None:
        """Take the first number that fits."""
        for place, text in enumerate(self._numbers):
            value = _number(text)
            if (not integer or value == value // 1) and fits(value):
                del self._numbers[place]
                # Not by way of a float, which has no room for many digits.
                return int(value) if value == value // 1 else value
        return None

    def string(self, fits: Callable[[str], bool]) -> str | None:
        """Take the first quotation or name that fits."""
        return _take(self._strings, fits)

    def formatted(self, name: str, fits: Callable[[str], bool]) -> str | None:
        """Take the first value of a format of JSON Schema that fits."""
        return _take(self._formatted.get(name, []), fits)

    def mentions(self, value: str) -> bool:
        """Tell whether the text has all words of a value, or the value itself."""
        wanted = words(value)
        if wanted:
            return wanted <= self.words
        value = value.casefold()
        if _RUN.fullmatch(value):
            return value in self._runs
        return value in self._casefolded and (
            re.search(rf"(?<!\w){re.escape(value)}(?!\w)", self._casefolded) is not None
        )


def _number(text: str) -> float:
    return float(text) if "." in text else int(text)


def _take(values: list[str], fits: Callable[[str], bool]) -> str | None:
    for place, value in enumerate(values):
        if fits(value):
            return values.pop(place)
    return None


def _names(text: str) -> Iterator[str]:
    """Yield capitalised words, those that merely begin a sentence last."""
    first = []
    for match in _NAME.finditer(text):
        end = match.start()
        while end and text[end - 1].isspace():
            end -= 1
        name = match.group()
        if end and text[end - 1] not in ".!?:":
            yield name
            continue
        # The first word has its capital from its place: it counts if nothing else explains it.
        head, _, rest = name.partition(" ")
        if head.casefold() not in _COMMON:
            first.append(name)
        elif rest:
            yield rest
    yield from first
