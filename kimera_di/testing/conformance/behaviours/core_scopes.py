"""Scopes and what they close: ``DependencyInjectionSpecificationTests`` of .NET.

In: ``Services``. Out: nothing, or ``AssertionError``. Each function is one behaviour; its title says what holds.
"""

# The title of a behaviour says what its function checks; the numbers in it are examples.
# ruff: noqa: D103, PLR2004

from kimera_di.testing.conformance.catalogue import Chapter
from kimera_di.testing.conformance.expecting import expect
from kimera_di.testing.conformance.model import CONTAINER, SCOPES, Feature
from kimera_di.testing.conformance.services import Services, resource
from kimera_di.testing.conformance.subjects import Branch, FileStore, Leaf, Other, Store, Third, Tree

CHAPTER = Chapter("M.E.DI ")
_behaviour = CHAPTER.behaviour


@_behaviour(
    "MEDI-006", "a transient differs between the root and a scope, and within a scope",
    "TransientServiceCanBeResolvedFromScope", Feature.TRANSIENT, Feature.ROOT_TRANSIENT, Feature.SCOPE,
)  # fmt: skip
def transient_from_scope(services: Services) -> None:
    services.transient(Leaf)
    with services.open() as container, container.scope() as scope:
        made = [container.resolve(Leaf), scope.resolve(Leaf), scope.resolve(Leaf)]
    expect(len({id(leaf) for leaf in made}) == 3, "an object is given twice")


@_behaviour(
    "MEDI-007", "a singleton first resolved in a scope gets the root container, not the scope",
    "SingletonServiceCanBeResolvedFromScope", Feature.SCOPE, Feature.CONTAINER_PARAMETER,
)  # fmt: skip
def singleton_from_scope_holds_root(services: Services) -> None:
    holder = services.holder(container=CONTAINER)
    services.singleton(holder)
    services.singleton(Leaf)
    with services.open() as container:
        with container.scope() as scope:
            held = scope.resolve(holder).container
        expect(held is container.resolve(holder).container, "the container of the singleton changes")
        expect(services.wrap(held).resolve(Leaf) is container.resolve(Leaf), "it resolves from a closed scope")


@_behaviour(
    "MEDI-013", "factories of all lifetimes keep them inside a graph",
    "FactoryServicesAreCreatedAsPartOfCreatingObjectGraph", Feature.FACTORY_PARAMETER, Feature.TRANSIENT, Feature.SCOPE,
)  # fmt: skip
def factories_keep_lifetimes(services: Services) -> None:
    services.singleton(Leaf, _leaf)
    services.scoped(Branch, _branch)
    services.transient(Tree, _tree)
    with services.open() as container:
        with container.scope() as scope:
            one, two = scope.resolve(Tree), scope.resolve(Tree)
        with container.scope() as scope:
            three = scope.resolve(Tree)
    expect(one is not two and one.branch is two.branch, "transient or scoped is wrong")
    expect(three.branch is not one.branch and three.branch.leaf is one.branch.leaf, "scoped or singleton is wrong")


@_behaviour(
    "MEDI-016", "a singleton can be given what opens scopes", "ServiceProviderRegistersServiceScopeFactory",
    Feature.SCOPE, Feature.SCOPE_FACTORY,
)  # fmt: skip
def scope_factory(services: Services) -> None:
    holder = services.holder(scopes=SCOPES)
    services.singleton(holder)
    services.scoped(Leaf)
    with services.open() as container:
        scopes = container.resolve(holder).scopes
        with scopes() as one, scopes() as two:
            expect(
                services.wrap(one).resolve(Leaf) is not services.wrap(two).resolve(Leaf),
                "two scopes share a scoped object",
            )


@_behaviour(
    "MEDI-017", "a scoped object is one within a scope, and another in the next", "ScopedServiceCanBeResolved",
    Feature.SCOPE,
)  # fmt: skip
def scoped_per_scope(services: Services) -> None:
    services.scoped(Leaf)
    with services.open() as container:
        with container.scope() as scope:
            first = scope.resolve(Leaf)
            expect(scope.resolve(Leaf) is first, "two objects in one scope")
        with container.scope() as scope:
            expect(scope.resolve(Leaf) is not first, "one object in two scopes")


@_behaviour(
    "MEDI-018", "a nested scope has a scoped object of its own", "NestedScopedServiceCanBeResolved",
    Feature.SCOPE, Feature.NESTED_SCOPE,
)  # fmt: skip
def nested_scope(services: Services) -> None:
    services.scoped(Leaf)
    with services.open() as container, container.scope() as outer:
        made = outer.resolve(Leaf)
        with outer.scope() as inner:
            expect(inner.resolve(Leaf) is not made, "the inner scope shares the object of the outer one")
        expect(outer.resolve(Leaf) is made, "the outer scope lost its object")


@_behaviour(
    "MEDI-019", "one scope factory opens many scopes, and the inner one closes first",
    "ScopedServices_FromCachedScopeFactory_CanBeResolvedAndDisposed",
    Feature.SCOPE, Feature.SCOPE_FACTORY, Feature.CLEANUP,
)  # fmt: skip
def cached_scope_factory(services: Services) -> None:
    closed: list[str] = []
    holder = services.holder(scopes=SCOPES)
    services.singleton(holder)
    services.scoped(Leaf, resource(Leaf, closed))
    with services.open() as container:
        scopes = container.resolve(holder).scopes
        with scopes() as outer:
            services.wrap(outer).resolve(Leaf)
            with scopes() as inner:
                services.wrap(inner).resolve(Leaf)
            expect(closed == ["Leaf"], f"after the inner scope {len(closed)} objects are closed, not 1")
        expect(closed == ["Leaf", "Leaf"], f"after both scopes {len(closed)} objects are closed, not 2")


