"""``services.validate_call``: functions that nobody registers are proven with the registrations."""

import functools
from collections.abc import AsyncIterator, Callable, Iterator
from typing import TYPE_CHECKING, Annotated, Any, Generic, TypeVar

import pytest

from kimera_di import (
    ANY_KEY,
    AmbiguousServiceError,
    AnnotationError,
    AsyncDependencyError,
    BuildErrors,
    CaptiveDependencyError,
    Factory,
    FrozenCollectionError,
    Injected,
    InterfaceMismatchError,
    Key,
    MissingServiceError,
    RegistrationError,
    ServiceCollection,
    ServiceId,
    inject,
)
from tests.spec.helpers import fact, line_of, only, problem, way

if TYPE_CHECKING:
    from nowhere import Unknown  # type: ignore[import-not-found]  # pyright: ignore[reportMissingImports]


class Clock:
    pass


class Connection:
    pass


class Repository:
    def __init__(self, connection: Connection) -> None:
        self.connection = connection


async def connect() -> Connection:
    return Connection()


def sync_handler(n: int, repository: Injected[Repository]) -> None: ...


async def async_handler(n: int, repository: Injected[Repository]) -> None: ...


async def async_rows(repository: Injected[Repository]) -> AsyncIterator[int]:
    yield 1


def services() -> ServiceCollection:
    return ServiceCollection().singleton(Clock)


def awaiting() -> ServiceCollection:
    return ServiceCollection().singleton(Connection, connect).singleton(Repository)


def test_function_whose_services_are_all_there_is_no_problem() -> None:
    def handler(n: int, clock: Injected[Clock], wall: Annotated[Clock, Key("wall")]) -> None: ...

    registered = services().singleton(Clock, key="wall").validate_call(handler)

    assert registered.validate() == []
    assert registered.build().call(handler, 3, wall=Clock()) is None  # type: ignore[func-returns-value]


def test_missing_service_of_a_function_is_found_with_its_path() -> None:
    def handler(n: int, number: Injected[float]) -> None: ...

    error = problem(services().validate_call(handler), MissingServiceError)

    assert way(error) == [(handler, "number"), (float, None)]
    assert line_of(error.path[0])[1] == handler.__code__.co_firstlineno
    assert "test_validate_call.py:" in fact(error, "or")


def test_build_refuses_what_validate_finds_and_reports_it_with_the_rest() -> None:
    class Broken:
        def __init__(self, number: float) -> None: ...

    def handler(number: Injected[bytes]) -> None: ...

    with pytest.raises(BuildErrors) as caught:
        services().singleton(Broken).validate_call(handler).build()

    assert [getattr(error, "service", None) for error in caught.value.exceptions] == [float, bytes]


def test_unmarked_parameter_that_nothing_provides_is_the_callers() -> None:
    def handler(n: int, name: str, anything, clock: Clock) -> None: ...  # type: ignore[no-untyped-def]  # noqa: ANN001

    assert services().validate_call(handler).validate() == []


def test_marked_parameter_with_a_default_is_no_problem() -> None:
    def handler(number: Injected[float] = 1.0, other: Injected[bytes | None] = None) -> None: ...

    assert services().validate_call(handler).validate() == []


def test_ambiguous_union_of_a_function_is_found() -> None:
    def handler(either: Injected[Clock | Connection]) -> None: ...

    error = problem(services().singleton(Connection).validate_call(handler), AmbiguousServiceError)

    assert way(error)[0] == (handler, "either")


def test_annotation_of_a_function_that_cannot_be_read_is_found() -> None:
    def handler(unknown: "Injected[Unknown]", clock: "Injected[Clok]") -> None: ...  # type: ignore[name-defined]  # noqa: F821

    found = services().validate_call(handler).validate()

    assert sorted(type(error).__name__ for error in found) == ["AnnotationError", "MissingServiceError"]
    assert [way(error)[0][0] for error in found] == [handler, handler]
    assert any(isinstance(error, AnnotationError) and "Clok" in error.summary for error in found)


def test_async_service_far_below_a_sync_function_is_what_the_error_names() -> None:
    class Unit:
        def __init__(self, repository: Repository) -> None: ...

    def handler(unit: Injected[Unit]) -> None: ...

    error = problem(awaiting().singleton(Unit).validate_call(handler), AsyncDependencyError)

    assert way(error)[-1] == (Connection, None)
    assert "Connection is made by async code" in error.summary


