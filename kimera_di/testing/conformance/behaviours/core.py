"""Registrations, collections and factories: ``DependencyInjectionSpecificationTests`` of .NET.

In: ``Services``. Out: nothing, or ``AssertionError``. Each function is one behaviour; its title says what holds.
"""

# The title of a behaviour says what its function checks; the numbers in it are examples.
# ruff: noqa: D103, PLR2004

from typing import Any

from kimera_di.testing.conformance.catalogue import Chapter
from kimera_di.testing.conformance.expecting import expect, expect_error
from kimera_di.testing.conformance.model import CONTAINER, Feature
from kimera_di.testing.conformance.services import Services
from kimera_di.testing.conformance.subjects import Branch, FileStore, Leaf, Other, SqlStore, Store

CHAPTER = Chapter("M.E.DI ")
_behaviour = CHAPTER.behaviour


@_behaviour(
    "MEDI-001", "an interface bound to a class gives that class",
    "ServicesRegisteredWithImplementationTypeCanBeResolved",
)  # fmt: skip
def implementation(services: Services) -> None:
    services.singleton(Store, FileStore)
    with services.open() as container:
        expect(type(container.resolve(Store)) is FileStore, "the look-up gives something else")


@_behaviour(
    "MEDI-002", "a transient is a new object for every look-up",
    "ServicesRegisteredWithImplementationType_ReturnDifferentInstancesPerResolution_ForTransientServices",
    Feature.TRANSIENT,
)  # fmt: skip
def transient_differs(services: Services) -> None:
    services.transient(Store, FileStore)
    with services.open() as container:
        expect(container.resolve(Store) is not container.resolve(Store), "two look-ups give one object")


@_behaviour(
    "MEDI-003", "a singleton is the same object for every look-up",
    "ServicesRegisteredWithImplementationType_ReturnSameInstancesPerResolution_ForSingletons",
)  # fmt: skip
def singleton_stays(services: Services) -> None:
    services.singleton(Store, FileStore)
    with services.open() as container:
        expect(container.resolve(Store) is container.resolve(Store), "two look-ups give two objects")


@_behaviour(
    "MEDI-004", "a finished object comes back itself", "ServiceInstanceCanBeResolved", Feature.INSTANCE
)  # fmt: skip
def instance_comes_back(services: Services) -> None:
    thing = Leaf()
    services.instance(Leaf, thing)
    with services.open() as container:
        expect(container.resolve(Leaf) is thing, "another object comes back")


@_behaviour(
    "MEDI-005", "a transient can be resolved from the root", "TransientServiceCanBeResolvedFromProvider",
    Feature.TRANSIENT, Feature.ROOT_TRANSIENT,
)  # fmt: skip
def transient_from_root(services: Services) -> None:
    services.transient(Leaf)
    services.transient(Branch)
    with services.open() as container:
        first, second = container.resolve(Branch), container.resolve(Branch)
    expect(first is not second and first.leaf is not second.leaf, "parts of two transients are shared")


@_behaviour(
    "MEDI-008", "one registration is also a collection of one", "SingleServiceCanBeIEnumerableResolved",
    Feature.COLLECTION,
)  # fmt: skip
def collection_of_one(services: Services) -> None:
    services.singleton(Store, FileStore)
    with services.open() as container:
        expect([type(each) for each in container.resolve_all(Store)] == [FileStore], "the collection differs")


@_behaviour(
    "MEDI-009", "all registrations of a type come back as a collection", "MultipleServiceCanBeIEnumerableResolved",
    Feature.SEVERAL, Feature.COLLECTION,
)  # fmt: skip
def collection_of_all(services: Services) -> None:
    services.singleton(Store, FileStore)
    services.singleton(Store, SqlStore)
    with services.open() as container:
        made = container.resolve_all(Store)
    expect({type(each) for each in made} == {FileStore, SqlStore} and len(made) == 2, "the collection differs")


@_behaviour(
    "MEDI-010", "a collection keeps the order of registration, whatever is registered in between",
    "RegistrationOrderIsPreservedWhenServicesAreIEnumerableResolved", Feature.SEVERAL,
    Feature.COLLECTION, Feature.TRANSIENT,
)  # fmt: skip
def collection_order(services: Services) -> None:
    services.transient(Store, SqlStore)
    services.singleton(Leaf)
    services.singleton(Store, FileStore)
    with services.open() as container:
        kinds: list[Any] = [type(each) for each in container.resolve_all(Store)]
    expect(kinds == [SqlStore, FileStore], "the order differs")


