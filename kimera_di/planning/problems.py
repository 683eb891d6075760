"""Turn what the planner found into errors with paths, others who are hit, guesses and advice.

In: the wiring graph and raw findings. Out: errors of the catalogue. Reads source for file:line, so it runs
only when something is wrong.
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

from kimera_di.errors import (
    AmbiguousServiceError,
    AnnotationError,
    CaptiveDependencyError,
    CircularDependencyError,
    Facts,
    InterfaceMismatchError,
    KimeraError,
    MissingServiceError,
    RegistrationError,
)
from kimera_di.planning.dependencies import Unmet
from kimera_di.planning.graph import ServiceNode, WiringGraph
from kimera_di.planning.guesses import fitting_facts, is_open_class, missing_facts
from kimera_di.planning.open_problems import any_key, takes_inner, wrong_key
from kimera_di.planning.walks import consumers_of, tree_from_roots
from kimera_di.rendering import listed, short_name, show_place
from kimera_di.vocabulary import ANY_KEY, ServiceId, Step

_SHORT_CYCLE = 8
"""Cycles up to this length are spelt out in the first line."""


class Reporter:
    """Makes errors about one graph; paths start at a service nobody depends on."""

    def __init__(self, graph: WiringGraph) -> None:
        self._graph = graph
        self._parents: list[int] | None = None

    def steps(self, numbers: Sequence[int]) -> tuple[Step, ...]:
        """Turn a path of nodes into steps that name the parameter leading on."""
        made: list[Step] = []
        for position, number in enumerate(numbers):
            node = self._graph.nodes[number]
            following = numbers[position + 1] if position + 1 < len(numbers) else None
            made.append(step_of(node, None if following is None else _parameter_to(node, following)))
        return tuple(made)

    def path_to(self, number: int, parameter: str | None = None) -> tuple[Step, ...]:
        """Give the steps from a root to ``number``; the last one names ``parameter``."""
        if self._parents is None:
            edges = self._graph.all_edges()
            self._parents = tree_from_roots(edges, consumers_of(edges))
        numbers = [number]
        while self._parents[numbers[-1]] >= 0:
            numbers.append(self._parents[numbers[-1]])
        steps = self.steps(numbers[::-1])
        return (*steps[:-1], steps[-1]._replace(parameter=parameter))

    def unmet(self, found: Iterable[tuple[int, Unmet]]) -> list[KimeraError]:
        """Make one error per missing service, with everybody who needs it, and one per unclear parameter."""
        missing: dict[ServiceId, list[tuple[int, str, str]]] = {}
        errors: list[KimeraError] = []
        for number, unmet in found:
            if unmet.reason == "inner":
                errors.append(self._takes_nothing(number, unmet.text))
            elif unmet.reason == "argument":
                errors.append(self._not_taken(number, unmet.text))
            elif unmet.error is not None:
                errors.append(unmet.error)
            elif unmet.reason == "key":
                path = self.path_to(number, unmet.parameter)
                errors.append(wrong_key(self._graph.nodes[number], unmet.parameter, unmet.text, path))
            elif unmet.wanted is not None and unmet.reason == "missing":
                missing.setdefault(unmet.wanted, []).append((number, unmet.parameter, unmet.text))
            elif unmet.wanted is not None:
                errors.append(self._ambiguous(number, unmet, unmet.wanted))
            else:
                errors.append(self._unreadable(number, unmet))
        return [self._missing(wanted, needing) for wanted, needing in missing.items()] + errors

    def cycle(self, numbers: Sequence[int]) -> KimeraError:
        """Make the error for a cycle; the first and the last number are the same."""
        steps = self.steps(numbers)
        first = self._graph.nodes[numbers[0]].service
        way = " -> ".join(short_name(step.service) for step in steps)
        last = f"{short_name(steps[-2].service)}({steps[-2].parameter})"
        return CircularDependencyError(
            f"{short_name(first)} needs itself: {way}"
            if len(steps) <= _SHORT_CYCLE
            else f"{short_name(first)} needs itself",
            service=first,
            path=steps,
            facts=(
                ("do this", "move what both sides need into a third service"),
                ("or", f"ask for Lazy[{short_name(first.interface)}] in {last}, and read it after construction"),
            ),
        )

    def captive(self, numbers: Sequence[int]) -> KimeraError:
        """Make the error for a singleton (first number) that would hold a scoped service (last number)."""
        holder, held = self._graph.nodes[numbers[0]], self._graph.nodes[numbers[-1]]
        name = short_name(holder.service)
        steps = pairwise(numbers)
        related = any(after in d.later for before, after in steps for d in self._graph.nodes[before].dependencies)
        advice = f"register {name} with services.scoped(...), or "
        advice += "ask for ScopeFactory and open a scope for each use" if related else "pass the object to its methods"
        return CaptiveDependencyError(
            f"the singleton {name} would keep the scoped {short_name(held.service)} of its first scope for ever",
            service=held.service,
            path=self.steps(numbers),
            facts=(
                ("registered", show_place(*holder.registered)),
                ("do this", advice),
            ),
        )

    def captive_of_level(self, numbers: Sequence[int]) -> KimeraError:
        """Make the error for a service of an outer level (first number) that would hold one of an inner level."""
        holder, held = self._graph.nodes[numbers[0]], self._graph.nodes[numbers[-1]]
        name, outer, inner = short_name(holder.service), *(self._graph.levels[each.level] for each in (holder, held))
        return CaptiveDependencyError(
            f"{name} lives in the scope {outer!r} and would keep the {short_name(held.service)} of a scope {inner!r} "
            f"inside it",
            service=held.service,
            path=self.steps(numbers),
            facts=(
                ("registered", show_place(*holder.registered)),
                ("do this", f"register {name} with scope={inner!r}, or pass the object to its methods"),
            ),
        )

    def mismatch(self, number: int, reasons: Sequence[str]) -> KimeraError:
        """Make the error for an implementation that does not fit its interface."""
        return mismatch(self._graph.nodes[number], reasons, self._graph.nodes)

    def _missing(self, wanted: ServiceId, needing: Sequence[tuple[int, str, str]]) -> KimeraError:
        number, parameter, text = needing[0]
        others = {short_name(self._graph.nodes[other].service) for other, _, _ in needing[1:]}
        guesses = missing_facts(wanted, self._graph, self._graph.nodes[number])
        facts: Facts = (("also needed by", listed(others)), ("note", text), *guesses)
        last = Step(_shown(wanted), None, None, None, None)
        summary = f"nothing provides {short_name(wanted)}"
        if is_open_class(wanted):
            asking = self._graph.nodes[number]
            what = f"{short_name(asking.service)} is asked for without type arguments"
            summary = f"{what}, so nothing says which class {short_name(asking.maker)}({parameter}) gets"
        return MissingServiceError(
            summary,
            service=wanted,
            path=(*self.path_to(number, parameter), last),
            end="not registered",
            facts=tuple(fact for fact in facts if fact[1]),
        )

    def _ambiguous(self, number: int, unmet: Unmet, wanted: ServiceId) -> KimeraError:
        if wanted.key is ANY_KEY:
            end = Step(wanted, None, None, None, None)
            return any_key(wanted, unmet.candidates, (*self.path_to(number, unmet.parameter), end))
        names = listed((short_name(candidate) for candidate in unmet.candidates), shown=9)
        return AmbiguousServiceError(
            f"{short_name(wanted)} could be any of {names}",
            service=wanted,
            path=(*self.path_to(number, unmet.parameter), Step(_shown(wanted), None, None, None, None)),
            end="more than one is registered",
            facts=(("do this", f"register the union itself, or ask for one of {names}"),),
        )

    def _not_taken(self, number: int, text: str) -> KimeraError:
        node = self._graph.nodes[number]
        return InterfaceMismatchError(
            f"{short_name(node.service.interface)} cannot be built by this Factory: {text}",
            service=node.service,
            path=self.path_to(number),
            facts=(("do this", "write in Factory[[...], T] one type for each parameter that the caller gives"),),
        )

    def _takes_nothing(self, number: int, text: str) -> KimeraError:
        node = self._graph.nodes[number]
        return RegistrationError(
            text,
            path=self.path_to(number),
            facts=(
                ("at", show_place(*node.registered)),
                ("do this", takes_inner(node.maker, node.service.interface)),
            ),
        )

    def _unreadable(self, number: int, unmet: Unmet) -> KimeraError:
        node = self._graph.nodes[number]
        return AnnotationError(
            f"parameter {unmet.parameter} of {short_name(node.maker)}: {unmet.text}",
            path=self.path_to(number, unmet.parameter),
            facts=(("do this", "annotate it with a registered type, or give it a default"),),
        )


def mismatch(node: ServiceNode, reasons: Sequence[str], nodes: Sequence[ServiceNode] = ()) -> InterfaceMismatchError:
    """Make the error for an implementation, instance or override that does not fit its interface."""
    first, *more = reasons
    return InterfaceMismatchError(
        f"{first}" if not more else f"{first} (and {len(more)} more)",
        service=node.service,
        path=(step_of(node, None),),
        facts=(
            *((("also", "\n".join(more)),) if more else ()),
            ("registered", show_place(*node.registered)),
            *fitting_facts(node, nodes),
        ),
    )


def step_of(node: ServiceNode, parameter: str | None) -> Step:
    """Turn a node into a step of a path."""
    place = node.defined
    return Step(
        _shown(node.service), parameter, node.lifetime, place.file if place else None, place.line if place else None
    )


def _parameter_to(node: ServiceNode, target: int) -> str | None:
    return next((d.parameter for d in node.dependencies if target in d.targets or target in d.later), None)


def _shown(service: ServiceId) -> Any:
    return service.interface if service.key is None else service
