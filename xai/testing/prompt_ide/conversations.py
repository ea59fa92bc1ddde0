"""The conversations that the local server keeps: a forest of responses each; pure."""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone

import attrs

from xai.testing.engine.findings import Finding
from xai.testing.engine.library import Library

HUMAN_SENDER = "human"
_TITLE_WORDS = 4
_LARGEST_PAGE = 100
_DEFAULT_PAGE = 50
#: For each key.
_MOST_CONVERSATIONS, _MOST_CHARACTERS = 10_000, 64 * 1024 * 1024
_LONGEST_QUERY, _MOST_WORDS = 1_000, 32


class Clock:
    """A clock whose times differ each time, since they decide about the order."""

    def __init__(self) -> None:
        self._last = datetime.min.replace(tzinfo=timezone.utc)

    def now(self) -> datetime:
        """Return the time."""
        self._last = max(datetime.now(timezone.utc), self._last + timedelta(microseconds=1))
        return self._last


@attrs.define(eq=False)
class Node:
    """One message: a node of the forest.

    Attributes:
        sender: ``human``, or the name of a model.
        parent_id: What it follows; empty for a root.
        manual: Whether a person wrote it in the place of the model.
        partial: Whether it is only the beginning of a response.
        shared: Whether it was published.
        finding: What was searched for and found for it.
        generated: The image that was made for it; empty without one.
    """

    message: str
    sender: str
    parent_id: str
    create_time: datetime
    images: Sequence[str] = ()
    manual: bool = False
    partial: bool = False
    shared: bool = False
    finding: Finding | None = None
    generated: bytes = b""
    node_id: str = attrs.field(factory=lambda: uuid.uuid4().hex)

    @property
    def is_human(self) -> bool:
        """Whether it is a message of the user."""
        return self.sender == HUMAN_SENDER


@attrs.define(eq=False)
class StoredConversation:
    """A conversation of a user with a model."""

    system_prompt_name: str
    clock: Clock = attrs.field(repr=False)
    title: str = ""
    starred: bool = False
    nodes: dict[str, Node] = attrs.field(factory=dict)
    conversation_id: str = attrs.field(factory=lambda: uuid.uuid4().hex)
    size: int = 0
    create_time: datetime = attrs.field(init=False)
    modify_time: datetime = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        """Note the time."""
        self.create_time = self.modify_time = self.clock.now()

    def touch(self) -> None:
        """Note that something was changed."""
        self.modify_time = self.clock.now()

    def node(self, node_id: str) -> Node:
        """Return a response.

        Raises:
            LookupError: There is none of this ID.
        """
        if node_id not in self.nodes:
            raise LookupError(f"The conversation has no response {node_id!r}.")
        return self.nodes[node_id]

    def add(self, node: Node) -> Node:
        """Add a response.

        Raises:
            LookupError: The response that it follows is not there.
        """
        if node.parent_id:
            self.node(node.parent_id)
        self.nodes[node.node_id] = node
        self.size += len(node.message) + sum(map(len, node.images)) + len(node.generated)
        self.touch()
        return node

    def newest_id(self) -> str:
        """Return the ID of the response that was added last, or nothing."""
        return next(reversed(self.nodes), "")

    def path(self, leaf_id: str) -> list[Node]:
        """Return the responses from a root to a leaf; none for an empty ID.

        Raises:
            LookupError: There is no such leaf.
        """
        path = []
        while leaf_id:
            node = self.node(leaf_id)
            path.append(node)
            leaf_id = node.parent_id
        return path[::-1]

    def children(self, node_id: str) -> list[Node]:
        """Return what follows a response; the roots for an empty ID."""
        return [node for node in self.nodes.values() if node.parent_id == node_id]

    def counts(self, words: Sequence[str]) -> list[int]:
        """Return how often each word, in small letters, occurs in the title and the messages."""
        texts = [self.title, *(node.message for node in self.nodes.values())]
        folded = [text.casefold() for text in texts]
        return [sum(text.count(word) for text in folded) for word in words]


