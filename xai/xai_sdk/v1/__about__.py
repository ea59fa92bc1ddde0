"""The release of that package whose shape this is."""

from typing import Final

__version__: Final = "1.21.0"
