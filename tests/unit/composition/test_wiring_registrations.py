"""Every way to register and to ask: an edge that goes up is found through all of them."""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from typing import Annotated, Any, Generic, Protocol, TypeVar

import pytest

from kimera_di import (
    ANY_KEY,
    AsyncProvider,
    Call,
    Factory,
    Injected,
    Key,
    Lazy,
    Lifetime,
    Owned,
    Provider,
    SameKey,
    ServiceCollection,
    inject,
)
from kimera_di.composition.wiring import check_wiring
from kimera_di.planning import make_plan
from kimera_di.planning.variants import Variant
from kimera_di.settings.reading import with_parts
from tests.unit.composition.worlds import make_class, order

pytestmark = pytest.mark.check

T = TypeVar("T")


class Higher:
    def __init__(self) -> None: ...


class Port(Protocol):
    def run(self) -> None: ...


class HighPort(Port):
    def __init__(self) -> None: ...

    def run(self) -> None: ...


class Repository(Generic[T]):
    def __init__(self, higher: Higher) -> None: ...


class Keyed:
    def __init__(self, higher: Annotated[Higher, SameKey()]) -> None: ...


Higher.__module__ = HighPort.__module__ = "shop.api.x"
Port.__module__ = "lib.ports"
Repository.__module__ = Keyed.__module__ = "shop.core.a"

UP = [("shop.core.a.A", "shop.api.x.Higher")]
UP_THROUGH_NO_PORT = [("shop.core.a.A", "shop.api.x.HighPort")]


def asking(annotation: Any, name: str = "shop.core.a.A") -> Any:
    """Make a class whose constructor asks for something."""

    def init(self: Any, asked: Any) -> None:
        self.asked = asked

    init.__annotations__["asked"] = annotation
    made = make_class(name)
    made.__init__ = init
    return made


def found(services: ServiceCollection, variant: Mapping[Any, object] | None = None) -> list[tuple[Any, Any]]:
    plan = make_plan(with_parts(services.entries()), services.scopes, Variant.of(variant))
    assert plan.problems == ()
    findings = check_wiring(plan.graph, order(), "wiring", services.call_targets())
    return [(each.importer, each.imported) for each in findings]


def services() -> ServiceCollection:
    return ServiceCollection().transient(Higher)


@pytest.mark.parametrize(
    "annotation",
    [
        pytest.param(Lazy[Higher], id="lazy"),
        pytest.param(Provider[Higher], id="provider"),
        pytest.param(AsyncProvider[Higher], id="async provider"),
        pytest.param(Owned[Higher], id="owned"),
        pytest.param(Factory[[], Higher], id="factory"),
        pytest.param(Factory[[], Owned[Higher]], id="factory of owned"),
        pytest.param(Provider[Lazy[Higher]], id="provider of lazy"),
        pytest.param(list[Higher], id="list"),
        pytest.param(tuple[Higher, ...], id="tuple"),
        pytest.param(Sequence[Higher], id="sequence"),
        pytest.param(list[Lazy[Higher]], id="list of lazy"),
        pytest.param(Higher | None, id="optional"),
        pytest.param(Annotated[Higher, "note"], id="annotated"),
    ],
)
def test_every_form_of_a_parameter_has_its_edge(annotation: Any) -> None:
    assert found(services().singleton(asking(annotation))) == UP


@pytest.mark.parametrize("annotation", [Mapping[str, Higher], dict[str, Higher], Mapping[str, Provider[Higher]]])
def test_mapping_by_key_has_an_edge(annotation: Any) -> None:
    assert found(ServiceCollection().singleton(Higher, key="k").singleton(asking(annotation))) == UP


def test_union_of_two_registered_classes_has_an_edge_to_the_one_that_is_passed() -> None:
    lower: Any = make_class("shop.core.x.Lower")

    assert found(services().singleton(asking(lower | Higher))) == UP


def test_keyed_parameter_has_an_edge() -> None:
    keyed = asking(Annotated[Higher, Key("k")])

    assert found(ServiceCollection().singleton(Higher, key="k").singleton(keyed)) == UP


