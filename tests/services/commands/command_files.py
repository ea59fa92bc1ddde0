"""What the tests of the command `files` share."""

from pathlib import Path
from typing import Final

from tests.services.commands.command_line import call_raw
from tests.support import SECRET_KEY

MIB: Final = 2**20
READER: Final = "reader"
TEXT: Final = b"The sea is calm.\n"


class Files:
    """Runs the command in a folder of the test, against the server.

    Args:
        host: The server's.
        folder: Where the command runs.
        api: The generation of the API.
    """

    def __init__(self, host: str, folder: Path, api: str = "prompt-ide") -> None:
        self._host = host
        self._api = api
        self.folder = folder

    def line(self, action: str, *arguments: str) -> list[str]:
        """Return the words of the command line behind the program's name."""
        return ["files", action, "--host", self._host, "--api", self._api, *arguments]

    def raw(self, *words: str, key: str | None = SECRET_KEY) -> tuple[int, bytes, str]:
        """Run an action; return status, output and errors."""
        return call_raw(*self.line(*words), key=key, cwd=self.folder)

    def __call__(self, *words: str, key: str | None = SECRET_KEY) -> tuple[int, str, str]:
        """Run an action; return status, output as text, and errors."""
        status, output, errors = self.raw(*words, key=key)
        return status, output.decode(), errors

    def fails(self, *words: str, key: str | None = SECRET_KEY, status: int = 1) -> str:
        """Run an action that fails without output; return the one line it says, and no more."""
        found, output, errors = self(*words, key=key)
        assert (found, output) == (status, "")
        start = f"xai files {words[0]}: "
        assert errors.startswith(start)
        assert errors.count("\n") == 1
        return errors.removeprefix(start).rstrip("\n")

    def here(self) -> dict[str, bytes]:
        """Return the files in the folder, hidden ones too."""
        found = sorted(path for path in self.folder.rglob("*") if path.is_file())
        return {path.relative_to(self.folder).as_posix(): path.read_bytes() for path in found}
