"""What is refused, and when: M.E.DI's own ``ServiceProviderValidationTests``, and wishes of users.

In: ``Services``. Out: nothing, or ``AssertionError``. "Before use" means that building the container raises.
"""

# The title of a behaviour says what its function checks; the numbers in it are examples.
# ruff: noqa: D103

from abc import ABC, abstractmethod
from typing import Any, Generic, TypeVar

from kimera_di.testing.conformance.catalogue import Chapter
from kimera_di.testing.conformance.expecting import expect, expect_error, text_of
from kimera_di.testing.conformance.model import SCOPES, Feature
from kimera_di.testing.conformance.services import Services
from kimera_di.testing.conformance.subjects import (
    Branch,
    FileStore,
    Leaf,
    Order,
    Other,
    Repository,
    SqlRepository,
    Store,
    Third,
    Tree,
    User,
    UserRepository,
)

CHAPTER = Chapter("M.E.DI ServiceProviderValidationTests: ")
USERS = Chapter("")
_behaviour = CHAPTER.behaviour
_CAPTIVE = (Feature.SCOPE, Feature.VALIDATION)
T = TypeVar("T")


class Handler(Generic[T]):
    """What an open implementation needs."""


class HandlingRepository(Repository[T]):
    """Can be closed only where a handler is registered."""

    def __init__(self, handler: Handler[T]) -> None:
        self.handler = handler


class Sender(ABC):
    """An interface whose methods have a signature."""

    @abstractmethod
    def send(self, text: str, *, retries: int = 0) -> int:
        """Send a text."""


class OddSender(Sender):
    """Cannot be called as the interface promises."""

    def send(  # type: ignore[override]  # pyright: ignore[reportIncompatibleMethodOverride]
        self, message: str, urgent: bool
    ) -> int:
        """Send a text, if one knows how."""
        return len(message) + urgent


@_behaviour("EXT-V01", "a singleton that holds a scoped service is refused before use", "SingletonInject", *_CAPTIVE)
def captive(services: Services) -> None:
    services.scoped(Leaf)
    services.singleton(Branch)
    expect_error(services.open, "the container is built")


@_behaviour(
    "EXT-V02", "the same through a transient", "through a transient", *_CAPTIVE, Feature.TRANSIENT
)  # fmt: skip
def captive_through_transient(services: Services) -> None:
    services.scoped(Leaf)
    services.transient(Branch)
    services.singleton(Tree)
    expect_error(services.open, "the container is built")


@_behaviour("EXT-V03", "the same through another singleton", "through another singleton", *_CAPTIVE)
def captive_through_singleton(services: Services) -> None:
    services.scoped(Leaf)
    services.singleton(Branch)
    services.singleton(Tree)
    expect_error(services.open, "the container is built")


@_behaviour(
    "EXT-V04",
    "the same when the singleton is asked for inside a scope",
    "inside a scope",
    Feature.SCOPE,
    Feature.LIFETIME_CHECK,
)
def captive_in_scope(services: Services) -> None:
    services.scoped(Leaf)
    services.singleton(Branch)

    def use() -> None:
        with services.open() as container, container.scope() as scope:
            scope.resolve(Branch)

    expect_error(use, "the singleton is given")


@_behaviour(
    "EXT-V05",
    "a scoped service asked for at the root is refused",
    "scoped from the root",
    Feature.SCOPE,
    Feature.LIFETIME_CHECK,
)
def scoped_from_root(services: Services) -> None:
    services.scoped(Leaf)
    with services.open() as container:
        expect_error(lambda: container.resolve(Leaf), "the root gives a scoped object")


@_behaviour(
    "EXT-V06", "a transient that needs a scoped service is refused at the root", "scoped from the root by a transient",
    Feature.SCOPE, Feature.TRANSIENT,
)  # fmt: skip
def transient_with_scoped_from_root(services: Services) -> None:
    services.scoped(Leaf)
    services.transient(Branch)
    with services.open() as container:
        expect_error(lambda: container.resolve(Branch), "the root gives a scoped object inside a transient")


@_behaviour(
    "EXT-V07", "the check at the root still holds after many look-ups", "after compilation",
    Feature.SCOPE, Feature.TRANSIENT,
)  # fmt: skip
def check_survives_warm_up(services: Services) -> None:
    services.scoped(Leaf)
    services.transient(Branch)
    with services.open() as container:
        for _ in range(100):
            with container.scope() as scope:
                scope.resolve(Branch)
        expect_error(lambda: container.resolve(Branch), "the root gives a scoped object once it is warm")


@_behaviour(
    "EXT-V08", "a scoped registration replaced by a singleton is no problem at the root", "last registration",
    Feature.SCOPE, Feature.SEVERAL,
)  # fmt: skip
def replaced_scoped(services: Services) -> None:
    services.scoped(Leaf)
    services.singleton(Leaf)
    with services.open() as container:
        expect(container.resolve(Leaf) is container.resolve(Leaf), "it is no singleton")


