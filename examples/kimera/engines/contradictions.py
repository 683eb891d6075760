"""Contradictions by cues and geometry: two texts point the same way without their cues, and the cues oppose.

A sentence is split in two. Its topic, the words that are no cue, becomes a vector; the cosine between two of them
tells how much both are about the same thing. Its cues (negation, words with an antonym, numbers) tell whether they say
opposite things about it. The score is the product, so a pair must have both.

What it cannot see: opposites that no list holds, units ("1 km" and "1000 m"), and anything that must be concluded.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from kimera.core.interfaces import Geoid, IEmbeddingService
from kimera.engines.cues import Reading, opposition, read
from kimera.engines.interfaces import Contradiction, IContradictionEngine
from kimera.infrastructure.devices import IGPUService, Matrix
from kimera.infrastructure.settings import EngineSettings

_BLOCK = 256
"""Rows compared at once: with n texts a block takes 1 KB * n of memory, not n * n."""


class ContradictionEngine(IContradictionEngine):
    """Compares the topics of all pairs on the device, and the cues of the pairs that are about the same thing."""

    def __init__(self, embedding: IEmbeddingService, device: IGPUService, settings: EngineSettings) -> None:
        self._embedding = embedding
        self._device = device
        self._threshold = settings.threshold

    def find(self, geoids: Sequence[Geoid]) -> list[Contradiction]:
        """Give every contradiction, highest score first. Time O(n * n) for n texts."""
        if not geoids:
            return []
        readings = [read(each.text) for each in geoids]
        topics = self._topics(readings)
        found: list[Contradiction] = []
        for start in range(0, len(geoids), _BLOCK):
            likenesses = self._device.similarities(topics[start : start + _BLOCK], topics[start:])
            for row, column in self._near(likenesses):
                if row < column:
                    first, second = start + row, start + column
                    pair = (geoids[first], geoids[second])
                    found.extend(self._judge(pair, readings[first], readings[second], likenesses[row, column]))
        return _sorted(found)

    def against(self, geoid: Geoid, others: Sequence[Geoid]) -> list[Contradiction]:
        """Give the contradictions of one text with others, highest score first. Time O(n) for n others."""
        others = [each for each in others if each.id != geoid.id]
        if not others:
            return []
        readings = [read(each.text) for each in others]
        reading = read(geoid.text)
        likenesses = self._device.similarities(self._topics([reading]), self._topics(readings))
        found: list[Contradiction] = []
        for _, column in self._near(likenesses):
            found.extend(self._judge((geoid, others[column]), reading, readings[column], likenesses[0, column]))
        return _sorted(found)

    def _topics(self, readings: Sequence[Reading]) -> Matrix:
        return np.stack([self._embedding.embed(reading.topic) for reading in readings])

    def _near(self, likenesses: Matrix) -> Iterator[tuple[int, int]]:
        """Find the pairs alike enough; a cue can only lower their score."""
        rows, columns = np.nonzero(likenesses >= self._threshold)
        return zip(rows.tolist(), columns.tolist(), strict=True)

    def _judge(
        self, pair: tuple[Geoid, Geoid], first: Reading, second: Reading, likeness: np.float32
    ) -> list[Contradiction]:
        cue, strength = opposition(first, second)
        contradiction = Contradiction(*pair, cue, min(float(likeness), 1.0), strength)
        return [contradiction] if contradiction.score >= self._threshold else []


def _sorted(found: list[Contradiction]) -> list[Contradiction]:
    # Rounded, so that the last bit of a sum does not decide about the order.
    return sorted(found, key=lambda each: (-round(each.score, 6), each.first.number, each.second.number))
