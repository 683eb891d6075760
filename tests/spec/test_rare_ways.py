"""Situations that few programs meet: closed owners, awaited calls, closers that fail, objects of other loops."""

import asyncio
import functools
import sys
import warnings
from collections.abc import AsyncIterator, Coroutine, Mapping
from pathlib import Path
from typing import Annotated, Any, Generic, Protocol, TypeVar

import pytest

from kimera_di import (
    ANY_KEY,
    AmbiguousServiceError,
    AnnotationError,
    ArgumentsError,
    AsyncProvider,
    AsyncRequiredError,
    CloseErrors,
    Conditions,
    ContainerClosedError,
    Factory,
    Injected,
    Key,
    KimeraError,
    Lazy,
    MissingServiceError,
    Owned,
    Provider,
    RegistrationError,
    Scope,
    ScopeFactory,
    ScopeRequiredError,
    ServiceCollection,
    inject,
    service,
)
from kimera_di.registration import forks
from kimera_di.resolution.unclosed import is_shown
from tests.spec.helpers import mortal_classes, only, problem

T = TypeVar("T")
Text = TypeVar("Text", bound="str | bytes")
Number = TypeVar("Number", bound=int)


class Pool: ...


class Clock: ...


class Missing(Protocol):
    def missing(self) -> None: ...


class Repository(Generic[T]): ...


def _plain(pool):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202  # pyright: ignore
    return pool  # pyright: ignore


plain: Any = _plain  # pyright: ignore
"""Says nothing about its parameter."""


async def make_pool() -> Pool:
    return Pool()


@pytest.mark.parametrize("levels", [(), ("session", "request")], ids=["without levels", "with levels"])
def test_closed_scope_refuses_every_entrance(levels: tuple[str, ...]) -> None:
    async def main() -> None:
        with ServiceCollection(scopes=levels).singleton(Pool).build() as container:
            scope = container.scope()
            scope.close()
            with pytest.raises(ContainerClosedError, match="scope"):
                await scope.aresolve(Pool)
            with pytest.raises(ContainerClosedError, match="scope"):
                scope.resolve_all(Pool)
            with pytest.raises(ContainerClosedError, match="scope"):
                async with scope:
                    pass
            with pytest.raises(ContainerClosedError, match="scope"):
                scope.scope()

    asyncio.run(main())


@pytest.mark.parametrize("levels", [(), ("session", "request")], ids=["without levels", "with levels"])
def test_closed_container_opens_no_scope(levels: tuple[str, ...]) -> None:
    container = ServiceCollection(scopes=levels).singleton(Pool).build()
    container.close()

    with pytest.raises(ContainerClosedError, match="container"):
        container.scope()


def test_override_of_a_closed_container_is_refused() -> None:
    container = ServiceCollection().singleton(Pool).build()
    override = container.override(Pool, Pool())
    container.close()

    with pytest.raises(ContainerClosedError, match="container"), override:
        pass


def test_override_that_was_never_entered_has_nothing_to_leave() -> None:
    with ServiceCollection().singleton(Pool).build() as container:
        override = container.override(Pool, Pool())

        override.__exit__(None, None, None)
        asyncio.run(override.__aexit__(None, None, None))

        assert type(container[Pool]) is Pool


def test_override_of_what_stands_for_others_is_refused() -> None:
    services = ServiceCollection().singleton(Repository, key=ANY_KEY)

    with services.build() as container, pytest.raises(KimeraError, match="Repository"):
        container.override(Repository, Repository[int](), key=ANY_KEY).__enter__()


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


def test_asynchronous_resource_closed_in_another_loop_is_named() -> None:
    async def open_pool() -> AsyncIterator[Pool]:
        yield Pool()

    async def build() -> Any:
        container = ServiceCollection().singleton(Pool, open_pool).build()
        await container.aresolve(Pool)
        return container

    with asyncio.Runner() as first:
        container = first.run(build())
        with pytest.warns(RuntimeWarning, match="another event loop"):
            asyncio.run(container.aclose())
        again = first.run(build())
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            with pytest.raises(CloseErrors) as caught:
                asyncio.run(again.aclose())

    assert type(only(RuntimeWarning, caught.value)) is RuntimeWarning


