"""The wiring graph: what every registered service is built from, as data.

In: nothing (the planner makes it). Out: frozen nodes and edges that the compiler, the explanation, the
exports and the architecture check read. Holds classes and callables but never calls them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from kimera_di.registration.descriptors import Construction
from kimera_di.registration.places import defined_at
from kimera_di.vocabulary import Lifetime, Place, ServiceId

__all__ = ["Construction", "Dependency", "ServiceNode", "WiringGraph"]


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
    collection: bool = False
    """``list[T]``: all implementations, in registration order."""
    optional: bool = False
    """``T | None`` without a registration: ``None`` is passed."""
    default: bool = False
    """Nothing is registered and the parameter has a default: it is left out of the call."""


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

    @property
    def defined(self) -> Place | None:
        """The line of the class or factory; ``None`` without source. Found when asked: it reads source."""
        if self.construction is Construction.SUPPLIED:
            return defined_at(self.service.interface)
        return defined_at(type(self.maker) if self.construction is Construction.INSTANCE else self.maker)


@dataclass(frozen=True, slots=True)
class WiringGraph:
    """All registered services and who is built from whom."""

    nodes: tuple[ServiceNode, ...]
    single: Mapping[ServiceId, int] = field(default_factory=dict[ServiceId, int])
    """The node a look-up for one service gives: the last registration."""
    every: Mapping[ServiceId, tuple[int, ...]] = field(default_factory=dict[ServiceId, tuple[int, ...]])
    """All nodes of a service in registration order."""

    def edges(self) -> list[tuple[int, ...]]:
        """Give for every node the nodes it depends on, in parameter order. O(n + e)."""
        return [tuple(t for d in node.dependencies for t in d.targets) for node in self.nodes]
