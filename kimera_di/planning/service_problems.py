"""Which problems of a plan keep some of its services from being built.

In: the wiring graph and its problems. Out: the problems that touch what these services are built from. Finds none
itself: see ``planning.planner``.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from kimera_di.errors import AsyncDependencyError, CaptiveDependencyError, KimeraError, MissingServiceError
from kimera_di.planning.graph import WiringGraph
from kimera_di.planning.walks import reached
from kimera_di.vocabulary import Lifetime, ServiceId, Step


def holder_of(problem: KimeraError, steps: Sequence[Step]) -> Step | None:
    """Find the consumer in the path of a problem.

    Args:
        problem: What is wrong.
        steps: Its path.

    Returns:
        The step before the last; of a captive service what keeps it, past the transients between; ``None`` without a
        consumer.
    """
    if not steps[:-1]:
        return None
    if isinstance(problem, CaptiveDependencyError):
        return next((step for step in reversed(steps[:-1]) if step.lifetime is not Lifetime.TRANSIENT), steps[-2])
    return steps[-2]


def problems_of(
    graph: WiringGraph, problems: Iterable[KimeraError], numbers: Sequence[int], asked: Iterable[ServiceId]
) -> tuple[KimeraError, ...]:
    """Select the problems of some services.

    Args:
        graph: The wiring.
        problems: All problems of its plan.
        numbers: The nodes of the services.
        asked: The services themselves, which may have no node.

    Returns:
        The problems that hit one of them, or something they are built from or reach through a ``Lazy``, ``Provider``
        and so on. O(nodes and edges).
    """
    everything = reached(numbers, graph.all_edges())
    names = [*asked, *(graph.nodes[number].service for number in everything)]
    touched: set[Any] = {*names, *(each.interface for each in names if each.key is None)}
    return tuple(problem for problem in problems if not touched.isdisjoint(_hit_by(problem)))


def _hit_by(problem: KimeraError) -> tuple[Any, ...]:
    """The services that a problem keeps from being built."""
    steps = problem.path
    holder = holder_of(problem, steps)
    if not steps:
        return (getattr(problem, "service", None),)
    if holder is None:
        return (steps[-1].service,)
    if isinstance(problem, CaptiveDependencyError | AsyncDependencyError | MissingServiceError):
        return (holder.service,)  # what it holds is sound itself, or is nothing at all
    return (holder.service, steps[-1].service)
