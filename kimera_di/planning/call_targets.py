"""Functions that nobody registered but somebody calls with services: are their parameters provable?

In: functions named with ``services.validate_call`` and the wiring graph. Out: errors whose paths begin at the
function. A parameter that the container need not fill is the caller's. Calls nothing.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from kimera_di.errors import (
    AmbiguousServiceError,
    AnnotationError,
    AsyncDependencyError,
    KimeraError,
    MissingServiceError,
)
from kimera_di.planning.assisted import assist_with
from kimera_di.planning.dependencies import Unmet, match_parameter
from kimera_di.planning.derivation import Drafts
from kimera_di.planning.graph import Construction, Dependency, WiringGraph
from kimera_di.planning.growing import grown
from kimera_di.planning.guesses import missing_facts
from kimera_di.planning.problems import Reporter
from kimera_di.planning.relation_problems import awaited, cannot_await
from kimera_di.planning.services import Services
from kimera_di.planning.walks import search
from kimera_di.records import replace
from kimera_di.registration import defined_at, read_parameters
from kimera_di.registration.annotations import EMPTY, Parameter
from kimera_di.registration.call_targets import CallTarget
from kimera_di.registration.descriptors import code_flags
from kimera_di.rendering import listed, short_name, show_place
from kimera_di.vocabulary import ServiceId, Step

_AWAITS = 0x80 | 0x200  # inspect.CO_COROUTINE, CO_ASYNC_GENERATOR


def call_problems(targets: Iterable[CallTarget], graph: WiringGraph) -> list[KimeraError]:
    """Find what would go wrong when functions are called with services.

    Args:
        targets: The functions.
        graph: The wiring.

    Returns:
        For each function, in parameter order: marked parameters that nothing provides or that cannot be read, and
        services that a synchronous function cannot be given because building them awaits. O(parameters + edges).
    """
    asked = tuple(targets)
    if not asked:
        return []
    services = Services.of(graph)
    return [problem for target in asked for problem in _problems(target, graph, services)]


def called_with(
    targets: Iterable[CallTarget], graph: WiringGraph
) -> Iterator[tuple[CallTarget, Dependency, WiringGraph]]:
    """Give what functions are called with, for whoever draws or judges the wiring.

    Args:
        targets: The functions.
        graph: The wiring.

    Yields:
        The function, one of its parameters that the container fills, and the graph that knows its targets: what an
        open registration must build for it is in no other. What has problems is left out. O(parameters).
    """
    asked = tuple(targets)
    if not asked:
        return
    services = Services.of(graph)
    for target in asked:
        for parameter in _filled(target, services):
            try:
                found, grown_graph = _matched(parameter, graph, services)
            except KimeraError:
                continue  # `call_problems` gives this error as a problem of the plan
            if isinstance(found, Dependency):
                yield target, found, grown_graph


def unmet_error(function: Any, unmet: Unmet, graph: WiringGraph, give: str) -> KimeraError:
    """Make the error for a parameter of a function that nobody can fill; the path begins at the function.

    Args:
        function: The function.
        unmet: Its parameter, and why.
        graph: The wiring, for guesses.
        give: What the caller may do instead.

    Returns:
        The error.
    """
    step, name = _first_step(function, unmet.parameter), short_name(function)
    if unmet.wanted is None:
        return AnnotationError(
            f"the parameter {unmet.parameter} of {name} cannot be read: {unmet.text}",
            path=(step,), facts=(("do this", f"{give}, or correct its annotation"),),
        )  # fmt: skip
    wanted = unmet.wanted
    last = Step(wanted.interface if wanted.key is None else wanted, None, None, None, None)
    if unmet.reason == "ambiguous":
        return AmbiguousServiceError(
            f"{name}({unmet.parameter}) may be given {listed([short_name(each) for each in unmet.candidates])}",
            service=wanted, path=(step, last), end="more than one is registered",
            facts=(("do this", f"{give}, or ask for one of them"),),
        )  # fmt: skip
    return MissingServiceError(
        f"nothing provides {short_name(wanted)}", service=wanted, path=(step, last), end="not registered",
        facts=(*missing_facts(wanted, graph), ("or", give)),
    )  # fmt: skip


def _problems(target: CallTarget, graph: WiringGraph, services: Services) -> Iterator[KimeraError]:
    awaits = bool(code_flags(target.function) & _AWAITS)
    for parameter in _filled(target, services):
        try:
            found, graph = _matched(parameter, graph, services)
        except KimeraError as error:  # an open registration answers, but what it would build has problems
            yield error
            continue
        if isinstance(found, Unmet):
            if parameter.marked:  # else it is the caller's
                yield unmet_error(target.function, found, graph, _advice(target))
        elif found is not None and found.relation is not None:
            step, reporter = _first_step(target.function, parameter.name), Reporter(graph)
            for number in awaited(found, graph):
                yield cannot_await(graph, reporter, (step,), found, number)
        elif found is not None and not awaits:
            yield from _awaited(target, parameter, found, graph)


def _filled(target: CallTarget, services: Services) -> Iterator[Parameter]:
    """Give the parameters that the container may fill."""
    for parameter in read_parameters(target.function, services.known):
        if parameter.annotation is EMPTY and not parameter.problem:
            continue
        if parameter.marked or not target.marked_only:
            yield parameter


def _matched(
    parameter: Parameter, graph: WiringGraph, services: Services
) -> tuple[Dependency | Unmet | None, WiringGraph]:
    """Match a parameter; the graph gains what an open registration or a factory must build for it, kept by nobody."""
    drafts = Drafts(graph.templates, len(graph.nodes))
    deriving = replace(services, derive=drafts.number_for, assist=assist_with(drafts, graph.nodes).number_for)
    found = match_parameter(parameter, deriving)
    return found, grown(graph, drafts, services) if drafts.pending else graph


def _awaited(
    target: CallTarget, parameter: Parameter, found: Dependency, graph: WiringGraph
) -> Iterator[AsyncDependencyError]:
    for number in found.targets:
        if not graph.nodes[number].needs_async:
            continue
        nodes = graph.nodes
        ways = search(number, graph.edges(), through=lambda _: True, goal=lambda n: _awaits(graph, n))
        way = [number] if _awaits(graph, number) else list(ways[0])
        last = nodes[way[-1]]
        name = short_name(target.function)
        yield AsyncDependencyError(
            f"{name} is not async, so it cannot be given {short_name(nodes[number].service)}: "
            f"{short_name(last.service)} is made by async code",
            service=ServiceId(*last.service),
            path=(_first_step(target.function, parameter.name), *Reporter(graph).steps(way)),
            facts=(("checked", show_place(*target.place)), ("do this", f"write async def {_name(target.function)}")),
        )


def _awaits(graph: WiringGraph, number: int) -> bool:
    node = graph.nodes[number]
    return node.enter == "async" or node.construction in {Construction.COROUTINE, Construction.ASYNC_GENERATOR}


def _first_step(function: Any, parameter: str) -> Step:
    place = defined_at(function)
    return Step(function, parameter, None, *(place or (None, None)))


def _name(function: Any) -> str:
    return str(getattr(function, "__name__", short_name(function)))


def _advice(target: CallTarget) -> str:
    return f"give {_name(target.function)} a default there (checked because of {show_place(*target.place)})"
