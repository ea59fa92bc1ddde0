"""A conversation in the terminal, over each of the services that hold one."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from xai.commands.terminal import size, visible

if TYPE_CHECKING:
    import xai


class Talk:
    """What the terminal needs of a conversation.

    Attributes:
        turns: Messages and their answers, as far as they are complete.
    """

    def __init__(self) -> None:
        self.turns: list[tuple[str, str]] = []

    def send(self, message: str) -> "xai.Stream[str]":
        """Return the stream of the answer to a message; nothing is sent before it is read."""
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


class ChatTalk(Talk):
    """A conversation that is kept here: the service StatelessChat; so is its title."""

    def __init__(self, client: "xai.Client", *, model: str, fun: bool) -> None:
        super().__init__()
        self._conversation = client.chat.create_conversation(fun_mode=fun, model_name=model)
        self._title = ""

    def send(self, message: str) -> "xai.Stream[str]":
        """Return the stream of the answer."""
        return self._conversation.add_response(message)[0]

    def extras(self) -> list[str]:
        """Return a line for an image."""
        image = self._conversation.history[-1].image_attachment
        return [] if image is None else [_image(image.content_type, len(image.image_bytes))]

    def find_title(self) -> str:
        """Return the title that was set."""
        return self._title

    def set_title(self, title: str) -> None:
        """Remember a title."""
        self._title = title

    def title(self) -> str:
        """Return the title that was set."""
        return self._title


class GrokTalk(Talk):
    """A conversation that the server keeps: the service Chat."""

    def __init__(self, client: "xai.Client", *, model: str, fun: bool) -> None:
        super().__init__()
        self._conversation = client.grok.create_conversation(model_name=model, fun_mode=fun)
        self._read_extras: Callable[[], list[str]] = list

    def send(self, message: str) -> "xai.Stream[str]":
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
TALKS: "dict[str, type[ChatTalk | GrokTalk]]" = {"chat": ChatTalk, "grok": GrokTalk}


def print_answer(talk: Talk, message: str, shown: Callable[[str], str]) -> None:
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