class ConversationStore:
    """The conversations of one user; beyond a limit those changed longest ago are dropped."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._conversations: dict[str, StoredConversation] = {}
        self._dropped = 0

    def create(self, system_prompt_name: str) -> StoredConversation:
        """Begin a conversation."""
        stored = StoredConversation(system_prompt_name, self._clock)
        self._conversations[stored.conversation_id] = stored
        self._trim(stored)
        return stored

    def get(self, conversation_id: str) -> StoredConversation:
        """Return a conversation.

        Raises:
            LookupError: The user has none of this ID.
        """
        if conversation_id not in self._conversations:
            text = f"There is no conversation {conversation_id!r}."
            if self._dropped:
                text += f" {self._dropped} older ones were dropped, since they took too much room."
            raise LookupError(text)
        stored = self._conversations[conversation_id]
        self._trim(stored)
        return stored

    def _trim(self, used: StoredConversation) -> None:
        """Drop conversations that are too many or too large together, but not one that is used."""
        size = sum(stored.size for stored in self._conversations.values())
        if size <= _MOST_CHARACTERS and len(self._conversations) <= _MOST_CONVERSATIONS:
            return
        for stored in reversed(self.latest()):
            if size <= _MOST_CHARACTERS and len(self._conversations) <= _MOST_CONVERSATIONS:
                return
            if stored is not used:
                del self._conversations[stored.conversation_id]
                size -= stored.size
                self._dropped += 1

    def delete(self, conversation_id: str) -> None:
        """Forget a conversation.

        Raises:
            LookupError: The user has none of this ID.
        """
        self.get(conversation_id)
        del self._conversations[conversation_id]

    def latest(self) -> list[StoredConversation]:
        """Return all conversations, the one that was changed last first."""
        return sorted(
            self._conversations.values(), key=lambda stored: stored.modify_time, reverse=True
        )

    def search(self, query: str) -> list[StoredConversation]:
        """Return the conversations that have all words of a query, the fullest of them first.

        Raises:
            ValueError: The query is too long.
        """
        words = query.casefold().split()
        if len(query) > _LONGEST_QUERY or len(words) > _MOST_WORDS:
            raise ValueError(
                f"query must have at most {_LONGEST_QUERY} characters and {_MOST_WORDS} words."
            )
        counts = {stored: stored.counts(words) for stored in self.latest()}
        found = [stored for stored, numbers in counts.items() if all(numbers)]
        return sorted(found, key=lambda stored: -sum(counts[stored]))


def page_of(
    conversations: Sequence[StoredConversation], size: int | None, token: str | None
) -> Sequence[StoredConversation]:
    """Return one page.

    Replies have no room for a token, so it has to be something that callers know already: the ID
    of the conversation that they were sent last.

    Raises:
        ValueError: The size is not positive, or the token names none of the conversations.
    """
    if size is not None and size < 1:
        raise ValueError(f"page_size must be positive, got {size}.")
    start = 0
    if token:
        ids = [stored.conversation_id for stored in conversations]
        if token not in ids:
            raise ValueError(f"next_page_token names none of the conversations: {token!r}.")
        start = ids.index(token) + 1
    size = _DEFAULT_PAGE if size is None else min(size, _LARGEST_PAGE)
    return conversations[start : start + size]


def make_title(path: Sequence[Node], library: Library) -> str:
    """Return the words that characterize a conversation, those of the user before others.

    Raises:
        ValueError: The messages have no words.
    """
    asked = " ".join(node.message for node in path if node.is_human)
    whole = " ".join(node.message for node in path)
    words = library.key_words(asked, _TITLE_WORDS) or library.key_words(whole, _TITLE_WORDS)
    # A conversation of nothing but "Hello!" has its own words for a title.
    words = words or whole.split()[:_TITLE_WORDS]
    if not words:
        raise ValueError("There is nothing in the conversation that a title could be made of.")
    title = " ".join(words)
    return title[:1].upper() + title[1:]
