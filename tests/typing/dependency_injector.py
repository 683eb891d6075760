"""Both ways with dependency-injector, for mypy --strict and pyright strict; checked by `make types`, never run."""

from typing import Annotated, assert_type

from dependency_injector import containers, providers

from kimera_di import Key, ServiceCollection, ServiceContainer
from kimera_di.integrations.dependency_injector import (
    Included,
    as_container,
    as_provider,
    from_provider,
    include_container,
)


class Port: ...


class Adapter(Port): ...


class Container(containers.DeclarativeContainer):
    adapter = providers.Singleton(Adapter)


def services_are_providers_of_their_type(container: ServiceContainer) -> None:
    assert_type(as_provider(container, Port), providers.Provider[Port])
    assert_type(as_provider(lambda: container, Annotated[Port, Key("k")]), providers.Provider[Port])
    assert_type(as_container(container), containers.DynamicContainer)
    as_container(container, {"port": Port, "keyed": Annotated[Port, Key("k")]})


def providers_and_containers_are_registered(services: ServiceCollection) -> None:
    assert_type(services.singleton(Port, from_provider(Container.adapter)), ServiceCollection)
    assert_type(include_container(services, Container()), Included)
    include_container(services, Container, types={"adapter": Port})


def a_source_is_a_container_or_gives_one(services: ServiceCollection) -> None:
    as_provider(services, Port)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    as_provider(services.build, Port)
