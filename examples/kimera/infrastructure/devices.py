"""The port of whatever computes with vectors."""

from collections.abc import Iterable
from typing import Protocol

Vector = tuple[float, ...]
"""The embedding of a text: numbers of unit length together."""


class IGPUService(Protocol):
    """A device that computes with many vectors at once."""

    @property
    def device_name(self) -> str:
        """The device in one word: ``cpu``."""
        ...

    def similarities(self, query: Vector, others: Iterable[Vector]) -> list[float]:
        """Compare one unit vector with others.

        Args:
            query: A unit vector.
            others: Unit vectors of the same length.

        Returns:
            The cosine of each angle, 1.0 for the same direction, in the order of ``others``.
        """
        ...
