"""What compiled builders give equals what a naive recursive resolver gives: same objects, same sharing, same work."""

import asyncio
import random
from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kimera_di import ScopeRequiredError
from tests.property.strategies import (
    CLOSING_KINDS,
    DEFAULT,
    SCOPED,
    SINGLETON,
    TRANSIENT,
    Realised,
    Service,
    World,
    realise,
    worlds,
)

Cells = dict[int, "Made"]


class Made:
    """What the naive resolver makes."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.parts: tuple[Any, ...] = ()


class Naive:
    """The resolver one would write on a napkin: recursive, one dictionary per owner."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.singletons: Cells = {}
        self.made: Counter[int] = Counter()

    def ask(self, group: int, scope: Cells) -> Made:
        """Give the object of the last registration."""
        return self.give(self.world.groups[group][-1], scope)

    def ask_all(self, group: int, scope: Cells) -> list[Made]:
        """Give the objects of every registration."""
        return [self.give(service, scope) for service in self.world.groups[group]]

    def give(self, service: Service, scope: Cells) -> Made:
        """Give the object the owner has, or a new one."""
        if service.lifetime is TRANSIENT:
            return self.make(service, scope)
        cells = self.singletons if service.lifetime is SINGLETON else scope
        if service.number not in cells:
            cells[service.number] = self.make(service, scope)
        return cells[service.number]

    def make(self, service: Service, scope: Cells) -> Made:
        """Make one object, its parts first."""
        self.made[service.number] += 1
        made, parts = Made(service.number), []
        for need in service.needs:
            given = []
            for target in self.world.targets(need):
                given.append(self.give(target, scope))  # noqa: PERF401 - a comprehension would double the stack's depth
            absent = DEFAULT if need.form == "absent-default" else None
            parts.append(given if need.form in {"all", "none of"} else given[0] if given else absent)
        made.parts = tuple(parts)
        return made

    def refuses_at_root(self, service: Service) -> bool:
        """Tell whether only a scope can hold the service, or something it would bring along."""
        if service.lifetime is SINGLETON:
            return False
        if service.lifetime is SCOPED or service.kind in CLOSING_KINDS:
            return True
        targets = [target for need in service.needs for target in self.world.targets(need)]
        return any(self.refuses_at_root(target) for target in targets)


class Twins:
    """Pairs of a real and a naive object; the sharing is the same as long as the pairing is one to one."""

    def __init__(self) -> None:
        self.forth: dict[int, Any] = {}
        self.back: dict[int, Any] = {}
        self.kept: list[Any] = []  # so that no identity is used twice

    def check(self, real: Any, naive: Any) -> None:
        """Walk both structures at once."""
        todo = [(real, naive)]
        while todo:
            mine, other = todo.pop()
            if isinstance(other, list):
                assert isinstance(mine, list)
                assert len(mine) == len(other)
                todo.extend(zip(mine, other, strict=True))
            elif not isinstance(other, Made):
                assert mine is other
            elif id(mine) in self.forth or id(other) in self.back:
                assert self.forth.get(id(mine)) is other
                assert self.back.get(id(other)) is mine
            else:
                self.forth[id(mine)], self.back[id(other)] = other, mine
                self.kept.append((mine, other))
                assert mine.number == other.number
                assert len(mine.parts) == len(other.parts)
                todo.extend(zip(mine.parts, other.parts, strict=True))


def questions(world: World, seed: int) -> list[tuple[int, int, bool]]:
    """Some look-ups: number of the scope, group, whether all of it."""
    rng = random.Random(seed)  # noqa: S311 - repeatable on purpose
    count = min(60, 3 * len(world.keys))
    return [(rng.randint(0, 2), rng.randrange(len(world.keys)), rng.random() < 0.2) for _ in range(count)]


def constructions(real: Realised) -> Counter[int]:
    """How often every service was built by the container."""
    return Counter(t.number for t in real.log.made if real.world.services[t.number].kind != "instance")


def without_instances(world: World, made: Counter[int]) -> Counter[int]:
    """Leave out what the container was given."""
    return Counter({number: n for number, n in made.items() if world.services[number].kind != "instance"})


