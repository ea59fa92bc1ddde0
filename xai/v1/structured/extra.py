"""The packages of the extra ``pydantic``, which are loaded when a type is first looked at."""

from importlib import import_module
from typing import Final

_HINT: Final = 'pip install "xai-client[pydantic]"'
_NEEDED: Final = (("pydantic", "TypeAdapter"), ("griffe", "Docstring"))


def require_extra(feature: str) -> None:
    """Load the packages of the extra ``pydantic``.

    Args:
        feature: What needs them, for the error.

    Raises:
        ImportError: One is missing or too old; the error says how to install them.
    """
    try:
        for package, name in _NEEDED:
            getattr(import_module(package), name)
    except (ImportError, AttributeError) as error:
        raise ImportError(f"{feature} needs the extra 'pydantic': {_HINT} ({error})") from error