def test_asynchronous_resource_whose_end_fails_is_reported() -> None:
    async def open_pool() -> AsyncIterator[Pool]:
        yield Pool()
        raise ValueError("cannot end")

    async def main() -> None:
        container = ServiceCollection().singleton(Pool, open_pool).build()
        await container.aresolve(Pool)
        await container.aclose()

    with pytest.raises(CloseErrors) as caught:
        asyncio.run(main())

    assert str(only(ValueError, caught.value)) == "cannot end"


def test_closer_that_returns_a_coroutine_needs_aclose() -> None:
    async def end() -> None: ...

    def on_close(_: Pool) -> Coroutine[Any, Any, None]:
        return end()

    container = ServiceCollection().singleton(Pool, on_close=on_close).build()
    container.resolve(Pool)

    with pytest.raises(CloseErrors) as caught:
        container.close()

    assert "use aclose()" in only(AsyncRequiredError, caught.value).summary


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


def test_bound_that_is_a_union_or_takes_no_class_is_kept() -> None:
    class Texts(Generic[Text]): ...

    class Numbers(Generic[Number]): ...

    class Uses:
        def __init__(self, texts: Texts[str], numbers: Numbers[Any]) -> None: ...

    services = ServiceCollection().singleton(Texts).singleton(Numbers).singleton(Uses)

    assert services.validate() == []


def test_thing_that_keeps_no_mark_cannot_be_marked() -> None:
    with pytest.raises(RegistrationError, match="mark"):
        service()(len)


@mortal_classes
def test_forked_child_renews_every_lock() -> None:
    services = ServiceCollection().singleton(Pool)
    with services.build() as container:
        pool = container[Pool]

        forks._after_fork_in_child()  # pyright: ignore[reportPrivateUsage]

        assert container[Pool] is pool


@pytest.mark.parametrize(("filters", "shown"), [((), True), (("ignore",), False)], ids=["no filter", "ignored"])
def test_resource_warnings_are_looked_for_in_the_filters(filters: tuple[Any, ...], shown: bool) -> None:
    with warnings.catch_warnings():
        warnings.resetwarnings()
        for action in filters:
            warnings.simplefilter(action, ResourceWarning)
        warnings.simplefilter("error", DeprecationWarning)

        assert is_shown() is shown


def test_bare_relation_says_what_is_missing_from_it() -> None:
    bare: Any = Lazy

    with (
        ServiceCollection().singleton(Pool).build() as container,
        pytest.raises((AnnotationError, MissingServiceError)),
    ):
        container.resolve(bare)


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


def test_mapping_takes_keys_of_any_type_of_a_union() -> None:
    class Uses:
        def __init__(self, pools: Mapping[str | int, Pool], anything: Mapping[Any, Pool]) -> None:
            self.pools, self.anything = pools, anything

    services = ServiceCollection().singleton(Uses).singleton(Pool, key="eu").singleton(Pool, key=1)

    with services.build() as container:
        assert list(container[Uses].pools) == list(container[Uses].anything) == ["eu", 1]


def test_package_that_fails_while_it_is_scanned_says_where(tmp_path: Path) -> None:
    package = tmp_path / "scanned_with_a_mistake"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "wrong.py").write_text("def", encoding="utf-8")
    sys.path.insert(0, str(tmp_path))
    try:
        with pytest.raises(RegistrationError, match="SyntaxError"):
            ServiceCollection().scan("scanned_with_a_mistake")
    finally:
        sys.path.remove(str(tmp_path))


def test_predicate_is_given_what_can_be_shown() -> None:
    shown: list[str] = []

    def when(conditions: Conditions) -> bool:
        shown.append(repr(conditions))
        return True

    ServiceCollection().singleton(Pool, when=when).build().close()

    assert shown[0].startswith(f"<Conditions on {sys.platform}, Python 3.")


def test_argument_that_only_a_position_can_give_is_missing() -> None:
    def use(name: Any, pool: Pool, /) -> None: ...

    with ServiceCollection().singleton(Pool).build() as container:
        with pytest.raises(KimeraError, match="name"):
            container.call(use)
        container.call(use, "given")


