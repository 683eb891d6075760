"""Search illegal ways through modules of no layer, over and over, while imports are taken out and put back.

In: a `LayerRule`. Out: the illegal ways that remain when some imports are gone. A rule is boiled down once to
the imports that can be on an illegal way, which are few, so that one search is cheap.
"""

from collections import deque
from collections.abc import Collection, Iterable, Iterator, Mapping

from kimera_di.architecture.cuts.layer_rules import LayerRule
from kimera_di.architecture.model.module_graph import Pair

Steps = Mapping[str, list[str]]


def direct_violations(rule: LayerRule) -> frozenset[Pair]:
    """Give the imports that name a forbidden layer outright; no cut can do without any of them."""
    return frozenset(pair for pair in rule.pairs if is_direct_violation(rule, pair))


def is_direct_violation(rule: LayerRule, pair: Pair) -> bool:
    """Say whether an import that counts leads from a layer straight into a forbidden one."""
    user, used = rule.layer_of.get(pair[0]), rule.layer_of.get(pair[1])
    return pair in rule.pairs and user is not None and used is not None and used in rule.forbidden[user]


class WayFinder:
    """The imports of one rule that are on an illegal way through modules of no layer.

    Args:
        rule: The rule.
        gone: Imports that are removed for good.
    """

    def __init__(self, rule: LayerRule, gone: Collection[Pair] = frozenset()) -> None:
        self.rule = rule
        pairs = [pair for pair in rule.pairs if pair not in gone] if rule.transitive else []
        self.pairs: tuple[Pair, ...] = tuple(sorted(self._illegal(pairs)))
        """Sorted; every other import may stay whatever is removed."""
        self._known = frozenset(self.pairs)
        self._imported, self._importers = _adjacent(self.pairs)
        self._members: dict[int, list[str]] = {}
        for module in self._imported:
            if module in rule.layer_of:
                self._members.setdefault(rule.layer_of[module], []).append(module)

    def __contains__(self, pair: Pair) -> bool:
        return pair in self._known

    def ways(self, gone: Collection[Pair]) -> Iterator[tuple[Pair, ...]]:
        """Give one shortest illegal way for each layer that still has one.

        Args:
            gone: Imports that are taken out.

        Yields:
            The imports on the way. Time O(layers x imports of this rule).
        """
        for user in self.users():
            way = self._way(user, gone)
            if way:
                yield way

    def needed(self, pair: Pair, gone: Collection[Pair]) -> bool:
        """Say whether putting ``pair`` back opens an illegal way, everything else in ``gone`` being out."""
        if pair not in self._known:
            return False
        users = self._layers_from(pair[0], self._importers, gone, forward=False)
        used = self._layers_from(pair[1], self._imported, gone, forward=True)
        return any(self.rule.forbidden[user] & used for user in users)

    def users(self) -> tuple[int, ...]:
        """Give the layers that illegal ways begin in."""
        return tuple(sorted(self._members))

    def used(self) -> tuple[int, ...]:
        """Give the layers that illegal ways may end in."""
        layer_of = self.rule.layer_of
        return tuple(sorted({layer_of[imported] for _, imported in self.pairs if imported in layer_of}))

    def _way(self, user: int, gone: Collection[Pair]) -> tuple[Pair, ...]:
        forbidden, layer_of = self.rule.forbidden[user], self.rule.layer_of
        before: dict[str, str | None] = dict.fromkeys(self._members[user])
        waiting = deque(before)
        while waiting:
            module = waiting.popleft()
            for found in self._imported.get(module, ()):
                if (module, found) in gone or found in before:
                    continue
                layer = layer_of.get(found)
                if layer is None:
                    before[found] = module
                    waiting.append(found)
                elif layer in forbidden:
                    return (*_walked(before, module), (module, found))
        return ()

    def _layers_from(self, start: str, steps: Steps, gone: Collection[Pair], *, forward: bool) -> frozenset[int]:
        """Give the layers at the ends of all ways from ``start`` through modules of no layer."""
        seen, waiting, layers = {start}, [start], set[int]()
        while waiting:
            module = waiting.pop()
            if module in self.rule.layer_of:
                layers.add(self.rule.layer_of[module])
                continue
            for found in steps.get(module, ()):
                pair = (module, found) if forward else (found, module)
                if found not in seen and pair not in gone:
                    seen.add(found)
                    waiting.append(found)
        return frozenset(layers)

    def _illegal(self, pairs: Collection[Pair]) -> Iterator[Pair]:
        layer_of, forbidden = self.rule.layer_of, self.rule.forbidden
        through = [pair for pair in pairs if pair[0] not in layer_of or pair[1] not in layer_of]
        imported, importers = _adjacent(sorted(through))
        reached_by = _spread(layer_of, imported)
        reaches = _spread(layer_of, importers)
        for pair in through:
            users = {layer_of[pair[0]]} if pair[0] in layer_of else reached_by.get(pair[0], set[int]())
            used = {layer_of[pair[1]]} if pair[1] in layer_of else reaches.get(pair[1], set[int]())
            if any(forbidden[user] & used for user in users):
                yield pair


def _adjacent(pairs: Iterable[Pair]) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    imported: dict[str, list[str]] = {}
    importers: dict[str, list[str]] = {}
    for importer, module in pairs:
        imported.setdefault(importer, []).append(module)
        importers.setdefault(module, []).append(importer)
    return imported, importers


def _spread(layer_of: Mapping[str, int], steps: Steps) -> dict[str, set[int]]:
    """Find for each module of no layer the layers from which ``steps`` lead to it."""
    found: dict[str, set[int]] = {}
    waiting = [module for module in steps if module in layer_of]
    while waiting:
        module = waiting.pop()
        layers = {layer_of[module]} if module in layer_of else found[module]
        for following in steps.get(module, ()):
            if following not in layer_of and not layers <= found.setdefault(following, set()):
                found[following] |= layers
                waiting.append(following)
    return found


def _walked(before: Mapping[str, str | None], end: str) -> tuple[Pair, ...]:
    way: list[Pair] = []
    last, previous = end, before[end]
    while previous is not None:
        way.append((previous, last))
        last, previous = previous, before[previous]
    return tuple(reversed(way))
