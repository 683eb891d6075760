"""Any sequence of registrations, look-ups, scopes, overrides and closings does what a naive model of it says."""

import asyncio
import contextvars
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from kimera_di import (
    ContainerClosedError,
    FrozenCollectionError,
    Scope,
    ScopeRequiredError,
    ServiceCollection,
    ServiceContainer,
)
from kimera_di.resolution import Override
from tests.property.strategies import (
    CLOSING_KINDS,
    SCOPED,
    SINGLETON,
    TRANSIENT,
    Need,
    Realised,
    Service,
    World,
    in_order,
    realise,
)

KINDS = ("class", "function", "generator", "on_close", "enter")
picks = st.integers(0, 10**6)


@dataclass
class ModelLayer:
    """An override that is in force; the first layer is the container itself and overrides nothing."""

    number: int
    affected: set[int]
    began: int
    instance: Any = None
    closes: bool = False
    kind: str = "base"
    real: Override | None = None


@dataclass
class Owner:
    """A scope, or the container: what it holds, by layer and service."""

    real: Any
    opened: int
    is_open: bool = True
    cells: dict[tuple[int, int], Any] = field(default_factory=dict)
    """The key is when the layer began, and the service."""


@dataclass
class Resource:
    """Something that was built and will be closed by an owner, or when a layer ends."""

    thing: Any
    owner: Owner
    layer: ModelLayer


