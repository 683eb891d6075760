"""Further names in the indexes: an alias is an entry that points to the node of its target, no node of its own.

In: the indexes and the aliases in order. Out: new indexes, and aliases that lead nowhere. Calls nothing.
"""

from collections.abc import Callable, Sequence
from typing import Any

from kimera_di.errors import CircularDependencyError, Facts, KimeraError, MissingServiceError
from kimera_di.planning.selected import PlacedAlias
from kimera_di.planning.templates import Templates
from kimera_di.records import dataclass
from kimera_di.registration.entries import Alias
from kimera_di.rendering import short_name, show_place
from kimera_di.vocabulary import ANY_KEY, HiddenKey, ServiceId, Step

Single = dict[ServiceId, int]
Every = dict[ServiceId, tuple[int, ...]]
Find = Callable[[ServiceId], int | None]


@dataclass(frozen=True, slots=True)
class Named:
    """The indexes with further names in them."""

    single: Single
    every: Every
    ends: tuple[tuple[Alias, int], ...]
    """Every alias that leads somewhere, and the node."""
    astray: "tuple[Astray, ...]"
    """Every alias that leads nowhere."""

    def problems(self, guess: Callable[[Alias, ServiceId], Facts]) -> list[KimeraError]:
        """Make the errors for aliases that lead nowhere.

        Args:
            guess: Says what was probably meant by a service that nothing provides and an alias names.

        Returns:
            One error per circle and per missing target.
        """
        circles: set[frozenset[ServiceId]] = set()
        errors: list[KimeraError] = []
        for each in self.astray:
            if each.missing is not None:
                errors.append(_missing(each.way, each.missing, guess))
                continue
            circle = each.way[next(at for at, a in enumerate(each.way) if a.service == each.way[-1].service) :]
            members = frozenset(alias.service for alias in circle)
            if members not in circles:
                circles.add(members)
                errors.append(_circle(circle))
        return errors


@dataclass(frozen=True, slots=True)
class Astray:
    """An alias that leads nowhere."""

    way: tuple[Alias, ...]
    """From alias to alias; of a circle the first one it meets again stands at the end, too."""
    missing: ServiceId | None
    """What nothing provides; ``None`` for a circle."""


def with_aliases(single: Single, every: Every, aliases: Sequence[PlacedAlias], find: Find) -> Named:
    """Point every alias to the node its target is answered by.

    Args:
        single: The node that answers a single look-up.
        every: All nodes of a service, in order; numbers count registrations.
        aliases: In order.
        find: Gives the node of what is not registered as such, an open generic for instance.

    Returns:
        The indexes with the aliases. O(aliases + registrations of their names).
    """
    expanded = [each for alias in aliases for each in _for_every_key(alias, single)]
    last = {each.alias.service: each for each in expanded}
    # A registration after the last alias of a name answers instead of it.
    answering = {name: each for name, each in last.items() if single.get(name, -1) < each.before}
    ends: list[tuple[PlacedAlias, int]] = []
    astray: list[Astray] = []
    for each in expanded:
        end = _end(each.alias, single, answering, find)
        if isinstance(end, int):
            ends.append((each, end))
        else:
            astray.append(end)
    new_single, new_every = dict(single), dict(every)
    placed: dict[ServiceId, list[tuple[int, int, int]]] = {}
    for each, end in ends:
        name = each.alias.service
        known = placed.setdefault(name, [(number, 1, number) for number in every.get(name, ())])
        known.append((each.before, 0, end))
    for name, numbers in placed.items():
        ordered = [number for _, _, number in sorted(numbers)]
        new_single[name] = ordered[-1]
        new_every[name] = tuple(dict.fromkeys(ordered))
    return Named(new_single, new_every, tuple((each.alias, end) for each, end in ends), tuple(astray))


def _for_every_key(placed: PlacedAlias, single: Single) -> list[PlacedAlias]:
    alias = placed.alias
    if alias.service.key is not ANY_KEY:
        return [placed]
    keys = [
        each.key
        for each in single
        if each.interface == alias.target.interface and each.key is not None and not isinstance(each.key, HiddenKey)
    ]
    made: list[PlacedAlias] = []
    for key in keys:
        name, target = ServiceId(alias.service.interface, key), ServiceId(alias.target.interface, key)
        made.append(PlacedAlias(Alias(name, target, alias.place, alias.module, alias.choice), placed.before))
    return made


def _end(alias: Alias, single: Single, answering: dict[ServiceId, PlacedAlias], find: Find) -> int | Astray:
    """Follow a chain of aliases to its node."""
    way = [alias]
    seen = {alias.service}
    while True:
        target = _target(way[-1], single, answering, find)
        if target in answering:
            following = answering[target].alias
            way.append(following)
            if target in seen:
                return Astray(tuple(way), None)
            seen.add(target)
        else:
            number = single[target] if target in single else find(target)
            return Astray(tuple(way), target) if number is None else number


def _target(alias: Alias, single: Single, answering: dict[ServiceId, PlacedAlias], find: Find) -> ServiceId:
    """The target under the key of the alias where there is one, else as it is written."""
    key = alias.service.key.key if isinstance(alias.service.key, HiddenKey) else alias.service.key
    same = ServiceId(alias.target.interface, key)
    if alias.target.key is not None or same in {alias.target, alias.service}:
        return alias.target
    is_there = same in single or same in answering or (key is not None and find(same) is not None)
    return same if is_there else alias.target


def names_for_every_key(aliases: Sequence[PlacedAlias], templates: Templates) -> dict[Any, Any]:
    """Give the aliases of every key whose targets are registered with ``ANY_KEY``: they answer for any key, too.

    Args:
        aliases: In order.
        templates: The open registrations.

    Returns:
        The interface of the target by that of the alias. O(aliases), and the length of each chain of them.
    """
    everywhere = [each.alias for each in aliases if each.alias.service.key is ANY_KEY]
    targets = {alias.service.interface: alias.target.interface for alias in everywhere if alias.target.key is None}
    found: dict[Any, Any] = {}
    for name, target in targets.items():
        end, seen = target, {name}
        while end in targets and end not in seen and not templates.with_any_key(end):
            seen.add(end)
            end = targets[end]
        if templates.with_any_key(end):
            found[name] = target
    return found


def _steps(way: Sequence[Alias]) -> tuple[Step, ...]:
    return tuple(Step(_shown(each.service), None, None, each.place.file, each.place.line) for each in way)


def _circle(way: Sequence[Alias]) -> KimeraError:
    names = " -> ".join(short_name(each.service) for each in way)
    return CircularDependencyError(
        f"{short_name(way[-1].service)} is another name for itself: {names}",
        service=way[-1].service,
        path=_steps(way),
        facts=(("do this", "let one of the aliases name a service that is built"),),
    )


def _missing(way: Sequence[Alias], target: ServiceId, guess: Callable[[Alias, ServiceId], Facts]) -> KimeraError:
    name = short_name(way[0].service)
    return MissingServiceError(
        f"nothing provides {short_name(target)}, which {name} is another name for",
        service=target,
        path=(*_steps(way), Step(_shown(target), None, None, None, None)),
        end="not registered",
        facts=(("at", show_place(*way[-1].place)), *guess(way[-1], target)),
    )


def _shown(service: ServiceId) -> object:
    return service.interface if service.key is None else service
