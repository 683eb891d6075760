import asyncio
import math

import pytest

from kimera.core.embedding import HashingEmbedding
from kimera.infrastructure.cpu import CpuDevice
from kimera.infrastructure.settings import Settings

TEXT = "Water boils at 100 degrees Celsius."


def embedding() -> HashingEmbedding:
    return HashingEmbedding(Settings())


def similarity(first: str, second: str) -> float:
    (cosine,) = CpuDevice().similarities(embedding().embed(first), [embedding().embed(second)])
    return cosine


def test_embedding_of_a_text_has_unit_length() -> None:
    vector = embedding().embed(TEXT)

    assert len(vector) == Settings().dimensions
    assert math.hypot(*vector) == pytest.approx(1.0)


def test_text_without_words_embeds_to_zeros() -> None:
    assert not any(embedding().embed("?! ..."))


def test_embedding_does_not_depend_on_the_process() -> None:
    """Vectors are stored, so Python's own ``hash``, which has a seed, would be wrong."""
    vector = embedding().embed("moon")

    assert [(index, value) for index, value in enumerate(vector) if value] == [(90, 1.0)]


def test_forms_of_a_word_are_the_same_direction() -> None:
    assert similarity("The planet orbits", "Planets orbiting") == pytest.approx(1.0)


def test_texts_without_a_common_word_are_far_apart() -> None:
    assert similarity("Whales are mammals.", "Water boils.") == pytest.approx(0.0)


def test_async_embedding_gives_the_same_vectors() -> None:
    texts = ["Ice floats.", TEXT]

    vectors = asyncio.run(embedding().aembed(texts))

    assert vectors == [embedding().embed(text) for text in texts]
