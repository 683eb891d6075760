import inspect
import warnings
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from types import TracebackType
from typing import Any

import pytest

from kimera_di import FrozenCollectionError, Lifetime, RegistrationError, ServiceCollection
from tests.spec.helpers import fact, in_threads


class Clock:
    pass


class SystemClock(Clock):
    pass


class OtherClock(Clock):
    pass


class Pool:
    def close(self) -> None:
        pass


class AsyncPool:
    async def aclose(self) -> None:
        pass


class Session:
    def __enter__(self) -> "Session":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        pass


def test_class_without_implementation_is_built_itself(services: ServiceCollection) -> None:
    services.register(Clock)

    assert type(services.build().resolve(Clock)) is Clock


def test_registration_without_lifetime_is_a_singleton(services: ServiceCollection) -> None:
    services.register(Clock, SystemClock)

    container = services.build()

    assert container.resolve(Clock) is container.resolve(Clock)


@pytest.mark.parametrize("lifetime", list(Lifetime))
def test_short_forms_register_the_lifetime_they_are_called_after(lifetime: Lifetime) -> None:
    short, long = ServiceCollection(), ServiceCollection()

    getattr(short, lifetime.value)(Clock, SystemClock)
    long.register(Clock, SystemClock, lifetime=lifetime)

    assert [each.lifetime for each in short.descriptors()] == [each.lifetime for each in long.descriptors()]


def test_registrations_can_be_chained(services: ServiceCollection) -> None:
    chained = services.singleton(Clock).scoped(Session, enter=True).transient(Pool).instance(AsyncPool, AsyncPool())

    assert chained is services
    assert len(services) == 4


def test_factory_is_accepted_by_name_and_as_second_argument() -> None:
    by_name = ServiceCollection().register(Clock, factory=SystemClock).build()
    as_second = ServiceCollection().register(Clock, SystemClock).build()

    assert type(by_name[Clock]) is type(as_second[Clock]) is SystemClock


def test_instance_is_given_out_as_it_is(services: ServiceCollection) -> None:
    clock = SystemClock()
    services.instance(Clock, clock)

    assert services.build().resolve(Clock) is clock


def test_last_registration_answers_a_single_look_up(services: ServiceCollection) -> None:
    services.singleton(Clock, SystemClock).singleton(Clock, OtherClock)

    assert type(services.build().resolve(Clock)) is OtherClock


def test_nothing_is_bound_automatically(services: ServiceCollection) -> None:
    services.singleton(SystemClock)

    assert Clock not in services.build()


def test_types_that_are_no_classes_are_ordinary_services(services: ServiceCollection) -> None:
    services.instance(dict[str, int], {"one": 1}).instance(tuple[int, str], (1, "a"))

    container = services.build()

    assert container.resolve(dict[str, int]) == {"one": 1}
    assert container.resolve(tuple[int, str]) == (1, "a")


def test_descriptor_names_the_line_of_the_registration(services: ServiceCollection) -> None:
    here = inspect.currentframe()
    assert here is not None
    services.singleton(Clock)
    line = here.f_lineno - 1

    (descriptor,) = services.descriptors()

    assert descriptor.place == (__file__, line)


def test_registration_through_a_helper_names_the_line_of_the_helper(services: ServiceCollection) -> None:
    """The helper is where a reader can change something."""

    def register_all() -> None:
        services.singleton(Clock)

    register_all()

    assert services.descriptors()[0].place.line == register_all.__code__.co_firstlineno + 1


def test_collection_refuses_changes_after_build(services: ServiceCollection) -> None:
    services.build()

    with pytest.raises(FrozenCollectionError, match="Clock cannot be registered any more") as caught:
        services.singleton(Clock)

    assert caught.value.code == "KD102"
    assert "test_registration.py:" in fact(caught.value, "at")
    assert "test_registration.py:" in fact(caught.value, "built at")


def test_refused_change_leaves_the_collection_as_it_was(services: ServiceCollection) -> None:
    services.singleton(Clock).build()

    with pytest.raises(RegistrationError, match="KD102"):
        services.singleton(Pool)

    assert [each.service.interface for each in services.descriptors()] == [Clock]


def test_collection_stays_open_when_it_is_validated(services: ServiceCollection) -> None:
    services.validate()

    services.singleton(Clock)

    assert len(services) == 1


def test_building_twice_gives_independent_containers(services: ServiceCollection) -> None:
    services.singleton(Clock)

    first, second = services.build(), services.build()
    first.close()

    assert type(second[Clock]) is Clock


def test_copy_of_a_built_collection_can_be_changed(services: ServiceCollection) -> None:
    services.singleton(Clock, SystemClock).build()

    variant = services.copy().singleton(Clock, OtherClock)

    assert type(variant.build()[Clock]) is OtherClock
    assert type(services.build()[Clock]) is SystemClock


def test_copy_does_not_see_later_registrations_of_the_original(services: ServiceCollection) -> None:
    variant = services.copy()

    services.singleton(Clock)

    assert Clock not in variant.build()


def test_registrations_from_many_threads_are_all_kept(services: ServiceCollection) -> None:
    def register_fifty() -> None:
        for _ in range(50):
            services.transient(Clock)

    in_threads([register_fifty] * 8)

    assert len(services.descriptors()) == 400


@pytest.mark.parametrize(
    ("service", "advice"),
    [
        pytest.param(Pool, "on_close=Pool.close", id="close"),
        pytest.param(AsyncPool, "on_close=AsyncPool.aclose", id="aclose"),
        pytest.param(Session, "enter=True", id="context manager"),
    ],
)
@pytest.mark.parametrize("lifetime", [Lifetime.SINGLETON, Lifetime.SCOPED])
def test_class_that_nobody_closes_warns_at_build(
    services: ServiceCollection, service: type, advice: str, lifetime: Lifetime
) -> None:
    """Nothing stays open silently."""
    services.register(service, lifetime=lifetime)

    with pytest.warns(UserWarning, match=advice) as caught:
        services.build()

    assert caught[0].filename == __file__


@pytest.mark.parametrize(
    "said",
    [{"on_close": None}, {"on_close": Pool.close}, {"lifetime": Lifetime.TRANSIENT}],
    ids=["on_close=None", "on_close", "transient"],
)
def test_class_whose_closing_is_settled_does_not_warn(services: ServiceCollection, said: dict[str, Any]) -> None:
    services.register(Pool, **said)

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        container = services.build()

    assert Pool in container


def test_instance_that_could_be_closed_does_not_warn(services: ServiceCollection) -> None:
    """Whoever supplied it closes it."""
    services.instance(Pool, Pool())

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        container = services.build()

    assert Pool in container


def test_close_method_alone_is_not_called(services: ServiceCollection) -> None:
    closed: list[str] = []

    class Socket:
        def close(self) -> None:
            closed.append("socket")

    services.singleton(Socket, on_close=None)
    with services.build() as container:
        container[Socket]

    assert closed == []


def test_factory_without_return_type_does_not_warn(services: ServiceCollection) -> None:
    """What it gives is not known; only what is certain is reported."""

    def make() -> Any:
        return SystemClock()

    services.singleton(Clock, make)

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert Clock in services.build()


def test_generator_of_a_closable_type_does_not_warn(services: ServiceCollection) -> None:
    def make() -> Iterator[Pool]:
        yield Pool()

    services.singleton(Pool, make)
    quiet: AbstractContextManager[Any] = nullcontext()

    with quiet, warnings.catch_warnings():
        warnings.simplefilter("error")
        assert Pool in services.build()
