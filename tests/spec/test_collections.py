import asyncio
from dataclasses import dataclass
from typing import Annotated, Any

import pytest

from kimera_di import CaptiveDependencyError, Key, ScopeRequiredError, ServiceCollection
from tests.spec.helpers import problem, way


class Plugin:
    pass


class First(Plugin):
    pass


class Second(Plugin):
    pass


class Third(Plugin):
    pass


@dataclass
class Host:
    plugins: list[Plugin]


@dataclass
class Session:
    pass


def test_list_parameter_gets_every_registration_in_order(services: ServiceCollection) -> None:
    services.singleton(Plugin, Second).transient(Plugin, First).instance(Plugin, Third()).singleton(Host)

    host = services.build()[Host]

    assert [type(each) for each in host.plugins] == [Second, First, Third]


def test_list_parameter_without_registrations_is_empty(services: ServiceCollection) -> None:
    assert services.singleton(Host).build()[Host].plugins == []


def test_singletons_in_a_list_are_the_same_objects_everywhere(services: ServiceCollection) -> None:
    container = services.singleton(Plugin, First).singleton(Plugin, Second).singleton(Host).build()

    assert container[Host].plugins[1] is container[Plugin]
    assert container.resolve_all(Plugin) == container[Host].plugins


def test_every_look_up_gives_a_list_of_its_own(services: ServiceCollection) -> None:
    """Whoever changes the list it got changes nobody else's."""
    container = services.singleton(Plugin, First).transient(Host).build()

    container[Host].plugins.clear()
    container.resolve_all(Plugin).clear()

    assert len(container[Host].plugins) == len(container.resolve_all(Plugin)) == 1


def test_resolve_of_a_list_type_is_resolve_all(services: ServiceCollection) -> None:
    container = services.singleton(Plugin, First).singleton(Plugin, Second).build()

    assert container.resolve(list[Plugin]) == container[list[Plugin]] == container.resolve_all(Plugin)


def test_resolve_all_of_an_unregistered_service_is_empty(services: ServiceCollection) -> None:
    container = services.build()

    with container.scope() as scope:
        assert container.resolve_all(Plugin) == scope.resolve_all(Plugin) == []


def test_resolve_all_in_a_scope_gives_the_scoped_objects_of_that_scope(services: ServiceCollection) -> None:
    services.scoped(Plugin, First).singleton(Plugin, Second)

    with services.build().scope() as scope:
        first, second = scope.resolve_all(Plugin)

        assert scope.resolve_all(Plugin) == [first, second]
        assert scope[Plugin] is second


def test_resolve_all_at_the_root_refuses_a_scoped_member(services: ServiceCollection) -> None:
    container = services.singleton(Plugin, First).scoped(Plugin, Second).build()

    with pytest.raises(ScopeRequiredError, match="Plugin is scoped") as caught:
        container.resolve_all(Plugin)

    assert caught.value.service is Plugin


def test_list_of_a_scoped_service_in_a_singleton_is_captive(services: ServiceCollection) -> None:
    services.singleton(Plugin, First).scoped(Plugin, Second).singleton(Host)

    assert way(problem(services, CaptiveDependencyError)) == [(Host, "plugins"), (Plugin, None)]


def test_keyed_list_parameter_gets_the_registrations_of_that_key(services: ServiceCollection) -> None:
    def make(plugins: Annotated[list[Plugin], Key("fast")]) -> Host:
        return Host(plugins)

    services.singleton(Plugin, First).singleton(Plugin, Second, key="fast").singleton(Plugin, Third, key="fast")

    host = services.singleton(Host, make).build()[Host]

    assert [type(each) for each in host.plugins] == [Second, Third]


def test_list_of_a_keyed_item_gets_the_registrations_of_that_key(services: ServiceCollection) -> None:
    def make(plugins: list[Annotated[Plugin, Key("fast")]]) -> Host:
        return Host(plugins)

    services.singleton(Plugin, First).singleton(Plugin, Second, key="fast")

    host = services.singleton(Host, make).build()[Host]

    assert [type(each) for each in host.plugins] == [Second]


def test_unkeyed_list_does_not_hold_keyed_registrations(services: ServiceCollection) -> None:
    container = services.singleton(Plugin, First).singleton(Plugin, Second, key="fast").build()

    assert [type(each) for each in container.resolve_all(Plugin)] == [First]
    assert [type(each) for each in container.resolve_all(Plugin, key="fast")] == [Second]


def test_list_registered_as_such_wins_for_a_parameter(services: ServiceCollection) -> None:
    own: list[Plugin] = [First()]
    services.singleton(Plugin, Second).instance(list[Plugin], own).singleton(Host)

    assert services.build()[Host].plugins is own


def test_list_parameter_with_a_default_is_injected(services: ServiceCollection) -> None:
    """An empty list is an answer, so the default is never used."""
    first = First()

    def make(plugins: list[Plugin] = [first]) -> Any:  # noqa: B006 - what the test is about
        return Host(plugins)

    assert services.singleton(Host, make).build()[Host].plugins == []


def test_aresolve_all_awaits_async_members(services: ServiceCollection) -> None:
    async def make() -> Second:
        await asyncio.sleep(0)
        return Second()

    services.singleton(Plugin, First).scoped(Plugin, make).transient(Plugin, Third)

    async def main() -> list[type]:
        async with services.build() as container, container.scope() as scope:
            return [type(each) for each in await scope.aresolve_all(Plugin)]

    assert asyncio.run(main()) == [First, Second, Third]


def test_aresolve_all_at_the_root_gives_an_empty_list_for_nothing(services: ServiceCollection) -> None:
    assert asyncio.run(services.build().aresolve_all(Plugin)) == []