def test_start_that_fails_fails_for_every_task_that_waits() -> None:
    async def main() -> list[Any]:
        go_on = asyncio.Event()

        async def fail() -> Pool:
            await go_on.wait()
            raise ValueError("no pool")

        async with ServiceCollection().singleton(Pool, fail, eager=True).build() as container:
            tasks = [asyncio.ensure_future(container.astart()) for _ in range(2)]
            for _ in range(3):
                await asyncio.sleep(0)
            go_on.set()
            return await asyncio.gather(*tasks, return_exceptions=True)

    assert [type(error) for error in asyncio.run(main())] == [ValueError, ValueError]


def test_start_whose_factories_fail_together_tells_of_each() -> None:
    async def main() -> ExceptionGroup:
        async def fail() -> Pool:
            raise ValueError("no pool")

        async def fail_too() -> Clock:
            raise KeyError("no clock")

        services = ServiceCollection().singleton(Pool, fail, eager=True).singleton(Clock, fail_too, eager=True)
        async with services.build() as container:
            with pytest.raises(ExceptionGroup, match="2 services could not be started") as caught:
                await container.astart()
            return caught.value

    assert {type(error) for error in asyncio.run(main()).exceptions} == {ValueError, KeyError}


def test_start_whose_factory_is_cancelled_is_cancelled() -> None:
    async def main() -> None:
        async def give_up() -> Pool:
            raise asyncio.CancelledError

        async with ServiceCollection().singleton(Pool, give_up, eager=True).build() as container:
            with pytest.raises(asyncio.CancelledError):
                await container.astart()

    asyncio.run(main())


def test_scope_closed_by_two_tasks_is_closed_once() -> None:
    closed: list[str] = []

    async def main() -> None:
        go_on = asyncio.Event()

        async def open_pool() -> AsyncIterator[Pool]:
            yield Pool()
            await go_on.wait()
            closed.append("pool")

        async with ServiceCollection().scoped(Pool, open_pool).build() as container:
            scope = container.scope()
            await scope.aresolve(Pool)
            tasks = [asyncio.ensure_future(scope.aclose()) for _ in range(2)]
            for _ in range(3):
                await asyncio.sleep(0)
            go_on.set()
            await asyncio.gather(*tasks)

    asyncio.run(main())

    assert closed == ["pool"]


def test_task_that_gave_up_waiting_is_not_woken() -> None:
    async def main() -> Pool:
        go_on = asyncio.Event()

        async def make() -> Pool:
            await go_on.wait()
            return Pool()

        async with ServiceCollection().singleton(Pool, make).build() as container:
            first, second = (asyncio.ensure_future(container.aresolve(Pool)) for _ in range(2))
            for _ in range(3):
                await asyncio.sleep(0)
            go_on.set()
            await asyncio.sleep(0)
            second.cancel()
            with pytest.raises(asyncio.CancelledError):
                await second
            return await first

    assert type(asyncio.run(main())) is Pool


def test_module_that_two_modules_include_gets_what_is_private_above() -> None:
    class Uses:
        def __init__(self, pool: Pool) -> None:
            self.pool = pool

    shared = ServiceCollection(name="shared").singleton(Uses)
    one, two = (ServiceCollection(name=name).include(shared) for name in ("one", "two"))
    top = ServiceCollection(name="top").singleton(Pool, private=True).include(one).include(two)

    with ServiceCollection().include(top).build() as container:
        assert type(container[Uses].pool) is Pool


def test_private_service_is_not_removed_by_others() -> None:
    inner = ServiceCollection(name="inner").singleton(Pool, private=True)
    services = ServiceCollection().include(inner)

    with pytest.raises(KimeraError, match="remove"):
        services.remove(Pool).build()


def test_predicate_cannot_ask_an_alias_for_settings() -> None:
    class Clocks(Clock): ...

    services = ServiceCollection().singleton(Clocks).alias(Clock, Clocks)
    services.singleton(Pool, when=lambda c: c.settings(Clock))

    assert "neither registered settings nor a registered instance" in str(problem(services, RegistrationError))


def test_scanned_package_that_fails_itself_says_so(tmp_path: Path) -> None:
    package = tmp_path / "scanned_that_fails"
    package.mkdir()
    (package / "__init__.py").write_text("raise ValueError('not today')", encoding="utf-8")
    sys.path.insert(0, str(tmp_path))
    try:
        with pytest.raises(RegistrationError, match="not today"):
            ServiceCollection().scan("scanned_that_fails")
    finally:
        sys.path.remove(str(tmp_path))