@_behaviour(
    "MEDI-011", "a constructor gets a single service and a collection together",
    "OuterServiceCanHaveOtherServicesInjected", Feature.SEVERAL, Feature.COLLECTION,
)  # fmt: skip
def single_and_collection(services: Services) -> None:
    holder = services.holder(leaf=Leaf, stores=services.listed(Store))
    services.singleton(Leaf)
    services.singleton(Store, FileStore)
    services.singleton(Store, SqlStore)
    services.singleton(holder)
    with services.open() as container:
        made = container.resolve(holder)
        expect(made.leaf is container.resolve(Leaf), "the single service differs")
        expect(list(made.stores) == list(container.resolve_all(Store)), "the collection differs")


@_behaviour(
    "MEDI-012", "a factory receives the container and works", "FactoryServicesCanBeCreatedByGetService",
    Feature.FACTORY_PARAMETER, Feature.CONTAINER_PARAMETER,
)  # fmt: skip
def factory_with_container(services: Services) -> None:
    holder = services.holder(container=CONTAINER)

    def make(inner: Any) -> Branch:
        return Branch(services.wrap(inner.container).resolve(Leaf))

    make.__annotations__["inner"] = holder
    services.singleton(Leaf)
    services.singleton(holder)
    services.singleton(Branch, make)
    with services.open() as container:
        expect(container.resolve(Branch).leaf is container.resolve(Leaf), "the factory got something else")


@_behaviour(
    "MEDI-014", "the last registration wins", "LastServiceReplacesPreviousServices", Feature.SEVERAL, Feature.TRANSIENT
)  # fmt: skip
def last_wins(services: Services) -> None:
    services.transient(Store, FileStore)
    services.transient(Store, SqlStore)
    with services.open() as container:
        expect(type(container.resolve(Store)) is SqlStore, "an earlier registration is given")


@_behaviour("MEDI-015", "a singleton behind an interface is stable in its consumers", "SingletonServiceCanBeResolved")
def singleton_in_consumers(services: Services) -> None:
    services.singleton(Leaf)
    services.singleton(Branch)
    with services.open() as container:
        expect(container.resolve(Branch).leaf is container.resolve(Leaf), "the consumer holds another object")


@_behaviour(
    "MEDI-031", "an optional look-up of an unknown service gives nothing",
    "AttemptingToResolveNonexistentServiceReturnsNull", Feature.OPTIONAL_LOOKUP,
)  # fmt: skip
def optional_lookup(services: Services) -> None:
    services.singleton(Leaf)
    with services.open() as container:
        expect(container.get(Other) is None, "it gives something")
        expect_error(lambda: container.resolve(Other), "a required look-up of it raises nothing")


@_behaviour(
    "MEDI-032", "the collection of an unknown type is empty", "NonexistentServiceCanBeIEnumerableResolved",
    Feature.COLLECTION, Feature.UNDECLARED_LIST,
)  # fmt: skip
def empty_collection(services: Services) -> None:
    services.singleton(Leaf)
    with services.open() as container:
        expect(list(container.resolve_all(Store)) == [], "it is not empty")


CHAPTER.waive(
    "MEDI-033", "of several constructors the one with most known parameters is taken",
    "ServiceContainerPicksConstructorWithLongestMatches",
    "a Python class has one constructor; parameters with defaults cover what the overloads are for (MEDI-040)",
)  # fmt: skip


@_behaviour(
    "MEDI-036", "one class registered several times gives distinct objects, the last one to a single look-up",
    "ResolvesDifferentInstancesForServiceWhenResolvingEnumerable", Feature.SEVERAL, Feature.COLLECTION,
)  # fmt: skip
def duplicates(services: Services) -> None:
    for _ in range(3):
        services.singleton(Store, FileStore)
    with services.open() as container:
        made = list(container.resolve_all(Store))
        expect(len({id(each) for each in made}) == 3, f"{len({id(each) for each in made})} objects, not 3")
        expect(container.resolve(Store) is made[-1], "a single look-up does not give the last one")
