"""The conversation of ``xai chat`` in a terminal: a loop over messages and commands."""

from collections.abc import Callable
from pathlib import Path

import xai
from xai.commands.chat.backends import ConversationBackend, print_response
from xai.commands.chat.interrupts import Interrupts
from xai.commands.chat.prompt import Prompt
from xai.commands.local_files import write_whole
from xai.commands.output import CommandError, complain, describe, describe_local, visible

_HELP = """\
  /new           start a new conversation
  /title [TEXT]  show the title, which --service grok finds by itself; with TEXT, set it
  /save FILE     write the conversation into a new file
  /help          show this
  /exit          leave
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
        self._commands: dict[str, tuple[str, Callable[[str], None]]] = {
            "/new": ("", self._new),
            "/title": ("[TEXT]", self._title),
            "/save": ("FILE", self._save),
            "/help": ("", self._help),
            "/exit": ("", self._exit),
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
                    print_response(self._backend, line, visible)
        except KeyboardInterrupt:
            # In a line of its own: the terminal shows the keys, wherever the cursor was.
            print("\n(stopped)")
        except xai.APIError as error:
            complain("xai chat", describe(error))
        except CommandError as error:
            complain("xai chat", str(error))
        except BrokenPipeError:
            raise
        except (ValueError, OSError) as error:
            complain("xai chat", describe_local(error))

    def _obey(self, line: str) -> None:
        name, *rest = line.split(maxsplit=1)
        argument = rest[0].strip() if rest else ""
        if name not in self._commands:
            complain("xai chat", f"there is no command {name}; /help lists those there are")
            return
        usage, action = self._commands[name]
        if (argument and not usage) or (usage == "FILE" and not argument):
            complain("xai chat", f"usage: {name} {usage}")
            return
        action(argument)

    def _new(self, _: str) -> None:
        self._backend = self._start()
        print("A new conversation.")

    def _title(self, text: str) -> None:
        if text:
            self._backend.set_title(text)
        title = text or self._backend.find_title()
        print(f"Title: {visible(title, lines=False)}" if title else "There is no title yet.")

    def _save(self, name: str) -> None:
        if not self._backend.turns:
            complain("xai chat", "there is nothing to save yet")
            return
        path = str(Path(name).expanduser())
        try:
            write_whole(path, [self._transcript().encode()])
        except FileExistsError:
            complain("xai chat", f"{path}: there is such a file already; nothing was saved")
        else:
            print(f"Saved to {visible(path, lines=False)}.")

    def _transcript(self) -> str:
        title = self._backend.title()
        parts = [f"# {title}"] if title else []
        for message, answer in self._backend.turns:
            parts += [f"You: {message.strip()}", f"Model: {answer.strip()}"]
        return "\n\n".join(parts) + "\n"

    def _help(self, _: str) -> None:
        print(_HELP)

    def _exit(self, _: str) -> None:
        self._open = False
