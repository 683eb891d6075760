"""Ordinary classes are planned straight: the same nodes as the general way gives, and the same problems."""

import abc
import functools
import sys
import types
import typing
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import Enum
from typing import Annotated, Any, Generic, Protocol, TypeVar

import pytest

from kimera_di import Injected, Key, Lazy, Lifetime, ServiceCollection, ServiceContainer, ServiceId
from kimera_di.planning.indexes import index
from kimera_di.planning.misfits import misfits, warnings_about
from kimera_di.planning.plain import PlainNodes, closes_nothing, fits_itself
from kimera_di.planning.planner import make_node, make_plan
from kimera_di.planning.selection import select

T = TypeVar("T")


class Clock: ...


class Vault: ...


class Port(Protocol):
    def put(self) -> None: ...


class Outlet:
    def put(self) -> None: ...


class Base(abc.ABC):
    def __init__(self, clock: Clock) -> None:
        self.clock = clock

    @abc.abstractmethod
    def put(self) -> None: ...


class Nothing: ...


def make_nothing() -> Any: ...


class Taking:
    def __init__(self, clock: Clock, vault: Vault) -> None: ...


class TakingText:
    def __init__(self, clock: "Clock", vault: "Vault") -> None: ...


class Inheriting(Taking): ...


class InheritingText(TakingText): ...


class Concrete(Base):
    def put(self) -> None: ...


class OfPort(Port):
    def __init__(self, port: Port, outlet: Outlet) -> None: ...

    def put(self) -> None: ...


class WithDefault:
    def __init__(self, clock: Clock, vault: Vault | None = None, port: Port = Outlet()) -> None: ...  # noqa: B008


class ProvidedDefault:
    def __init__(self, clock: Clock = Clock()) -> None: ...  # noqa: B008


class PositionalOnly:
    def __init__(self, clock: Clock, /, vault: Vault) -> None: ...


class KeywordOnly:
    def __init__(self, clock: Clock, *, vault: Vault) -> None: ...


class Collecting:
    def __init__(self, clock: Clock, *args: Any, **named: Any) -> None: ...


class Unannotated:
    def __init__(self, clock) -> None: ...  # type: ignore[no-untyped-def]  # noqa: ANN001


class Several:
    def __init__(self, clocks: list[Clock], vault: Lazy[Vault], keyed: Annotated[Clock, Key("k")]) -> None: ...


class Marked:
    def __init__(self, clock: Injected[Clock]) -> None: ...


class Missing:
    def __init__(self, clock: Clock, other: Enum, text: "Nobody") -> None: ...  # type: ignore[name-defined]  # noqa: F821


class Unhashable:
    def __init__(self, clock: Annotated[Clock, []]) -> None: ...


class Hiding:
    Clock = Vault

    def __init__(self, clock: "Clock") -> None: ...  # type: ignore[valid-type]


class ByNew:
    def __new__(cls, clock: Clock) -> "ByNew":
        del clock
        return super().__new__(cls)


class NoConstructor(dict[str, str]): ...


class Refused:
    __init__ = None


class Static:
    @staticmethod
    def __init__(clock: Clock) -> None: ...


def wrapping(function: Callable[..., None]) -> Callable[..., None]:
    @functools.wraps(function)
    def wrapper(*args: Any, **named: Any) -> None: ...

    return wrapper


class Wrapped:
    @wrapping
    def __init__(self, clock: Clock) -> None: ...


@dataclass
class Data:
    clock: Clock
    vault: Vault = field(kw_only=True)


@dataclass
class TextData:
    clock: "Clock"
    vault: "Vault"


@dataclass
class DerivedData(TextData):
    taking: "Taking"


class Open(Generic[T]):
    def __init__(self, item: T, clock: Clock) -> None: ...


class Closed(Open[Vault]): ...


class Meta(type): ...


class OfMeta(metaclass=Meta):
    def __init__(self, clock: Clock) -> None: ...


class TakingContainer:
    def __init__(self, container: ServiceContainer, meta: OfMeta) -> None: ...


class Closing:
    def close(self) -> None: ...


class Entered(Clock):
    def __exit__(self, *_: object) -> None: ...


class Colour(Enum):
    RED = 1


STRAIGHT = (
    Clock, Vault, Nothing, Taking, TakingText, Inheriting, InheritingText, Base, Concrete, Outlet, OfPort,
    ProvidedDefault, Collecting, Closing, Entered, TextData, Refused,
)  # fmt: skip
OTHERWISE = (
    WithDefault, PositionalOnly, KeywordOnly, Unannotated, Several, Marked, Missing, Unhashable, Hiding, ByNew,
    NoConstructor, Static, Wrapped, Data, DerivedData, Open, Closed, OfMeta, TakingContainer, Port, Colour,
    typing.Generic,
)  # fmt: skip
EVERYTHING: tuple[Any, ...] = (*STRAIGHT, *OTHERWISE)


