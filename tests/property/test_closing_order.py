"""Closing is the reverse of completed construction: always, sync and async, also when closers fail."""

import asyncio
import itertools
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kimera_di import CloseErrors
from tests.property.strategies import (
    CLOSING_KINDS,
    SINGLETON,
    ClosingFailedError,
    Realised,
    World,
    realise,
    worlds,
)

seeds = st.integers(0, 10**6)


def wants_closing(real: Realised) -> list[Any]:
    """Everything that was made and leaves something to close, in order of completed construction."""
    return [thing for thing in real.log.made if real.world.services[thing.number].kind in CLOSING_KINDS]


def is_reversed_part(closed: list[Any], made: list[Any]) -> bool:
    """Whether ``closed`` are some of ``made``, last first."""
    position = {id(thing): index for index, thing in enumerate(made)}
    order = [position[id(thing)] for thing in closed]
    return all(later < earlier for earlier, later in itertools.pairwise(order))


def ids(things: list[Any]) -> list[int]:
    """Compare by identity."""
    return sorted(id(thing) for thing in things)


def some(real: Realised, seed: int) -> list[int]:
    """Groups to ask for, in random order."""
    rng = random.Random(seed)  # noqa: S311 - repeatable on purpose
    groups = list(range(len(real.world.keys)))
    return rng.sample(groups, min(len(groups), 40))


def failing(world: World, seed: int) -> set[int]:
    """Services whose closers fail."""
    rng = random.Random(seed)  # noqa: S311 - repeatable on purpose
    return {s.number for s in world.services if s.kind in CLOSING_KINDS and rng.random() < 0.4}


def failed_numbers(error: BaseException | None) -> list[int]:
    """Services whose closers failed, as an error group tells."""
    if error is None:
        return []
    assert isinstance(error, CloseErrors)
    assert all(isinstance(each, ClosingFailedError) for each in error.exceptions)
    return [each.args[0] for each in error.exceptions]


@given(world=worlds(most=80, closing=True), seed=seeds)
def test_every_scope_and_the_container_close_in_reverse_order_of_construction(world: World, seed: int) -> None:
    real = realise(world)
    container = real.services.build()
    scopes = [container.scope(), container.scope()]
    for group in some(real, seed):
        for scope in scopes:
            scope.resolve(*real.ask(group))

    parts: list[list[Any]] = []
    for owner in (*scopes, container):
        before = len(real.log.closed)
        owner.close()
        parts.append(real.log.closed[before:])

    assert all(is_reversed_part(part, real.log.made) for part in parts)
    assert ids(real.log.closed) == ids(wants_closing(real))
    assert all(world.services[thing.number].lifetime is not SINGLETON for part in parts[:2] for thing in part)


@given(world=worlds(most=80, closing=True), seed=seeds)
def test_failing_closers_stop_no_other_and_are_all_reported(world: World, seed: int) -> None:
    real = realise(world)
    real.log.failing = failing(world, seed)
    container = real.services.build()
    scope = container.scope()
    for group in some(real, seed):
        scope.resolve(*real.ask(group))

    for owner in (scope, container):
        before = len(real.log.closed)
        error: BaseException | None = None
        try:
            owner.close()
        except CloseErrors as raised:
            error = raised

        part = real.log.closed[before:]
        assert is_reversed_part(part, real.log.made)
        assert failed_numbers(error) == [thing.number for thing in part if thing.number in real.log.failing]
    assert ids(real.log.closed) == ids(wants_closing(real))


@given(world=worlds(most=80, is_async=True, closing=True), seed=seeds, fail=st.booleans())
def test_awaited_closing_runs_in_reverse_order_of_construction(world: World, seed: int, fail: bool) -> None:
    real = realise(world)
    real.log.failing = failing(world, seed) if fail else set()

    async def run() -> None:
        container = real.services.build()
        scope = container.scope()
        for group in some(real, seed):
            await scope.aresolve(*real.ask(group))
        for owner in (scope, container):
            before = len(real.log.closed)
            error: BaseException | None = None
            try:
                await owner.aclose()
            except CloseErrors as raised:
                error = raised
            part = real.log.closed[before:]
            assert is_reversed_part(part, real.log.made)
            assert failed_numbers(error) == [thing.number for thing in part if thing.number in real.log.failing]

    asyncio.run(run())

    assert ids(real.log.closed) == ids(wants_closing(real))


@given(world=worlds(most=60, is_async=True, closing=True), seed=seeds)
def test_what_concurrent_tasks_built_is_closed_in_reverse_order_of_construction(world: World, seed: int) -> None:
    real = realise(world)

    async def run() -> list[list[Any]]:
        container = real.services.build()
        scope = container.scope()
        await asyncio.gather(*(scope.aresolve(*real.ask(group)) for group in some(real, seed)))
        parts = []
        for owner in (scope, container):
            before = len(real.log.closed)
            await owner.aclose()
            parts.append(real.log.closed[before:])
        return parts

    parts = asyncio.run(run())

    assert all(is_reversed_part(part, real.log.made) for part in parts)
    assert ids(real.log.closed) == ids(wants_closing(real))


@given(world=worlds(most=60, closing=True), seed=seeds)
def test_an_error_of_the_block_reaches_the_caller_unchanged_and_everything_is_closed(world: World, seed: int) -> None:
    real = realise(world)
    real.log.failing = failing(world, seed)
    error = LookupError("of the block")

    def use_a_scope() -> None:
        with real.services.build() as container, container.scope() as scope:
            for group in some(real, seed):
                scope.resolve(*real.ask(group))
            raise error

    with pytest.raises(LookupError, match="of the block") as caught:
        use_a_scope()

    assert caught.value is error
    assert ids(real.log.closed) == ids(wants_closing(real))
