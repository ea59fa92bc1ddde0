"""The logger of the package."""

import logging
from typing import Final

log: Final = logging.getLogger("xai")
# A library leaves it to the program what is shown of its log. Without any handler, Python itself
# would write warnings, such as that of a retry, to the standard error stream.
log.addHandler(logging.NullHandler())
