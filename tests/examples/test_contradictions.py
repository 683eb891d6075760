from collections.abc import Sequence

import pytest

import kimera.main
from kimera.core.embedding import HashingEmbedding
from kimera.core.interfaces import Geoid
from kimera.engines.contradictions import ContradictionEngine
from kimera.engines.interfaces import Contradiction
from kimera.engines.tension import TensionService
from kimera.infrastructure.arrays import CpuDevice
from kimera.infrastructure.settings import EmbeddingSettings, EngineSettings
from tests.examples.support import geoid

pytestmark = pytest.mark.check

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
    return ContradictionEngine(HashingEmbedding(EmbeddingSettings()), CpuDevice(), EngineSettings())


def stored(texts: Sequence[str]) -> list[Geoid]:
    return [geoid(text, number) for number, text in enumerate(texts)]


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
    assert EngineSettings().threshold <= contradiction.score <= 1.0


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


def test_score_is_explained_by_its_two_factors() -> None:
    (contradiction,) = found("The old shop in town is open.", "The shop in town is closed.")

    assert contradiction.score == pytest.approx(contradiction.likeness * contradiction.strength)
    assert 0.7 < contradiction.likeness < 1.0
    assert contradiction.strength == 0.85
    assert contradiction.explanation == f"likeness {contradiction.likeness:.2f} x strength 0.85"


def test_one_text_against_others_gives_its_pairs_of_the_whole_search() -> None:
    texts = stored(kimera.main.SENTENCES.read_text(encoding="utf-8").splitlines())

    for each in texts:
        pairs = {frozenset({pair.first.id, pair.second.id}) for pair in engine().against(each, texts)}
        expected = {
            frozenset({pair.first.id, pair.second.id})
            for pair in engine().find(texts)
            if each.id in {pair.first.id, pair.second.id}
        }
        assert pairs == expected


def test_text_is_not_compared_with_itself() -> None:
    (text,) = stored(["The shop is open and closed."])

    assert engine().against(text, [text]) == []


def test_pairs_are_found_across_the_blocks_of_the_comparison() -> None:
    """Texts are compared in blocks of rows; a pair may lie in two of them."""
    filler = [f"{hex_name(number)} is {hex_name(number * 7919)}" for number in range(300)]
    texts = ["The shop is open.", *filler, "The lamp is on.", "The lamp is not on.", "The shop is closed."]

    contradictions = found(*texts)

    assert {(each.first.text, each.second.text) for each in contradictions} == {
        ("The shop is open.", "The shop is closed."),
        ("The lamp is on.", "The lamp is not on."),
    }


def hex_name(number: int) -> str:
    """Make a word of letters only; digits would be cues."""
    return "q" + f"{number:x}".translate(str.maketrans("0123456789", "ghijklmnop"))


@pytest.mark.parametrize("text", ["Server 192.168.0.1 is up", "Version 1.2.3 is out", "1,,2 .5", "9" * 400])
def test_odd_numbers_are_read_without_an_error(text: str) -> None:
    assert found(text, text + " now") == []


def test_nothing_contradicts_nothing() -> None:
    assert found() == []


def test_tension_grows_with_every_contradiction_and_stays_below_one() -> None:
    report = TensionService(engine()).report(
        stored(["The shop is open.", "The shop is closed.", "The SHOP is closed!", "Ice floats."])
    )

    by_text = {
        geoid(text).id: report.tensions.get(geoid(text).id, 0.0) for text in ("The shop is open.", "Ice floats.")
    }
    scores = [each.score for each in report.contradictions]
    assert len(scores) == 2
    assert by_text[geoid("The shop is open.").id] == pytest.approx(1 - (1 - scores[0]) * (1 - scores[1]))
    assert max(scores) < by_text[geoid("The shop is open.").id] < 1.0
    assert by_text[geoid("Ice floats.").id] == 0.0
    assert report.total == pytest.approx(sum(report.tensions.values()) / 4)


def test_tension_of_no_texts_is_none() -> None:
    report = TensionService(engine()).report([])

    assert (report.contradictions, dict(report.tensions), report.total) == ((), {}, 0.0)