def test_registration_of_every_key_has_an_edge_where_a_key_is_asked_for() -> None:
    keyed = asking(Annotated[Higher, Key("k")])

    assert found(ServiceCollection().singleton(Higher, key=ANY_KEY).singleton(keyed)) == UP


def test_consumer_of_every_key_that_nobody_asks_for_yet_has_an_edge() -> None:
    consumers = services().singleton(asking(Higher), key=ANY_KEY)

    assert found(consumers) == UP


def test_open_generic_that_nobody_asks_for_yet_has_an_edge() -> None:
    assert found(services().singleton(Repository)) == [("shop.core.a.Repository", "shop.api.x.Higher")]


def test_closed_generic_has_an_edge() -> None:
    asker = asking(Repository[int], "shop.core.b.B")

    assert found(services().singleton(Repository).singleton(asker)) == [("shop.core.a.Repository", "shop.api.x.Higher")]


def test_generic_of_a_higher_layer_has_an_edge() -> None:
    class High(Generic[T]): ...

    High.__module__, High.__qualname__ = "shop.api.x", "High"

    assert found(ServiceCollection().singleton(High).singleton(asking(High[int]))) == [
        ("shop.core.a.A", "shop.api.x.High")
    ]


def test_what_a_decorator_asks_for_besides_has_an_edge() -> None:
    class Loud(Port):
        def __init__(self, inner: Port, higher: Higher) -> None: ...

        def run(self) -> None: ...

    Loud.__module__, Loud.__qualname__ = "shop.core.d", "Loud"

    assert found(services().singleton(Port, HighPort).decorate(Port, Loud)) == [
        ("shop.core.d.Loud", "shop.api.x.HighPort"),
        ("shop.core.d.Loud", "shop.api.x.Higher"),
    ]


def test_decorator_of_no_layer_hides_nothing_that_it_wraps() -> None:
    class Loud(Port):
        def __init__(self, inner: Port) -> None: ...

        def run(self) -> None: ...

    Loud.__module__ = "shop.main"
    decorated = ServiceCollection().singleton(Port, HighPort).decorate(Port, Loud).decorate(Port, Loud)

    assert found(decorated.singleton(asking(Port))) == UP_THROUGH_NO_PORT


def test_decorator_of_a_layer_stands_for_itself() -> None:
    class Loud(Port):
        def __init__(self, inner: Port) -> None: ...

        def run(self) -> None: ...

    Loud.__module__, Loud.__qualname__ = "shop.infra.d", "Loud"
    decorated = ServiceCollection().singleton(Port, HighPort).decorate(Port, Loud)

    assert found(decorated.singleton(asking(Port))) == [("shop.infra.d.Loud", "shop.api.x.HighPort")]


def test_interceptor_hides_nothing_that_it_wraps() -> None:
    def around(call: Call) -> Any:
        return call.proceed()

    intercepted = ServiceCollection().singleton(Port, HighPort).intercept(Port, around)

    assert found(intercepted.singleton(asking(Port))) == UP_THROUGH_NO_PORT


def test_alias_has_an_edge_to_what_it_names() -> None:
    assert found(ServiceCollection().singleton(HighPort).alias(Port, HighPort).singleton(asking(Port))) == (
        UP_THROUGH_NO_PORT
    )


def test_private_service_of_an_included_collection_has_an_edge() -> None:
    module = ServiceCollection(name="module").singleton(Port, HighPort, private=True).singleton(asking(Port))

    assert found(ServiceCollection().include(module)) == UP_THROUGH_NO_PORT


def test_replacement_has_the_edge_and_what_it_replaces_has_none() -> None:
    lower: Any = make_class("shop.core.x.Lower", Port)

    replaced = ServiceCollection().singleton(Port, HighPort).replace(Port, lower, lifetime=Lifetime.SINGLETON)

    assert found(replaced.singleton(asking(Port))) == []


def test_object_has_an_edge_by_its_class() -> None:
    assert found(ServiceCollection().instance(Port, HighPort()).singleton(asking(Port))) == UP_THROUGH_NO_PORT


