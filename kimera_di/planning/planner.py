"""Decide what must be built before anything is built.

In: descriptors in registration order. Out: a frozen plan: the wiring graph, every problem, warnings. Never
calls factories or constructors, holds no instances but the supplied ones; equal descriptors give equal
plans. See docs/decisions/0001 and guarantee 5 of the design.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from kimera_di.errors import KimeraError
from kimera_di.planning.dependencies import Services, Unmet, dependencies_of
from kimera_di.planning.fit import unfit
from kimera_di.planning.graph import Construction, Dependency, ServiceNode, WiringGraph
from kimera_di.planning.problems import Reporter
from kimera_di.planning.walks import components, consumers_of, reached, search, shortest_cycle
from kimera_di.registration import UNSET, ServiceDescriptor
from kimera_di.registration.annotations import EMPTY, built_class, read_return, yielded
from kimera_di.registration.names import KnownTypes
from kimera_di.rendering import short_name
from kimera_di.vocabulary import Lifetime, Place, ServiceId

_COROUTINE = 0x80  # inspect.CO_COROUTINE, without importing inspect


@dataclass(frozen=True, slots=True)
class Plan:
    """What a collection means."""

    graph: WiringGraph
    problems: tuple[KimeraError, ...]
    warnings: tuple[tuple[str, Place], ...] = ()
    """Text and line of registrations that work but probably leave something open."""


def make_plan(descriptors: Sequence[ServiceDescriptor]) -> Plan:
    """Work out what every registered service is built from, and everything that is wrong with it.

    Args:
        descriptors: Every registration, in order.

    Returns:
        The plan. Problems are ordered: parameters, interfaces, cycles, captives; within each by
        registration. Time O(n + e) for n registrations with e parameters, without recursion.
    """
    services = index(descriptors)
    drafts: list[ServiceNode] = []
    unmet: list[tuple[int, Unmet]] = []
    for number, descriptor in enumerate(descriptors):
        node, open_questions = make_node(number, descriptor, services)
        drafts.append(node)
        unmet.extend((number, question) for question in open_questions)
    graph = WiringGraph(spread_async(drafts, range(len(drafts))), services.single, services.every)
    problems = find_problems(graph, unmet, services.known)
    return Plan(graph, problems, tuple(_unclosed(graph.nodes, descriptors)))


def index(descriptors: Sequence[ServiceDescriptor]) -> Services:
    """Sort registrations by what they are asked for; the last one answers a single look-up."""
    single: dict[ServiceId, int] = {}
    every: dict[ServiceId, list[int]] = {}
    for number, descriptor in enumerate(descriptors):
        single[descriptor.service] = number
        every.setdefault(descriptor.service, []).append(number)
    named = [d.service.interface for d in descriptors]
    named += [d.maker for d in descriptors if isinstance(d.maker, type) and d.construction is Construction.CALL]
    return Services(single, {each: tuple(numbers) for each, numbers in every.items()}, KnownTypes(named))


def make_node(number: int, descriptor: ServiceDescriptor, services: Services) -> tuple[ServiceNode, tuple[Unmet, ...]]:
    """Turn one descriptor into a node; ``needs_async`` is its own need only."""
    construction, maker = descriptor.construction, descriptor.maker
    is_instance = construction is Construction.INSTANCE
    dependencies: tuple[Dependency, ...] = ()
    unmet: tuple[Unmet, ...] = ()
    if not is_instance:
        dependencies, unmet = dependencies_of(maker, services)
    produces = _produced(descriptor, services.known)
    enter = _enter_how(descriptor, produces)
    on_close = None if descriptor.on_close is UNSET else descriptor.on_close
    node = ServiceNode(
        number, descriptor.service, descriptor.lifetime, construction, maker, produces, descriptor.place, dependencies,
        on_close, enter,
        needs_async=enter == "async" or construction in {Construction.COROUTINE, Construction.ASYNC_GENERATOR},
        closes=bool(enter or on_close) or construction in {Construction.GENERATOR, Construction.ASYNC_GENERATOR},
        closes_async=enter == "async" or construction is Construction.ASYNC_GENERATOR or _is_async_function(on_close),
    )  # fmt: skip
    return node, unmet


def spread_async(nodes: Sequence[ServiceNode], changed: Sequence[int]) -> tuple[ServiceNode, ...]:
    """Set ``needs_async`` on everything built from something that awaits.

    Args:
        nodes: All nodes; those in ``changed`` say what they need themselves, others are settled.
        changed: Numbers to work out.

    Returns:
        The nodes with settled flags. O(n + e).
    """
    edges = [tuple(t for d in node.dependencies for t in d.targets) for node in nodes]
    open_numbers = set(changed)
    starts = [n.number for n in nodes if n.needs_async or (n.number not in open_numbers and n.needs_async)]
    if not starts:
        return tuple(nodes)
    waiting = reached(starts, consumers_of(edges))
    return tuple(replace(n, needs_async=True) if n.number in waiting and not n.needs_async else n for n in nodes)


def find_problems(
    graph: WiringGraph, unmet: Sequence[tuple[int, Unmet]], known: KnownTypes, only: frozenset[int] | None = None
) -> tuple[KimeraError, ...]:
    """Find everything that is wrong with a graph.

    Args:
        graph: The wiring.
        unmet: Parameters that nothing can be passed for.
        known: Registered types, for annotations written as strings.
        only: Look at these nodes alone (an override changed them); ``None`` for all.

    Returns:
        All problems, each with its path.
    """
    reporter = Reporter(graph)
    problems = reporter.unmet(unmet)
    for node in graph.nodes:
        if only is not None and node.number not in only:
            continue
        reasons = _misfits(node, known)
        if reasons:
            problems.append(reporter.mismatch(node.number, reasons))
    edges = graph.edges()
    for component in components(edges):
        if only is None or not only.isdisjoint(component):
            problems.append(reporter.cycle(shortest_cycle(component, edges)))
    problems.extend(reporter.captive(path) for path in _captives(graph, edges, only))
    return tuple(problems)


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


def _misfits(node: ServiceNode, known: KnownTypes) -> list[str]:
    interface, produced = node.service.interface, node.produces
    if node.construction is Construction.INSTANCE:
        return unfit(interface, produced, known, built=False)
    if node.enter:
        unbuildable = unfit(object, produced, known, built=True) if built_class(node.maker) is not None else []
        entered = _entered(node, known)
        return unbuildable if entered is EMPTY else unbuildable + unfit(interface, entered, known, built=False)
    if built_class(node.maker) is not None:
        return unfit(interface, produced, known, built=True)
    if not isinstance(produced, type) or produced is interface:
        return []
    if isinstance(interface, type) and issubclass_safe(interface, produced):
        return []  # a factory may promise less than the interface: the objects themselves may fit
    return unfit(interface, produced, known, built=False)


def _entered(node: ServiceNode, known: KnownTypes) -> Any:
    """The class of what entering gives, ``EMPTY`` when ``__enter__`` does not say."""
    method = getattr(node.produces, "__aenter__" if node.enter == "async" else "__enter__", None)
    annotation = EMPTY if method is None else read_return(method, known)
    if getattr(annotation, "__name__", "") == "Self":
        return node.produces
    return annotation if isinstance(annotation, type) and annotation is not Any else EMPTY


def issubclass_safe(cls: type, other: type) -> bool:
    """``issubclass`` over the class hierarchy alone, without hooks."""
    return other in cls.__mro__


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


def _unclosed(nodes: Sequence[ServiceNode], descriptors: Sequence[ServiceDescriptor]) -> list[tuple[str, Place]]:
    """Singletons and scoped objects that look as if they wanted to be closed, and nobody said how."""
    found: list[tuple[str, Place]] = []
    for node, descriptor in zip(nodes, descriptors, strict=True):
        if node.lifetime is Lifetime.TRANSIENT or node.closes or descriptor.on_close is not UNSET:
            continue
        if node.construction not in {Construction.CALL, Construction.COROUTINE} or not isinstance(node.produces, type):
            continue
        closers: Mapping[str, str] = {
            "close": "on_close={}.close",
            "aclose": "on_close={}.aclose",
            "__exit__": "enter=True",
        }
        for method, advice in closers.items():
            if callable(getattr(node.produces, method, None)):
                name = short_name(node.produces)
                hint = advice.format(name)
                found.append(
                    (f"{name} has {method}, but nobody calls it: say {hint}, or on_close=None", node.registered)
                )
                break
    return found
