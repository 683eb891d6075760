"""Overrides of the whole process, of one call, and of a variant of the application."""

import asyncio
import inspect
import threading
import weakref
from collections.abc import AsyncIterator, Iterator
from typing import Annotated, Any
from unittest.mock import Mock

import pytest

from kimera_di import (
    AsyncRequiredError,
    BuildErrors,
    CaptiveDependencyError,
    Injected,
    InterfaceMismatchError,
    Key,
    Lazy,
    MissingServiceError,
    Provider,
    RegistrationError,
    ServiceCollection,
    ServiceContainer,
    inject,
)
from tests.spec.helpers import WAIT_S, fact, in_thread, in_threads, only


class Cache:
    def __init__(self, name: str = "real") -> None:
        self.name = name


class Service:
    def __init__(self, cache: Cache) -> None:
        self.cache = cache


class Session:
    def __init__(self, name: str = "real") -> None:
        self.name = name


class Missing:
    pass


def services() -> ServiceCollection:
    found = ServiceCollection().singleton(Cache, Cache).singleton(Service).scoped(Session, Session)
    return found.instance(Cache, Cache("disk"), key="disk")


def name(container: ServiceContainer) -> str:
    return container[Service].cache.name


# --- everywhere ------------------------------------------------------------------------------------------------------


def test_override_everywhere_reaches_other_threads_and_ends_for_them() -> None:
    container = services().build()

    with container.override(Cache, Cache("fake"), everywhere=True):
        inside = in_thread(lambda: name(container))

    assert (inside, in_thread(lambda: name(container))) == ("fake", "real")


def test_override_everywhere_reaches_a_thread_and_a_task_that_began_before() -> None:
    container = services().build()
    begun, overridden, seen = threading.Event(), threading.Event(), list[str]()

    def work() -> None:
        seen.append(name(container))
        begun.set()
        assert overridden.wait(WAIT_S)
        seen.append(name(container))

    async def task(go: asyncio.Event) -> str:
        await go.wait()
        return (await container.aresolve(Service)).cache.name

    async def main() -> str:
        go = asyncio.Event()
        running = asyncio.create_task(task(go))
        await asyncio.sleep(0)
        with container.override(Cache, Cache("fake"), everywhere=True):
            go.set()
            return await running

    thread = threading.Thread(target=work)
    thread.start()
    assert begun.wait(WAIT_S)
    with container.override(Cache, Cache("fake"), everywhere=True):
        overridden.set()
        thread.join()

    assert seen == ["real", "fake"]
    assert asyncio.run(main()) == "fake"


def test_keyed_override_everywhere_leaves_the_other_keys() -> None:
    container = services().build()

    with container.override(Cache, Cache("fake"), key="disk", everywhere=True):
        assert in_thread(lambda: (container.resolve(Cache, "disk").name, container[Cache].name)) == ("fake", "real")


def test_look_ups_are_warm_under_an_override_everywhere_and_after_it() -> None:
    """The tables hold the objects of the override, so that a look-up costs what it costs without one."""
    container = services().build()
    before = container[Service]
    warm = container._root.warm

    with container.override(Cache, Cache("fake"), everywhere=True):
        inside = container[Service]
        assert warm.get(Service) is inside
    assert Service not in warm

    assert container[Service] is before
    assert warm.get(Service) is before
    assert inside.cache.name == "fake"


def test_override_everywhere_is_refused_while_another_is_in_force_and_says_where() -> None:
    container = services().build()

    with container.override(Session, Session("fake")):
        with pytest.raises(RegistrationError, match="everywhere while Session is overridden") as caught:
            container.override(Cache, Cache("fake"), everywhere=True).__enter__()
        assert name(container) == "real"

    assert "test_overrides_everywhere.py:" in fact(caught.value, "in force")


def test_other_overrides_are_refused_while_one_is_in_force_everywhere() -> None:
    container = services().build()

    def override_in_a_thread() -> str:
        with pytest.raises(RegistrationError, match="while Cache is overridden everywhere") as caught:
            container.override(Session, Session("fake")).__enter__()
        return caught.value.code

    with container.override(Cache, Cache("fake"), everywhere=True):
        assert in_thread(override_in_a_thread) == "KD101"
        with pytest.raises(RegistrationError, match="everywhere while Cache is overridden"):
            container.override(Cache, Cache("other"), everywhere=True).__enter__()
        assert name(container) == "fake"

    with container.override(Session, Session("fake")), container.scope() as scope:
        assert scope[Session].name == "fake"


def test_override_everywhere_of_one_container_leaves_another_alone() -> None:
    one, two = services().build(), services().build()

    with one.override(Cache, Cache("one"), everywhere=True), two.override(Cache, Cache("two")):
        assert (name(one), name(two)) == ("one", "two")


