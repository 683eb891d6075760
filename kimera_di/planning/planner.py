"""Decide what must be built before anything is built.

In: descriptors in registration order. Out: a frozen plan: the wiring graph, every problem, warnings. Never
calls factories or constructors, holds no instances but the supplied ones; equal descriptors give equal
plans. See docs/decisions/0001 and guarantee 5 of the design.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Literal

from kimera_di.errors import KimeraError
from kimera_di.planning.askers import Asker
from kimera_di.planning.assisted import ArgumentKey, Assistance
from kimera_di.planning.dependencies import Unmet, dependencies_of
from kimera_di.planning.derivation import Drafts
from kimera_di.planning.graph import Construction, Dependency, ServiceNode, WiringGraph
from kimera_di.planning.indexes import index
from kimera_di.planning.levels import level_captives, level_of
from kimera_di.planning.misfits import misfits, warnings_about
from kimera_di.planning.plain import PlainNodes, fits_itself
from kimera_di.planning.problems import Reporter
from kimera_di.planning.relation_problems import held_edges, relation_problems
from kimera_di.planning.relations import has_relations, mark_cycles
from kimera_di.planning.selected import PrivateService
from kimera_di.planning.selection import select
from kimera_di.planning.selection_problems import name_aliases, selection_problems
from kimera_di.planning.services import Services
from kimera_di.planning.variants import NO_VARIANT, Variant, overridden_nodes, unknown_overrides, with_objects
from kimera_di.planning.views import Views
from kimera_di.planning.walks import components, consumers_of, reached, search, shortest_cycle
from kimera_di.records import dataclass, replace
from kimera_di.registration import UNSET, ServiceDescriptor
from kimera_di.registration.annotations import built_class, read_return, yielded
from kimera_di.registration.entries import Entry
from kimera_di.registration.names import KnownTypes
from kimera_di.vocabulary import Lifetime, Place, ServiceId

_SCOPED = Lifetime.SCOPED  # members of enumerations are slow to get from their class
_COROUTINE = 0x80  # inspect.CO_COROUTINE, without importing inspect


@dataclass(frozen=True, slots=True)
class Plan:
    """What a collection means."""

    graph: WiringGraph
    problems: tuple[KimeraError, ...]
    warnings: tuple[tuple[str, Place], ...] = ()
    """Text and line of registrations that work but are probably not what was meant."""


def make_plan(entries: Sequence[Entry], levels: tuple[str, ...] = (), variant: Variant = NO_VARIANT) -> Plan:
    """Work out what every registered service is built from, and everything that is wrong with it.

    Args:
        entries: Every registration and every operation on them, in order.
        levels: Names of the levels of scopes, outermost first.
        variant: Objects that stand for some of the services.

    Returns:
        The plan. Problems are ordered: selection, parameters, interfaces, cycles, captives; within each by
        registration. Calls ``when=`` predicates, once each. Time O(n + e) for e parameters, without recursion.
    """
    selection = select(entries)
    descriptors = selection.descriptors
    numbers = list(range(len(descriptors)))  # one object for each number, wherever it stands
    services = index(descriptors, levels, numbers)
    derived = Drafts(services.templates, len(descriptors))
    assisted = Assistance(derived, lambda number: descriptors[number] if number < len(descriptors) else None)
    services, named = name_aliases(replace(services, derive=derived.number_for, assist=assisted.number_for), selection)
    views = Views(services, selection.private)
    drafts: list[ServiceNode] = []
    unmet: list[tuple[int, Unmet]] = []
    plain = PlainNodes(services, () if selection.private else descriptors)
    for number, descriptor in zip(numbers, descriptors, strict=True):
        node = plain.node(number, descriptor)
        if node is None:
            node, open_questions = make_node(number, descriptor, views.of(descriptor))
            unmet.extend((number, question) for question in open_questions)
        drafts.append(node)
    overridden = overridden_nodes(variant, services.one)
    unmet.extend(derive_nodes(derived, services, drafts, selection.private))
    derived.settle()
    if assisted.bases:
        drafts, unmet = built_by_factories(assisted.bases, descriptors, drafts, unmet, views)
    if variant.objects:
        drafts, unmet = with_objects(drafts, unmet, overridden, variant)
    nodes = spread_async(drafts)
    if has_relations(nodes):
        nodes = mark_cycles(nodes)
    graph = WiringGraph(
        nodes, services.single, services.every, levels, services.templates, selection.lost, selection.private
    )
    problems = (*unknown_overrides(graph, variant, overridden), *find_problems(graph, unmet, services.known))
    if selection.operated:
        problems = (*selection_problems(selection, named, graph, services.known, misfits), *problems)
    return Plan(graph, problems, tuple(warnings_about(graph.nodes[: len(descriptors)], descriptors)))


def built_by_factories(
    bases: Iterable[int],
    descriptors: Sequence[ServiceDescriptor],
    drafts: Sequence[ServiceNode],
    unmet: Sequence[tuple[int, Unmet]],
    views: Views,
) -> tuple[list[ServiceNode], list[tuple[int, Unmet]]]:
    """Let registered services that only factories build lack what the callers of those factories give.

    Args:
        bases: Numbers of the services.
        descriptors: Every registration.
        drafts: All nodes.
        unmet: Parameters that nothing can be passed for.
        views: What each registration can get.

    Returns:
        The nodes and what is still unmet. A look-up of such a service is refused when it is built.
    """
    asked = {number for node in drafts for d in node.dependencies for number in (*d.targets, *d.later)}
    lacking = {number for number, each in unmet if each.reason in {"missing", "annotation"}}
    alone = (set(bases) & lacking) - asked
    nodes = list(drafts)
    for number in alone:
        descriptor = descriptors[number]
        hidden = ServiceId(descriptor.service.interface, ArgumentKey("given ...", descriptor.service.key, number))
        node, _ = make_node(number, replace(descriptor, service=hidden), views.of(descriptor))
        nodes[number] = replace(node, service=descriptor.service)
    return nodes, [pair for pair in unmet if pair[0] not in alone]


def derive_nodes(
    derived: Drafts, services: Services, nodes: list[ServiceNode], private: Sequence[PrivateService] = ()
) -> list[tuple[int, Unmet]]:
    """Plan the nodes that open registrations were asked for, and those they ask for in turn.

    Args:
        derived: The numbers given out; none is left pending.
        services: What is registered; derives with ``derived``.
        nodes: All nodes so far; the new ones are appended, each at its number.
        private: What is private to a module.

    Returns:
        Their parameters that cannot be filled. O(new nodes and their parameters), without recursion.
    """
    unmet: list[tuple[int, Unmet]] = []
    views = Views(services, private)
    for number, descriptor in derived.drain():
        node, open_questions = make_node(number, descriptor, views.of(descriptor))
        nodes.append(node)
        unmet.extend((number, question) for question in open_questions)
    return unmet


def make_node(number: int, descriptor: ServiceDescriptor, services: Services) -> tuple[ServiceNode, tuple[Unmet, ...]]:
    """Turn one descriptor into a node; ``needs_async`` is its own need only."""
    construction, maker = descriptor.construction, descriptor.maker
    is_instance = construction is Construction.INSTANCE
    dependencies: tuple[Dependency, ...] = ()
    unmet: tuple[Unmet, ...] = ()
    if not is_instance:
        asker = Asker(descriptor, services.known, number in services.templates.descriptors)
        dependencies, unmet = dependencies_of(maker, services, asker)
    produces = _produced(descriptor, services.known)
    enter = _enter_how(descriptor, produces)
    on_close = None if descriptor.on_close is UNSET else descriptor.on_close
    node = ServiceNode(
        number, descriptor.service, descriptor.lifetime, construction, maker, produces, descriptor.place, dependencies,
        on_close, enter,
        needs_async=enter == "async" or construction in {Construction.COROUTINE, Construction.ASYNC_GENERATOR},
        closes=bool(enter or on_close) or construction in {Construction.GENERATOR, Construction.ASYNC_GENERATOR},
        closes_async=enter == "async" or construction is Construction.ASYNC_GENERATOR or _is_async_function(on_close),
        eager=descriptor.eager, fork_safe=descriptor.fork_safe, level=level_of(descriptor, services.levels),
    )  # fmt: skip
    return node, unmet


def spread_async(nodes: Sequence[ServiceNode]) -> tuple[ServiceNode, ...]:
    """Set ``needs_async`` on everything built from something that awaits.

    Args:
        nodes: All nodes; each says what it needs itself, or is settled.

    Returns:
        The nodes with settled flags. O(n + e).
    """
    starts = [n.number for n in nodes if n.needs_async]
    if not starts:
        return tuple(nodes)
    edges = [tuple(t for d in node.dependencies for t in d.targets) for node in nodes]
    waiting = reached(starts, consumers_of(edges))
    return tuple(replace(n, needs_async=True) if n.number in waiting and not n.needs_async else n for n in nodes)


def find_problems(
    graph: WiringGraph, unmet: Sequence[tuple[int, Unmet]], known: KnownTypes,
    only: frozenset[int] | None = None, holders: frozenset[int] | None = None,
) -> tuple[KimeraError, ...]:  # fmt: skip
    """Find everything that is wrong with a graph.

    Args:
        graph: The wiring.
        unmet: Parameters that nothing can be passed for.
        known: Registered types, for annotations written as strings.
        only: Look at these nodes alone (an override changed them); ``None`` for all.
        holders: Look for captives of these instead, which reach them through transients.

    Returns:
        All problems, each with its path.
    """
    reporter = Reporter(graph)
    problems = reporter.unmet(unmet)
    for node in graph.nodes:
        if fits_itself(node) or (only is not None and node.number not in only):
            continue
        reasons = misfits(node, known)
        if reasons:
            problems.append(reporter.mismatch(node.number, reasons))
    edges = graph.edges() if _may_have_cycles_or_captives(graph.nodes) else []
    cycles = [each for each in components(edges) if only is None or not only.isdisjoint(each)]
    problems.extend(reporter.cycle(shortest_cycle(each, edges)) for each in cycles)
    related = has_relations(graph.nodes)
    held = held_edges(graph) if related else edges
    keepers = only if holders is None else holders
    problems.extend(reporter.captive(path) for path in _captives(graph, held, keepers))
    if graph.levels:
        problems.extend(reporter.captive_of_level(path) for path in level_captives(graph, held, keepers))
    if related:
        problems.extend(relation_problems(graph, reporter, keepers))
    return tuple(problems)


def _may_have_cycles_or_captives(nodes: Sequence[ServiceNode]) -> bool:
    """Tell whether something is scoped, or anything leads to its own node or a later one; usually neither is."""
    for node in nodes:
        if node.lifetime is _SCOPED:
            return True
        number = node.number
        for dependency in node.dependencies:
            for target in dependency.targets:
                if target >= number:
                    return True
    return False


def _captives(graph: WiringGraph, edges: Sequence[Sequence[int]], only: frozenset[int] | None) -> list[list[int]]:
    """Paths from singletons to scoped services, directly or through transients."""
    nodes = graph.nodes
    scoped = [n.number for n in nodes if n.lifetime is Lifetime.SCOPED]
    if not scoped:
        return []
    # Only transients that lead to something scoped are walked, so a healthy graph costs one pass.
    backwards = [
        [c for c in who if nodes[c].lifetime is not Lifetime.SCOPED]
        if nodes[n].lifetime is not Lifetime.SINGLETON
        else []
        for n, who in enumerate(consumers_of(edges))
    ]
    suspects = reached(scoped, backwards)
    found: list[list[int]] = []
    for number in sorted(suspects):
        if nodes[number].lifetime is Lifetime.SINGLETON and (only is None or number in only):
            found.extend(
                search(
                    number,
                    edges,
                    through=lambda n: nodes[n].lifetime is Lifetime.TRANSIENT and n in suspects,
                    goal=lambda n: nodes[n].lifetime is Lifetime.SCOPED,
                )
            )
    return found


def _produced(descriptor: ServiceDescriptor, known: KnownTypes) -> Any:
    maker = descriptor.maker
    if descriptor.construction is Construction.INSTANCE:
        return type(maker)  # pyright: ignore[reportUnknownVariableType] - a user's object
    if descriptor.construction is Construction.SUPPLIED:
        return descriptor.service.interface
    cls = built_class(maker)
    if cls is not None:
        return cls
    annotation = read_return(maker, known)
    if descriptor.construction in {Construction.GENERATOR, Construction.ASYNC_GENERATOR}:
        annotation = yielded(annotation)
    annotation = type(None) if annotation is None else annotation
    return annotation if isinstance(annotation, type) and annotation is not Any else descriptor.service.interface


def _enter_how(descriptor: ServiceDescriptor, produces: Any) -> Literal["", "sync", "async"]:
    if not descriptor.enter:
        return ""
    only_async = hasattr(produces, "__aenter__") and not hasattr(produces, "__enter__")
    return "async" if only_async else "sync"


def _is_async_function(function: Any) -> bool:
    function = getattr(function, "func", function)
    code = getattr(getattr(function, "__func__", function), "__code__", None)
    return code is not None and bool(code.co_flags & _COROUTINE)