@_behaviour(
    "EXT-V09", "collections of one generic with two arguments are told apart", "generic collections",
    Feature.SCOPE, Feature.COLLECTION, Feature.CLOSED_GENERIC,
)  # fmt: skip
def generic_collections(services: Services) -> None:
    holder = services.holder(users=services.listed(Repository[User]))
    services.singleton(Repository[User], UserRepository)
    services.scoped(Repository[Order], SqlRepository)
    services.singleton(holder)
    with services.open() as container:
        expect(len(container.resolve(holder).users) == 1, "the collection has others in it")


@_behaviour(
    "EXT-V10", "a singleton may hold what opens scopes", "the scope factory in a singleton",
    *_CAPTIVE, Feature.SCOPE_FACTORY,
)  # fmt: skip
def scope_factory_in_singleton(services: Services) -> None:
    holder = services.holder(scopes=SCOPES)
    services.scoped(Leaf)
    services.singleton(holder)
    with services.open() as container:
        expect(callable(container.resolve(holder).scopes), "it cannot be called")


@_behaviour("EXT-V11", "all problems are reported together", "all failures aggregated", Feature.VALIDATION)
def all_at_once(services: Services) -> None:
    services.singleton(Branch)
    services.singleton(services.holder(other=Other))
    services.singleton(services.holder(third=Third))
    said = text_of(expect_error(services.open, "the container is built"))
    missing = [name for name in ("Leaf", "Other", "Third") if name not in said]
    expect(not missing, f"{', '.join(missing)} is missing too, and not reported: {said[:200]}")


@_behaviour(
    "EXT-V12", "every registration is checked, not only the last one of a type", "every descriptor",
    Feature.VALIDATION, Feature.COLLECTION, Feature.SEVERAL,
)  # fmt: skip
def every_registration(services: Services) -> None:
    class Needy(FileStore):
        """Needs what nobody registered."""

        def __init__(self, leaf: Leaf) -> None:
            self.leaf = leaf

    services.singleton(Store, Needy)
    services.singleton(Store, FileStore)
    expect_error(services.open, "the container is built")


@_behaviour(
    "EXT-V13", "an open generic that only some arguments can close does not stop the build", "skips open generics",
    Feature.OPEN_GENERIC, Feature.CLOSED_GENERIC,
)  # fmt: skip
def open_generics_are_left(services: Services) -> None:
    services.singleton(Repository, HandlingRepository)
    services.singleton(Handler[User])
    with services.open() as container:
        expect(type(container.resolve(Repository[User])) is HandlingRepository, "it is not closed where it can be")
        expect_error(lambda: container.resolve(Repository[Order]), "it is closed without a handler")


@_behaviour(
    "EXT-V14", "an implementation that is none is refused before use", "implementation not assignable",
    Feature.VALIDATION,
)  # fmt: skip
def not_assignable(services: Services) -> None:
    def use() -> None:
        services.singleton(Store, Leaf)
        services.open()

    expect_error(use, "a class that does not implement the interface is accepted")


@_behaviour(
    "EXT-V15", "an object of another type is refused before use", "instance not assignable",
    Feature.VALIDATION, Feature.INSTANCE,
)  # fmt: skip
def instance_not_assignable(services: Services) -> None:
    def use() -> None:
        services.instance(Store, Leaf())
        services.open()

    expect_error(use, "an object that does not implement the interface is accepted")


@_behaviour(
    "EXT-V16", "proving a graph changes nothing of what it gives", "dotnet/runtime#70140, #76372, #64995",
    Feature.VALIDATION, Feature.OPEN_GENERIC, Feature.CLOSED_GENERIC, Feature.COLLECTION,
    Feature.GENERIC_LIST, Feature.SEVERAL,
)  # fmt: skip
def proof_is_pure(services: Services) -> None:
    holder = services.holder(every=services.listed(Repository[User]))
    services.singleton(holder)
    services.singleton(Repository, SqlRepository)
    services.singleton(Repository[User], UserRepository)
    with services.open() as container:
        kinds: list[Any] = [type(each) for each in container.resolve(holder).every]
        expect(kinds == [SqlRepository, UserRepository], f"the collection is {kinds}")
        expect(type(container.resolve(Repository[User])) is UserRepository, "the closed one is not preferred")


@USERS.behaviour(
    "T-30", "an implementation whose methods cannot be called as the interface promises is refused",
    "no peer checks signatures", Feature.VALIDATION,
)  # fmt: skip
def signature(services: Services) -> None:
    def use() -> None:
        services.singleton(Sender, OddSender)
        services.open()

    expect_error(use, "it is accepted")


@USERS.behaviour(
    "T-31", "a cycle is an error that names its services, found before use", "dishka, wireup, injector: one at a time",
    Feature.VALIDATION,
)  # fmt: skip
def cycle(services: Services) -> None:
    class Hen:
        """Needs an egg."""

        def __init__(self, egg: object) -> None:
            self.egg = egg

    class Egg:
        """Needs a hen."""

        def __init__(self, hen: Hen) -> None:
            self.hen = hen

    Hen.__init__.__annotations__["egg"] = Egg
    services.singleton(Hen)
    services.singleton(Egg)
    said = text_of(expect_error(services.open, "the container is built"))
    expect("Hen" in said and "Egg" in said, f"it does not name both: {said[:200]}")