def test_what_an_override_everywhere_built_is_closed_and_given_to_nobody_afterwards() -> None:
    seen: list[str] = []
    container = services().build()

    def open_cache() -> Iterator[Cache]:
        yield Cache("fake")
        seen.append(in_thread(lambda: container[Cache].name))

    with container.override(Cache, factory=open_cache, everywhere=True):
        assert in_thread(lambda: container[Cache].name) == "fake"

    assert seen == ["real"]


def test_scope_opened_before_an_override_everywhere_keeps_what_it_built() -> None:
    container = services().build()
    earlier = container.scope()
    kept = earlier[Session]

    with container.override(Session, Session("fake"), everywhere=True):
        assert in_thread(lambda: earlier[Session]) is kept
        with container.scope() as later:
            assert later[Session].name == "fake"


def test_override_everywhere_keeps_nothing_of_scopes_that_have_ended() -> None:
    def open_session() -> Iterator[Session]:
        yield Session("fake")

    container = services().build()
    with container.override(Session, factory=open_session, everywhere=True):
        references: list[weakref.ref[Session]] = []
        for _ in range(1_000):
            with container.scope() as scope:
                references.append(weakref.ref(scope[Session]))
        account = container._root.everywhere
        assert account is not None
        noted = len(account._opened)

    assert noted <= 520
    assert [reference for reference in references if reference() is not None] == []


def test_async_factory_may_override_everywhere() -> None:
    closed: list[str] = []

    async def open_cache() -> AsyncIterator[Cache]:
        yield Cache("fake")
        closed.append("fake")

    async def main() -> tuple[str, str]:
        container = services().build()
        async with container.override(Cache, factory=open_cache, everywhere=True):
            inside = (await container.aresolve(Service)).cache.name
            with pytest.raises(AsyncRequiredError):
                services().singleton(Cache, open_cache).build().resolve(Cache)
        return inside, name(container)

    assert asyncio.run(main()) == ("fake", "real")
    assert closed == ["fake"]


def test_threads_that_look_up_while_an_override_everywhere_comes_and_goes_see_one_of_the_two() -> None:
    container = services().build()
    go = threading.Barrier(5)

    def read() -> set[str]:
        go.wait(WAIT_S)
        return {name(container) for _ in range(300)}

    def override() -> set[str]:
        go.wait(WAIT_S)
        for _ in range(20):
            with container.override(Cache, Cache("fake"), everywhere=True):
                assert name(container) == "fake"
            assert name(container) == "real"
        return set()

    found = in_threads([read, read, read, read, override])

    assert set().union(*found) <= {"real", "fake"}
    assert name(container) == "real"
    assert container._root.everywhere is None


def test_what_reaches_the_service_by_lazy_or_provider_is_rebuilt_as_well() -> None:
    class Later:
        def __init__(self, lazy: Lazy[Cache], provider: Provider[Cache]) -> None:
            self.lazy, self.provider = lazy, provider

    container = services().singleton(Later).build()
    before = container[Later]

    for everywhere in (False, True):
        with container.override(Cache, Cache("fake"), everywhere=everywhere):
            inside = container[Later]
            assert (inside.lazy.value.name, inside.provider().name) == ("fake", "fake")

    assert container[Later] is before
    assert (before.lazy.value.name, before.provider().name) == ("real", "real")


def test_injected_functions_see_an_override_everywhere_in_other_threads() -> None:
    container = services().build()

    @inject(container=container)
    def read(cache: Injected[Cache], lazy: Injected[Lazy[Cache]]) -> tuple[str, str]:
        return cache.name, lazy.value.name

    with container.override(Cache, Cache("fake"), everywhere=True):
        inside = in_thread(read)

    assert (inside, in_thread(read)) == (("fake", "fake"), ("real", "real"))


# --- decorator -------------------------------------------------------------------------------------------------------


def test_decorated_function_runs_inside_an_override_of_its_own() -> None:
    container = services().build()
    made: list[Cache] = []

    def make() -> Cache:
        made.append(Cache("fake"))
        return made[-1]

    @container.override(Cache, factory=make)
    def work(n: int) -> tuple[int, str]:
        return n, name(container)

    assert [work(1), work(2)] == [(1, "fake"), (2, "fake")]
    assert len(made) == 2
    assert name(container) == "real"


def test_decorated_async_function_runs_inside_its_override_and_closes_it_with_await() -> None:
    container = services().build()
    closed: list[str] = []

    async def open_cache() -> AsyncIterator[Cache]:
        yield Cache("fake")
        closed.append("fake")

    @container.override(Cache, factory=open_cache)
    async def work() -> str:
        return (await container.aresolve(Service)).cache.name

    async def main() -> list[str]:
        return list(await asyncio.gather(work(), work()))

    assert inspect.iscoroutinefunction(work)
    assert asyncio.run(main()) == ["fake", "fake"]
    assert closed == ["fake", "fake"]


def test_decorated_function_keeps_its_name_and_signature() -> None:
    container = services().build()

    @container.override(Cache, Cache("fake"), key="disk")
    def work(n: int) -> str:
        """Work."""
        return container.resolve(Cache, "disk").name * n

    assert (work.__name__, work.__doc__, list(inspect.signature(work).parameters)) == ("work", "Work.", ["n"])
    assert work(2) == "fakefake"