def collection() -> ServiceCollection:
    """Everything once, some twice, keyed, aliased, for an interface, as a factory and as an instance."""
    services = ServiceCollection(scopes=("session", "request"))
    for cls in EVERYTHING:
        services.singleton(cls)
    services.singleton(Port, OfPort).scoped(Port, Outlet).transient(Base, Concrete)
    services.singleton(Clock, key="k").singleton(Clock, Entered, key="")
    services.singleton(Vault, eager=True).singleton(Taking, fork_safe=False).scoped(Taking, scope="session")
    services.singleton(Closing, on_close=Closing.close).singleton(Closing, on_close=None)
    services.register(Nothing, factory=Nothing).instance(Nothing, Nothing()).alias(Outlet, Port)
    services.register(Nothing, factory=make_nothing)
    services.singleton(Open[Clock], Open[Clock]).singleton(Taking, key=None, private=False)
    return services


def planned(services: ServiceCollection) -> list[tuple[Any, Any, Any]]:
    """Every registration with the node it gets straight and the one of the general way."""
    descriptors = select(services.entries()).descriptors
    known = index(descriptors, services.scopes)
    plain = PlainNodes(known, descriptors)
    return [
        (descriptor, plain.node(number, descriptor), make_node(number, descriptor, known)[0])
        for number, descriptor in enumerate(descriptors)
    ]


PLANNED = planned(collection())


@pytest.mark.parametrize(("descriptor", "straight", "general"), PLANNED, ids=[str(n) for n in range(len(PLANNED))])
def test_node_planned_straight_is_that_of_the_general_way(descriptor: Any, straight: Any, general: Any) -> None:
    assert straight is None or straight == general
    assert straight is None or type(straight) is type(general)
    assert general.service is descriptor.service


@pytest.mark.parametrize("cls", STRAIGHT)
def test_ordinary_class_is_planned_straight(cls: type) -> None:
    found = [straight for descriptor, straight, _ in PLANNED if descriptor.maker is cls]

    assert found[0] is not None


@pytest.mark.parametrize("cls", OTHERWISE, ids=lambda cls: cls.__name__)
def test_class_out_of_the_ordinary_is_left_to_the_general_way(cls: type) -> None:
    found = [straight for descriptor, straight, _ in PLANNED if descriptor.maker is cls]

    assert found[0] is None


def test_every_ordinary_node_fits_if_that_is_said_at_once() -> None:
    known = index(select(collection().entries()).descriptors).known

    wrong = [node.maker for _, _, node in PLANNED if fits_itself(node) and misfits(node, known)]

    assert wrong == []
    assert sum(fits_itself(node) for _, _, node in PLANNED) >= len(STRAIGHT) - 4
    assert not any(fits_itself(node) for _, _, node in PLANNED if node.service.interface in {Base, Port})


@pytest.mark.parametrize("cls", EVERYTHING, ids=lambda cls: cls.__name__)
def test_class_of_which_it_is_said_at_once_closes_nothing(cls: type) -> None:
    has_one = any(callable(getattr(cls, name, None)) for name in ("close", "aclose", "__exit__"))

    assert not (closes_nothing(cls) and has_one)
    assert closes_nothing(cls) or cls in {Closing, Entered, OfMeta, Colour}


def test_metaclass_with_close_is_looked_at() -> None:
    class Shut(type):
        def close(cls) -> None: ...

    class Thing(metaclass=Shut): ...

    services = ServiceCollection().singleton(Thing)
    plan = make_plan(services.entries())

    found = warnings_about(plan.graph.nodes, services.descriptors())

    assert [text.partition(":")[0] for text, _ in found] == [
        f"{Thing.__qualname__.replace('<locals>.', '')} has close, but nobody calls it"
    ]


def test_parameters_of_one_name_and_type_are_one_object() -> None:
    nodes = {straight.maker: straight for _, straight, _ in PLANNED if straight is not None}

    assert nodes[Taking].dependencies[0] is nodes[Base].dependencies[0]
    assert nodes[Taking].dependencies[0] is nodes[TakingText].dependencies[0]