@pytest.mark.parametrize("target", [sync_handler, inject(sync_handler)], ids=["plain", "injected"])
def test_async_service_of_a_sync_function_is_found_with_its_path(target: Callable[..., Any]) -> None:
    error = problem(awaiting().validate_call(target), AsyncDependencyError)

    assert way(error) == [(sync_handler, "repository"), (Repository, "connection"), (Connection, None)]
    assert "test_validate_call.py:" in fact(error, "checked")


@pytest.mark.parametrize("target", [async_handler, async_rows, inject(async_handler)], ids=["async", "rows", "inject"])
def test_async_service_of_an_async_function_is_no_problem(target: Callable[..., Any]) -> None:
    assert awaiting().validate_call(target).validate() == []


def test_unmarked_parameter_of_an_injected_function_is_the_callers() -> None:
    """``inject`` does not fill it, so it does not matter that it is registered."""

    @inject
    def handler(repository: Repository) -> None: ...

    assert awaiting().validate_call(handler).validate() == []
    only(AsyncDependencyError, awaiting().validate_call(handler.__wrapped__).validate())  # type: ignore[attr-defined]


def test_methods_classes_partials_and_generators_are_proven() -> None:
    class View:
        def __init__(self, number: Injected[float]) -> None: ...

        def get(self, n: int, number: Injected[bytes]) -> None: ...

    def rows(n: int, number: Injected[complex]) -> Iterator[int]:
        yield n

    registered = services().validate_call(View).validate_call(View.get).validate_call(functools.partial(rows, 1))

    assert [getattr(error, "service", None) for error in registered.validate()] == [float, bytes, complex]


def test_scoped_service_of_a_function_is_no_problem() -> None:
    def handler(clock: Injected[Clock]) -> None: ...

    assert ServiceCollection().scoped(Clock).validate_call(handler).validate() == []


def test_copies_and_included_collections_bring_their_functions() -> None:
    def handler(number: Injected[float]) -> None: ...

    registered = services().validate_call(handler)
    including = ServiceCollection().include(registered).include(registered)

    only(MissingServiceError, registered.copy().validate())
    only(MissingServiceError, including.validate())


def test_what_cannot_be_called_cannot_be_proven() -> None:
    with pytest.raises(RegistrationError, match="3 cannot be called"):
        services().validate_call(3)  # type: ignore[arg-type]


def test_function_cannot_be_added_after_build() -> None:
    registered = services()
    registered.build()

    with pytest.raises(FrozenCollectionError, match="calls of sync_handler cannot be proven any more"):
        registered.validate_call(sync_handler)


def test_proving_calls_nothing() -> None:
    called: list[str] = []

    def handler(clock: Injected[Clock]) -> None:
        called.append("handler")

    ServiceCollection().singleton(Clock, lambda: called.append("factory")).validate_call(handler).build()

    assert called == []


T = TypeVar("T")


class Closed(Generic[T]):
    def __init__(self, connection: Connection) -> None:
        self.connection = connection


class Asking(Generic[T]):
    def __init__(self, closed: Closed[T]) -> None:
        self.closed = closed


class Numbered:
    def __init__(self, number: int, connection: Connection) -> None:
        self.number, self.connection = number, connection


def test_closed_type_of_an_open_registration_is_proven(services: ServiceCollection) -> None:
    def handle(closed: Injected[Closed[Clock]], make: Injected[Factory[[int], Numbered]]) -> tuple[object, int]:
        return closed, make(7).number

    container = services.singleton(Connection).singleton(Closed).validate_call(handle).build()

    assert container.call(handle) == (container.resolve(Closed[Clock]), 7)


def test_service_for_every_key_is_proven_for_the_one_asked_for(services: ServiceCollection) -> None:
    async def connect() -> Connection:
        return Connection()

    def handle(repository: Annotated[Repository, Key("eu")]) -> None: ...

    services.singleton(Connection, connect).singleton(Repository, key=ANY_KEY).validate_call(handle)

    error = problem(services, AsyncDependencyError)

    assert way(error)[:2] == [(handle, "repository"), (ServiceId(Repository, "eu"), "connection")]


def test_problem_of_a_closed_type_is_one_of_the_function(services: ServiceCollection) -> None:
    def handle(asking: Injected[Asking[Clock]]) -> None: ...

    services.singleton(Connection).scoped(Closed[Clock]).singleton(Asking).validate_call(handle)

    error = problem(services, CaptiveDependencyError)

    assert way(error) == [(Asking[Clock], "closed"), (Closed[Clock], None)]


def test_factory_that_cannot_be_made_is_reported(services: ServiceCollection) -> None:
    def handle(make: Injected[Factory[[str], Clock]]) -> None: ...

    error = problem(services.validate_call(handle), InterfaceMismatchError)

    assert "no parameter is left that takes it" in str(error)
