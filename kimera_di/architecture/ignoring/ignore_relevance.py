"""Which ignores are needed: without one of them, the others staying, more of the contract is broken.

In: the edges that each ignore takes out, and two questions to ask about edges. Out: the edges that remain when the
ignores that are not needed are dropped. Knows neither rules nor findings.

Everything rests on one fact: more edges never break less. So an ignore that is needed while all others hold is needed
whichever of them are dropped, and several that are not needed together are not needed one by one.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

Pair = tuple[str, str]
Violations = Callable[[Collection[Pair]], Collection[Pair]]
"""Gives the pairs that break the contract, out of the pairs that count."""
Alone = Callable[[Collection[Pair], Collection[Pair]], Iterable[Pair]]
"""Told the pairs that remain and others, gives those of the others that break the contract when they alone are back."""


class Relevance:
    """Judges the ignores of one contract.

    Args:
        pairs: The edges that count for the contract.
        active: Number of an ignore -> the edges that it matches, in the order in which they are judged.
        violations: See `Violations`.
        alone: See `Alone`; without it each ignore costs a few searches.
    """

    def __init__(
        self,
        pairs: Collection[Pair],
        active: Mapping[int, Collection[Pair]],
        violations: Violations,
        alone: Alone | None,
    ) -> None:
        counted = frozenset(pairs)
        self._edges = {number: counted.intersection(edges) for number, edges in active.items()}
        self._covers = Counter(pair for edges in self._edges.values() for pair in edges)
        self._kept = set(counted.difference(self._covers))
        self._violations = violations
        # What breaks the contract as the only edge that is put back also breaks it with others.
        self._sure = frozenset(alone(self._kept, self._covers.keys()) if alone and self._covers else ())
        self._broken = frozenset(violations(self._kept)) if self._covers else frozenset[Pair]()

    def judged(self) -> tuple[frozenset[Pair], frozenset[int]]:
        """Drop the ignores that are not needed, one after the other.

        Returns:
            The edges that remain, and the numbers of the ignores that are needed. Calls `Violations` O(1 + r log n)
            times for n ignores, r of which are needed but not sure to be.
        """
        needed = frozenset(self._needed([*self._edges]))
        return frozenset(self._kept), needed

    def _needed(self, numbers: Sequence[int]) -> list[int]:
        """Judge some ignores in their order; the recursion is as deep as the logarithm of their number."""
        restored = self._restored(numbers)
        if not self._breaks(restored):
            self._kept |= restored
            self._covers.subtract(pair for number in numbers for pair in self._edges[number])
            return []
        if len(numbers) == 1:
            return [*numbers]
        half = len(numbers) // 2
        return [*self._needed(numbers[:half]), *self._needed(numbers[half:])]

    def _restored(self, numbers: Sequence[int]) -> set[Pair]:
        """Give the edges that nobody takes out when some ignores are dropped."""
        among = Counter(pair for number in numbers for pair in self._edges[number])
        return {pair for pair, count in among.items() if count == self._covers[pair]}

    def _breaks(self, restored: set[Pair]) -> bool:
        if not restored:
            return False
        return not self._sure.isdisjoint(restored) or not self._broken.issuperset(
            self._violations(self._kept | restored)
        )
