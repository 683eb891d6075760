"""``kimera services`` and ``kimera explain``: what a collection provides, what was chosen, what lost and why.

In: ``MODULE:SERVICES``. Out: text or JSON. The module is imported and the collection planned; nothing is built.
"""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from kimera_di.composition.loading import Wiring, load_wiring
from kimera_di.errors import ServicesNotFoundError
from kimera_di.planning.choices import Choice, choices, derived_services, explain_choices, visible_services
from kimera_di.planning.explain import explain
from kimera_di.planning.graph import WiringGraph
from kimera_di.planning.guesses import private_facts
from kimera_di.planning.service_problems import problems_of
from kimera_di.rendering import did_you_mean, dotted_name, listed, safe_repr, short_name, show_place
from kimera_di.vocabulary import ServiceId


def services_text(target: str, output: str, folders: Sequence[str]) -> tuple[str, int]:
    """List every service of a collection.

    Args:
        target: ``package.module:name``.
        output: ``text`` or ``json``.
        folders: Where packages are looked for, before ``sys.path``.

    Returns:
        The text, and 0, or 1 when the collection has problems. O(registrations).

    Raises:
        ServicesNotFoundError: There is no such module or name, or something else stands there.
        CompositionRootError: The user's code raised.
    """
    wiring = load_wiring(target, folders)
    graph = wiring.graph
    every = [(service, choices(graph, service)) for service in visible_services(graph)]
    code = 1 if wiring.problems else 0
    if output == "json":
        data = {
            "services": [_as_data(graph, service, found) for service, found in every],
            "problems": [{"code": each.code, "summary": each.summary} for each in wiring.problems],
        }
        return json.dumps(data, indent=2, ensure_ascii=False) + "\n", code
    lines = [line for service, found in every for line in _lines(graph, service, found)]
    return "".join(f"{line}\n" for line in [*_aligned(lines), *_problem_lines(wiring)]), code


def explain_text(target: str, name: str, folders: Sequence[str]) -> tuple[str, int]:
    """Draw how one service is built, and what was not chosen for it.

    Args:
        target: ``package.module:name``.
        name: The service as it is written: ``Vault``, ``shop.vault.Vault``, ``Vault['eu']``, ``Repository[Order]``.
        folders: Where packages are looked for, before ``sys.path``.

    Returns:
        The tree, for a name that several services share one after the other, with the problems of what is drawn; and
        0, or 1 when there are any.

    Raises:
        ServicesNotFoundError: Nothing has that name, or only something private; says which name is near.
        CompositionRootError: The user's code raised.
    """
    wiring = load_wiring(target, folders)
    graph = wiring.graph
    known = list(dict.fromkeys((*visible_services(graph), *derived_services(graph))))
    found = [service for service in known if name in _names(service)]
    if not found:
        raise _unknown(target, name, graph, known)
    numbers = [number for service in found for number in _nodes(graph, service)]
    problems = problems_of(graph, wiring.problems, numbers, found)
    parts = [*(_explained(graph, service) for service in found), *(f"{problem}\n" for problem in problems)]
    return "\n".join(parts), 1 if problems else 0


def _unknown(target: str, name: str, graph: WiringGraph, known: Sequence[ServiceId]) -> ServicesNotFoundError:
    private = [each.hidden for each in graph.private if name in _names(each.service)]
    if private:
        facts = private_facts([each for each in private if each in graph.single], graph)[:1]
        guess = listed([short_name(each) for each in private])
        return ServicesNotFoundError(
            f"{name} is private to a module of {target}",
            facts=(*facts, ("do this", f"kimera explain {target} '{guess}'")),
        )
    near = did_you_mean(name, [each for service in known for each in _names(service)])
    return ServicesNotFoundError(
        f"{target} registers no service {name}",
        facts=(
            *((("did you mean", listed(near)),) if near else ()),
            ("do this", f"kimera services {target} lists every service"),
        ),
    )


def _explained(graph: WiringGraph, service: ServiceId) -> str:
    trees = [explain(graph, each) for each in _nodes(graph, service)] or [f"{short_name(service)}: nothing registered"]
    rest = explain_choices(graph, service)
    return "\n".join([*trees, *([rest] if rest else [])]) + "\n"


def _nodes(graph: WiringGraph, service: ServiceId) -> list[int]:
    """The node of a service: registered, made for somebody who needs it, or open."""
    if service in graph.single:
        return [graph.single[service]]
    made = [number for (template, each), number in graph.templates.made.items() if each == service and template >= 0]
    return made[-1:] or _open(graph, service)


def _open(graph: WiringGraph, service: ServiceId) -> list[int]:
    return [number for number, each in graph.templates.descriptors.items() if each.service == service][-1:]


def _names(service: ServiceId) -> list[str]:
    """How a service may be written: with or without its module, its key with or without quotation marks."""
    plain, dotted = short_name(service.interface), dotted_name(service.interface)
    if service.key is None:
        return [plain, dotted]
    keys = {safe_repr(service.key), str(service.key)}
    if isinstance(service.key, str):
        keys.add(f'"{service.key}"')
    return [f"{each}[{key}]" for each in (plain, dotted) for key in sorted(keys)]


def _lines(graph: WiringGraph, service: ServiceId, found: Iterable[Choice]) -> Iterable[tuple[str, str, str]]:
    first = True
    for number in [] if service in graph.single else _open(graph, service):
        node = graph.nodes[number]
        yield short_name(service), f"{node.lifetime.value} {short_name(node.maker)}", show_place(*node.registered)
        first = False
    for each in found:
        name, place = short_name(service) if first else "", show_place(*each.place)
        if each.reason:
            yield name, f"not chosen: {each.made_by}", f"{place}  {each.reason}"
        else:
            lifetime = graph.nodes[graph.single[service]].lifetime.value
            yield name, f"{lifetime} {each.made_by}", place
        first = False


def _aligned(lines: Sequence[tuple[str, str, str]]) -> list[str]:
    widths = [max((len(line[column]) for line in lines), default=0) for column in (0, 1)]
    return [f"{name:<{widths[0]}}   {what:<{widths[1]}}   {rest}".rstrip() for name, what, rest in lines]


def _problem_lines(wiring: Wiring) -> list[str]:
    if not wiring.problems:
        return []
    return ["", "problems:", *(f"  {each.code} {each.summary}" for each in wiring.problems)]


def _as_data(graph: WiringGraph, service: ServiceId, found: Iterable[Choice]) -> dict[str, Any]:
    chosen = graph.single.get(service)
    node = None if chosen is None else graph.nodes[chosen]
    return {
        "service": dotted_name(service.interface),
        "key": None if service.key is None else safe_repr(service.key),
        "lifetime": None if node is None else node.lifetime.value,
        "registrations": [
            {
                "made_by": each.made_by,
                "file": show_place(each.place.file, None),
                "line": each.place.line,
                "chosen": not each.reason,
                "reason": each.reason,
            }
            for each in found
        ],
    }
