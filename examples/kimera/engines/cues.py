"""What makes two sentences about the same thing oppose each other: negation, antonyms, numbers.

In: a sentence. Out: its cues, and the rest of it, which says what it is about. Knows no vectors.
"""

from dataclasses import dataclass
from types import MappingProxyType

from kimera.core.words import words

NEGATIONS = frozenset({"no", "not", "never", "neither", "nor", "none", "nobody", "nothing", "without", "cannot"})

_PAIRS = (
    "always/sometimes alive/dead big/small closed/open cold/hot dark/light day/night dry/wet early/late east/west "
    "empty/full false/true fast/slow first/last hard/soft heavy/light high/low higher/lower heavier/lighter "
    "larger/smaller largest/smallest left/right liquid/solid long/short longer/shorter longest/shortest more/less "
    "most/least new/old north/south rises/falls rises/sets safe/dangerous wins/loses"
)
ANTONYMS = MappingProxyType(
    {
        word: frozenset(other for pair in _PAIRS.split() if word in pair.split("/") for other in pair.split("/"))
        - {word}
        for word in _PAIRS.replace("/", " ").split()
    }
)


@dataclass(frozen=True, slots=True)
class Reading:
    """A sentence, taken apart."""

    topic: str
    """The words that are no cue."""
    negated: bool
    """An odd number of negations: two of them cancel each other."""
    polar: frozenset[str]
    """Words that have an antonym."""
    numbers: frozenset[float]


def read(text: str) -> Reading:
    """Take a sentence apart into its topic and its cues."""
    topic: list[str] = []
    negations = 0
    polar: set[str] = set()
    numbers: set[float] = set()
    for word in words(text):
        if word in NEGATIONS or word.endswith("n't"):
            negations += 1
        elif word in ANTONYMS:
            polar.add(word)
        elif word[0].isdigit() and word.count(".") <= 1:  # "192.168.0.1" and "1.2.3" are names
            numbers.add(float(word.replace(",", "")))
        else:
            topic.append(word)
    return Reading(" ".join(topic), bool(negations % 2), frozenset(polar), frozenset(numbers))


def opposition(first: Reading, second: Reading) -> tuple[str, float]:
    """Say what opposes two sentences, provided that they are about the same thing.

    Args:
        first: A sentence.
        second: Another one.

    Returns:
        The cue and how telling it is, 0 to 1; ``("", 0.0)`` when nothing opposes or two cues cancel each other
        ("not hot" and "cold").
    """
    pair = min(((a, b) for a in first.polar for b in second.polar & ANTONYMS[a]), default=None)
    negation = first.negated != second.negated
    if negation and pair:
        return "", 0.0
    if negation:
        # "Not 80 degrees" and "100 degrees" go together; "not red" and "red" do not, nor "not high" and "high".
        same = first.numbers == second.numbers and first.polar == second.polar
        return ("negation", 1.0) if same else ("", 0.0)
    if pair:
        return " / ".join(pair), 0.85
    if first.numbers and second.numbers and first.numbers.isdisjoint(second.numbers):
        return f"{_shown(first.numbers)} / {_shown(second.numbers)}", 0.8
    return "", 0.0


def _shown(numbers: frozenset[float]) -> str:
    return ", ".join(f"{number:,.15g}" for number in sorted(numbers))
