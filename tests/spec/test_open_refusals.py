"""Open registrations where they cannot be used: under another name, below a decorator of one type, without end."""

from typing import Any, Generic, TypeVar

import pytest

from kimera_di import (
    ANY_KEY,
    CircularDependencyError,
    MissingServiceError,
    RegistrationError,
    ServiceCollection,
)
from tests.spec.helpers import fact, problem

T = TypeVar("T")


class User:
    pass


class Reader(Generic[T]):
    pass


class SqlReader(Reader[T]):
    pass


class Traced(Reader[T]):
    def __init__(self, inner: Reader[T]) -> None:
        self.inner = inner


class IntTraced(Reader[int]):
    def __init__(self, inner: Reader[int]) -> None:
        self.inner = inner


def unannotated(inner):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201
    return inner


def for_ints(inner: Reader[int]) -> Reader[int]:
    return inner


def nested(depth: int, around: Any = list) -> Any:
    """``list[list[...[User]]]``."""
    made: Any = User
    for _ in range(depth):
        made = around[made]
    return made


@pytest.mark.parametrize(
    ("name", "target"),
    [(Reader, SqlReader), (Reader[User], SqlReader), (Reader[T], SqlReader[T]), (Reader, SqlReader[T])],  # type: ignore[valid-type]
    ids=["bare", "bare-target", "open", "open-target"],
)
def test_alias_of_an_open_generic_is_refused_with_a_way_out(
    services: ServiceCollection, name: Any, target: Any
) -> None:
    services.singleton(SqlReader).alias(name, target)

    error = problem(services, MissingServiceError)

    assert "SqlReader is registered with open type arguments" in fact(error, "note")
    assert "services.alias(Reader[...], SqlReader[...])" in fact(error, "do this")
    assert not fact(error, "did you mean")


def test_alias_of_an_open_generic_with_a_key_names_the_key_in_its_advice(services: ServiceCollection) -> None:
    services.singleton(SqlReader, key="eu").alias(Reader, SqlReader, key="eu")

    error = problem(services, MissingServiceError)

    assert "services.alias(Reader[...], SqlReader[...], key='eu')" in fact(error, "do this")


def test_alias_of_one_closed_type_of_an_open_generic_is_the_same_object(services: ServiceCollection) -> None:
    container = services.singleton(SqlReader).alias(Reader[User], SqlReader[User]).build()

    assert container.resolve(Reader[User]) is container.resolve(SqlReader[User])


def test_alias_with_an_open_name_for_one_service_is_refused(services: ServiceCollection) -> None:
    services.singleton(SqlReader).alias(Reader[T], SqlReader[User])  # type: ignore[valid-type]

    error = problem(services, RegistrationError)

    assert error.summary == "Reader[T] leaves type arguments open, and SqlReader[User] is one service"


def test_private_alias_of_every_key_is_refused_where_it_is_said() -> None:
    services = ServiceCollection(name="billing").singleton(SqlReader[User], key="eu")

    with pytest.raises(RegistrationError, match="cannot be a private name under every key") as caught:
        services.alias(Reader[User], SqlReader[User], key=ANY_KEY, private=True)

    assert "key=..., private=True" in fact(caught.value, "do this")


@pytest.mark.parametrize(
    "decorator", [Traced[int], IntTraced, unannotated, for_ints], ids=["alias", "class", "bare", "function"]
)
def test_decorator_of_one_type_on_an_open_generic_is_refused(services: ServiceCollection, decorator: Any) -> None:
    services.singleton(Reader, SqlReader).decorate(Reader, decorator)

    error = problem(services, RegistrationError)

    assert "decorates every Reader[...], but leaves no type arguments open itself" in error.summary


def test_decorator_with_type_arguments_is_told_to_leave_them_out(services: ServiceCollection) -> None:
    services.singleton(Reader, SqlReader).decorate(Reader, Traced[int])

    error = problem(services, RegistrationError)

    assert fact(error, "do this").endswith("decorate(Reader, Traced)")


def test_decorator_of_other_type_arguments_says_which_it_takes(services: ServiceCollection) -> None:
    services.singleton(Reader[User], SqlReader).decorate(Reader[User], Traced[int])

    first, _ = services.validate()

    assert first.summary == "Traced[int] decorates Reader[User], but its parameter inner takes a Reader[int]"
    assert fact(first, "do this").endswith("decorate(Reader[User], Traced)")


def test_type_arguments_may_be_nested_as_deep_as_somebody_asks_for(services: ServiceCollection) -> None:
    class Box(Generic[T]):
        def __init__(self, inner: Reader[T]) -> None:
            self.inner = inner

    kind: Any = Box
    container = services.transient(kind).transient(Reader, SqlReader).build()

    found = container.resolve(kind[nested(40)])

    assert type(found.inner) is SqlReader


def test_chain_of_different_registrations_may_nest_type_arguments_ever_deeper(services: ServiceCollection) -> None:
    top: Any = Reader
    services.transient(Reader, SqlReader)
    for _ in range(20):

        class Link(Generic[T]):
            def __init__(self, inner: Any) -> None:
                self.inner = inner

        Link.__init__.__annotations__ = {"inner": top[list[T]]}  # type: ignore[valid-type]
        services.transient(Link)
        top = Link

    found: Any = services.build().resolve(top[User])

    for _ in range(20):
        found = found.inner
    assert type(found) is SqlReader


@pytest.mark.parametrize("start", [0, 30])
def test_growth_without_end_is_refused_with_its_depth_wherever_it_begins(
    services: ServiceCollection, start: int
) -> None:
    class Hen(Generic[T]):
        def __init__(self, egg: "Egg[list[T]]") -> None: ...

    class Egg(Generic[T]):
        def __init__(self, hen: Hen[T]) -> None: ...

    kind: Any = Hen
    container = services.transient(kind).transient(Egg).build()

    with pytest.raises(CircularDependencyError, match="ever larger type arguments") as caught:
        container.resolve(kind[nested(start)])

    assert f"nested {start + 14} deep by now, over 12 deeper" in fact(caught.value, "note")
