"""What the local server can search: pages, posts and trends made from the built-in text; pure."""

import functools
import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta, timezone
from typing import TypeVar

import attrs

from xai.testing.engine.corpus import DOCUMENTS

T = TypeVar("T")

_SITE = "https://library.example/"
_WORD = re.compile(r"[^\W_]+(?:['-][^\W_]+)*")
_SENTENCE = re.compile(r"[^.!?\s][^.!?\n]*[.!?]*")
# Looking back keeps the search from starting anew at each letter of a word.
_LAST_WORD = re.compile(r"(?<![^\W_])[^\W_]+\Z")
_FIRST_POST = datetime(2024, 1, 1, tzinfo=timezone.utc)
_AUTHORS = (
    ("ada_reads", "Ada"),
    ("bridge_keeper", "Ben"),
    ("cleo_bakes", "Cleo"),
    ("night_watch", "Dan"),
)
# Of a query's weight, what a text has to know to count as an answer.
_COVERAGE = 0.5
_SATURATION = 1.2
# Words that say nothing about the subject, among them those of greetings and of asking itself.
_FUNCTION_WORDS = frozenset(
    """a about after again all am an and any are as at be because been before but by can could did
    do does done down each every find for from get give go good goodbye had has have he hello help
    her here hi him his how i if in into is it its just know let like list look made make many may
    me more most much must my no not nothing now of on one only or other our out over please post
    posts put say says search see she should show so some something tell than thank thanks that the
    their them then there these they thing things this those time to today told too tweet tweets two
    up us very was we were what when where which who whom why will with work works would write
    yes yet you your x""".split()  # noqa: SIM905 - a list would take a page
)


@attrs.frozen
class Page:
    """A page of the library's site: one document of the built-in text."""

    url: str
    title: str
    text: str
    category: str


@attrs.frozen
class Post:
    """A post: one sentence. The next sentence of a paragraph replies to the one before."""

    post_id: str
    username: str
    name: str
    text: str
    create_time: datetime
    parent_id: str
    page: Page


@attrs.frozen
class Trend:
    """The word that sets a page apart from the others, with the posts that have it."""

    trend_id: str
    name: str
    page: Page
    posts: tuple[Post, ...]


class Library:
    """Pages, posts and trends, and how to find them.

    Args:
        documents: The texts; conversations among them are left out.
    """

    def __init__(self, documents: Sequence[str] = DOCUMENTS) -> None:
        texts = [text for text in documents if not text.startswith("Human:")]
        self._known = Counter(term for text in texts for term in set(terms(text)))
        self._size = len(texts)
        self.pages = tuple(map(self._page, texts))
        self.posts = tuple(self._posts())
        self.trends = tuple(map(self._trend, self.pages))

    def find_pages(self, query: str, limit: int = 3) -> list[Page]:
        """Return the pages that answer a query, the best first."""
        return self._best(query, self.pages, lambda page: page.text, limit)

    def find_posts(self, query: str, limit: int = 5) -> list[Post]:
        """Return the posts that answer a query, the best first."""
        return self._best(query, self.posts, lambda post: post.text, limit)

    def find_trends(self, query: str, limit: int = 3) -> list[Trend]:
        """Return the trends whose posts answer a query, the best first."""
        return self._best(query, self.trends, lambda trend: trend.name + trend.page.text, limit)

    def page(self, url: str) -> Page | None:
        """Return the page at an address."""
        return next((page for page in self.pages if page.url == url), None)

    def trend(self, trend_id: str) -> Trend | None:
        """Return a trend by its ID."""
        return next((trend for trend in self.trends if trend.trend_id == trend_id), None)

    def summary(self, page: Page, query: str, limit: int = 2) -> list[str]:
        """Return the sentences of a page that say most about a query, in their order."""
        wanted = set(terms(query))
        found = sentences(page.text)
        ranked = sorted(
            range(len(found)),
            key=lambda index: (-self._weight(wanted.intersection(terms(found[index]))), index),
        )
        return [found[index] for index in sorted(ranked[:limit])]

    def key_words(self, text: str, limit: int) -> list[str]:
        """Return the words that say most about a text, in the order in which they first occur."""
        spelled: dict[str, str] = {}
        counts: Counter[str] = Counter()
        for word in _WORD.findall(text):
            for term in terms(word):
                spelled.setdefault(term, word)
                counts[term] += 1
        # Sorting is stable: of equal ones the first to occur come first.
        best = sorted(spelled, key=lambda term: -counts[term] * self._idf(term))[:limit]
        return [spelled[term] for term in spelled if term in best]

    def complete(self, text: str) -> str:
        """Return a text with its last word completed to the most frequent one that it begins."""
        match = _LAST_WORD.search(text)
        if match is None:
            return text
        prefix = match[0].casefold()
        fitting = {word: count for word, count in _spellings().items() if word.startswith(prefix)}
        if not fitting:
            return text
        best = min(fitting, key=lambda word: (-fitting[word], word))
        return text + best[len(prefix) :]

    def _best(
        self, query: str, items: Sequence[T], text_of: Callable[[T], str], limit: int
    ) -> list[T]:
        wanted = set(terms(query))
        needed = _COVERAGE * self._weight(wanted)
        scores: list[tuple[float, int]] = []
        for number, item in enumerate(items):
            counts = Counter(terms(text_of(item)))
            if not wanted or self._weight(wanted & counts.keys()) < needed:
                continue
            score = sum(
                self._idf(term) * counts[term] / (counts[term] + _SATURATION) for term in wanted
            )
            scores.append((-score, number))
        return [items[number] for _, number in sorted(scores)[:limit]]

    def _idf(self, term: str) -> float:
        return math.log(1 + self._size / (self._known[term] or 0.5))

    def _weight(self, found: Iterable[str]) -> float:
        return math.fsum(map(self._idf, found))

    def _page(self, text: str) -> Page:
        title = sentences(text)[0].rstrip(".!?")
        words = self.key_words(text, 3)
        return Page(
            url=_SITE + "-".join(word.casefold() for word in words),
            title=title,
            text=text,
            category=words[0].casefold(),
        )

    def _posts(self) -> Iterable[Post]:
        count = 0
        for number, page in enumerate(self.pages):
            username, name = _AUTHORS[number % len(_AUTHORS)]
            for paragraph in page.text.splitlines():
                parent = ""
                for sentence in sentences(paragraph):
                    count += 1
                    post_id = str(1_700_000_000_000 + count)
                    moment = _FIRST_POST + timedelta(hours=count)
                    yield Post(post_id, username, name, sentence, moment, parent, page)
                    parent = post_id

    def _trend(self, page: Page) -> Trend:
        counts = Counter(terms(page.text))
        word = min(counts, key=lambda term: (-counts[term] * self._idf(term), term))
        posts = tuple(post for post in self.posts if word in terms(post.text))
        return Trend(f"trend-{word}", word.capitalize(), page, posts)


@functools.cache
def default_library() -> Library:
    """Return the library over the built-in text; it is made once in a process."""
    return Library()


@functools.cache
def _spellings() -> Counter[str]:
    return Counter(word.casefold() for text in DOCUMENTS for word in _WORD.findall(text))


def terms(text: str) -> list[str]:
    """Return the words of a text that say something about its subject, without endings in s."""
    words = [word.casefold().removesuffix("'s") for word in _WORD.findall(text)]
    return [
        word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word
        for word in words
        if word not in _FUNCTION_WORDS
    ]


def sentences(text: str) -> list[str]:
    """Return the sentences of a text."""
    return [sentence.strip() for sentence in _SENTENCE.findall(text)]
