"""Building classes that nobody registered: the ``ActivatorUtilities`` tests of .NET.

In: ``Services``. Out: nothing, or ``AssertionError``. The Python reading of an activator is a ``create`` of the
container that takes some arguments and injects the rest.
"""

# The title of a behaviour says what its function checks; the numbers in it are examples.
# ruff: noqa: ARG002, D103

from typing import ClassVar

from kimera_di.testing.conformance.catalogue import Chapter
from kimera_di.testing.conformance.expecting import expect, expect_error, text_of
from kimera_di.testing.conformance.model import Feature
from kimera_di.testing.conformance.services import Services
from kimera_di.testing.conformance.subjects import Branch, Leaf, Other, Store, Tree

CHAPTER = Chapter("M.E.DI ")
_behaviour = CHAPTER.behaviour
_ONE = "a Python class has one constructor, so there is nothing to choose between"


_NO_LEAF = Leaf()


class Report:
    """Takes a service and two words."""

    def __init__(self, leaf: Leaf, title: str, author: str = "nobody") -> None:
        self.leaf: Leaf = leaf
        self.title: str = title
        self.author: str = author


class Prepared:
    """Has work done when the class is made."""

    ready: ClassVar[list[str]] = []

    def __init_subclass__(cls) -> None:
        """Note the subclass."""
        cls.ready.append(cls.__name__)

    def __init__(self, leaf: Leaf) -> None:
        self.leaf = leaf


class PreparedChild(Prepared):
    """Is noted."""


class Modest:
    """Has defaults of several kinds."""

    def __init__(
        self, leaf: Leaf = _NO_LEAF, other: Other | None = None, size: int = 0, parts: tuple[int, ...] = ()
    ) -> None:
        self.values: tuple[object, ...] = (leaf, other, size, parts)


class Broken:
    """Its constructor raises."""

    def __init__(self, leaf: Leaf) -> None:
        raise LookupError("raised by the constructor")


@_behaviour(
    "MEDI-037", "an unregistered class is built with injected services",
    "TypeActivatorEnablesYouToCreateAnyTypeWithServicesEvenWhenNotInIocContainer", Feature.CREATE,
)  # fmt: skip
def create_unregistered(services: Services) -> None:
    services.singleton(Leaf)
    with services.open() as container:
        expect(container.create(Branch).leaf is container.resolve(Leaf), "the service differs")


@_behaviour(
    "MEDI-038", "given arguments mix with injected ones",
    "TypeActivatorAcceptsAnyNumberOfAdditionalConstructorParametersToProvide", Feature.CREATE, Feature.DEFAULT,
)  # fmt: skip
def create_with_arguments(services: Services) -> None:
    services.singleton(Leaf)
    with services.open() as container:
        one, two = container.create(Report, title="a"), container.create(Report, title="b", author="c")
        expect(one.leaf is container.resolve(Leaf), "the service differs")
    expect((one.title, one.author, two.title, two.author) == ("a", "nobody", "b", "c"), "arguments are mixed up")


@_behaviour(
    "MEDI-039", "what a class does when it is made confuses nothing", "TypeActivatorWorksWithStaticCtor",
    Feature.CREATE,
)  # fmt: skip
def create_with_static_state(services: Services) -> None:
    services.singleton(Leaf)
    with services.open() as container:
        made = container.create(PreparedChild)
        expect(made.leaf is container.resolve(Leaf), "the service differs")
    expect(PreparedChild.ready == ["PreparedChild"], "the class was made again")


@_behaviour(
    "MEDI-040", "defaults are used where nothing is registered", "TypeActivatorWorksWithCtorWithOptionalArgs",
    Feature.CREATE, Feature.DEFAULT,
)  # fmt: skip
def create_with_defaults(services: Services) -> None:
    services.singleton(Branch)
    services.singleton(Leaf)
    with services.open() as container:
        made = container.create(Modest)
        expect(made.values[0] is container.resolve(Leaf), "a default is preferred to a service")
    expect(made.values[1:] == (None, 0, ()), "the defaults differ")


@_behaviour(
    "MEDI-041", "defaults that are falsy or nothing are kept",
    "TypeActivatorWorksWithCtorWithOptionalArgs_WithStructDefaults", Feature.CREATE, Feature.DEFAULT,
)  # fmt: skip
def create_with_falsy_defaults(services: Services) -> None:
    with services.open() as container:
        expect(container.create(Modest).values == (_NO_LEAF, None, 0, ()), "the defaults differ")


CHAPTER.waive(
    "MEDI-042", "given arguments choose between constructors",
    "TypeActivatorCanDisambiguateConstructorsWithUniqueArguments", _ONE,
)  # fmt: skip
CHAPTER.waive(
    "MEDI-043", "a constructor that is not public is refused", "TypeActivatorRequiresPublicConstructor",
    "a Python constructor cannot be private; what cannot be built, an abstract class, is MEDI-055",
)  # fmt: skip


