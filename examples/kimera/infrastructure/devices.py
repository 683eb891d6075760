"""The port of whatever computes with vectors."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float32]
"""The embedding of a text: of unit length, or all zeros."""
Matrix = NDArray[np.float32]
"""One vector per row."""


class IGPUService(Protocol):
    """A device that computes with many vectors at once."""

    @property
    def device_name(self) -> str:
        """The device in one word: ``cpu`` or ``gpu``."""
        ...

    @property
    def note(self) -> str:
        """Why this device was taken."""
        ...

    def similarities(self, queries: Matrix, others: Matrix) -> Matrix:
        """Compare unit vectors with others.

        Args:
            queries: Unit vectors, one per row.
            others: Unit vectors of the same length.

        Returns:
            The cosine of each angle, 1.0 for the same direction: a row per query, a column per other.
        """
        ...
