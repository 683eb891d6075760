"""Functions that the container calls: awaited, bound, partial, built in, unhashable, with nothing to give."""

import asyncio
import functools
from typing import Annotated, Any, Protocol

import pytest

from kimera_di import (
    ArgumentsError,
    Injected,
    Key,
    KimeraError,
    MissingServiceError,
    ScopeRequiredError,
    ServiceCollection,
    inject,
)


class Pool: ...


class Clock: ...


class Missing(Protocol):
    def missing(self) -> None: ...


def _plain(pool):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202  # pyright: ignore
    return pool  # pyright: ignore


plain: Any = _plain  # pyright: ignore
"""Says nothing about its parameter."""


async def make_pool() -> Pool:
    return Pool()


def test_awaited_call_passes_services_constants_and_nothing() -> None:
    async def use(pool: Pool, clock: Clock | None, keyed: Annotated[Pool, Key("eu")]) -> tuple[Any, ...]:
        return pool, clock, keyed

    async def main() -> None:
        services = ServiceCollection().singleton(Pool, make_pool).singleton(Pool, key="eu")
        async with services.build() as container:
            pool, clock, keyed = await container.acall(use)
            assert (pool, clock, keyed) == (await container.aresolve(Pool), None, container.resolve(Pool, "eu"))

    asyncio.run(main())


def test_awaited_call_with_something_missing_is_refused_with_its_path() -> None:
    async def use(pool: Pool, missing: Missing) -> None: ...

    async def main() -> KimeraError:
        async with ServiceCollection().singleton(Pool, make_pool).build() as container:
            with pytest.raises(MissingServiceError) as caught:
                await container.acall(use)
            return caught.value

    assert asyncio.run(main()).path[0].parameter == "missing"


def test_awaited_call_with_arguments_that_do_not_fit_is_refused() -> None:
    async def use(pool: Pool) -> None: ...

    async def main() -> None:
        async with ServiceCollection().singleton(Pool).build() as container:
            with pytest.raises(ArgumentsError, match="nobody"):
                await container.acall(use, nobody=1)

    asyncio.run(main())


def test_method_and_partial_with_annotations_as_text_build_services() -> None:
    class Maker:
        def make(self, clock: "Clock") -> "Pool":
            assert type(clock) is Clock
            return Pool()

    services = ServiceCollection().singleton(Clock).singleton(Pool, Maker().make)
    services.singleton(Pool, functools.partial(Maker().make), key="partial")

    with services.build() as container:
        assert type(container[Pool]) is type(container.resolve(Pool, "partial")) is Pool


def test_callable_object_that_cannot_be_hashed_is_called() -> None:
    class Use:
        __hash__ = None  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]

        def __call__(self, pool: Pool) -> Pool:
            return pool

    class Wrapped(Use):
        def __init__(self) -> None:
            self.__wrapped__ = plain

    class Slotted:
        __slots__ = ()

        def __call__(self, pool: Pool) -> Pool:
            return pool

    with ServiceCollection().singleton(Pool).build() as container:
        assert container.call(Use()) is container[Pool]
        assert container.call(Slotted()) is container.call(Slotted()) is container[Pool]
        with pytest.raises(KimeraError, match="pool"):
            container.call(Wrapped())


def test_injected_function_without_container_says_what_it_lacks() -> None:
    @inject
    async def use(pool: Injected[Pool]) -> None: ...

    with pytest.raises(ScopeRequiredError):
        asyncio.run(use())


def test_builtin_called_with_wrong_arguments_is_refused() -> None:
    with ServiceCollection().singleton(Pool).build() as container:
        with pytest.raises(ArgumentsError, match="iterable"):
            container.call(dict.fromkeys)
        with pytest.raises(TypeError, match="max expected"):
            container.call(max)
        with pytest.raises(TypeError, match="max expected"):
            asyncio.run(container.acall(max))
        with pytest.raises(ArgumentsError):
            container.call(plain)


def test_argument_that_only_a_position_can_give_is_missing() -> None:
    def use(name: Any, pool: Pool, /) -> None: ...

    with ServiceCollection().singleton(Pool).build() as container:
        with pytest.raises(KimeraError, match="name"):
            container.call(use)
        container.call(use, "given")
