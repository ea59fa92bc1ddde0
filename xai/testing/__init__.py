"""A local xAI server for tests and demonstrations; names are loaded when first used."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xai.testing.control.calls import Call
    from xai.testing.control.retries import ControlledRetries
    from xai.testing.foreground import serve
    from xai.testing.recording import Recording, record
    from xai.testing.server import LocalServer
    from xai.testing.tape import RecordingError

__all__ = [
    "Call",
    "ControlledRetries",
    "LocalServer",
    "Recording",
    "RecordingError",
    "record",
    "serve",
]

_HOMES = {
    "Call": "xai.testing.control.calls",
    "ControlledRetries": "xai.testing.control.retries",
    "LocalServer": "xai.testing.server",
    "Recording": "xai.testing.recording",
    "RecordingError": "xai.testing.tape",
    "record": "xai.testing.recording",
    "serve": "xai.testing.foreground",
}


if not TYPE_CHECKING:  # a type checker knows the names and finds misspelt ones

    def __getattr__(name: str) -> object:
        # The pytest plugin imports this package in every test session: it must cost nothing.
        home = _HOMES.get(name)
        if home is None:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module

        value: object = getattr(import_module(home), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
