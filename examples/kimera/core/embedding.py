"""Embeddings without a model: every word votes for one dimension, chosen by its hash.

Source:
    The hashing trick with signs: Weinberger et al. 2009, Feature Hashing for Large Scale Multitask Learning.
"""

import asyncio
import hashlib
import math
from collections.abc import Sequence

from kimera.core.interfaces import IEmbeddingService
from kimera.core.words import stem, words
from kimera.infrastructure.devices import Vector
from kimera.infrastructure.settings import Settings

_NO_TOPIC = (
    "a an the this that these those it its of at in on to by for from with as and or is are was were be been am do "
    "does did has have had will would can could may there"
)
_FUNCTION_WORDS = frozenset(_NO_TOPIC.split())


class HashingEmbedding(IEmbeddingService):
    """The same vector for the same text, on every machine and in every process."""

    def __init__(self, settings: Settings) -> None:
        self._dimensions = settings.dimensions

    def embed(self, text: str) -> Vector:
        """Give the unit vector of a text; time O(words + dimensions)."""
        vector = [0.0] * self._dimensions
        for word in words(text):
            if word not in _FUNCTION_WORDS:
                index, sign = self._place(stem(word))
                vector[index] += sign
        length = math.hypot(*vector)
        return tuple(value / length for value in vector) if length else tuple(vector)

    async def aembed(self, texts: Sequence[str]) -> list[Vector]:
        """As ``embed`` for many texts, letting other tasks run in between."""
        vectors: list[Vector] = []
        for text in texts:
            vectors.append(self.embed(text))
            await asyncio.sleep(0)
        return vectors

    def _place(self, word: str) -> tuple[int, int]:
        number = int.from_bytes(hashlib.blake2b(word.encode(), digest_size=8).digest())
        return (number >> 1) % self._dimensions, 1 if number & 1 else -1
