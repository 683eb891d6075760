import asyncio
import collections.abc
from dataclasses import dataclass
from enum import Enum
from typing import Annotated, Any, Dict, Iterable, List, Literal, Mapping, Sequence, Tuple  # noqa: UP035 - all spellings

import pytest

from kimera_di import ANY_KEY, CaptiveDependencyError, Key, ScopeRequiredError, ServiceCollection
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


def test_awaited_list_with_a_scoped_service_needs_a_scope(services: ServiceCollection) -> None:
    container = services.singleton(Plugin, First).scoped(Plugin, Second).build()

    with pytest.raises(ScopeRequiredError, match="Plugin is scoped"):
        asyncio.run(container.aresolve_all(Plugin))


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


LISTS: list[Any] = [
    list[Plugin], List[Plugin], collections.abc.Sequence[Plugin], Sequence[Plugin],  # noqa: UP006
    collections.abc.Iterable[Plugin], Iterable[Plugin],
]  # fmt: skip
TUPLES: list[Any] = [tuple[Plugin, ...], Tuple[Plugin, ...]]  # noqa: UP006
MAPPINGS: list[Any] = [
    dict[str, Plugin], Dict[str, Plugin], collections.abc.Mapping[str, Plugin], Mapping[str, Plugin],  # noqa: UP006
]  # fmt: skip


def passed_for(services: ServiceCollection, annotation: Any) -> Any:
    """What a parameter of this type is given."""

    def make(thing: Any) -> dict[str, Any]:
        return {"thing": thing}

    make.__annotations__["thing"] = annotation
    return services.copy().singleton(dict, make).build()[dict]["thing"]


@pytest.mark.parametrize("form", [*LISTS, *TUPLES, *MAPPINGS], ids=str)
def test_every_spelling_is_given_as_a_parameter_as_it_is_looked_up(services: ServiceCollection, form: Any) -> None:
    services.transient(Plugin, First).transient(Plugin, Second, key="a")

    given, found = passed_for(services, form), services.build().resolve(form)

    assert (
        type(given) is type(found) is {**dict.fromkeys(TUPLES, tuple), **dict.fromkeys(MAPPINGS, dict)}.get(form, list)
    )
    assert [type(each) for each in (given.values() if isinstance(given, dict) else given)] == [
        type(each) for each in (found.values() if isinstance(found, dict) else found)
    ]


@pytest.mark.parametrize("form", [*LISTS, *TUPLES], ids=str)
def test_collection_holds_every_unkeyed_registration_in_order(services: ServiceCollection, form: Any) -> None:
    services.singleton(Plugin, Second).singleton(Plugin, First, key="k").transient(Plugin, First)

    assert [type(each) for each in services.build().resolve(form)] == [Second, First]


@pytest.mark.parametrize("form", [*LISTS, *TUPLES, *MAPPINGS], ids=str)
def test_collection_of_an_unknown_type_is_empty(services: ServiceCollection, form: Any) -> None:
    container = services.build()

    with container.scope() as scope:
        assert not scope.resolve(form)
        assert container.is_service(form)
    assert not passed_for(services, form)


@pytest.mark.parametrize("form", MAPPINGS, ids=str)
def test_mapping_holds_the_last_registration_of_every_key(services: ServiceCollection, form: Any) -> None:
    services.singleton(Plugin, First).singleton(Plugin, First, key="a").singleton(Plugin, Second, key="b")
    services.singleton(Plugin, Third, key="a")

    found = services.build().resolve(form)

    assert [(key, type(each)) for key, each in found.items()] == [("a", Third), ("b", Second)]


def test_mapping_and_single_look_ups_share_their_objects(services: ServiceCollection) -> None:
    container = services.singleton(Plugin, First, key="a").build()

    assert container.resolve(Mapping[str, Plugin])["a"] is container.resolve(Plugin, key="a")


class Level(Enum):
    HIGH = 1


