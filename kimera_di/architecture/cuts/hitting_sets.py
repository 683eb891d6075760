"""Find a smallest set that has a member in common with each of some sets.

In: sets of numbers. Out: a smallest hitting set, or the news that the work allowed was not enough. Counts its
work in comparisons, not in seconds, so that the answer is the same on every machine. Knows no imports.

Source:
    Branch and bound with the usual reductions (Weihe 1998, "Covering trains by stations"); the lower bound is a
    greedy packing of disjoint sets.
"""

from collections.abc import Iterable, Sequence

Members = frozenset[int]
_DEEPEST = 60
"""Choices in a row before the search gives up; also keeps Python's stack small."""


class OutOfWorkError(Exception):
    """The search used up the work it was allowed."""


class HittingSets:
    """Searches smallest hitting sets until an amount of work is used up.

    Args:
        work: Comparisons of two sets that all searches together may make.
    """

    def __init__(self, work: int) -> None:
        self.left: int = work

    def smallest(self, sets: Iterable[Members], below: int) -> Members | None:
        """Find a smallest hitting set.

        Args:
            sets: What has to be hit; none of them is empty.
            below: Only sets of fewer members are of interest.

        Returns:
            One of the smallest, the same one for equal input; ``None`` when all have ``below`` members or more.

        Raises:
            OutOfWorkError: The work allowed is used up. Worst time is exponential in the size of the answer.
        """
        return self._search(sorted(set(sets), key=_order), below, 0)

    def _search(self, sets: Sequence[Members], below: int, depth: int) -> Members | None:
        forced, left = self._reduced(sets)
        below -= len(forced)
        if not left:
            return forced if below > 0 else None
        groups = _groups(left)
        floors = [packing_size(group) for group in groups]
        if sum(floors) >= below:
            return None
        found, rest = forced, sum(floors)
        for group, floor in zip(groups, floors, strict=True):
            rest -= floor
            part = self._branch(group, below - rest, depth)
            if part is None:
                return None
            found |= part
            below -= len(part)
        return found

    def _branch(self, sets: Sequence[Members], below: int, depth: int) -> Members | None:
        if depth > _DEEPEST:
            raise OutOfWorkError
        often: dict[int, int] = {}
        for members in sets:
            for member in members:
                often[member] = often.get(member, 0) + 1
        best: Members | None = None
        refused = set[int]()
        # One member of the first set has to be chosen; those tried before need not be tried again.
        for member in sorted(sets[0], key=lambda each: (-often[each], each)):
            rest = [members - refused for members in sets if member not in members]
            if all(rest):
                found = self._search(sorted(set(rest), key=_order), below - 1, depth + 1)
                if found is not None:
                    best, below = found | {member}, len(found) + 1
            refused.add(member)
        return best

    def _reduced(self, sets: Sequence[Members]) -> tuple[Members, list[Members]]:
        """Choose what has to be chosen, drop what need not be looked at, until nothing changes."""
        forced = set[int]()
        left = list(sets)
        while True:
            self.left -= len(left) * len(left) + 1
            if self.left < 0:
                raise OutOfWorkError
            left = _smallest_only(left)
            single = {member for members in left if len(members) == 1 for member in members}
            if single:
                forced |= single
                left = [members for members in left if not members & single]
                continue
            useful = _useful_members(left)
            if all(members <= useful for members in left):
                return frozenset(forced), left
            left = sorted({members & useful for members in left}, key=_order)


def packing_size(sets: Iterable[Members]) -> int:
    """Count disjoint sets, taken greedily in the order given: no hitting set is smaller."""
    used, count = set[int](), 0
    for members in sets:
        if not members & used:
            used |= members
            count += 1
    return count


def _order(members: Members) -> tuple[int, list[int]]:
    return len(members), sorted(members)


def _smallest_only(sets: Sequence[Members]) -> list[Members]:
    """Drop every set that contains another one; ``sets`` are sorted by size."""
    kept: list[Members] = []
    for members in sets:
        if not any(smaller <= members for smaller in kept):
            kept.append(members)
    return kept


def _useful_members(sets: Sequence[Members]) -> set[int]:
    """Leave out every member that hits nothing but what another one hits as well."""
    hits: dict[int, set[int]] = {}
    for number, members in enumerate(sets):
        for member in members:
            hits.setdefault(member, set()).add(number)
    useful: set[int] = set()
    for member in sorted(hits, key=lambda each: (-len(hits[each]), each)):
        rivals = sets[min(hits[member])] & useful
        if not any(hits[member] <= hits[rival] for rival in rivals):
            useful.add(member)
    return useful


def _groups(sets: Sequence[Members]) -> list[list[Members]]:
    """Split into groups that have no member in common; each can be solved on its own."""
    groups: list[tuple[set[int], list[Members]]] = []
    for members in sets:
        near = [group for group in groups if group[0] & members]
        joined = (set(members).union(*(group[0] for group in near)), [each for group in near for each in group[1]])
        joined[1].append(members)
        groups = [group for group in groups if all(group is not each for each in near)] + [joined]
    return [sorted(group[1], key=_order) for group in groups]