@_behaviour(
    "MEDI-020", "a scope closes what it made and no singleton; the container closes singletons",
    "DisposingScopeDisposesService", Feature.SCOPE, Feature.TRANSIENT, Feature.CLEANUP,
)  # fmt: skip
def scope_closes_its_own(services: Services) -> None:
    closed: list[str] = []
    services.singleton(Leaf, resource(Leaf, closed))
    services.scoped(Other, resource(Other, closed))
    services.transient(Third, resource(Third, closed))
    with services.open() as container:
        with container.scope() as scope:
            for kind in (Leaf, Other, Third, Third):
                scope.resolve(kind)
        expect(sorted(closed) == ["Other", "Third", "Third"], f"the scope closed {sorted(closed)}")
    expect(closed[3:] == ["Leaf"], f"the container closed {closed[3:]}")


@_behaviour(
    "MEDI-021", "the container can resolve itself and then be closed", "SelfResolveThenDispose",
    Feature.CONTAINER_PARAMETER, Feature.CLEANUP,
)  # fmt: skip
def self_resolve(services: Services) -> None:
    closed: list[str] = []
    holder = services.holder(container=CONTAINER)
    services.singleton(holder)
    services.singleton(Leaf, resource(Leaf, closed))
    container = services.open()
    container.resolve(Leaf)
    container.resolve(holder)
    container.close()
    expect(closed == ["Leaf"], f"closed {closed}")


@_behaviour(
    "MEDI-022", "a service that holds the container may close it", "SafelyDisposeNestedProviderReferences",
    Feature.CONTAINER_PARAMETER, Feature.CLEANUP,
)  # fmt: skip
def nested_close(services: Services) -> None:
    closed: list[str] = []
    holder = services.holder(container=CONTAINER)
    services.singleton(holder)
    services.singleton(Leaf, resource(Leaf, closed))
    container = services.open()
    container.resolve(Leaf)
    services.wrap(container.resolve(holder).container).close()
    container.close()
    expect(closed == ["Leaf"], f"closed {closed}")


@_behaviour(
    "MEDI-023", "scopes share a singleton and do not close it", "SingletonServicesComeFromRootProvider",
    Feature.SCOPE, Feature.CLEANUP,
)  # fmt: skip
def singleton_across_scopes(services: Services) -> None:
    closed: list[str] = []
    services.singleton(Leaf, resource(Leaf, closed))
    with services.open() as container:
        with container.scope() as scope:
            first = scope.resolve(Leaf)
        with container.scope() as scope:
            expect(scope.resolve(Leaf) is first, "a second scope has another singleton")
        expect(closed == [], "a scope closed the singleton")


@_behaviour(
    "MEDI-024", "scopes side by side and inside one another keep their objects apart",
    "NestedScopedServiceCanBeResolvedWithNoFallbackProvider", Feature.SCOPE, Feature.NESTED_SCOPE,
)  # fmt: skip
def nested_isolation(services: Services) -> None:
    services.scoped(Leaf)
    with services.open() as container, container.scope() as one, container.scope() as two, one.scope() as inner:
        made = [scope.resolve(Leaf) for scope in (one, two, inner, one, two, inner)]
    expect(made[:3] == made[3:] and len({id(leaf) for leaf in made}) == 3, "scopes mix their objects")


@_behaviour(
    "MEDI-034", "closing runs in reverse order of creation, across lifetimes", "DisposesInReverseOrderOfCreation",
    Feature.SCOPE, Feature.CLEANUP,
)  # fmt: skip
def reverse_order(services: Services) -> None:
    closed: list[str] = []
    for kind in (Leaf, Other, Third):
        services.singleton(kind, resource(kind, closed))
    services.scoped(Store, resource(FileStore, closed))
    with services.open() as container:
        with container.scope() as scope:
            for service in (Third, Leaf, Store, Other):
                scope.resolve(service)
        expect(closed == ["FileStore"], f"the scope closed {closed}")
    expect(closed[1:] == ["Other", "Leaf", "Third"], f"the container closed in the order {closed[1:]}")


@_behaviour(
    "EXT-C11",
    "a scope with 300 services keeps each of them apart and the same",
    "ServiceProviderContainerTests: wide trees",
    Feature.SCOPE,
)
def wide_scope(services: Services) -> None:
    kinds = [type(f"Wide{number}", (), {}) for number in range(300)]
    for kind in kinds:
        services.scoped(kind)
    with services.open() as container, container.scope() as scope:
        first = [scope.resolve(kind) for kind in kinds]
        expect([scope.resolve(kind) for kind in kinds] == first, "a second look-up differs")
    expect([type(each) for each in first] == kinds, "services are mixed up")


def _leaf() -> Leaf:
    return Leaf()


def _branch(leaf: Leaf) -> Branch:
    return Branch(leaf)


def _tree(branch: Branch) -> Tree:
    return Tree(branch)
