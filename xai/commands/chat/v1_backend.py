"""The conversation of ``xai chat`` with the v1 API, which is kept by this process."""

import contextlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import xai
from xai.commands.ask import inputs
from xai.commands.chat.backends import LocalBackend, SlashCommand
from xai.commands.connection import find_model, near_names
from xai.commands.output import CommandError, note

if TYPE_CHECKING:
    from xai.v1 import Message

_FORMAT: Final = "xai chat 1"


class V1Backend(LocalBackend):
    """A chat of the v1 API: the service xai_api.Chat.

    Args:
        client: Makes the calls.
        model: The name of the model; empty for the default.
        system: The system prompt; empty for none.
        tools: The names of the tools.

    Raises:
        CommandError: A tool is not known.
    """

    def __init__(
        self, client: "xai.v1.Client", *, model: str, system: str, tools: Sequence[str]
    ) -> None:
        super().__init__()
        self._client = client
        self._model = find_model(client, model)
        self._system = system
        self._tools = tuple(tools)
        self._server_tools, self._functions = inputs.tools(tools)
        self._messages: list[Message] = []
        self._attached: list[xai.v1.Part] = []

    @contextlib.contextmanager
    def send(self, message: str) -> Iterator[Iterable[str]]:
        """Yield the text deltas of the response."""
        name = self._model()
        # Its types are those of the API's messages, which commands know by their makers alone.
        given: dict[str, Any] = {"tools": self._server_tools}
        before: list[Message] = [xai.v1.system(self._system)] if self._system else []
        question = xai.v1.user(*self._attached, message)
        # It replaces the conversation once the response is complete, and is dropped with the
        # message when there is none.
        chat = self._client.chat.create(
            name, messages=[*before, *self._messages, question], auto_append=True, **given
        )
        with near_names(self._client, name):
            if self._functions:
                with chat.run_stream(tools=self._functions) as steps:
                    yield _spoken(steps)
            else:
                with chat.stream() as stream:
                    yield (chunk.content for _, chunk in stream if chunk.content)
        self._messages = chat.messages[len(before) :]
        self._attached = []

    def extras(self) -> list[str]:
        """Return nothing: a response is text."""
        return []

    def clear(self) -> bool:
        """Begin anew, with the same model, system prompt and tools."""
        self._messages = []
        self._attached = []
        self.turns = []
        self.set_title("")
        return True

    def commands(self) -> Mapping[str, SlashCommand]:
        """Return the commands for what only this API has."""
        return {
            "/model": SlashCommand("[NAME]", "show the model; with NAME, ask another", self._ask),
            "/system": SlashCommand(
                "[TEXT]", "show the system prompt; with TEXT, set it", self._set
            ),
            "/attach": SlashCommand("FILE|URL", "send it with the next message", self._attach),
            "/tools": SlashCommand(
                "[TOOL ...]", "show the tools; with names, set them; none removes them", self._use
            ),
            "/load": SlashCommand("FILE", "go on with a conversation that was saved", self._load),
        }

    def _ask(self, name: str) -> str:
        if name:
            self._model = find_model(self._client, name)
        return f"Model: {self._model()}"

    def _set(self, text: str) -> str:
        self._system = text or self._system
        return f"System prompt: {self._system}" if self._system else "There is no system prompt."

    def _attach(self, source: str) -> str:
        if source == "-":
            raise CommandError("the standard input is where you type")
        self._attached.append(inputs.attachment(source))
        return f"{source} goes with the next message."

    def _use(self, names: str) -> str:
        if names:
            wanted = () if names == "none" else tuple(names.replace(",", " ").split())
            self._server_tools, self._functions = inputs.tools(wanted)
            self._tools = wanted
        return f"Tools: {', '.join(self._tools)}" if self._tools else "There are no tools."

    def saved(self) -> str:
        """Return the conversation as JSON, which `load` reads."""
        return json.dumps(
            {
                "format": _FORMAT,
                "model": self._model(),
                "title": self.title(),
                "system": self._system,
                "tools": self._tools,
                "messages": [message.to_dict() for message in self._messages],
                "turns": self.turns,
            },
            indent=1,
        )

    def load(self, path: Path) -> None:
        """Go on with a conversation that was saved.

        Raises:
            CommandError: The file has none.
            OSError: It can't be read.
        """
        text = path.read_text("utf-8", errors="replace")
        try:
            found = json.loads(text)
            kind = type(xai.v1.user("-"))
            messages = [kind().from_dict(message) for message in found["messages"]]
            turns = [(str(said), str(answer)) for said, answer in found["turns"]]
            model, title, system = (str(found[name]) for name in ("model", "title", "system"))
            tools = tuple(map(str, found["tools"]))
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise CommandError(f"{path}: there is no conversation of xai chat in it") from error
        if found.get("format") != _FORMAT:
            raise CommandError(f"{path}: another version of xai chat has saved it")
        self._server_tools, self._functions = inputs.tools(tools)
        self._tools, self._system, self._messages, self.turns = tools, system, messages, turns
        self._model = find_model(self._client, model)
        self._attached = []
        self.set_title(title)

    def _load(self, name: str) -> str:
        self.load(Path(name).expanduser())
        count = len(self.turns)
        return f"Loaded {count} message{'' if count == 1 else 's'} and their responses."


def _spoken(steps: Iterable[object]) -> Iterator[str]:
    """Yield the text among the steps of a run, and tell of the functions that were called."""
    for step in steps:
        if isinstance(step, xai.v1.ChunkStep) and step.chunk.content:
            yield step.chunk.content
        elif isinstance(step, xai.v1.ToolStep):
            failed = f" failed: {step.error}" if step.error else ""
            note(f"called {step.call.function.name}{failed}")