def test_alias_keeps_the_name_that_was_asked_for() -> None:
    class Asking:
        def __init__(self, other: Nothing, vault: Vault) -> None: ...

    services = ServiceCollection().singleton(Vault).singleton(Asking).alias(Nothing, Vault)

    plan = make_plan(services.entries())

    assert [each.wanted for each in plan.graph.nodes[1].dependencies] == [ServiceId(Nothing), ServiceId(Vault)]
    assert [each.targets for each in plan.graph.nodes[1].dependencies] == [(0,), (0,)]


def test_alias_of_a_derived_node_is_found() -> None:
    class Asking:
        def __init__(self, other: Nothing) -> None: ...

    class Box(Generic[T]): ...

    services = ServiceCollection().singleton(Box).singleton(Asking).alias(Nothing, Box[int])

    plan = make_plan(services.entries())

    (asked,) = plan.graph.nodes[1].dependencies
    assert plan.graph.nodes[asked.targets[0]].service == ServiceId(Box[int])
    assert asked.targets == (2,)  # there are two registrations


def test_private_service_reaches_its_module_only() -> None:
    class Asking:
        def __init__(self, clock: Clock) -> None: ...

    inner = ServiceCollection(name="inner").singleton(Clock, Entered, private=True, on_close=None).singleton(Asking)
    outer = ServiceCollection().singleton(Clock).singleton(Taking).singleton(Vault).include(inner)

    container = outer.build()

    assert type(container.resolve(Clock)) is Clock
    assert {
        node.maker: node.dependencies[0].targets for node in container._root.base.graph.nodes if node.dependencies
    } == {
        Taking: (0,),
        Asking: (3,),
    }


@pytest.fixture
def module() -> Iterator[types.ModuleType]:
    """A module without a file, as an interactive session is."""
    made = types.ModuleType("kimera_plain_module")
    sys.modules[made.__name__] = made
    yield made
    del sys.modules[made.__name__]


SOURCE = """
from __future__ import annotations
class Leaf: ...
class Top:
    def __init__(self, leaf: Leaf) -> None: ...
"""


@pytest.mark.parametrize(
    ("base", "straight"), [("", True), ("class Below(Top): ...", False)], ids=["own_constructor", "inherited"]
)
def test_text_in_generated_code_is_read_where_nothing_can_come_between(
    module: types.ModuleType, base: str, straight: bool
) -> None:
    exec(compile(SOURCE + base, "<generated>", "exec"), vars(module))  # noqa: S102
    top = vars(module)["Below" if base else "Top"]
    services = ServiceCollection().singleton(vars(module)["Leaf"]).singleton(top)

    found = planned(services)

    assert (found[1][1] is not None) is straight
    assert found[1][1] in {None, found[1][2]}
    assert [each.targets for each in found[1][2].dependencies] == [(0,)]


def test_text_in_generated_code_of_another_module_is_left_to_the_general_way(module: types.ModuleType) -> None:
    other = dict(vars(module))
    exec(compile(SOURCE, "<generated>", "exec"), other)  # noqa: S102
    services = ServiceCollection().singleton(other["Leaf"]).singleton(other["Top"])

    found = planned(services)

    assert found[1][1] is None


@pytest.mark.skipif(sys.version_info < (3, 12), reason="PEP 695 is new in 3.12")
@pytest.mark.parametrize("head", ["class Top[Leaf]:", "class Top:"], ids=["class", "function"])
def test_type_parameter_of_the_name_of_a_class_hides_it(module: types.ModuleType, head: str) -> None:
    init = "def __init__(self, leaf: 'Leaf') -> None: ..."
    init = init if "[" in head else init.replace("(", "[Leaf](", 1)
    exec(compile(f"class Leaf: ...\n{head}\n    {init}", "here.py", "exec"), vars(module))  # noqa: S102
    services = ServiceCollection().singleton(vars(module)["Leaf"]).singleton(vars(module)["Top"])

    found = planned(services)

    assert found[1][1] is None


@pytest.mark.parametrize("lifetime", list(Lifetime))
@pytest.mark.parametrize("services", [(Clock,), (Port, OfPort), (Base, Concrete), (Clock, Entered)])
def test_registered_by_the_short_way_is_what_register_makes(services: tuple[Any, ...], lifetime: Lifetime) -> None:
    short: Any = getattr(ServiceCollection(), lifetime.value)
    made = (short(*services), ServiceCollection().register(*services, lifetime=lifetime))

    (first,), (second,) = (each.descriptors() for each in made)

    assert type(first.service) is ServiceId
    for name in ("service", "lifetime", "construction", "maker", "on_close", "enter", "eager", "fork_safe", "scope"):
        assert getattr(first, name) == getattr(second, name)
    assert (first.choice, first.inner) == (None, None)
    assert first.place == second.place
    assert first.module is made[0]._list.module
