"""Say which registration of a service was chosen, and which ones were not, and why.

In: the wiring graph, with what did not count. Out: rows and text. Builds nothing.
"""

from kimera_di.planning.graph import Construction, LostRegistration, ServiceNode, WiringGraph
from kimera_di.records import dataclass
from kimera_di.rendering import render_facts, short_name, show_place
from kimera_di.vocabulary import HiddenKey, Place, ServiceId


@dataclass(frozen=True, slots=True)
class Choice:
    """One registration of a service, and what became of it."""

    service: ServiceId
    made_by: str
    place: Place
    reason: str
    """"" for what a look-up gives."""


def choices(graph: WiringGraph, service: ServiceId) -> tuple[Choice, ...]:
    """Give every registration of a service.

    Args:
        graph: The wiring.
        service: Interface and key.

    Returns:
        The one that a look-up gives, then those that a later one covers, then those that do not count, each in order.
        O(registrations of the service + registrations that do not count).
    """
    numbers = graph.every.get(service, ())
    chosen = graph.single.get(service)
    found: list[Choice] = []
    if chosen is not None:
        node = graph.nodes[chosen]
        found.append(Choice(service, _maker(node), node.registered, ""))
        where = show_place(*node.registered)
        for number in numbers:
            if number != chosen:
                other = graph.nodes[number]
                reason = f"a later registration answers ({where}); resolve_all gives both"
                found.append(Choice(service, _maker(other), other.registered, reason))
    found.extend(_lost(each) for each in graph.lost if each.service == service)
    return tuple(found)


def explain_choices(graph: WiringGraph, service: ServiceId) -> str:
    """Say what lost for a service and why, "" when nothing did."""
    rest = [each for each in choices(graph, service) if each.reason]
    if not rest:
        return ""
    lines = "\n".join(f"{each.made_by} ({show_place(*each.place)}): {each.reason}" for each in rest)
    return render_facts((("not chosen", lines),), indent="")


def visible_services(graph: WiringGraph) -> tuple[ServiceId, ...]:
    """Give every service that can be named, or that only a module can name, in registration order, then what lost."""
    named = [each for each in graph.single if not isinstance(each.key, HiddenKey) or each.key.module]
    named.extend(each for each in graph.every if each not in graph.single)
    templates = [each.service for each in graph.templates.descriptors.values()]
    hidden = [each for each in templates if not isinstance(each.key, HiddenKey)]
    return tuple(dict.fromkeys((*named, *hidden, *(each.service for each in graph.lost))))


def derived_services(graph: WiringGraph) -> tuple[ServiceId, ...]:
    """Give what open registrations were closed for, because something needs it, in the order it was met."""
    made = [service for template, service in graph.templates.made if template >= 0]
    return tuple(dict.fromkeys(each for each in made if not isinstance(each.key, HiddenKey)))


def _lost(lost: LostRegistration) -> Choice:
    return Choice(lost.service, short_name(lost.maker), lost.place, lost.reason)


def _maker(node: ServiceNode) -> str:
    if node.construction is Construction.INSTANCE:
        return f"instance of {short_name(type(node.maker))}"
    return "value given to the scope" if node.construction is Construction.SUPPLIED else short_name(node.maker)
