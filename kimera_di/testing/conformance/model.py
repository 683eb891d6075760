"""The words of the conformance suite: what a container is asked to do, what a behaviour is, what came of it.

In: nothing. Out: frozen data, and the shape of an adapter (``Adapter``, ``Opened``). Runs nothing and knows no
container, ours included. See docs/decisions/0017.
"""

# What an adapter may override names its parameters, and uses none of them.
# ruff: noqa: ARG002

import enum
from collections.abc import Callable, Hashable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from types import TracebackType
from typing import Any, ClassVar, Literal, Self

from kimera_di.vocabulary import Lifetime


class Feature(enum.Enum):
    """What a container may be unable to express; the value says it in words."""

    ANNOTATIONS = "wiring by the annotations of parameters"
    FACTORY = "factory functions"
    FACTORY_PARAMETER = "injected parameters of factory functions"
    INSTANCE = "finished objects as services"
    TRANSIENT = "a new object for every look-up"
    ROOT_TRANSIENT = "transients asked for outside of any scope"
    SEVERAL = "several registrations of one type, without keys"
    SCOPE = "scopes with objects of their own"
    NESTED_SCOPE = "a scope inside a scope of the same kind"
    SCOPE_VALUE = "values given when a scope opens"
    COLLECTION = "all registrations of a type as a list"
    UNDECLARED_LIST = "lists of types that nobody mentioned"
    GENERIC_LIST = "lists of an open generic's registrations"
    OPTIONAL_LOOKUP = "a look-up that gives nothing for an unknown service"
    DEFAULT = "a parameter's default where nothing is registered"
    IS_SERVICE = "asking whether something is registered"
    CREATE = "building a class that nobody registered"
    CLOSED_GENERIC = "generics as services"
    OPEN_GENERIC = "one registration for every argument of a generic"
    KEY = "several registrations of a type told apart by a key"
    HASHABLE_KEY = "keys of any hashable type"
    KEY_PARAMETER = "a parameter that names a key"
    ANY_KEY = "a registration for every key"
    OWN_KEY = "a parameter that receives the key of its service"
    SAME_KEY = "a parameter that inherits the key of its service"
    CONTAINER_PARAMETER = "the container as a parameter"
    SCOPE_FACTORY = "opening scopes from inside a service"
    CLEANUP = "factories that are generators, resumed when their owner closes"
    SCOPE_ERROR = "generators told the error of their scope"
    VALIDATION = "problems found before anything is built"
    DECORATE = "decorators around a service"
    OVERRIDE = "a replacement for a while, in tests"
    ASYNC = "async factories and look-ups"
    ASYNC_CLEANUP = "async generators, resumed when their owner closes"
    SYNC_CLOSE = "sync closing of a container that has async resources"
    FINAL_CLOSE = "closing after which a container is not used again"
    LIFETIME_CHECK = "a difference between the root and a scope that look-ups respect"
    CLOSE_ERRORS = "errors of closers that are raised"
    LAZY = "a parameter that is built when it is used"


class Unsupported(Exception):
    """An adapter was asked for what it did not list in ``lacks``: a mistake of the adapter."""


@dataclass(frozen=True, slots=True)
class Keyed:
    """A parameter that wants a service under a key; ``key=SAME`` inherits the key of its own service."""

    service: Any
    key: Hashable


@dataclass(frozen=True, slots=True)
class Marker:
    """A parameter or a key that every container spells in its own way."""

    what: Literal["list", "own key", "same key", "any key", "lazy", "container", "scope factory"]
    service: Any = None
    """The type of a key, or what is wanted lazily or under the same key."""


ANY = Marker("any key")
CONTAINER = Marker("container")
SCOPES = Marker("scope factory")


@dataclass(frozen=True, slots=True)
class Registration:
    """One thing that a behaviour registers."""

    kind: Literal["class", "factory", "instance", "scope value", "decorator"]
    service: Any
    maker: Any
    lifetime: Lifetime
    key: Hashable


