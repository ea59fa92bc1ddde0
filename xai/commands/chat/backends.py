"""A conversation in the terminal, over each of the services that hold one."""

import contextlib
import functools
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager

import xai
from xai.commands.arguments import DEFAULT_MODEL
from xai.commands.terminal import size, visible


class ConversationBackend:
    """What the terminal needs of a conversation.

    Attributes:
        turns: Messages and their answers, as far as they are complete.
    """

    def __init__(self) -> None:
        self.turns: list[tuple[str, str]] = []

    def send(self, message: str) -> AbstractContextManager[Iterable[str]]:
        """Return the pieces of the answer to a message; leaving the block early ends the call."""
        raise NotImplementedError

    def extras(self) -> list[str]:
        """Return a line for each part of the last answer that is not text."""
        raise NotImplementedError

    def find_title(self) -> str:
        """Return the title; a service that can finds one."""
        raise NotImplementedError

    def set_title(self, title: str) -> None:
        """Give the conversation a title."""
        raise NotImplementedError

    def title(self) -> str:
        """Return the title it has; empty without one."""
        raise NotImplementedError


class _TalkHere(ConversationBackend):
    """A conversation that is kept here, and so is its title."""

    def __init__(self) -> None:
        super().__init__()
        self._title = ""

    def find_title(self) -> str:
        """Return the title that was set."""
        return self._title

    def set_title(self, title: str) -> None:
        """Remember a title."""
        self._title = title

    def title(self) -> str:
        """Return the title that was set."""
        return self._title


class V1Backend(_TalkHere):
    """A conversation by today's API, without tools: the service xai_api.Chat.

    Args:
        client: Makes the calls.
        model: Returns the name of the model; it is asked for each message.
    """

    def __init__(self, client: xai.Client, model: Callable[[], str]) -> None:
        super().__init__()
        self._model = model
        self._chat = client.v1.chat.create(DEFAULT_MODEL, auto_append=True)

    @contextlib.contextmanager
    def send(self, message: str) -> Iterator[Iterable[str]]:
        """Yield the pieces of the answer."""
        # A copy takes the place of the conversation once the answer is whole, and is forgotten
        # with its question when there is none.
        chat = self._chat.copy().append(xai.v1.user(message))
        chat.proto.model = self._model()
        with chat.stream() as stream:
            yield (chunk.content for _, chunk in stream if chunk.content)
        self._chat = chat

    def extras(self) -> list[str]:
        """Return nothing: without tools an answer is text."""
        return []


class ChatTalk(_TalkHere):
    """A conversation that is kept here: the service StatelessChat."""

    def __init__(self, client: xai.Client, *, model: str, fun: bool) -> None:
        super().__init__()
        self._conversation = client.chat.create_conversation(fun_mode=fun, model_name=model)

    def send(self, message: str) -> xai.Stream[str]:
        """Return the stream of the answer."""
        return self._conversation.add_response(message)[0]

    def extras(self) -> list[str]:
        """Return a line for an image."""
        image = self._conversation.history[-1].image_attachment
        return [] if image is None else [_image(image.content_type, len(image.image_bytes))]


class GrokTalk(ConversationBackend):
    """A conversation that the server keeps: the service Chat."""

    def __init__(self, client: xai.Client, *, model: str, fun: bool) -> None:
        super().__init__()
        self._conversation = client.grok.create_conversation(model_name=model, fun_mode=fun)
        self._read_extras: Callable[[], list[str]] = list

    def send(self, message: str) -> xai.Stream[str]:
        """Return the stream of the answer."""
        pieces, reply = self._conversation.add_response(message)

        def extras() -> list[str]:
            return [
                f"[image: {visible(image.image_url, lines=False)}]"
                if image.image_url
                else _image(image.content_type, len(image.image_bytes))
                for image in reply.result().images
            ]

        self._read_extras = extras
        return pieces

    def extras(self) -> list[str]:
        """Return a line for each image."""
        return self._read_extras()

    def find_title(self) -> str:
        """Let the model find a title."""
        return self._conversation.generate_title() if self.turns else ""

    def set_title(self, title: str) -> None:
        """Set the title on the server."""
        if not self.turns:
            raise ValueError("the conversation has no title before its first message")
        self._conversation.set_title(title)

    def title(self) -> str:
        """Return the title the server has told."""
        return self._conversation.title if self.turns else ""


#: The services of the option ``--service``.
DOCUMENTED: "dict[str, type[ChatTalk | GrokTalk]]" = {"chat": ChatTalk, "grok": GrokTalk}


def find_model(client: xai.Client, name: str) -> Callable[[], str]:
    """Return what finds out which model of today's API to talk with; it asks once.

    Args:
        client: Makes the call.
        name: The model the user wants; empty for the default.
    """
    if name:
        return lambda: name

    # What is raised is not remembered: the next message asks again.
    @functools.cache
    def default() -> str:
        try:
            models = client.v1.models.list_language_models()
        except (xai.PermissionDeniedError, xai.UnimplementedError):
            # A key may be good for chat alone; the server then judges the name itself.
            models = []
        known = any(DEFAULT_MODEL in (model.name, *model.aliases) for model in models)
        return DEFAULT_MODEL if known or not models else models[0].name

    return default


def print_answer(talk: ConversationBackend, message: str, shown: Callable[[str], str]) -> None:
    """Send a message, and print the answer as it comes.

    Args:
        talk: The conversation; it is added to when the answer is complete.
        message: The message.
        shown: Makes the text fit for where it goes.
    """
    parts: list[str] = []
    try:
        # Leaving the block early cancels the call.
        with talk.send(message) as pieces:
            for piece in pieces:
                parts.append(piece)
                print(shown(piece), end="", flush=True)
    except Exception:
        if parts:
            print(flush=True)
        raise
    talk.turns.append((message, "".join(parts)))
    if not (parts and parts[-1].endswith("\n")):
        print(flush=True)
    for line in talk.extras():
        print(line, flush=True)


def _image(kind: str, count: int) -> str:
    return f"[image: {visible(kind, lines=False) or 'unknown type'}, {size(count)}]"