@_behaviour(
    "MEDI-044", "surplus or unknown arguments are an error that names them",
    "TypeActivatorRequiresAllArgumentsCanBeAccepted", Feature.CREATE,
)  # fmt: skip
def create_with_surplus(services: Services) -> None:
    services.singleton(Leaf)
    with services.open() as container:
        named = expect_error(lambda: container.create(Branch, colour="red"), "an unknown argument is accepted")
        expect("colour" in text_of(named), f"the error does not name the argument: {named}")
        expect_error(lambda: container.create(Branch, Leaf(), 1, 2), "surplus arguments are accepted")


@_behaviour(
    "MEDI-045", "an error of the constructor is not wrapped", "TypeActivatorRethrowsOriginalExceptionFromConstructor",
    Feature.CREATE,
)  # fmt: skip
def create_raises(services: Services) -> None:
    services.singleton(Leaf)
    with services.open() as container:
        error = expect_error(lambda: container.create(Broken), "the error is swallowed")
    expect(type(error) is LookupError, f"it arrives as {type(error).__name__}")


for _number, _title, _source in (
    ("046", "ambiguous constructors are refused", "CreateFactoryDoesNotAllowForAmbiguousConstructorMatches"),
    ("047", "the first constructor that fits is taken", "CreateInstanceUsesFirstMathchedConstructor"),
    ("048", "a marked constructor is taken", "UsesMarkedConstructor"),
    ("049", "two marked constructors are an error", "ThrowsOnMultipleMarkedCtors"),
    ("050", "a marked constructor must take the arguments", "ThrowsWhenMarkedCtorDoesntAcceptArguments"),
):
    CHAPTER.waive(f"MEDI-{_number}", _title, f"TypeActivator{_source}", _ONE)


@_behaviour(
    "MEDI-051", "resolve-or-create gives a registered transient, new each time",
    "GetServiceOrCreateInstanceRegisteredServiceTransient",
    Feature.CREATE, Feature.OPTIONAL_LOOKUP, Feature.TRANSIENT,
)  # fmt: skip
def resolve_or_create_transient(services: Services) -> None:
    services.singleton(Leaf)
    services.transient(Branch)
    with services.open() as container:
        one, two = container.get(Branch), container.get(Branch)
    expect(one is not None and two is not None and one is not two, "the registration is not used")


@_behaviour(
    "MEDI-052", "resolve-or-create gives a registered singleton, the same each time",
    "GetServiceOrCreateInstanceRegisteredServiceSingleton", Feature.CREATE, Feature.OPTIONAL_LOOKUP,
)  # fmt: skip
def resolve_or_create_singleton(services: Services) -> None:
    services.singleton(Leaf)
    services.singleton(Branch)
    with services.open() as container:
        expect(container.get(Branch) is container.get(Branch), "two objects")
        expect(container.create(Tree).branch is container.get(Branch), "what is created gets another one")


@_behaviour(
    "MEDI-053", "resolve-or-create builds an unregistered class anew each time",
    "GetServiceOrCreateInstanceUnregisteredService", Feature.CREATE, Feature.OPTIONAL_LOOKUP,
)  # fmt: skip
def resolve_or_create_unregistered(services: Services) -> None:
    services.singleton(Leaf)
    with services.open() as container:
        expect(container.get(Branch) is None, "an unregistered class is found")
        expect(container.create(Branch) is not container.create(Branch), "a created object is kept")
        expect(container.get(Branch) is None, "creating registers the class")


@_behaviour(
    "MEDI-054", "a missing service is an error that names it and the class being built",
    "UnRegisteredServiceAsConstructorParameterThrowsException", Feature.CREATE,
)  # fmt: skip
def create_with_missing(services: Services) -> None:
    with services.open() as container:
        said = text_of(expect_error(lambda: container.create(Branch), "nothing is raised"))
    expect("Leaf" in said and "Branch" in said, f"it does not name both: {said}")


@_behaviour(
    "MEDI-055", "an abstract class is refused with an error that names it",
    "CreateInstance_WithAbstractTypeAndPublicConstructor_ThrowsCorrectException", Feature.CREATE,
)  # fmt: skip
def create_abstract(services: Services) -> None:
    with services.open() as container:
        said = text_of(expect_error(lambda: container.create(Store), "an abstract class is built"))
    expect("Store" in said, f"it does not name the class: {said}")


@_behaviour(
    "MEDI-056", "an error in a dependency's constructor arrives as it was raised",
    "CreateInstance_CapturesInnerException_OfTargetInvocationException", Feature.CREATE,
)  # fmt: skip
def create_raises_below(services: Services) -> None:
    holder = services.holder(broken=Broken)
    services.singleton(Leaf)
    services.singleton(Broken)
    with services.open() as container:
        error = expect_error(lambda: container.create(holder), "the error is swallowed")
    expect(type(error) is LookupError, f"it arrives as {type(error).__name__}")
