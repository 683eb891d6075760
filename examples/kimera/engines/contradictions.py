"""Contradictions by cues and geometry: two texts point the same way without their cues, and the cues oppose.

What it cannot see: opposites that no list holds, units ("1 km" and "1000 m"), and anything that must be concluded.
"""

import asyncio
from collections.abc import Iterator, Sequence

from kimera.core.interfaces import IEmbeddingService, StoredText
from kimera.engines.cues import Reading, opposition, read
from kimera.engines.interfaces import Contradiction, IContradictionEngine
from kimera.infrastructure.devices import IGPUService, Vector
from kimera.infrastructure.settings import Settings


class ContradictionEngine(IContradictionEngine):
    """Compares the topics of all pairs on the device, and the cues of the pairs that are about the same thing."""

    def __init__(self, embedding: IEmbeddingService, device: IGPUService, settings: Settings) -> None:
        self._embedding = embedding
        self._device = device
        self._threshold = settings.threshold

    def find(self, texts: Sequence[StoredText]) -> list[Contradiction]:
        """Give every contradiction, highest score first. Time O(n * n) for n texts."""
        readings = [read(each.text) for each in texts]
        vectors = [self._embedding.embed(reading.topic) for reading in readings]
        rows = (self._row(number, texts, readings, vectors) for number in range(len(texts)))
        return _sorted(found for row in rows for found in row)

    async def afind(self, texts: Sequence[StoredText]) -> list[Contradiction]:
        """As ``find``, letting other tasks run after each row of pairs."""
        readings = [read(each.text) for each in texts]
        vectors = await self._embedding.aembed([reading.topic for reading in readings])
        found: list[Contradiction] = []
        for number in range(len(texts)):
            found.extend(self._row(number, texts, readings, vectors))
            await asyncio.sleep(0)
        return _sorted(iter(found))

    def _row(
        self, number: int, texts: Sequence[StoredText], readings: Sequence[Reading], vectors: Sequence[Vector]
    ) -> Iterator[Contradiction]:
        """Compare one text with all that come after it."""
        likenesses = self._device.similarities(vectors[number], vectors[number + 1 :])
        for other, likeness in enumerate(likenesses, start=number + 1):
            if likeness < self._threshold:
                continue
            cue, strength = opposition(readings[number], readings[other])
            score = min(likeness, 1.0) * strength
            if score >= self._threshold:
                yield Contradiction(texts[number], texts[other], score, cue)


def _sorted(found: Iterator[Contradiction]) -> list[Contradiction]:
    # Rounded, so that the last bit of a sum does not decide about the order.
    return sorted(found, key=lambda each: (-round(each.score, 6), each.first.id, each.second.id))
