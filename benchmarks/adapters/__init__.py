"""One module per container; each has one class with the interface of ``benchmarks.case.Adapter``."""

from dataclasses import dataclass
from importlib import import_module
from typing import Final, Literal

from benchmarks.case import Adapter

Kind = Literal["byhand", "floor", "peer", "unlocked", "own"]


@dataclass(frozen=True, slots=True)
class Entry:
    """Where an adapter lives, without importing it.

    Attributes:
        name: The heading of the column and the name in ``--only`` and ``--without``.
        path: ``module:Class``.
        kind: The reference, what is less than the reference, another container, another container with its locks
            turned off, or ours (and what ``--extra`` adds). Only ``peer`` counts when the fastest peer is looked for:
            ours cannot be built twice under threads, so it is judged against containers that promise the same for
            singletons. ``unlocked`` stands in the table to show what that promise costs.
        is_quick: Whether ``--quick`` runs it: ours, by hand, and the peers that have been the fastest at something.
    """

    name: str
    path: str
    kind: Kind
    is_quick: bool = True


TIMED_ONLY: Final[frozenset[Kind]] = frozenset({"floor", "unlocked"})
"""Who differs from another adapter in warm operations alone."""

ENTRIES: Final = (
    Entry("byhand", "benchmarks.adapters.byhand:ByHand", "byhand"),
    Entry("kimera", "benchmarks.adapters.kimera:Kimera", "own"),
    Entry("byhand-locals", "benchmarks.adapters.byhand:ByHandLocals", "floor", is_quick=False),
    Entry("diwire", "benchmarks.adapters.diwire:Diwire", "peer"),
    Entry("wireup", "benchmarks.adapters.wireup:Wireup", "peer"),
    Entry("modern-di", "benchmarks.adapters.modern_di:ModernDi", "peer"),
    Entry("dishka", "benchmarks.adapters.dishka:Dishka", "peer"),
    Entry("dependency-injector", "benchmarks.adapters.dependency_injector:DependencyInjector", "peer"),
    Entry("aioinject", "benchmarks.adapters.aioinject:Aioinject", "peer", is_quick=False),
    Entry("anydi", "benchmarks.adapters.anydi:AnyDi", "peer", is_quick=False),
    Entry("injector", "benchmarks.adapters.injector:InjectorAdapter", "peer", is_quick=False),
    Entry("lagom", "benchmarks.adapters.lagom:Lagom", "peer", is_quick=False),
    Entry("punq", "benchmarks.adapters.punq:Punq", "peer", is_quick=False),
    Entry("rodi", "benchmarks.adapters.rodi:Rodi", "peer", is_quick=False),
    Entry("svcs", "benchmarks.adapters.svcs:Svcs", "peer", is_quick=False),
    Entry("that-depends", "benchmarks.adapters.that_depends:ThatDepends", "peer", is_quick=False),
    Entry("diwire-nolock", "benchmarks.adapters.diwire:DiwireUnlocked", "unlocked", is_quick=False),
    Entry("dishka-nolock", "benchmarks.adapters.dishka:DishkaUnlocked", "unlocked", is_quick=False),
)


def load(path: str) -> Adapter:
    """Import the adapter at ``module:Class`` and make one.

    Raises:
        ImportError: The container is not installed, or the module has no such class.
    """
    module, _, attribute = path.partition(":")
    try:
        made: Adapter = getattr(import_module(module), attribute)()
    except AttributeError as error:
        message = f"{path}: {error}"
        raise ImportError(message) from error
    return made