class Opened:
    """A container or a scope under test; an adapter overrides what its container can do.

    A context manager, sync and async: leaving the block closes it and tells it the error of the block.
    """

    def resolve(self, service: Any, key: Hashable = None) -> Any:
        """Give an object of a service."""
        raise Unsupported(f"resolve {service!r}")

    def get(self, service: Any, key: Hashable = None) -> Any:
        """Give an object, or ``None`` for an unknown service."""
        raise Unsupported(f"get {service!r}")

    def resolve_all(self, service: Any, key: Hashable = None) -> Sequence[Any]:
        """Give an object of every registration, in their order."""
        raise Unsupported(f"resolve_all {service!r}")

    async def aresolve(self, service: Any, key: Hashable = None) -> Any:
        """Give an object whose making awaits."""
        raise Unsupported(f"aresolve {service!r}")

    def is_service(self, service: Any, key: Hashable = None) -> bool:
        """Tell whether something is registered."""
        raise Unsupported(f"is_service {service!r}")

    def create(self, kind: Any, *given: object, **named: object) -> Any:
        """Build a class that is not registered, from arguments and services."""
        raise Unsupported(f"create {kind!r}")

    def scope(self, values: Mapping[Any, object] | None = None) -> "Opened":
        """Open a scope."""
        raise Unsupported("scope")

    def override(self, service: Any, replacement: object) -> AbstractContextManager[object]:
        """Replace a service by an object until the block ends."""
        raise Unsupported(f"override {service!r}")

    def close(self, error: BaseException | None = None) -> None:
        """Close it; ``error`` is what its block ended with."""
        raise Unsupported("close")

    async def aclose(self, error: BaseException | None = None) -> None:
        """Close it when that awaits."""
        raise Unsupported("aclose")

    def __enter__(self) -> Self:
        """Give itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close it."""
        self.close(error)

    async def __aenter__(self) -> Self:
        """Give itself."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close it."""
        await self.aclose(error)


class Adapter:
    """How the suite uses one container: subclass it, name what is lacking, and open containers.

    The subclass imports its container in ``open`` and not when its module loads, so that a suite with several
    adapters runs where only some of the containers are installed.
    """

    name: ClassVar[str]
    """What reports call the container."""
    distribution: ClassVar[str]
    """The package whose version is reported."""
    lacks: ClassVar[Mapping[Feature, str]] = {}
    """What the container cannot express, and why: behaviours that need it are not applicable."""

    @property
    def supports(self) -> frozenset[Feature]:
        """Everything that is not lacking."""
        return frozenset(Feature) - self.lacks.keys()

    def open(self, registrations: Sequence[Registration], needs: frozenset[Feature]) -> Opened:
        """Prove the registrations, if the container does so, and build a container.

        Args:
            registrations: What to register, in this order.
            needs: What the behaviour uses: ``Feature.ASYNC`` where a library has another container for that.

        Returns:
            The open container.
        """
        raise NotImplementedError

    def marked(self, marker: Marker | Keyed) -> Any:
        """Give the annotation, or for ``ANY`` the key, by which the container spells a marker."""
        raise Unsupported(f"{marker!r}")

    def wrapped(self, native: Any) -> Opened:
        """Take the container's own object, as it is given to a service for ``CONTAINER`` or by ``SCOPES``."""
        raise Unsupported(f"wrap {native!r}")


@dataclass(frozen=True, slots=True)
class Behaviour:
    """One sentence about containers, and the function that checks it."""

    id: str
    """Stable: ``MEDI-017``, ``EXT-V03``, ``T-03``."""
    title: str
    source: str
    """Where the sentence comes from: a test of Microsoft.Extensions.DependencyInjection, or a report of users."""
    needs: frozenset[Feature]
    check: Callable[[Any], None] | None
    """Raises ``AssertionError`` with a sentence; called with ``Services``. ``None`` when it is waived."""
    waived: str = ""
    """Why it has no reading in Python."""


Outcome = Literal["passed", "failed", "hangs", "crashed", "n/a", "waived"]


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one behaviour."""

    id: str
    outcome: Outcome
    reason: str = ""
    """Why it failed, is not applicable or waived."""
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Results:
    """What came of all behaviours, for one container."""

    name: str
    distribution: str
    version: str
    results: tuple[Result, ...]

    @property
    def failures(self) -> tuple[Result, ...]:
        """Those that failed, hang or crashed."""
        return tuple(result for result in self.results if result.outcome in {"failed", "hangs", "crashed"})

    def count(self, outcome: Outcome) -> int:
        """Count the behaviours with an outcome."""
        return sum(result.outcome == outcome for result in self.results)
