import threading

import numpy as np
import pytest

from kimera.core.embedding import HashingEmbedding, WordEmbedding
from kimera.core.interfaces import IEmbeddingService
from kimera.infrastructure.settings import EmbeddingSettings

pytestmark = pytest.mark.check

TEXT = "Water boils at 100 degrees Celsius."


def embedding(**options: int) -> HashingEmbedding:
    return HashingEmbedding(EmbeddingSettings.model_validate(options))


def similarity(first: str, second: str, service: IEmbeddingService | None = None) -> float:
    service = service or embedding()
    return float(service.embed(first) @ service.embed(second))


def test_embedding_of_a_text_has_unit_length() -> None:
    assert np.linalg.norm(embedding().embed(TEXT)) == pytest.approx(1.0)


def test_embedding_is_the_same_in_every_process_and_version() -> None:
    """Vectors are stored: a change here makes old databases incomparable."""
    vector = embedding(dimensions=8).embed("ice water")

    assert [round(float(value), 3) for value in vector] == GOLDEN


GOLDEN = [0.0, -0.765, -0.613, 0.0, 0.0, 0.0, 0.0, 0.197]


@pytest.mark.parametrize("text", ["", "?!", "the of and"])
def test_text_without_a_topic_has_no_direction(text: str) -> None:
    assert not embedding().embed(text).any()


@pytest.mark.parametrize(
    ("first", "second"),
    [("Whales swim.", "A whale swims."), ("Cities", "city"), ("planes", "plane"), (TEXT, TEXT.upper())],
)
def test_forms_of_a_word_point_the_same_way(first: str, second: str) -> None:
    assert similarity(first, second) == pytest.approx(1.0)


def test_shared_words_make_texts_similar_and_other_words_do_not() -> None:
    assert similarity(TEXT, "Water boils.") > 0.5
    assert abs(similarity(TEXT, "Penguins eat fish.")) < 0.2


def test_misspelt_word_is_nearer_than_another_one() -> None:
    """Which is what the pieces of words are for; whole words see no likeness."""
    assert similarity("elephant", "elefant") > similarity("elephant", "penguin") + 0.03
    assert abs(similarity("elephant", "elefant", WordEmbedding(EmbeddingSettings()))) < 0.01


def test_cache_holds_the_most_recent_texts_only() -> None:
    service = embedding(cache_size=2)
    first = service.embed("one fish")

    for text in ("two fish", "one fish", "three fish"):
        service.embed(text)

    assert service.cached == 2
    assert service.embed("one fish") is first
    assert service.embed("two fish") is not first


def test_cached_vector_cannot_be_changed() -> None:
    vector = embedding().embed(TEXT)

    with pytest.raises(ValueError, match="read-only"):
        vector[0] = 1.0


def test_threads_share_the_cache() -> None:
    service = embedding(cache_size=5)
    expected = {text: embedding().embed(text).tobytes() for text in (f"fish {number}" for number in range(20))}
    begin = threading.Barrier(4)
    wrong: list[str] = []

    def work() -> None:
        begin.wait(timeout=10)
        for _ in range(20):
            wrong.extend(text for text, vector in expected.items() if service.embed(text).tobytes() != vector)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert wrong == []
    assert service.cached == 5