@given(world=worlds(), seed=st.integers(0, 10**6))
def test_look_ups_in_scopes_give_what_a_naive_resolver_gives(world: World, seed: int) -> None:
    real, naive, twins = realise(world), Naive(world), Twins()
    container = real.services.build()
    scopes, cells = [container.scope() for _ in range(3)], [dict[int, Made]() for _ in range(3)]

    for where, group, whole in questions(world, seed):
        interface, key = real.ask(group)
        if whole:
            twins.check(scopes[where].resolve_all(interface, key), naive.ask_all(group, cells[where]))
        else:
            twins.check(scopes[where].resolve(interface, key), naive.ask(group, cells[where]))

    assert constructions(real) == without_instances(world, naive.made)
    for scope in scopes:
        scope.close()
    container.close()


@given(world=worlds(), seed=st.integers(0, 10**6))
def test_look_ups_at_the_root_give_what_a_naive_resolver_gives_or_ask_for_a_scope(world: World, seed: int) -> None:
    real, naive, twins = realise(world), Naive(world), Twins()
    with real.services.build() as container:
        for _, group, _ in questions(world, seed):
            interface, key = real.ask(group)
            if naive.refuses_at_root(world.groups[group][-1]):
                with pytest.raises(ScopeRequiredError) as caught:
                    container.resolve(interface, key)

                assert caught.value.service is interface
            else:
                twins.check(container.resolve(interface, key), naive.ask(group, {}))

        assert constructions(real) == without_instances(world, naive.made)


@given(world=worlds(is_async=True), seed=st.integers(0, 10**6))
def test_awaited_look_ups_give_what_a_naive_resolver_gives(world: World, seed: int) -> None:
    real, naive, twins = realise(world), Naive(world), Twins()

    async def ask_one_after_the_other() -> None:
        async with real.services.build() as container:
            scopes, cells = [container.scope() for _ in range(3)], [dict[int, Made]() for _ in range(3)]
            for where, group, whole in questions(world, seed):
                interface, key = real.ask(group)
                if whole:
                    found = await scopes[where].aresolve_all(interface, key)
                    twins.check(found, naive.ask_all(group, cells[where]))
                else:
                    twins.check(await scopes[where].aresolve(interface, key), naive.ask(group, cells[where]))
            for scope in scopes:
                await scope.aclose()

    asyncio.run(ask_one_after_the_other())

    assert constructions(real) == without_instances(world, naive.made)


@given(world=worlds(most=60, is_async=True), seed=st.integers(0, 10**6))
def test_concurrent_tasks_share_what_a_naive_resolver_shares(world: World, seed: int) -> None:
    """Whatever the order in which tasks meet, the sharing is the same.

    Arguments are built before a scoped cell is claimed, so a task that loses the claim may have built transients for
    nothing; whatever is shared is built once.
    """
    real, naive, twins = realise(world), Naive(world), Twins()
    asked = questions(world, seed)

    async def ask_all_at_once() -> list[Any]:
        async with real.services.build() as container:
            scopes = [container.scope() for _ in range(3)]
            found = await asyncio.gather(*(scopes[where].aresolve(*real.ask(group)) for where, group, _ in asked))
            for scope in scopes:
                await scope.aclose()
            return found

    found = asyncio.run(ask_all_at_once())

    cells = [dict[int, Made]() for _ in range(3)]
    for (where, group, _), thing in zip(asked, found, strict=True):
        twins.check(thing, naive.ask(group, cells[where]))
    made, expected = constructions(real), without_instances(world, naive.made)
    for number in made:
        wasted = made[number] - expected[number]
        assert wasted == 0 or (wasted > 0 and world.services[number].lifetime is TRANSIENT)


@given(world=worlds(is_async=True))
def test_parts_are_complete_before_the_whole(world: World) -> None:
    real = realise(world)

    async def build_everything() -> None:
        async with real.services.build() as container, container.scope() as scope:
            for group in range(len(world.keys)):
                await scope.aresolve(*real.ask(group))

    asyncio.run(build_everything())

    position = {id(thing): index for index, thing in enumerate(real.log.made)}
    for thing in real.log.made:
        parts = [part for entry in thing.parts for part in (entry if isinstance(entry, list) else [entry])]
        assert all(position[id(part)] < position[id(thing)] for part in parts if id(part) in position)
