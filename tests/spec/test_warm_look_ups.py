"""Asked for again, and left again: errors of constructors, keys without a hash, generators that yield twice."""

from collections.abc import AsyncIterator, Callable, Iterator
from typing import Annotated, Any

import pytest

from kimera_di import CloseErrors, Key, RegistrationError, Scope, ServiceCollection, ServiceContainer
from tests.spec.concurrency import run


class Settings: ...


class Broken:
    """Raises what it is told, and counts how often it is built."""

    calls: list[int] = []  # noqa: RUF012 - a new list for each test
    error: BaseException | None = None

    def __init__(self) -> None:
        self.calls.append(1)
        if self.error is not None:
            raise self.error


class Refuses:
    """A key with a hash that raises."""

    def __hash__(self) -> int:
        raise TypeError("no hash")


@pytest.fixture(params=["container", "scope"])
def asked(request: pytest.FixtureRequest) -> Iterator[Callable[[ServiceCollection], ServiceContainer | Scope]]:
    opened: list[ServiceContainer | Scope] = []

    def build(services: ServiceCollection) -> ServiceContainer | Scope:
        container = services.build()
        opened.append(container if request.param == "container" else container.scope())
        return opened[-1]

    yield build
    for each in opened:
        each.close()


Asked = Callable[[ServiceCollection], ServiceContainer | Scope]


@pytest.mark.parametrize(
    "error", [KeyError("absent"), TypeError("wrong"), KeyError(Broken)], ids=["missed", "wrong", "itself"]
)
def test_error_of_a_constructor_is_raised_as_it_is_and_builds_nothing_again(asked: Asked, error: Exception) -> None:
    Broken.calls, Broken.error = [], None
    resolver = asked(ServiceCollection().transient(Broken))
    resolver.resolve(Broken)
    Broken.calls, Broken.error = [], error

    with pytest.raises(type(error)) as caught:
        resolver.resolve(Broken)

    assert caught.value is error
    assert error.__context__ is None
    assert Broken.calls == [1]


@pytest.mark.parametrize("key", [[], Refuses()], ids=["list", "own-hash"])
def test_key_without_a_hash_is_refused_clearly(asked: Asked, key: Any) -> None:
    resolver = asked(ServiceCollection().transient(Settings).transient(Settings, key="k"))
    resolver.resolve(Settings, "k")

    with pytest.raises(RegistrationError, match="hash"):
        resolver.resolve(Settings, key)


def test_annotation_without_a_hash_is_refused_clearly(asked: Asked) -> None:
    resolver = asked(ServiceCollection().transient(Settings))
    unhashable: Any = []
    wanted: Any = Annotated[Settings, Key(unhashable)]

    with pytest.raises(RegistrationError, match="names no service"):
        resolver.resolve(wanted)


def test_singleton_is_looked_up_without_compiling_a_builder() -> None:
    container = ServiceCollection().singleton(Settings).build()

    found = [container.resolve(Settings), container[Settings]]

    layer = container._root.base  # pyright: ignore[reportPrivateUsage]
    assert found[0] is found[1]
    assert not layer.is_compiled(0)


def open_twice() -> Iterator[Settings]:
    yield Settings()
    yield Settings()


async def open_twice_async() -> AsyncIterator[Settings]:
    yield Settings()
    yield Settings()


def test_generator_that_yields_twice_is_reported_at_the_end_of_a_block() -> None:
    container = ServiceCollection().scoped(Settings, open_twice).build()

    with pytest.raises(CloseErrors) as caught, container.scope() as scope:
        scope.resolve(Settings)

    assert "open_twice yielded a second time" in str(caught.value.exceptions[0])


def test_async_generator_that_yields_twice_is_reported_at_the_end_of_a_block() -> None:
    container = ServiceCollection().scoped(Settings, open_twice_async).build()

    async def main() -> None:
        async with container.scope() as scope:
            await scope.aresolve(Settings)

    with pytest.raises(CloseErrors) as caught:
        run(main())

    assert "open_twice_async yielded a second time" in str(caught.value.exceptions[0])
