import asyncio
from collections.abc import Sequence

import pytest

import kimera.main
from kimera.core.embedding import HashingEmbedding
from kimera.core.interfaces import StoredText
from kimera.engines.contradictions import ContradictionEngine
from kimera.engines.interfaces import Contradiction
from kimera.infrastructure.cpu import CpuDevice
from kimera.infrastructure.settings import Settings

SHIPPED = {
    ("negation", "Ice floats on water.", "Ice doesn't float on water."),
    ("negation", "The Moon orbits the Earth.", "The Moon does not orbit the Earth."),
    ("negation", "Whales are mammals.", "Whales are not mammals."),
    ("negation", "Penguins cannot fly.", "Penguins fly."),
    ("east / west", "The Sun rises in the east.", "The Sun rises in the west."),
    ("north / south", "The Nile flows north.", "The Nile flows south."),
    (
        "100 / 80",
        "Water boils at 100 degrees Celsius at sea level.",
        "Water boils at 80 degrees Celsius at sea level.",
    ),
    ("8 / 9", "The solar system has 8 planets.", "The solar system has 9 planets."),
}


def engine() -> ContradictionEngine:
    settings = Settings()
    return ContradictionEngine(HashingEmbedding(settings), CpuDevice(), settings)


def stored(texts: Sequence[str]) -> list[StoredText]:
    return [StoredText(number, text, HashingEmbedding(Settings()).embed(text)) for number, text in enumerate(texts)]


def found(*texts: str) -> list[Contradiction]:
    return engine().find(stored(texts))


@pytest.mark.parametrize(
    ("first", "second", "cue"),
    [
        ("The door is locked.", "The door is not locked.", "negation"),
        ("The door isn't locked.", "The door is locked.", "negation"),
        ("The shop is open.", "The shop is closed.", "closed / open"),
        ("The bridge is 120 metres long.", "The bridge is 1,250.5 metres long.", "120 / 1,250.5"),
        ("It never rains in Lima.", "It rains in Lima.", "negation"),
    ],
)
def test_opposed_cues_about_one_thing_are_a_contradiction(first: str, second: str, cue: str) -> None:
    (contradiction,) = found(first, second)

    assert set(contradiction.cue.split(" / ")) == set(cue.split(" / "))
    assert Settings().threshold <= contradiction.score <= 1.0


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("The door is locked.", "The door is locked!"),
        ("The shop is not open.", "The shop is closed."),
        ("It is not true that the door is not locked.", "It is true that the door is locked."),
        ("Spiders have 8 legs.", "Insects have 6 legs."),
        ("Jupiter is the largest planet.", "Mercury is the smallest planet."),
        ("The tower is not 80 metres high.", "The tower is 100 metres high."),
        ("Whales are mammals.", "Sharks are not mammals of any kind."),
        ("", "?"),
    ],
    ids=[
        "same",
        "two cues cancel",
        "two negations",
        "other subject",
        "other planet",
        "numbers agree",
        "sharks",
        "empty",
    ],
)
def test_sentences_that_can_both_be_true_are_no_contradiction(first: str, second: str) -> None:
    assert found(first, second) == []


def test_scores_are_sorted_with_the_highest_first() -> None:
    contradictions = found("The shop is open.", "The lamp is on.", "The shop is closed.", "The lamp is not on.")

    assert [each.cue for each in contradictions] == ["negation", "open / closed"]


def test_sentences_that_are_shipped_hold_exactly_the_marked_contradictions() -> None:
    lines = kimera.main.SENTENCES.read_text(encoding="utf-8").splitlines()
    texts = stored([line for line in lines if line and not line.startswith("#")])

    contradictions = engine().find(texts)

    assert {(each.cue, each.first.text, each.second.text) for each in contradictions} == SHIPPED
    assert len(texts) == 30


def test_async_search_gives_the_same_and_lets_other_tasks_run() -> None:
    texts = stored(["The shop is open.", "The shop is closed.", "Ice floats."])

    async def search() -> tuple[list[Contradiction], int]:
        turns = 0

        async def count() -> None:
            nonlocal turns
            while True:
                turns += 1
                await asyncio.sleep(0)

        counting = asyncio.create_task(count())
        contradictions = await engine().afind(texts)
        counting.cancel()
        return contradictions, turns

    contradictions, turns = asyncio.run(search())

    assert contradictions == engine().find(texts)
    assert turns >= len(texts)
