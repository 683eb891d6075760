"""Allowed exceptions: which edges they take out, and which of them are unused, irrelevant or expired.

In: ignore rules and pairs of names (modules or classes). Out: the pairs that remain, and one finding per rule
that should go. Knows neither graphs nor layers: whether something is broken is asked of the caller.
"""

import datetime
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from kimera_di.architecture.ignoring.ignore_matches import PairIndex
from kimera_di.architecture.ignoring.ignore_relevance import Alone, Relevance, Violations
from kimera_di.architecture.model.codes import IGNORE_EXPIRED, IGNORE_IRRELEVANT, IGNORE_UNUSED
from kimera_di.architecture.model.findings import Finding
from kimera_di.architecture.model.specs import IgnoreRule
from kimera_di.rendering import show_place

Pair = tuple[str, str]
_MOST_GUESSES = 20
"""Useless ignores that get a guess: one costs milliseconds, and a file with hundreds has another problem."""


class Ignored(NamedTuple):
    """What the ignores of a contract do."""

    kept: frozenset[Pair]
    """The edges that remain."""
    findings: tuple[Finding, ...]
    """About rules that should go, in their order."""
    taken: Mapping[Pair, IgnoreRule]
    """The edges that count and do not remain, each with the first rule that excuses something and matches it."""


def expired(rule: IgnoreRule, today: datetime.date) -> bool:
    """Say whether the last day of a rule has passed."""
    return rule.until is not None and today > rule.until


def apply_ignores(
    rules: Sequence[IgnoreRule],
    pairs: Collection[Pair],
    violations: Violations,
    *,
    file: str,
    contract: str,
    known: Iterable[Pair] = (),
    alone: Alone | None = None,
    today: datetime.date | None = None,
) -> Ignored:
    """Take the ignored edges out and judge the rules.

    Rules are judged one after the other: one without which nothing more is broken is irrelevant and dropped
    before the next is judged, so that of two rules that excuse the same chain only the first is reported.

    Args:
        rules: The rules, in the order of the file.
        pairs: The edges that count for the contract.
        violations: Asked which edges break the contract; with more edges there are never fewer.
        file: The contract file, where the findings are.
        contract: Id of the contract.
        known: Further edges that exist but do not count; a rule that matches only these is irrelevant, not unused.
        alone: Asked which edges break the contract when they alone are put back; saves a search for each of them.
        today: For tests; the current day otherwise.

    Returns:
        The edges that remain, the findings, what is taken out. Time O(edges + rules); with wildcards O(names) more for
        each rule. Calls ``alone`` once, and ``violations`` O(1 + r log rules) times, where r rules are needed only
        together with others.
    """
    if not rules:
        return Ignored(frozenset(pairs), (), {})
    day = today or datetime.date.today()
    index = PairIndex([*pairs, *known])
    findings: dict[int, Finding] = {}
    active: dict[int, frozenset[Pair]] = {}
    guesses = iter(range(_MOST_GUESSES))
    for number, rule in enumerate(rules):
        if expired(rule, day):
            findings[number] = _finding(IGNORE_EXPIRED, rule, file, contract, f"ran out on {rule.until}")
            continue
        active[number] = index.matching(rule)
        if not active[number]:
            guess = _guess(rule, index, guesses)
            findings[number] = _finding(IGNORE_UNUSED, rule, file, contract, f"matches nothing{guess}")
            del active[number]
    kept, needed = Relevance(pairs, active, violations, alone).judged()
    for number in active.keys() - needed:
        findings[number] = _finding(IGNORE_IRRELEVANT, rules[number], file, contract, "excuses nothing")
    counted = frozenset(pairs)
    taken = {pair: rules[number] for number in sorted(needed, reverse=True) for pair in active[number] & counted}
    return Ignored(kept, tuple(findings[number] for number in sorted(findings)), taken)


def _guess(rule: IgnoreRule, index: PairIndex, left: Iterator[int]) -> str:
    near = index.nearest(rule) if next(left, None) is not None else None
    return f"; did you mean {' -> '.join(near)}?" if near else ""


def _finding(code: str, rule: IgnoreRule, file: str, contract: str, fault: str) -> Finding:
    todo = {
        IGNORE_EXPIRED: "remove the import, or set a later date with a reason",
        IGNORE_UNUSED: "delete the ignore, or correct the names",
        IGNORE_IRRELEVANT: "delete the ignore; without it the contract says the same",
    }
    return Finding(
        code=code,
        contract=contract,
        kind="ignore",
        importer=rule.importer,
        imported=rule.imported,
        file=show_place(file, None),
        line=rule.line or None,
        message=f"the ignore {rule.expression} {fault}",
        advice=todo[code],
    )
