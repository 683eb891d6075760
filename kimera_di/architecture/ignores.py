"""Allowed exceptions: which edges they take out, and which of them are unused, irrelevant or expired.

In: ignore rules and pairs of names (modules or classes). Out: the pairs that remain, and one finding per rule
that should go. Knows neither graphs nor layers: whether something is broken is asked of the caller.
"""

import datetime
from collections.abc import Callable, Collection, Iterable, Sequence

from kimera_di.architecture.codes import IGNORE_EXPIRED, IGNORE_IRRELEVANT, IGNORE_UNUSED
from kimera_di.architecture.findings import Finding
from kimera_di.architecture.patterns import compiled
from kimera_di.architecture.specs import IgnoreRule
from kimera_di.rendering import show_place

Pair = tuple[str, str]
Violations = Callable[[Collection[Pair]], Collection[Pair]]
"""Gives the pairs that break the contract, out of the pairs that count."""


def matches(rule: IgnoreRule, importer: str, imported: str) -> bool:
    """Say whether a rule names this edge."""
    return bool(compiled(rule.importer).fullmatch(importer) and compiled(rule.imported).fullmatch(imported))


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
    today: datetime.date | None = None,
) -> tuple[frozenset[Pair], tuple[Finding, ...]]:
    """Take the ignored edges out and judge the rules.

    Rules are judged one after the other: one without which nothing more is broken is irrelevant and dropped
    before the next is judged, so that of two rules that excuse the same chain only the first is reported.

    Args:
        rules: The rules, in the order of the file.
        pairs: The edges that count for the contract.
        violations: Asked which edges break the contract.
        file: The contract file, where the findings are.
        contract: Id of the contract.
        known: Further edges that exist but do not count; a rule that matches only these is irrelevant, not unused.
        today: For tests; the current day otherwise.

    Returns:
        The edges that remain, and the findings about the rules in their order. One call of ``violations``
        per rule.
    """
    day = today or datetime.date.today()
    every = {*pairs, *known}
    findings: dict[int, Finding] = {}
    active: dict[int, set[Pair]] = {}
    for number, rule in enumerate(rules):
        if expired(rule, day):
            findings[number] = _finding(IGNORE_EXPIRED, rule, file, contract, f"ran out on {rule.until}")
            continue
        active[number] = {pair for pair in every if matches(rule, *pair)}
        if not active[number]:
            findings[number] = _finding(IGNORE_UNUSED, rule, file, contract, "matches nothing")
            del active[number]
    kept = set(pairs).difference(*active.values())
    broken = len(violations(kept)) if active else 0
    for number in list(active):
        others = set[Pair]().union(*(edges for other, edges in active.items() if other != number))
        restored = (active[number] & set(pairs)) - others
        if restored and len(violations(kept | restored)) > broken:
            continue
        findings[number] = _finding(IGNORE_IRRELEVANT, rules[number], file, contract, "excuses nothing")
        kept |= restored
        del active[number]
    return frozenset(kept), tuple(findings[number] for number in sorted(findings))


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
