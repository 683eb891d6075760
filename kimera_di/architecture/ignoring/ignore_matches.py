"""Which edges an ignore names.

In: pairs of names and rules. Out: the pairs that a rule matches, or the nearest one to a rule that matches none.
"""

from collections.abc import Collection, Iterable

from kimera_di.architecture.model.patterns import compiled, has_wildcard
from kimera_di.architecture.model.specs import IgnoreRule
from kimera_di.rendering import did_you_mean

Pair = tuple[str, str]


class PairIndex:
    """Pairs by their first name, so that a rule without wildcards is looked up and not searched.

    Args:
        pairs: Edges, importer first.
    """

    def __init__(self, pairs: Iterable[Pair]) -> None:
        self._targets: dict[str, set[str]] = {}
        for importer, imported in pairs:
            self._targets.setdefault(importer, set()).add(imported)

    def matching(self, rule: IgnoreRule) -> frozenset[Pair]:
        """Give the pairs that a rule matches.

        Args:
            rule: Its names are dotted names or patterns.

        Returns:
            Pairs of the index. Time O(1) without wildcards, else O(names) and the targets of those that match.
        """
        return frozenset(
            (importer, imported)
            for importer in _found(rule.importer, self._targets)
            for imported in _found(rule.imported, self._targets[importer])
        )

    def nearest(self, rule: IgnoreRule) -> Pair | None:
        """Guess which pair a rule means that matches none.

        Args:
            rule: The rule.

        Returns:
            A pair of the index with names like those of the rule; ``None`` for a rule with wildcards, and when no name
            is near. Time O(names x length of a name).
        """
        if has_wildcard(rule.importer) or has_wildcard(rule.imported):
            return None
        importers = (rule.importer,) if rule.importer in self._targets else did_you_mean(rule.importer, self._targets)
        for importer in importers:
            targets = self._targets[importer]
            imported = (rule.imported,) if rule.imported in targets else did_you_mean(rule.imported, targets)
            if imported:
                return importer, imported[0]
        return None


def _found(expression: str, names: Collection[str]) -> Iterable[str]:
    if not has_wildcard(expression):
        return (expression,) if expression in names else ()
    pattern = compiled(expression)
    return [name for name in names if pattern.fullmatch(name)]
