"""``Lazy``, ``Provider`` and ``AsyncProvider``: a way to a service instead of the service."""

import threading
from collections.abc import Callable
from typing import Annotated, Any, cast

import pytest

from kimera_di import (
    AsyncProvider,
    ContainerClosedError,
    Injected,
    Key,
    Lazy,
    MissingServiceError,
    Owned,
    Provider,
    ScopeFactory,
    ServiceCollection,
    inject,
)
from tests.spec.concurrency import Meeting, run, until
from tests.spec.helpers import fact, in_threads, problem, way


class Clock: ...


class Fast(Clock): ...


class Session:
    def __init__(self, clock: Clock) -> None:
        self.clock = clock


class WithLazy:
    def __init__(self, clock: Lazy[Clock]) -> None:
        self.clock = clock


class WithProvider:
    def __init__(self, clock: Provider[Clock]) -> None:
        self.clock = clock


class WithAsyncProvider:
    def __init__(self, clock: AsyncProvider[Clock]) -> None:
        self.clock = clock


class WithSession:
    def __init__(self, session: Lazy[Session], again: Provider[Session]) -> None:
        self.session, self.again = session, again


def test_lazy_service_is_not_built_before_its_value_is_read() -> None:
    built: list[str] = []

    def make_clock() -> Clock:
        built.append("clock")
        return Clock()

    holder = ServiceCollection().singleton(Clock, make_clock).singleton(WithLazy).build().resolve(WithLazy)
    before = list(built)
    value = holder.clock.value

    assert before == []
    assert built == ["clock"]
    assert isinstance(value, Clock)


def test_lazy_transient_is_one_object_for_its_owner() -> None:
    container = ServiceCollection().transient(Clock).transient(WithLazy).build()
    first, second = container.resolve(WithLazy), container.resolve(WithLazy)

    assert first.clock.value is first.clock.value
    assert first.clock.value is not second.clock.value


def test_provider_gives_a_new_transient_at_each_call() -> None:
    holder = ServiceCollection().transient(Clock).singleton(WithProvider).build().resolve(WithProvider)

    assert holder.clock() is not holder.clock()


def test_provider_gives_the_one_singleton_at_each_call() -> None:
    container = ServiceCollection().singleton(Clock).singleton(WithProvider).build()

    holder = container.resolve(WithProvider)

    assert holder.clock() is holder.clock() is container.resolve(Clock)


@pytest.mark.parametrize("lifetime", ["singleton", "transient"])
def test_async_provider_awaits_what_async_code_makes(lifetime: str) -> None:
    async def make_clock() -> Clock:
        return Fast()

    services = ServiceCollection().singleton(WithAsyncProvider)
    getattr(services, lifetime)(Clock, make_clock)
    holder = services.build().resolve(WithAsyncProvider)

    assert isinstance(run(cast("Any", holder.clock())), Fast)


def test_async_provider_gives_what_synchronous_code_makes() -> None:
    holder = ServiceCollection().transient(Clock).singleton(WithAsyncProvider).build().resolve(WithAsyncProvider)

    async def twice() -> tuple[Clock, Clock]:
        return await holder.clock(), await holder.clock()

    first, second = run(twice())
    assert first is not second


def test_relations_resolve_in_the_scope_of_their_owner() -> None:
    container = ServiceCollection().singleton(Clock).scoped(Session).scoped(WithSession).build()

    with container.scope() as one, container.scope() as other:
        mine, theirs = one.resolve(WithSession), other.resolve(WithSession)

        assert mine.session.value is mine.again() is one.resolve(Session)
        assert theirs.session.value is not mine.session.value


def test_lazy_of_a_closed_scope_that_was_not_read_is_refused() -> None:
    container = ServiceCollection().singleton(Clock).scoped(Session).scoped(WithSession).build()
    with container.scope() as scope:
        holder = scope.resolve(WithSession)

    with pytest.raises(ContainerClosedError, match="the scope is closed"):
        _ = holder.session.value


def test_lazy_of_a_closed_scope_that_was_read_keeps_its_object() -> None:
    container = ServiceCollection().singleton(Clock).scoped(Session).scoped(WithSession).build()
    with container.scope() as scope:
        holder = scope.resolve(WithSession)
        session = holder.session.value

    assert holder.session.value is session