class Containers(RuleBasedStateMachine):
    """Runs a container and a model of it side by side; the model only looks at what the container gave."""

    def __init__(self) -> None:
        super().__init__()
        self.planned: list[Service] = []
        self.needs_scope: list[bool] = []
        self.real: Realised
        self.container: ServiceContainer | None = None
        self.layers = [ModelLayer(-1, set(), 0)]
        self.clock = 0
        self.scopes: list[Owner] = []
        self.root = Owner(None, 0)
        self.resources: list[Resource] = []
        self.expected: list[Any] = []  # closings, in order
        self.seen: dict[int, Any] = {}

    # --- registrations -----------------------------------------------------------------------------------------------

    @precondition(lambda self: self.container is None and len(self.planned) < 10)
    @rule(
        lifetime=st.sampled_from([SINGLETON, SCOPED, TRANSIENT]),
        kind=st.sampled_from(KINDS),
        wanted=st.lists(st.tuples(picks, st.sampled_from(["one", "all", "optional"])), max_size=3),
    )
    def register(self, lifetime: Any, kind: str, wanted: list[tuple[int, str]]) -> None:
        group = len(self.needs_scope)
        usable = [each for each in range(group) if lifetime is not SINGLETON or not self.needs_scope[each]]
        needs = in_order([Need(form, usable[pick % len(usable)]) for pick, form in wanted if usable])
        self.planned.append(Service(len(self.planned), group, lifetime, kind, needs))
        leads = any(self.needs_scope[need.group] for need in needs)
        self.needs_scope.append(lifetime is SCOPED or (lifetime is TRANSIENT and leads))

    @precondition(lambda self: self.container is None and len(self.planned) > 2)
    @rule()
    def build(self) -> None:
        world = World(tuple(self.planned), tuple(None if n % 3 else "key" for n in range(len(self.planned))))
        self.real = realise(world)
        self.container = self.real.services.build()
        self.root.real = self.container

    @precondition(lambda self: self.container is not None)
    @rule()
    def register_too_late(self) -> None:
        with pytest.raises(FrozenCollectionError, match="was built"):
            self.real.services.singleton(int)

    # --- scopes ------------------------------------------------------------------------------------------------------

    @precondition(lambda self: self.container is not None and self.root.is_open and len(self.scopes) < 6)
    @rule()
    def open_scope(self) -> None:
        assert self.container is not None
        self.scopes.append(Owner(self.container.scope(), self.clock))

    @precondition(lambda self: self.scopes and len(self.scopes) < 6)
    @rule(pick=picks)
    def open_scope_inside_another(self, pick: int) -> None:
        outer = self.scopes[pick % len(self.scopes)]
        if outer.is_open and self.root.is_open:
            self.scopes.append(Owner(outer.real.scope(), self.clock))
        else:
            with pytest.raises(ContainerClosedError, match="is closed"):
                outer.real.scope()

    @precondition(lambda self: self.scopes)
    @rule(pick=picks)
    def close_scope(self, pick: int) -> None:
        owner = self.scopes[pick % len(self.scopes)]
        self.expect_closing(lambda resource: resource.owner is owner)

        owner.real.close()

        owner.is_open = False

    # --- look-ups ----------------------------------------------------------------------------------------------------

    @precondition(lambda self: self.container is not None)
    @rule(where=picks, group=picks, way=st.sampled_from(["resolve", "get", "aresolve", "all"]))
    def look_up(self, where: int, group: int, way: str) -> None:
        owner = [self.root, *self.scopes][where % (1 + len(self.scopes))]
        group %= len(self.planned)
        service = self.planned[group]
        interface, key = self.real.ask(group)
        if not owner.is_open or not self.root.is_open:
            with pytest.raises(ContainerClosedError, match="is closed"):
                owner.real.resolve(interface, key)
            return
        if owner is self.root and self.refuses_at_root(service):
            with pytest.raises(ScopeRequiredError) as caught:
                owner.real.resolve(interface, key)
            assert caught.value.service is interface
            return
        self.check(self.ask(owner.real, interface, key, way), service, owner)

    def ask(self, real: ServiceContainer | Scope, interface: type, key: Any, way: str) -> Any:
        """Look a service up in one of the ways that give the same."""
        if way == "get":
            return real.get(interface, key)
        if way == "all":
            (thing,) = real.resolve_all(interface, key)
            return thing
        if way == "resolve":
            return real.resolve(interface, key)

        async def run() -> Any:
            return await real.aresolve(interface, key)

        with asyncio.Runner() as runner:
            return runner.run(run(), context=contextvars.copy_context())

    def layer_of(self, number: int) -> ModelLayer:
        """The innermost override that changes a service, else the container itself."""
        return next((each for each in reversed(self.layers) if number in each.affected), self.layers[0])

    def refuses_at_root(self, service: Service) -> bool:
        """Whether only a scope can hold what a look-up would bring along."""
        layer = self.layer_of(service.number)
        if service.lifetime is not TRANSIENT:
            return service.lifetime is SCOPED
        if layer.number == service.number:
            return layer.closes
        targets = [self.planned[need.group] for need in service.needs]
        return service.kind in CLOSING_KINDS or any(self.refuses_at_root(target) for target in targets)

    def check(self, thing: Any, service: Service, owner: Owner) -> None:
        """Compare what was given with what the model holds; take note of what is new."""
        layer = self.layer_of(service.number)
        replaced = layer.number == service.number
        if service.lifetime is SINGLETON:
            owner = self.root
        known = self.held(service, owner, layer)
        if known is not None or (replaced and layer.kind == "instance"):
            assert thing is (layer.instance if known is None else known)
            return
        assert id(thing) not in self.seen
        self.seen[id(thing)] = thing
        assert thing.number == (100 + layer.began if replaced else service.number)
        if service.lifetime is not TRANSIENT:
            owner.cells[layer.began, service.number] = thing
        if layer.closes if replaced else service.kind in CLOSING_KINDS:
            self.resources.append(Resource(thing, owner, layer))
        for part, need in zip(thing.parts, () if replaced else service.needs, strict=True):
            self.check(part[0] if need.form == "all" else part, self.planned[need.group], owner)

    def held(self, service: Service, owner: Owner, layer: ModelLayer) -> Any:
        """What an owner has already: built in this layer, or below it when the scope is older than the layer."""
        if service.lifetime is TRANSIENT:
            return None
        below = [each for each in self.layers if each.began <= layer.began]
        if service.lifetime is SINGLETON or owner.opened >= layer.began:
            below = [layer]
        found = (owner.cells.get((each.began, service.number)) for each in reversed(below))
        built = next((thing for thing in found if thing is not None), None)
        if built is not None or service.lifetime is SINGLETON or owner.opened >= layer.began:
            return built
        around = [each for each in self.layers if each.began <= owner.opened and each.number == service.number]
        return around[-1].instance if around else None  # an instance need not be built to be what the scope gives

    # --- overrides ---------------------------------------------------------------------------------------------------

    @precondition(lambda self: self.container is not None and self.root.is_open and len(self.layers) < 4)
    @rule(group=picks, kind=st.sampled_from(["instance", "factory", "generator"]))
    def override(self, group: int, kind: str) -> None:
        assert self.container is not None
        self.clock += 1
        group %= len(self.planned)
        layer = ModelLayer(group, self.reaching(group), self.clock, kind=kind, closes=kind == "generator")
        fake = self.real.fakes(group, 100 + self.clock, kind)
        interface, key = self.real.ask(group)
        if kind == "instance":
            layer.instance = fake()
            layer.real = self.container.override(interface, layer.instance, key=key)
        else:
            layer.real = self.container.override(interface, factory=fake, key=key)
        layer.real.__enter__()
        self.layers.append(layer)

    @precondition(lambda self: len(self.layers) > 1)
    @rule()
    def end_override(self) -> None:
        layer = self.layers[-1]
        self.expect_closing(lambda resource: resource.layer is layer)

        assert layer.real is not None
        layer.real.__exit__(None, None, None)

        self.layers.pop()
        self.clock += 1

    def reaching(self, group: int) -> set[int]:
        """The service and everything that is built from it; what is replaced already needs nothing any more."""
        found = {group}
        for service in self.planned:  # a service needs only earlier ones
            replaced = self.layer_of(service.number).number == service.number
            if not replaced and any(need.group in found for need in service.needs):
                found.add(service.number)
        return found

    # --- closing -----------------------------------------------------------------------------------------------------

    @precondition(lambda self: self.container is not None and len(self.layers) == 1)
    @rule(really=st.integers(0, 5))
    def close_container(self, really: int) -> None:
        if really:
            return  # rarely, so that most runs go on
        self.end()

    def expect_closing(self, chosen: Any) -> None:
        """Note that resources will be closed now: last made, first closed."""
        position = {id(thing): index for index, thing in enumerate(self.real.log.made)}
        ending = [resource for resource in self.resources if chosen(resource)]
        self.resources = [resource for resource in self.resources if not chosen(resource)]
        ending.sort(key=lambda resource: position[id(resource.thing)], reverse=True)
        self.expected += [resource.thing for resource in ending]

    def end(self) -> None:
        """Close the container."""
        assert self.container is not None
        self.expect_closing(lambda resource: resource.owner is self.root)
        self.container.close()
        self.root.is_open = False

    @invariant()
    def closings_are_those_of_the_model(self) -> None:
        if self.container is not None:
            assert [id(thing) for thing in self.real.log.closed] == [id(thing) for thing in self.expected]

    def teardown(self) -> None:
        if self.container is None:
            return
        while len(self.layers) > 1:
            self.end_override()
        for owner in self.scopes:
            self.close_scope(self.scopes.index(owner))
        self.end()
        self.closings_are_those_of_the_model()
        assert self.resources == []


class TestContainers(Containers.TestCase):
    """Run by pytest."""

    settings = settings(max_examples=100, stateful_step_count=40)


def test_factory_that_overrides_an_overridden_transient_stays_transient() -> None:
    """A factory gets the lifetime of the service it replaces; the instance in between is no registration."""

    class Thing: ...

    container = ServiceCollection().transient(Thing).build()

    with container.override(Thing, Thing()), container.override(Thing, factory=lambda: Thing()):  # noqa: PLW0108
        first, second = container.resolve(Thing), container.resolve(Thing)

    assert first is not second
