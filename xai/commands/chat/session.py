"""The conversation of ``xai chat`` in a terminal: a loop over messages and commands."""

from collections.abc import Callable
from pathlib import Path

from xai.commands.chat.backends import ConversationBackend, SlashCommand, print_response
from xai.commands.chat.interrupts import Interrupts
from xai.commands.chat.prompt import Prompt
from xai.commands.local_files import write_whole
from xai.commands.output import CommandError, complain, failure, label, visible

_HELP = """\
A line that begins with a slash is a command; put a blank before one that is a message.
Ctrl-C stops an answer, Ctrl-D leaves."""


class ChatSession:
    """Reads a line, does what it asks for, and so on until the user leaves.

    Args:
        start: Starts a conversation.
        greeting: The first line.
        history: The file where lines are kept; None for nowhere.
    """

    def __init__(
        self, start: Callable[[], ConversationBackend], greeting: str, history: Path | None
    ) -> None:
        self._start = start
        self._backend = start()
        self._greeting = greeting
        self._history = history
        self._interrupts = Interrupts()
        self._open = True
        self._commands = {
            "/new": SlashCommand("", "start a new conversation", self._new),
            "/title": SlashCommand(
                "[TEXT]",
                "show the title, which --service grok finds by itself; with TEXT, set it",
                self._title,
            ),
            **self._backend.commands(),
            "/save": SlashCommand("FILE", "write the conversation into a new file", self._save),
            "/help": SlashCommand("", "show this", self._help),
            "/exit": SlashCommand("", "leave", self._exit),
        }

    def run(self) -> None:
        """Talk until the user leaves."""
        with self._interrupts:
            print(visible(self._greeting, lines=False))
            prompt = Prompt(self._history, [*self._commands])
            while self._open:
                line = self._read(prompt)
                if line.strip():
                    self._act_on(line)

    def _read(self, prompt: Prompt) -> str:
        try:
            with self._interrupts.stoppable():
                return prompt.read()
        except KeyboardInterrupt:
            return ""
        except EOFError:
            self._open = False
        except UnicodeError:
            complain("xai chat", "the line was not UTF-8 text; it is not sent")
        return ""

    def _act_on(self, line: str) -> None:
        try:
            with self._interrupts.stoppable():
                if line.startswith("/"):
                    self._obey(line)
                else:
                    print_response(self._backend, line, markdown=True)
        except KeyboardInterrupt:
            # In a line of its own: the terminal shows the keys, wherever the cursor was.
            print("\n(stopped)")
        except BrokenPipeError:
            raise
        except Exception as error:
            known = error if isinstance(error, CommandError) else failure(error)
            if known is None:
                raise
            complain("xai chat", str(known))

    def _obey(self, line: str) -> None:
        name, *rest = line.split(maxsplit=1)
        argument = rest[0].strip() if rest else ""
        if name not in self._commands:
            complain("xai chat", f"there is no command {name}; /help lists those there are")
            return
        usage, _, action = self._commands[name]
        if (argument and not usage) or (usage and usage[0] != "[" and not argument):
            complain("xai chat", f"usage: {name} {usage}")
            return
        told = action(argument)
        if told:
            print(visible(told))

    def _new(self, _: str) -> str:
        if not self._backend.clear():
            self._backend = self._start()
        return "A new conversation."

    def _title(self, text: str) -> str:
        if text:
            self._backend.set_title(text)
        title = text or self._backend.find_title()
        return f"Title: {label(title)}" if title else "There is no title yet."

    def _save(self, name: str) -> str:
        if not self._backend.turns:
            raise CommandError("there is nothing to save yet")
        path = str(Path(name).expanduser())
        try:
            write_whole(path, [self._backend.saved().encode()])
        except FileExistsError:
            raise CommandError(f"{path}: there is such a file already; nothing was saved") from None
        return f"Saved to {label(path)}."

    def _help(self, _: str) -> str:
        wide = max(len(f"{name} {each.usage}") for name, each in self._commands.items())
        lines = [
            f"  {f'{name} {each.usage}':{wide}}  {each.help}"
            for name, each in self._commands.items()
        ]
        return "\n".join([*lines, _HELP])

    def _exit(self, _: str) -> str:
        self._open = False
        return ""