def test_provider_of_a_closed_container_is_refused() -> None:
    container = ServiceCollection().transient(Clock).singleton(WithProvider).build()
    holder = container.resolve(WithProvider)
    holder.clock()
    container.close()

    with pytest.raises(ContainerClosedError, match="the container is closed"):
        holder.clock()


def test_provider_in_a_scope_whose_container_is_closed_is_refused() -> None:
    container = ServiceCollection().singleton(Clock).scoped(Session).scoped(WithSession).build()
    scope = container.scope()
    holder = scope.resolve(WithSession)
    container.close()

    with pytest.raises(ContainerClosedError, match="the container is closed"):
        holder.again()
    scope.close()


def test_lazy_value_read_by_two_threads_is_built_once() -> None:
    meeting = Meeting()

    def make_clock() -> Clock:
        meeting.visit()
        return Clock()

    lazy = ServiceCollection().transient(Clock, make_clock).build().resolve(Lazy[Clock])

    first, second = in_threads([lambda: lazy.value, lambda: lazy.value])

    assert first is second
    assert meeting.visitors == 1


def test_lazy_value_that_failed_is_built_again() -> None:
    """A failure is not kept: the next read may find the network up again."""
    attempts: list[int] = []

    def make_clock() -> Clock:
        attempts.append(1)
        if len(attempts) == 1:
            raise OSError("down")
        return Clock()

    lazy = ServiceCollection().transient(Clock, make_clock).build().resolve(Lazy[Clock])

    with pytest.raises(OSError, match="down"):
        _ = lazy.value
    assert isinstance(lazy.value, Clock)


def test_lazy_value_that_fails_while_another_thread_waits_reaches_it() -> None:
    entered, go = threading.Event(), threading.Event()

    def make_clock() -> Clock:
        entered.set()
        go.wait(10)
        raise OSError("down")

    lazy = ServiceCollection().transient(Clock, make_clock).build().resolve(Lazy[Clock])
    caught: list[BaseException] = []

    def read() -> None:
        try:
            _ = lazy.value
        except OSError as error:
            caught.append(error)

    threads = [threading.Thread(target=read) for _ in range(2)]
    threads[0].start()
    assert entered.wait(10)
    threads[1].start()
    until(lambda: any(len(claim) > 2 for claim in cast("Any", lazy)._values.values()))
    go.set()
    for thread in threads:
        thread.join(10)

    assert caught[0] is caught[1]


@pytest.mark.parametrize(
    "asked",
    [Annotated[Lazy[Clock], Key("fast")], Lazy[Annotated[Clock, Key("fast")]]],
    ids=["key outside", "key inside"],
)
def test_keyed_relation_gives_the_service_of_that_key(asked: Any) -> None:
    container = ServiceCollection().singleton(Clock).singleton(Clock, Fast, key="fast").build()

    assert isinstance(container.resolve(asked).value, Fast)


class Optionals:
    def __init__(
        self, inside: Lazy[Clock | None], outside: Lazy[Clock] | None, default: "Lazy[Clock] | str" = "none"
    ) -> None:
        self.inside, self.outside, self.default = inside, outside, default


def test_optional_relation_of_an_unknown_service_is_none() -> None:
    holder = ServiceCollection().singleton(Optionals).build().resolve(Optionals)

    assert holder.inside.value is None
    assert holder.outside is None
    assert holder.default == "none"


def test_optional_relation_of_a_registered_service_gives_it() -> None:
    container = ServiceCollection().singleton(Clock).singleton(Optionals).build()

    holder = container.resolve(Optionals)

    assert holder.outside is not None
    assert not isinstance(holder.default, str)
    assert holder.inside.value is holder.outside.value is holder.default.value is container.resolve(Clock)


class Composed:
    def __init__(
        self,
        each: list[Lazy[Clock]],
        all_later: Lazy[list[Clock]],
        later: Lazy[Provider[Clock]],
        providers: list[Provider[Lazy[Clock]]],
    ) -> None:
        self.each, self.all_later, self.later, self.providers = each, all_later, later, providers


def test_list_of_lazies_has_one_for_each_registration() -> None:
    container = ServiceCollection().singleton(Clock).singleton(Clock, Fast).singleton(Composed).build()

    holder = container.resolve(Composed)

    assert [type(each.value) for each in holder.each] == [Clock, Fast]
    assert [type(each) for each in holder.all_later.value] == [Clock, Fast]


