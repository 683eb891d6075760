"""Vectors on the processor, in plain Python: right everywhere, fast enough for thousands of texts."""

from collections.abc import Iterable

from kimera.infrastructure.devices import Vector


class CpuDevice:
    """The device every machine has; fits ``IGPUService`` by its shape."""

    @property
    def device_name(self) -> str:
        """The device in one word."""
        return "cpu"

    def similarities(self, query: Vector, others: Iterable[Vector]) -> list[float]:
        """Give the cosine of each angle; of unit vectors that is the sum of products."""
        weights = [(index, weight) for index, weight in enumerate(query) if weight]  # most are 0: skip them once
        return [sum(weight * other[index] for index, weight in weights) for other in others]
