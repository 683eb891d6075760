"""The words every other part of kimera_di uses: plain data, no behaviour.

In: nothing. Out: the identity of a service, its lifetime, the step of a path, the place of a line in a
file, and the markers a user writes inside ``Annotated``. Must not import any other part of the package.
"""

from collections.abc import Hashable
from enum import Enum
from types import TracebackType
from typing import Annotated, Any, NamedTuple, ParamSpec, Protocol, TypeVar

from kimera_di.records import dataclass

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
P = ParamSpec("P")


class Lifetime(Enum):
    """How long an object lives once it was built.

    A longer-lived service may not hold a shorter-lived one: see ``CaptiveDependencyError``.
    """

    SINGLETON = "singleton"
    """One object per container."""
    SCOPED = "scoped"
    """One object per scope."""
    TRANSIENT = "transient"
    """A new object for every consumer and every look-up."""


class ServiceId(NamedTuple):
    """What a service is asked for by: an interface, and a key where several live side by side."""

    interface: Any
    """The class, Protocol, abstract class or other type users ask for."""
    key: Hashable = None
    """``None`` for the unkeyed service; falsy keys such as ``0`` and ``""`` are ordinary keys."""


@dataclass(frozen=True, slots=True)
class Key:
    """Inside ``Annotated[T, Key(k)]``: the parameter wants the service registered under key ``k``."""

    key: Hashable

    def __eq__(self, other: object) -> bool:
        """Compare the keys; written out because every look-up by an alias made anew asks."""
        return (self.key,) == (other.key,) if isinstance(other, Key) else NotImplemented

    def __hash__(self) -> int:
        """Hash the key; says what is wrong where it cannot be hashed, as ``container[...]`` hashes what it is given."""
        try:
            return hash((self.key,))
        except TypeError as error:
            advice = "a key is a string, a number, an enum member or another value that does not change"
            raise TypeError(f"{self!r} is not hashable ({error}): {advice}") from None


class AnyKey(Enum):
    """The type of ``ANY_KEY``; an enumeration, so that it stays one object through pickling and copying."""

    ANY_KEY = "any key"

    def __repr__(self) -> str:
        return self.name


ANY_KEY = AnyKey.ANY_KEY
"""As ``key=`` of a registration: it answers for every key; in ``resolve_all`` it stands for all keys."""


@dataclass(frozen=True, slots=True)
class ServiceKey:
    """Inside ``Annotated[K, ServiceKey()]``: the parameter receives the key its own service is registered under."""


@dataclass(frozen=True, slots=True)
class SameKey:
    """Inside ``Annotated[T, SameKey()]``: the parameter wants the ``T`` that has the key of its own service."""


@dataclass(frozen=True, slots=True)
class HiddenKey:
    """The key of a registration that a look-up cannot name: what a decorator wraps, what is private to a module."""

    label: str
    """Why it is hidden, as messages show it: ``IVault[inside CachedVault]``."""
    key: Hashable
    """The key it was registered under."""
    number: int
    """Tells apart what has the same label."""
    module: str = ""
    """The collection it is private to."""

    def __repr__(self) -> str:
        return self.label


@dataclass(frozen=True, slots=True)
class InjectedMarker:
    """Inside ``Annotated``: the caller leaves the parameter out, the container fills it."""


Injected = Annotated[T, InjectedMarker()]
"""``Injected[T]`` is ``T`` for type checkers; an ``@inject`` function is given it by the current scope."""


class Lazy(Protocol[T_co]):
    """A parameter ``Lazy[T]`` is given this: ``T`` is built when ``value`` is read first, not before.

    Breaks a cycle of constructors. A Protocol, so that a test may pass any object with a ``value``.
    """

    __slots__ = ()

    @property
    def value(self) -> T_co:
        """The object, the same one every time; safe to read from any thread.

        Raises:
            ContainerClosedError: The scope (or container) of the owner is closed, and it was not read before.
            CircularDependencyError: Read by a constructor that is itself needed to build the object.
        """
        ...


class Provider(Protocol[T_co]):
    """A parameter ``Provider[T]`` is given this: each call resolves ``T`` once more.

    A Protocol, so that a test may pass any function without parameters.
    """

    __slots__ = ()

    def __call__(self) -> T_co:
        """Give the object; a new one each time when it is transient. Raises as ``Lazy.value``."""
        ...


class AsyncProvider(Protocol[T_co]):
    """A parameter ``AsyncProvider[T]`` is given this: ``await provider()`` resolves ``T``, async or not."""

    __slots__ = ()

    async def __call__(self) -> T_co:
        """As ``Provider``, awaiting what must be awaited."""
        ...


class Owned(Protocol[T_co]):
    """A parameter ``Owned[T]`` is given this: a ``T`` in a scope of its own, which the holder closes.

    Built at first use. ``with owned as thing:`` gives the object and closes it with all that was opened for it.
    Warns (``ResourceWarning``) when it is collected with something open.
    """

    __slots__ = ()

    @property
    def value(self) -> T_co:
        """The object, built at first use. Raises as ``Lazy.value``, ``AsyncRequiredError`` when that awaits."""
        ...

    def close(self) -> None:
        """Close the object and what was opened for it. Raises as ``Scope.close``."""
        ...

    async def aclose(self) -> None:
        """As ``close``, awaiting what must be awaited."""
        ...

    def __enter__(self) -> T_co:
        """Give the object."""
        ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None, /
    ) -> None:
        """Close it; generators are told ``error``."""
        ...

    async def __aenter__(self) -> T_co:
        """Give the object, awaiting what async code makes."""
        ...

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None, /
    ) -> None:
        """As ``__exit__``, awaiting what must be awaited."""
        ...


class Factory(Protocol[P, T_co]):
    """A parameter ``Factory[[str], Report]`` is given this: ``make("June")`` builds a ``Report``.

    What the caller gives stands in the brackets, everything else is injected. A Protocol, so that a test may pass
    any function with these parameters.
    """

    __slots__ = ()

    def __call__(self, *args: P.args, **given: P.kwargs) -> T_co:
        """Build an object. Raises ``ArgumentsError`` when the arguments are not those that were declared."""
        ...


class Place(NamedTuple):
    """A line of a source file."""

    file: str
    """As the interpreter names it; made relative to the current folder only when it is shown."""
    line: int
    """First line is 1; 0 when only the file is known."""


class Step(NamedTuple):
    """One step of the path from the service that was asked for to the one a problem is about."""

    service: Any
    """The interface, or a ``ServiceId`` when it has a key; a dotted name once unpickled elsewhere."""
    parameter: str | None
    """The parameter of ``service`` that leads to the next step; ``None`` for the last one."""
    lifetime: Lifetime | None
    """``None`` when nothing is registered."""
    file: str | None
    """Where the class or factory is defined; ``None`` when that is not known."""
    line: int | None


@dataclass(frozen=True, slots=True)
class SettingProblem:
    """A variable of a settings model that is missing, wrong or unknown; holds no value."""

    variable: str
    """The environment variable that is looked up first; "" for a problem of the model as a whole."""
    field: str
    """Path of the field, ``database.url``."""
    reason: str
    origin: str = ""
    """Where the value was found: the environment, a line of an env file, a secret file, the default."""
    others: tuple[str, ...] = ()
    """Further variables the field is read from, in order."""
