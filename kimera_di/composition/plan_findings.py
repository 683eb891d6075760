"""Show what is wrong with the plan itself as findings, with the codes of the errors.

In: the problems a plan collected (missing, cyclic, captive, mismatched services). Out: findings of the wiring
contract. A captive dependency has the kind ``captive``, everything else ``plan``; neither is an edge, and
neither can be ignored, because ``build()`` refuses the same collection.
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise

from kimera_di.architecture.layering.layers import LayerOrder
from kimera_di.architecture.model.findings import Finding, Kind, Link
from kimera_di.errors import CaptiveDependencyError, KimeraError, ServiceError
from kimera_di.planning.service_problems import holder_of
from kimera_di.rendering import dotted_name, show_place
from kimera_di.vocabulary import Step


def plan_findings(
    problems: Iterable[KimeraError], contract: str | None, order: LayerOrder | None = None
) -> tuple[Finding, ...]:
    """Turn every problem of a plan into a finding.

    Args:
        problems: What the planner collected; nothing was raised.
        contract: Id of the contract the findings belong to.
        order: The layers that a captive dependency is told with.

    Returns:
        One finding per problem, in the order of the planner. ``importer`` is the consumer, ``imported`` the
        service it cannot have; file and line are the consumer's, or the service's own where nobody consumes it.
    """
    return tuple(_finding(problem, contract, order) for problem in problems)


def _finding(problem: KimeraError, contract: str | None, order: LayerOrder | None) -> Finding:
    steps = problem.path
    holder = holder_of(problem, steps) if isinstance(problem, ServiceError) else None
    service = steps[-1].service if steps else getattr(problem, "service", None)
    where = holder or (steps[-1] if steps else None)
    return Finding(
        code=problem.code,
        contract=contract,
        kind=_kind(problem),
        importer=None if holder is None else dotted_name(holder.service),
        imported=None if service is None else dotted_name(service),
        file=None if where is None or where.file is None else show_place(where.file, None),
        line=None if where is None else where.line or None,
        message=problem.summary + _held_across(problem, holder, order),
        chain=_chain(steps),
        advice=next((text for label, text in problem.facts if label == "do this"), ""),
    )


def _kind(problem: KimeraError) -> Kind:
    return "captive" if isinstance(problem, CaptiveDependencyError) else "plan"


def _held_across(problem: KimeraError, holder: Step | None, order: LayerOrder | None) -> str:
    """Name every service from the one that holds to the one that is held, each with its layer."""
    if order is None or holder is None or not isinstance(problem, CaptiveDependencyError):
        return ""
    held = problem.path[problem.path.index(holder) :]
    return ": " + " -> ".join(_with_layer(dotted_name(step.service), order) for step in held)


def _with_layer(name: str, order: LayerOrder) -> str:
    layer = order.layer_of(name.partition("[")[0])
    return name if layer is None else f"{name} ({layer})"


def _chain(steps: Sequence[Step]) -> tuple[Link, ...]:
    return tuple(
        Link(
            dotted_name(step.service),
            dotted_name(following.service),
            step.file and show_place(step.file, None),
            step.line,
        )
        for step, following in pairwise(steps)
    )
