"""The first look-up of a singleton: what it is given is there, is made first, or is waited for."""

from typing import Any

import pytest

from kimera_di import Lazy, MissingServiceError, ServiceCollection, ServiceContainer


class Clock: ...


class Listed:
    """What a factory gives is a list."""


class Taking:
    def __init__(self, clock: Clock, listed: Listed) -> None:
        self.given: tuple[Any, ...] = (clock, listed)


class PositionalOnly:
    def __init__(self, clock: Clock, /, listed: Listed) -> None:
        self.given: tuple[Any, ...] = (clock, listed)


class Collecting:
    def __init__(self, clock: Clock, all_listed: list[Listed]) -> None:
        self.given: tuple[Any, ...] = (clock, *all_listed)


class Later:
    def __init__(self, clock: Clock, listed: Lazy[Listed]) -> None:
        self.clock, self.listed = clock, listed

    @property
    def given(self) -> tuple[Any, ...]:
        return (self.clock, self.listed.value)


class WithDefault:
    def __init__(self, clock: Clock, listed: Listed, other: str = "here") -> None:
        self.given: tuple[Any, ...] = (clock, listed)
        self.other = other


def make_list() -> list[str]:
    return ["claim"]


def made(lifetime: str) -> ServiceCollection:
    """A collection whose clock is made, or given, in one of several ways."""
    services = ServiceCollection().register(Listed, factory=make_list)
    if lifetime == "instance":
        return services.instance(Clock, Clock())
    if lifetime == "transient":
        return services.transient(Clock)
    return services.singleton(Clock)


@pytest.mark.parametrize("before", [(), (Clock,), (Listed, Clock)], ids=["nothing", "one", "all"])
@pytest.mark.parametrize("lifetime", ["singleton", "transient", "instance"])
@pytest.mark.parametrize("service", [Taking, PositionalOnly, Collecting, Later, WithDefault])
def test_singleton_is_given_what_was_built_before_and_what_was_not(
    service: Any, lifetime: str, before: tuple[type, ...]
) -> None:
    container = made(lifetime).singleton(service).build()
    for each in before:
        container.resolve(each)

    found = container.resolve(service)

    clock, listed = found.given
    assert listed == ["claim"]
    assert listed is container.resolve(Listed)
    assert (clock is container.resolve(Clock)) is (lifetime != "transient")
    assert container.resolve(service) is found


def test_first_look_up_by_key_and_by_annotation_finds_the_same_object() -> None:
    container = ServiceCollection().singleton(Clock, key="k").singleton(Clock).build()

    keyed, plain = container.resolve(Clock, "k"), container[Clock]

    assert keyed is container.resolve(Clock, "k")
    assert plain is container.resolve(Clock)
    assert keyed is not plain


@pytest.mark.parametrize("wanted", [(Clock, None), (Clock,)], ids=["pair", "tuple"])
def test_pair_of_a_service_and_no_key_is_no_service(wanted: Any) -> None:
    container = ServiceCollection().singleton(Clock).build()

    with pytest.raises(MissingServiceError) as caught:
        container.resolve(wanted)

    assert caught.value.end == "no type"


def test_singletons_of_a_long_chain_are_built_once_in_any_order() -> None:
    built: list[int] = []
    kinds: list[Any] = []
    for number in range(60):
        need = kinds[-1] if kinds else None

        def make(self: Any, before: Any = None, *, number: int = number) -> None:
            built.append(number)
            self.before = before

        make.__annotations__ = {"before": need, "return": None} if need else {"return": None}
        kinds.append(type(f"Chained{number}", (), {"__init__": make}))
    services = ServiceCollection()
    for kind in kinds:
        services.singleton(kind)
    container: ServiceContainer = services.build()

    found = [container.resolve(kinds[at]) for at in (30, 59, 0, 31)]

    assert built == list(range(60))
    assert found[3].before is found[0]


def test_claim_of_who_is_building_is_never_given_to_a_constructor() -> None:
    seen: list[Any] = []

    class Slow:
        def __init__(self) -> None:
            seen.append(layer.arguments(layer.graph.nodes[1]))

    class Needing:
        def __init__(self, slow: Slow) -> None:
            self.slow = slow

    container = ServiceCollection().singleton(Slow).singleton(Needing).build()
    layer = container._root.base

    slow = container.resolve(Slow)

    assert seen == [None]
    assert layer.arguments(layer.graph.nodes[1]) == {"slow": slow}


def test_nothing_is_given_out_once_the_container_is_closed() -> None:
    class Needing:
        def __init__(self, clock: Clock) -> None: ...

    container = ServiceCollection().singleton(Clock).singleton(Needing).build()
    layer = container._root.base
    container.resolve(Clock)

    container.close()

    assert [layer.arguments(node) for node in layer.graph.nodes] == [None, None]