def test_object_that_is_given_when_a_scope_opens_has_an_edge() -> None:
    assert found(ServiceCollection().scope_value(Higher).scoped(asking(Higher))) == UP


def test_object_that_build_is_given_has_an_edge() -> None:
    lower: Any = make_class("shop.core.x.Lower", Port)
    lower.run = lambda self: None
    built = ServiceCollection().singleton(Port, lower).singleton(asking(Port))

    assert found(built) == []
    assert found(built, {Port: HighPort()}) == UP_THROUGH_NO_PORT


def make() -> HighPort: ...  # type: ignore[empty-body]


async def make_async() -> HighPort: ...  # type: ignore[empty-body]


def generate() -> Iterator[HighPort]:
    yield HighPort()


async def generate_async() -> AsyncIterator[HighPort]:
    yield HighPort()


@pytest.mark.parametrize("factory", [make, make_async, generate, generate_async], ids=lambda each: each.__name__)
def test_factory_has_an_edge_by_what_its_annotation_names(factory: Callable[..., Any]) -> None:
    assert found(ServiceCollection().singleton(Port, factory).singleton(asking(Port))) == UP_THROUGH_NO_PORT


def handle(higher: Higher, number: int = 0) -> None: ...


handle.__module__ = "shop.core.a"


@inject
def handle_marked(higher: Injected[Higher], other: HighPort | None = None) -> None: ...


def test_function_that_is_called_with_services_has_an_edge() -> None:
    assert found(services().validate_call(handle)) == [("shop.core.a.handle", "shop.api.x.Higher")]


def test_function_with_marked_parameters_has_edges_for_those_only() -> None:
    plain: Any = handle_marked.__wrapped__  # type: ignore[attr-defined]
    plain.__module__ = "shop.core.a"

    marked = services().singleton(HighPort).validate_call(handle_marked)

    assert found(marked) == [("shop.core.a.handle_marked", "shop.api.x.Higher")]


def test_function_that_asks_for_a_closed_generic_has_an_edge() -> None:
    class High(Generic[T]): ...

    High.__module__, High.__qualname__ = "shop.api.x", "High"

    def run(high: High[int]) -> None: ...

    run.__annotations__["high"] = High[int]
    run.__module__, run.__qualname__ = "shop.core.a", "run"

    assert found(ServiceCollection().singleton(High).validate_call(run)) == [("shop.core.a.run", "shop.api.x.High")]


def test_finding_about_a_function_stands_at_the_function() -> None:
    graph = make_plan(services().entries()).graph

    (finding,) = check_wiring(graph, order(), "wiring", services().validate_call(handle).call_targets())

    assert str(finding.file).endswith("test_wiring_registrations.py")
    assert finding.line == handle.__code__.co_firstlineno


def test_settings_of_a_higher_layer_have_an_edge() -> None:
    from pydantic_settings import BaseSettings

    class Limits(BaseSettings):
        depth: int = 3

    Limits.__module__, Limits.__qualname__ = "shop.api.x", "Limits"

    assert found(ServiceCollection().settings(Limits).singleton(asking(Limits))) == [
        ("shop.core.a.A", "shop.api.x.Limits")
    ]


def test_provider_of_dependency_injector_has_an_edge() -> None:
    providers = pytest.importorskip("dependency_injector.providers")
    from kimera_di.integrations.dependency_injector import from_provider

    foreign = from_provider(providers.Factory(HighPort))

    assert found(ServiceCollection().singleton(Port, foreign).singleton(asking(Port))) == UP_THROUGH_NO_PORT


def test_included_container_of_dependency_injector_has_its_edges() -> None:
    containers = pytest.importorskip("dependency_injector.containers")
    providers = pytest.importorskip("dependency_injector.providers")
    from kimera_di.integrations.dependency_injector import include_container

    consumer = asking(Higher)
    container = containers.DynamicContainer()
    container.higher = providers.Singleton(Higher)
    container.consumer = providers.Factory(consumer, asked=container.higher)
    collection = ServiceCollection()

    include_container(collection, container)

    assert found(collection.singleton(asking(Higher, "shop.core.b.B"))) == [("shop.core.b.B", "shop.api.x.Higher")]
