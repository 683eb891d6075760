"""Relations of what is not registered, ambiguous, failing, of another level or of an override that ended."""

import asyncio
from typing import Annotated, Any, Protocol

import pytest

from kimera_di import (
    AmbiguousServiceError,
    AnnotationError,
    AsyncProvider,
    ContainerClosedError,
    Factory,
    Key,
    Lazy,
    MissingServiceError,
    Owned,
    Provider,
    Scope,
    ScopeFactory,
    ScopeRequiredError,
    ServiceCollection,
)
from tests.spec.helpers import problem


class Pool: ...


class Clock: ...


class Missing(Protocol):
    def missing(self) -> None: ...


def test_owned_object_that_fails_leaves_its_scope_closed() -> None:
    async def fail() -> Pool:
        raise ValueError("no pool")

    async def main() -> None:
        async with ServiceCollection().transient(Pool, fail).build() as container:
            owned = container.resolve(Owned[Pool])
            with pytest.raises(ValueError, match="no pool"):
                async with owned:
                    pass
            with pytest.raises(ContainerClosedError):
                async with owned:
                    pass

    asyncio.run(main())


@pytest.mark.parametrize("fails", [False, True], ids=["made", "failed"])
def test_tasks_that_enter_one_owned_share_what_becomes_of_it(fails: bool) -> None:
    async def main() -> list[Any]:
        go_on, tries = asyncio.Event(), list[int]()

        async def build() -> Pool:
            tries.append(1)
            await go_on.wait()
            if fails:
                raise ValueError("no pool")
            return Pool()

        async with ServiceCollection().transient(Pool, build).build() as container:
            owned = container.resolve(Owned[Pool])
            tasks = [asyncio.ensure_future(owned.__aenter__()) for _ in range(3)]
            for _ in range(3):
                await asyncio.sleep(0)
            go_on.set()
            found = await asyncio.gather(*tasks, return_exceptions=True)
            await owned.aclose()
        assert tries == [1]
        return found

    first, *others = asyncio.run(main())

    assert type(first) is (ValueError if fails else Pool)
    assert all(other is first for other in others)


def test_provider_is_quick_and_names_what_it_gives() -> None:
    with ServiceCollection().transient(Pool).build() as container:
        provider = container.resolve(Provider[Pool])

        first, second, third = provider(), provider(), provider()

        assert first is not second is not third
        assert "Pool" in repr(provider)


def test_relation_is_looked_up_by_aresolve() -> None:
    async def main() -> None:
        with ServiceCollection().singleton(Pool).build() as container:
            lazy = await container.aresolve(Lazy[Pool])
            assert lazy.value is container[Pool]

    asyncio.run(main())


def test_two_services_share_the_scope_factory() -> None:
    class One:
        def __init__(self, scopes: ScopeFactory) -> None:
            self.scopes = scopes

    class Two:
        def __init__(self, scopes: ScopeFactory) -> None:
            self.scopes = scopes

    with ServiceCollection().singleton(One).singleton(Two).build() as container:
        assert container[One].scopes is container[Two].scopes


def test_scope_is_asked_for_at_the_root_by_a_transient() -> None:
    class Uses:
        def __init__(self, scope: Scope) -> None:
            self.scope = scope

    with ServiceCollection().transient(Uses).build() as container:
        with pytest.raises(ScopeRequiredError):
            container.resolve(Uses)
        with container.scope() as scope:
            assert scope[Uses].scope is scope


def test_lazy_and_factory_of_nothing_use_the_default() -> None:
    class Uses:
        def __init__(
            self, lazy: Lazy[Missing] | None = None, make: Factory[[int], Annotated[Pool, Key("eu")]] = None,  # type: ignore[assignment]  # pyright: ignore[reportArgumentType]
            other: Lazy[Missing] = None,  # type: ignore[assignment]  # pyright: ignore[reportArgumentType]
        ) -> None:  # fmt: skip
            self.given: tuple[Any, ...] = (lazy, make, other)

    with ServiceCollection().singleton(Uses).build() as container:
        assert container[Uses].given == (None, None, None)


def test_lazy_of_a_union_of_registered_types_is_ambiguous() -> None:
    class Uses:
        def __init__(self, either: Lazy[Pool | Clock]) -> None: ...

    services = ServiceCollection().singleton(Uses).singleton(Pool).singleton(Clock)

    assert "either" in str(problem(services, AmbiguousServiceError))


def test_factory_of_nothing_is_missing() -> None:
    class Uses:
        def __init__(self, make: Factory[[int], Annotated[Pool, Key("eu")]]) -> None: ...

    assert "make" in str(problem(ServiceCollection().singleton(Uses), MissingServiceError))


def test_bare_relation_says_what_is_missing_from_it() -> None:
    bare: Any = Lazy

    with (
        ServiceCollection().singleton(Pool).build() as container,
        pytest.raises((AnnotationError, MissingServiceError)),
    ):
        container.resolve(bare)


def test_relations_of_an_ended_override_are_refused_or_look_again() -> None:
    class Replacement(Pool): ...

    class Uses:
        def __init__(self, provider: Provider[Pool], lazy: Lazy[Pool], later: AsyncProvider[Pool]) -> None:
            self.provider, self.lazy, self.later = provider, lazy, later

    async def main() -> None:
        async with ServiceCollection().singleton(Uses).transient(Pool).build() as container:
            with container.override(Pool, Replacement()):
                within = container[Uses]
                assert type(within.provider()) is Replacement
                assert "Pool" in repr(within.later)
            outside = container[Uses]
            assert type(outside.provider()) is type(await outside.later()) is Pool
            with container.override(Pool, Replacement()):
                again = container[Uses]
                assert type(await again.later()) is type(again.provider()) is type(again.lazy.value) is Replacement

    asyncio.run(main())


def test_service_of_an_inner_level_is_refused_further_out() -> None:
    services = (
        ServiceCollection(scopes=("session", "request")).scoped(Pool, scope="request").scoped(Clock, scope="session")
    )

    with services.build() as container, container.scope(name="session") as session:
        with pytest.raises(ScopeRequiredError, match="request"):
            session.resolve(Pool)
        with session.scope() as request:
            assert request[Clock] is session[Clock]
            assert type(request[Pool]) is Pool
