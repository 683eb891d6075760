"""The wiring graph: what every registered service is built from, as data.

In: nothing (the planner makes it). Out: frozen nodes and edges that the compiler, the explanation, the
exports and the architecture check read. Holds classes and callables but never calls them.
"""

from collections.abc import Callable, Hashable, Mapping
from typing import Any, Literal

from kimera_di.planning.selected import PrivateService
from kimera_di.planning.templates import Templates
from kimera_di.records import dataclass, field
from kimera_di.registration.descriptors import Construction
from kimera_di.registration.places import defined_at
from kimera_di.vocabulary import Lifetime, Place, ServiceId

__all__ = ["Construction", "Dependency", "Form", "Relation", "RelationKind", "ServiceNode", "WiringGraph"]

Form = Literal["single", "list", "tuple", "mapping"]
RelationKind = Literal[
    "lazy", "provider", "async_provider", "owned", "factory", "argument", "container", "scope", "scope_factory"
]


@dataclass(frozen=True, slots=True)
class Relation:
    """What a parameter is given in the place of an object that is ready."""

    kind: RelationKind
    inner: tuple["Dependency", ...] = ()
    """What each item gives when it is used: one for ``Lazy[T]``, as many as targets for ``list[Lazy[T]]``."""
    asked: Any = None
    """The annotation it was written with."""
    in_cycle: bool = False
    """What it gives needs its owner again, so using it while the owner is being built can never end."""
    position: int = -1
    """For an argument of a factory which one it is."""


@dataclass(frozen=True, slots=True)
class Dependency:
    """One parameter of a class or factory, and what will be passed for it."""

    parameter: str
    wanted: ServiceId
    """What the annotation asks for (for a collection: the item's interface)."""
    targets: tuple[int, ...]
    """Node numbers: one for a single service, all for a collection, none when the default or None is used."""
    positional_only: bool = False
    keyword_only: bool = False
    optional: bool = False
    """``T | None`` without a registration: ``None`` is passed."""
    default: bool = False
    """Nothing is registered and the parameter has a default: it is left out of the call."""
    form: Form = "single"
    """How the objects of ``targets`` are passed: one as it is, all in a list, a tuple, or by ``keys``."""
    keys: tuple[Hashable, ...] = ()
    """For a mapping the key of every target."""
    constant: tuple[Any, ...] = ()
    """One value that is passed as it is, known without building anything: the key of the registration, a type."""

    relation: Relation | None = None
    """The parameter is given a ``Lazy``, ``Provider`` and so on; ``targets`` is empty then."""
    later: tuple[int, ...] = ()
    """Nodes reached only when the relation is used: no edges of construction."""

    @property
    def collection(self) -> bool:
        """Tell whether all implementations are passed, in whatever form."""
        return self.form != "single"


@dataclass(frozen=True, slots=True)
class ServiceNode:
    """One registration, ready to be planned, compiled, drawn and checked against layers."""

    number: int
    """Position in registration order; identifies the node inside its graph."""
    service: ServiceId
    lifetime: Lifetime
    construction: Construction
    maker: Any
    """The class or factory to call, or the supplied instance."""
    produces: Any
    """The class that is built: the implementation, what the factory's return annotation names, or the
    instance's class; the interface itself when a factory says nothing."""
    registered: Place
    """The line of the composition root that registered it."""
    dependencies: tuple[Dependency, ...] = ()
    on_close: Callable[[Any], object] | None = None
    enter: Literal["", "sync", "async"] = ""
    """The object is entered as a context manager; the entered value is the service."""
    needs_async: bool = False
    """Building it awaits something, itself or further down."""
    closes: bool = False
    """It leaves something to close behind (generators, ``on_close``, ``enter``)."""
    closes_async: bool = False
    """Closing it awaits."""
    eager: bool = False
    """``start()`` builds it."""
    fork_safe: bool = True
    """A forked child may use the object its parent built."""
    level: int = 0
    """For a scoped service the level of scopes it lives in; 0 is the outermost."""

    @property
    def defined(self) -> Place | None:
        """The line of the class or factory; ``None`` without source. Found when asked: it reads source."""
        if self.construction is Construction.SUPPLIED:
            return defined_at(self.service.interface)
        return defined_at(type(self.maker) if self.construction is Construction.INSTANCE else self.maker)


@dataclass(frozen=True, slots=True)
class LostRegistration:
    """A registration that does not count, and why."""

    service: ServiceId
    maker: Any
    """The class or factory; of an instance its class, of an alias its target."""
    place: Place
    reason: str
    """The end of the sentence "it does not count: ..."."""
    undecided: bool = False
    """Its ``when=`` asks for settings that cannot be read here: where they can, it may count."""


@dataclass(frozen=True, slots=True)
class WiringGraph:
    """All registered services and who is built from whom."""

    nodes: tuple[ServiceNode, ...]
    single: Mapping[ServiceId, int] = field(default_factory=dict[ServiceId, int])
    """The node a look-up for one service gives: the last registration."""
    every: Mapping[ServiceId, tuple[int, ...]] = field(default_factory=dict[ServiceId, tuple[int, ...]])
    """All nodes of a service in registration order."""
    levels: tuple[str, ...] = ()
    """Names of the levels of scopes, outermost first; ``()`` for the one without a name."""
    templates: Templates = field(default_factory=Templates)
    """Registrations that answer for more than one service; their own nodes are never built."""
    lost: tuple[LostRegistration, ...] = ()
    """Registrations that do not count."""
    private: tuple[PrivateService, ...] = ()
    """What only some modules can get."""

    def edges(self) -> list[tuple[int, ...]]:
        """Give for every node the nodes it depends on, in parameter order. O(n + e)."""
        return [tuple([t for d in node.dependencies for t in d.targets]) for node in self.nodes]

    def all_edges(self) -> list[tuple[int, ...]]:
        """As ``edges``, with the nodes that are reached only when a ``Lazy``, ``Provider`` and so on is used."""
        return [tuple(t for d in node.dependencies for t in (*d.targets, *d.later)) for node in self.nodes]
