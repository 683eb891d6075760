"""What is wrong with aliases and decorators once every registration is known, as errors.

In: what was selected and the wiring. Out: indexes with further names, and errors with their lines. Calls nothing.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from kimera_di.errors import InterfaceMismatchError, KimeraError, MissingServiceError, RegistrationError
from kimera_di.planning.aliases import Named, names_for_every_key, with_aliases
from kimera_di.planning.generics import has_variables
from kimera_di.planning.graph import ServiceNode, WiringGraph
from kimera_di.planning.guesses import missing_facts
from kimera_di.planning.open_problems import open_alias_facts, open_facts
from kimera_di.planning.selection import Selection
from kimera_di.records import replace
from kimera_di.registration.descriptors import misuse
from kimera_di.registration.entries import Alias, Decoration
from kimera_di.registration.names import KnownTypes
from kimera_di.rendering import short_name, show_place
from kimera_di.vocabulary import ANY_KEY, ServiceId, Step

if TYPE_CHECKING:
    from kimera_di.planning.services import Services
    from kimera_di.planning.templates import Templates

Misfits = Callable[[ServiceNode, KnownTypes], list[str]]


def name_aliases(services: "Services", selection: Selection) -> "tuple[Services, Named | None]":
    """Put the aliases into the indexes; ``None`` when there are none. O(services) with aliases."""
    if not selection.aliases:
        return services, None

    def find(wanted: ServiceId) -> int | None:
        # A class whose type arguments were left open names no service of its own, so it has no other name either.
        is_closed = services.answers(wanted) and not has_variables(wanted.interface)
        return services.one(wanted) if is_closed else None

    templates = replace(services.templates, names=names_for_every_key(selection.aliases, services.templates))
    services = replace(services, templates=templates)
    named = with_aliases(dict(services.single), dict(services.every), selection.aliases, find)
    ends = [(a.alias, n) for a in selection.aliases for n in _open_end(a.alias, templates)]
    named = replace(named, ends=(*named.ends, *ends))
    return replace(services, single=named.single, every=named.every), named


def _open_end(alias: Alias, templates: "Templates") -> tuple[int, ...]:
    """Give the node of the ``ANY_KEY`` registration that an alias of every key stands for; the last one answers."""
    return templates.with_any_key(alias.target.interface)[-1:] if alias.service.key is ANY_KEY else ()


def selection_problems(
    selection: Selection, named: Named | None, graph: WiringGraph, known: KnownTypes, misfits: Misfits
) -> tuple[KimeraError, ...]:
    """Find what is wrong with aliases and decorations.

    Args:
        selection: What was selected.
        named: The aliases in the indexes.
        graph: The wiring.
        known: The registered types, for annotations written as strings.
        misfits: Says why a node does not fit its interface.

    Returns:
        Errors: predicates, decorations of nothing, aliases without target, aliases whose target does not fit.
    """
    problems = list(selection.problems)
    problems.extend(_nothing(each, graph) for each in selection.idle)
    if named is not None:
        problems.extend(_open_name(each) for each, _ in named.ends if has_variables(each.service.interface))
        problems.extend(
            named.problems(lambda alias, wanted: open_alias_facts(alias, wanted, graph) or missing_facts(wanted, graph))
        )
        for alias, number in named.ends:
            node = graph.nodes[number]
            reasons = misfits(replace(node, service=alias.service), known)
            fits = misfits(node, known)
            if reasons and not fits:
                problems.append(_mismatch(alias, reasons))
    return tuple(problems)


def _open_name(alias: Alias) -> RegistrationError:
    """Make the error for a name such as ``Reader[T]`` for a service without type variables: nobody can ask for it."""
    name = short_name(alias.service.interface)
    what = f"{name} leaves type arguments open, and {short_name(alias.target)} is one service"
    return misuse(what, alias.place, f"name a closed type in the place of {name}")


def _nothing(decoration: Decoration, graph: WiringGraph) -> MissingServiceError:
    name = short_name(decoration.service)
    open_ones = open_facts(decoration.service, graph)
    guesses = [fact for fact in missing_facts(decoration.service, graph) if fact[0] != "do this"]
    return MissingServiceError(
        f"there is nothing to decorate: nothing provides {name}",
        service=decoration.service,
        path=(Step(_shown(decoration.service), None, None, None, None),),
        end="not registered",
        facts=(
            ("at", show_place(*decoration.place)),
            ("note", _elsewhere(decoration.service, graph.single)),
            *(open_ones or (*guesses, ("do this", f"register {name}, or decorate what is registered"))),
        ),
    )


def _shown(service: ServiceId) -> object:
    return service.interface if service.key is None else service


def _elsewhere(wanted: ServiceId, single: Mapping[ServiceId, int]) -> str:
    """An unkeyed decorator touches unkeyed registrations only."""
    keyed = wanted.key is None and any(each.interface == wanted.interface for each in single)
    return "without key= it decorates unkeyed registrations; key=ANY_KEY decorates every keyed one" if keyed else ""


def _mismatch(alias: Alias, reasons: list[str]) -> InterfaceMismatchError:
    first, *more = reasons
    return InterfaceMismatchError(
        f"{short_name(alias.service)} cannot be another name for {short_name(alias.target)}: {first}",
        service=alias.service,
        facts=(
            *((("also", "\n".join(more)),) if more else ()),
            ("at", show_place(*alias.place)),
            ("do this", f"let the alias name something that is a {short_name(alias.service)}"),
        ),
    )