def test_error_of_a_decorated_function_ends_its_override() -> None:
    container = services().build()

    @container.override(Cache, Cache("fake"))
    def work() -> None:
        raise KeyError(name(container))

    with pytest.raises(KeyError, match="fake"):
        work()

    assert name(container) == "real"


def test_override_everywhere_may_be_a_decorator() -> None:
    container = services().build()

    @container.override(Cache, Cache("fake"), everywhere=True)
    def work() -> str:
        return in_thread(lambda: name(container))

    assert (work(), name(container)) == ("fake", "real")


def rows() -> Iterator[int]:
    yield 1


async def rows_async() -> AsyncIterator[int]:
    yield 1


@pytest.mark.parametrize(
    ("thing", "text"),
    [
        (rows, "rows is a generator"),
        (rows_async, "rows_async is a generator"),
        (Service, "Service is no function"),
        (3, "3 is no function"),
        (staticmethod(rows), "is no function"),
    ],
    ids=["generator", "async generator", "class", "number", "static"],
)
def test_override_cannot_decorate_what_outlives_a_call(thing: Any, text: str) -> None:
    with pytest.raises(RegistrationError, match=text):
        services().build().override(Cache, Cache("fake"))(thing)


# --- variants --------------------------------------------------------------------------------------------------------


def test_variant_is_built_with_the_objects_it_is_given() -> None:
    registered = services()
    fake, disk = Cache("fake"), Cache("fake disk")

    variant = registered.build(overrides={Cache: fake, Annotated[Cache, Key("disk")]: disk})

    assert variant[Service].cache is fake
    assert variant.resolve(Cache, "disk") is disk
    assert name(registered.build()) == "real"


def test_variant_needs_nothing_that_what_it_replaces_needs() -> None:
    def make(missing: Missing) -> Cache:
        raise AssertionError("not called")

    registered = ServiceCollection().singleton(Cache, make).singleton(Service)

    assert registered.build(overrides={Cache: Cache("fake")})[Service].cache.name == "fake"
    only(MissingServiceError, registered.validate())


def test_objects_of_a_variant_are_never_closed() -> None:
    closed: list[Cache] = []
    registered = ServiceCollection().singleton(Cache, Cache, on_close=closed.append)

    with registered.build(overrides={Cache: Cache("fake")}) as variant:
        assert variant[Cache].name == "fake"

    assert closed == []


def test_falsy_object_is_an_ordinary_override_of_a_variant() -> None:
    registered = ServiceCollection().singleton(list[int], lambda: [1])

    assert registered.build(overrides={list[int]: []}).resolve_all(list[int]) == [[]]


def test_last_of_several_registrations_is_replaced_in_a_variant() -> None:
    registered = ServiceCollection().instance(Cache, Cache("first")).instance(Cache, Cache("last"))

    variant = registered.build(overrides={Cache: Cache("fake")})

    assert [each.name for each in variant.resolve_all(Cache)] == ["first", "fake"]


def test_scoped_service_stays_scoped_in_a_variant() -> None:
    """Otherwise the variant would be proven where the application is not."""

    class Holder:
        def __init__(self, session: Session) -> None: ...

    fake = Session("fake")
    with services().build(overrides={Session: fake}).scope() as scope:
        assert scope[Session] is fake

    with pytest.raises(BuildErrors) as caught:
        services().singleton(Holder).build(overrides={Session: fake})
    only(CaptiveDependencyError, caught.value)


def test_object_of_a_wrong_type_is_refused_for_a_variant() -> None:
    with pytest.raises(BuildErrors) as caught:
        services().build(overrides={Cache: 3})

    error = only(InterfaceMismatchError, caught.value)
    assert error.summary == "int is not a subclass of Cache"
    assert "test_overrides_everywhere.py:" in fact(error, "registered")


def test_mock_fits_in_a_variant() -> None:
    mock = Mock()

    assert services().build(overrides={Cache: mock})[Service].cache is mock


def test_override_of_an_unknown_service_is_refused_for_a_variant() -> None:
    with pytest.raises(BuildErrors) as caught:
        services().build(overrides={Missing: Missing(), Annotated[Cache, Key("redis")]: Cache()})

    found = [error for error in caught.value.exceptions if isinstance(error, MissingServiceError)]
    assert [(error.service, error.key) for error in found] == [(Missing, None), (Cache, "redis")]
    assert "Cache without a key" in fact(found[1], "did you mean")


def test_overrides_that_are_no_mapping_are_refused() -> None:
    with pytest.raises(RegistrationError, match="does not say what the objects stand for"):
        services().build(overrides=[Cache()])  # type: ignore[arg-type]


def test_variant_can_be_overridden_further() -> None:
    variant = services().build(overrides={Cache: Cache("variant")})

    with variant.override(Cache, Cache("fake")):
        assert name(variant) == "fake"
    assert name(variant) == "variant"
