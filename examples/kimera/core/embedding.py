"""Embeddings without a model: words and pieces of words vote for dimensions, chosen by their hash.

Source:
    The hashing trick with signs: Weinberger et al. 2009, Feature Hashing for Large Scale Multitask Learning.
    Pieces of three letters: Bojanowski et al. 2017, Enriching Word Vectors with Subword Information.
"""

import hashlib
from collections.abc import Iterator
from functools import lru_cache, partial

import numpy as np

from kimera.core.interfaces import IEmbeddingService
from kimera.core.words import stem, words
from kimera.infrastructure.devices import Vector
from kimera.infrastructure.settings import EmbeddingSettings

_NO_TOPIC = (
    "a an the this that these those it its of at in on to by for from with as and or is are was were be been am do "
    "does did has have had will would can could may there"
)
_FUNCTION_WORDS = frozenset(_NO_TOPIC.split())
_PIECE = 3
_WEIGHT_OF_PIECES = 0.6
"""Of all pieces of a word together; the word itself weighs 1. Enough to bring misspelt words nearer."""


class HashingEmbedding(IEmbeddingService):
    """The same vector for the same text, on every machine and in every process.

    Threads may share it: the cache is ``functools.lru_cache``, which locks itself, and vectors are read-only.
    """

    def __init__(self, settings: EmbeddingSettings) -> None:
        self._embed = lru_cache(settings.cache_size)(partial(_embed, settings.dimensions, pieces=True))

    def embed(self, text: str) -> Vector:
        """Give the unit vector of a text; time O(letters + dimensions), and O(1) for a text in the cache."""
        return self._embed(text)

    @property
    def cached(self) -> int:
        """How many vectors the cache holds."""
        return self._embed.cache_info().currsize


class WordEmbedding(IEmbeddingService):
    """The fallback: whole words only, no cache; comparable with ``HashingEmbedding``, a little coarser."""

    def __init__(self, settings: EmbeddingSettings) -> None:
        self._dimensions = settings.dimensions

    def embed(self, text: str) -> Vector:
        """Give the unit vector of a text; time O(letters + dimensions)."""
        return _embed(self._dimensions, text, pieces=False)


def _embed(dimensions: int, text: str, *, pieces: bool) -> Vector:
    vector = np.zeros(dimensions, dtype=np.float64)
    for word in words(text):
        if word in _FUNCTION_WORDS:
            continue
        root = stem(word)
        _vote(vector, root, 1.0)
        parts = list(_pieces(root)) if pieces else []
        for part in parts:
            _vote(vector, part, _WEIGHT_OF_PIECES / len(parts) ** 0.5)
    length = np.linalg.norm(vector)
    unit = (vector / length if length else vector).astype(np.float32)
    unit.setflags(write=False)  # it is shared through the cache
    return unit


def _pieces(word: str) -> Iterator[str]:
    marked = f"<{word}>"
    return (marked[start : start + _PIECE] for start in range(len(marked) - _PIECE + 1))


def _vote(vector: np.ndarray[tuple[int], np.dtype[np.float64]], feature: str, weight: float) -> None:
    number = int.from_bytes(hashlib.sha256(feature.encode()).digest()[:8])
    vector[(number >> 1) % len(vector)] += weight if number & 1 else -weight
