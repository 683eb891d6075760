"""Registrations that few programs write: replacements of replacements, generics at their edges, several problems."""

import sys
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Generic, Literal, LiteralString, TypeVar

import pytest

from kimera_di import (
    BuildErrors,
    CaptiveDependencyError,
    Lazy,
    MissingServiceError,
    Provider,
    SameKey,
    ServiceCollection,
)
from tests.spec.helpers import fact, problem, way

T = TypeVar("T")
Text = TypeVar("Text", bound=str)


class Pool: ...


class Clock: ...


class Missing: ...


class Connection: ...


class Repository(Generic[T]): ...


def open_connection() -> Iterator[Connection]:
    yield Connection()


def test_second_replacement_takes_the_place_of_the_first() -> None:
    class Slow(Pool): ...

    class Fast(Pool): ...

    services = ServiceCollection().singleton(Pool)
    services.replace(Pool, Slow, when=lambda _: True).replace(Pool, Fast, when=lambda _: True)

    with services.build() as container:
        assert [type(each) for each in container.resolve_all(Pool)] == [Fast]


def test_relation_of_a_service_with_the_same_key_gives_the_one_of_its_key() -> None:
    class Uses:
        def __init__(self, pool: Provider[Annotated[Pool, SameKey()]]) -> None:
            self.pool = pool

    services = ServiceCollection().singleton(Pool, key="eu").singleton(Pool, key="us")
    services.singleton(Uses, key="eu").singleton(Uses, key="us")

    with services.build() as container:
        assert container.resolve(Uses, "eu").pool() is container.resolve(Pool, "eu")
        assert container.resolve(Uses, "us").pool() is container.resolve(Pool, "us")


def test_type_argument_that_is_no_class_keeps_to_every_bound() -> None:
    class Texts(Generic[Text]): ...

    class Uses:
        def __init__(self, texts: Texts[Literal["a"]]) -> None:
            self.texts = texts

    with ServiceCollection().singleton(Texts).singleton(Uses).build() as container:
        assert type(container[Uses].texts) is Texts


def test_mapping_whose_keys_are_of_a_type_without_a_class_takes_every_key() -> None:
    class Uses:
        def __init__(self, pools: Mapping[LiteralString, Pool]) -> None:
            self.pools = pools

    with ServiceCollection().singleton(Pool, key="eu").singleton(Uses).build() as container:
        assert dict(container[Uses].pools) == {"eu": container.resolve(Pool, "eu")}


def test_open_singleton_may_hold_a_relation_beside_a_transient_that_is_closed() -> None:
    closed: list[object] = []

    class Store(Generic[T]):
        def __init__(self, later: Lazy[Clock], connection: Connection) -> None:
            self.later, self.connection = later, connection

    services = ServiceCollection().singleton(Store).singleton(Clock).transient(Connection, on_close=closed.append)

    with services.build() as container:
        store = container[Store[int]]
        assert store.later.value is container[Clock]
    assert closed == [store.connection]


def test_callable_that_takes_anything_is_missing_with_advice() -> None:
    class Uses:
        def __init__(self, make: Callable[..., Pool]) -> None: ...

    error = problem(ServiceCollection().singleton(Uses), MissingServiceError)

    assert fact(error, "do this").startswith("ask for Provider[T], or for Factory[[...], T]")


def test_generic_class_that_nobody_registered_is_missing_whatever_its_type_arguments() -> None:
    with ServiceCollection().singleton(Pool).build() as container, pytest.raises(MissingServiceError) as caught:
        container.resolve(Repository)

    assert fact(caught.value, "did you mean") == ""
    assert "services.singleton(Repository" in fact(caught.value, "do this")


def test_provider_of_something_harmless_hides_no_provider_that_a_singleton_must_not_keep() -> None:
    class Uses:
        def __init__(self, clocks: Provider[list[Clock]], connections: Provider[Connection]) -> None: ...

    services = ServiceCollection().transient(Clock).transient(Connection, open_connection).singleton(Uses)

    assert problem(services, CaptiveDependencyError).path[-1].service is Connection


def test_captive_provider_is_reported_for_each_singleton_that_holds_it_by_itself() -> None:
    """``Holder`` keeps ``Keeper`` too, but that is the problem of ``Keeper``."""

    class Passing:
        def __init__(self, connections: Provider[Connection]) -> None: ...

    class Keeper:
        def __init__(self, connections: Provider[Connection]) -> None: ...

    class Holder:
        def __init__(self, keeper: Keeper, passing: Passing) -> None: ...

    services = ServiceCollection().transient(Connection, open_connection).transient(Passing)
    services.singleton(Keeper).singleton(Holder)

    found = [way(error)[0] for error in services.validate() if isinstance(error, CaptiveDependencyError)]

    assert sorted((service.__name__, parameter) for service, parameter in found) == [
        ("Holder", "passing"), ("Keeper", "connections"),
    ]  # fmt: skip


def test_relation_or_nothing_is_nothing_when_nobody_provides_it() -> None:
    wanted: Any = Lazy[Missing] | None

    with ServiceCollection().singleton(Pool).build() as container:
        assert container.get(wanted) is None


def test_override_with_several_problems_tells_all_of_them() -> None:
    def make(missing: Missing, connection: Connection) -> Pool:
        return Pool()

    with (
        ServiceCollection().singleton(Pool).build() as container,
        pytest.raises(BuildErrors, match="the override of Pool has 2 problems") as caught,
    ):
        container.override(Pool, factory=make)

    assert [way(error)[-1][0] for error in caught.value.exceptions] == [Missing, Connection]  # type: ignore[arg-type]


def test_package_inside_a_zip_file_is_scanned(tmp_path: Path) -> None:
    archive = tmp_path / "bundle.zip"
    with zipfile.ZipFile(archive, "w") as bundle:
        bundle.writestr("zipped_package/__init__.py", "")
        text = "from kimera_di import service\n\n@service()\nclass Zipped: ...\n"
        bundle.writestr("zipped_package/inner.py", text)
    sys.path.insert(0, str(archive))
    try:
        services = ServiceCollection().scan("zipped_package")
        zipped = sys.modules["zipped_package.inner"].Zipped
    finally:
        sys.path.remove(str(archive))

    with services.build() as container:
        assert type(container.resolve(zipped)) is zipped


def test_call_of_a_function_with_type_variables_asks_for_anything_of_the_class() -> None:
    def use(pool: Pool, repository: Repository[T]) -> Repository[T]:
        return repository

    with ServiceCollection().singleton(Pool).singleton(Repository).build() as container:
        assert container.call(use) is container[Repository[Any]]
