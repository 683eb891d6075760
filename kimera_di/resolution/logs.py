"""The logger ``kimera_di``.

In: nothing. Out: the logger. `logging` loads with the first message: most containers never have one, and it takes
as long to load as a third of our resolution. Must not import any other part of the package.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import logging


def log() -> "logging.Logger":
    """Give the logger ``kimera_di``. The first call loads `logging`."""
    import logging

    return logging.getLogger("kimera_di")