@pytest.mark.parametrize(
    ("key_type", "keys"),
    [
        (str, ["a"]), (int, [1]), (Level, [Level.HIGH]), (str | int, ["a", 1]), (Literal["a"], ["a"]),
        (Any, ["a", 1, Level.HIGH]), (collections.abc.Hashable, ["a", 1, Level.HIGH]),
    ],
    ids=str,
)  # fmt: skip
def test_mapping_leaves_keys_of_another_type_out(services: ServiceCollection, key_type: Any, keys: list[Any]) -> None:
    """What the annotation promises holds; two families of keys may live side by side."""
    for key in ("a", 1, Level.HIGH):
        services.singleton(Plugin, key=key)

    assert list(services.build().resolve(Mapping[key_type, Plugin])) == keys


def test_mapping_under_a_key_holds_that_one(services: ServiceCollection) -> None:
    container = services.singleton(Plugin, key="a").singleton(Plugin, key="b").build()

    assert list(container.resolve(Mapping[str, Plugin], key="b")) == ["b"]


def test_registered_mapping_is_an_ordinary_service(services: ServiceCollection) -> None:
    options = {"a": 1}
    pair = (1, "a")
    services.instance(dict[str, int], options).instance(tuple[int, str], pair).singleton(int, key="b")

    container = services.build()

    assert container.resolve(dict[str, int]) is options
    assert container.resolve(tuple[int, str]) is pair
    assert passed_for(services, dict[str, int]) is options
    assert container.is_service(tuple[int, str])
    assert not container.is_service(tuple[int, int])


def test_default_of_options_is_kept_when_nothing_is_registered(services: ServiceCollection) -> None:
    """``Mapping[str, str] = {...}`` is a plain option as often as not; ``list[T]`` is always the container's own."""

    def make(
        options: Mapping[str, str] = {"a": "b"},
        tags: tuple[str, ...] = ("x",),
        few: Sequence[str] = ("y",),
    ) -> dict[str, Any]:
        return {"options": options, "tags": tags, "few": few}

    assert services.singleton(dict, make).build()[dict] == {"options": {"a": "b"}, "tags": ("x",), "few": ("y",)}


def test_bare_collection_is_no_service(services: ServiceCollection) -> None:
    container = services.singleton(Plugin).build()

    assert not any(container.is_service(bare) for bare in (list, tuple, dict, List, Mapping))  # noqa: UP006
    assert container.is_service(list[Plugin])
    assert list[Plugin] in container


def test_captive_in_a_mapping_is_found(services: ServiceCollection) -> None:
    def make(sessions: Mapping[str, Session]) -> Host:
        return Host([])

    services.scoped(Session, key="a").singleton(Host, make)

    assert problem(services, CaptiveDependencyError).key == "a"


def test_async_members_of_a_mapping_are_awaited(services: ServiceCollection) -> None:
    async def make() -> First:
        return First()

    services.scoped(Plugin, make, key="a").scoped(Plugin, Second, key="b")

    async def main() -> list[type]:
        async with services.build() as container, container.scope() as scope:
            return [type(each) for each in (await scope.aresolve(Mapping[str, Plugin])).values()]

    assert asyncio.run(main()) == [First, Second]


def test_collection_in_a_scoped_builder_has_its_form(services: ServiceCollection) -> None:
    """Scoped services are built by generated code, singletons are not."""

    def make(one: tuple[Plugin, ...], few: Mapping[str, Plugin], none: tuple[Session, ...]) -> list[Any]:
        return [one, few, none]

    services.transient(Plugin, First).transient(Plugin, Second, key="a").scoped(list, make)

    with services.build().scope() as scope:
        one, few, none = scope.resolve(list)

    assert ([type(each) for each in one], {key: type(each) for key, each in few.items()}) == ([First], {"a": Second})
    assert (type(one), none) == (tuple, ())


def test_list_for_any_key_holds_every_keyed_registration_in_order(services: ServiceCollection) -> None:
    services.singleton(Plugin, First).singleton(Plugin, Second, key="b").singleton(Plugin, Third, key="a")
    services.singleton(Plugin, First, key="b")

    container = services.build()

    assert [type(each) for each in container.resolve_all(Plugin, key=ANY_KEY)] == [Second, Third, First]
    assert [type(e) for e in passed_for(services, Annotated[list[Plugin], Key(ANY_KEY)])] == [Second, Third, First]