def test_relations_in_relations_give_what_they_say() -> None:
    holder = ServiceCollection().transient(Clock).singleton(Composed).build().resolve(Composed)
    make = holder.later.value

    assert make() is not make()
    assert holder.later.value is make
    (provider,) = holder.providers
    assert provider().value is not provider().value


def test_missing_service_behind_a_relation_is_reported_with_its_path() -> None:
    error = problem(ServiceCollection().singleton(WithLazy), MissingServiceError)

    assert way(error) == [(WithLazy, "clock"), (Clock, None)]
    assert fact(error, "note") == "wanted as Lazy[Clock]"


class Root:
    def __init__(self, holder: Lazy[WithLazy]) -> None:
        self.holder = holder


def test_path_of_a_problem_leads_through_relations() -> None:
    error = problem(ServiceCollection().singleton(WithLazy).singleton(Root), MissingServiceError)

    assert way(error) == [(Root, "holder"), (WithLazy, "clock"), (Clock, None)]


@pytest.mark.parametrize("asked", [Lazy[Clock], Provider[Clock], list[Lazy[Clock]]], ids=str)
def test_relations_can_be_looked_up(asked: Any) -> None:
    container = ServiceCollection().singleton(Clock).build()

    found = container.resolve(asked)
    first: Any = found[0] if isinstance(found, list) else found

    assert (first.value if hasattr(first, "value") else first()) is container.resolve(Clock)


def test_look_up_of_a_relation_to_an_unknown_service_is_refused() -> None:
    container = ServiceCollection().build()

    with pytest.raises(MissingServiceError) as caught:
        container.resolve(Lazy[Clock])
    assert way(caught.value) == [(Clock, None)]


def use_call(function: Callable[..., Any], services: ServiceCollection) -> Any:
    return services.build().call(function)


def use_inject(function: Callable[..., Any], services: ServiceCollection) -> Any:
    return inject(function, container=services.build())()


@pytest.mark.parametrize("use", [use_call, use_inject])
def test_functions_are_given_relations(use: Callable[..., Any]) -> None:
    def handler(clock: Injected[Lazy[Clock]], make: Injected[Provider[Clock]]) -> bool:
        return clock.value is make()

    assert use(handler, ServiceCollection().singleton(Clock)) is True


def test_override_is_seen_by_relations_of_services_built_inside_it() -> None:
    container = ServiceCollection().singleton(Clock).singleton(WithLazy).singleton(WithProvider).build()
    before = container.resolve(WithLazy).clock

    with container.override(Clock, Fast()):
        inside = container.resolve(WithLazy)
        made = container.resolve(WithProvider).clock()

        assert isinstance(inside.clock.value, Fast)
        assert isinstance(made, Fast)
    assert not isinstance(before.value, Fast)
    assert not isinstance(container.resolve(WithLazy).clock.value, Fast)


def test_relation_of_an_ended_override_gives_the_real_service() -> None:
    """An override that has ended is transparent, also for what leaked out of it."""
    container = ServiceCollection().transient(Clock).singleton(WithProvider).build()
    with container.override(Clock, factory=Fast):
        leaked = container.resolve(WithProvider).clock
        inside = leaked()

    assert isinstance(inside, Fast)
    assert type(leaked()) is Clock


def test_any_object_of_the_right_shape_stands_for_a_relation_in_a_test() -> None:
    class Ready:
        value = Clock()

    assert WithLazy(Ready()).clock.value is Ready.value
    assert isinstance(WithProvider(Fast).clock(), Fast)


@pytest.mark.parametrize(
    "asked",
    [
        Lazy[Clock],
        Provider[Clock],
        AsyncProvider[Clock],
        Owned[Clock],
        Lazy[Lazy[Clock]],
        Annotated[Lazy[Clock], Key(0)],
    ],
    ids=["lazy", "provider", "async provider", "owned", "lazy lazy", "key"],
)
def test_get_of_a_relation_to_what_nobody_provides_is_none(asked: Any) -> None:
    container = ServiceCollection().build()

    found = [container.get(asked), run(container.aget(asked))]

    assert found == [None, None]


@pytest.mark.parametrize("asked", [Lazy[Clock], Lazy[list[Clock]], Lazy[Fast | None], ScopeFactory])
def test_get_of_a_relation_that_can_be_made_gives_it(asked: Any) -> None:
    container = ServiceCollection().singleton(Clock).build()

    assert container.get(asked) is not None
