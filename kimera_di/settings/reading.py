"""From the registrations of settings to descriptors that can be planned.

In: every descriptor of a collection. Out: the same with nested models as services of their own, and, where values
are wanted, every model read. ``kimera check`` reads no values: an architecture does not depend on them.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING

from kimera_di.errors import AmbiguousServiceError, Facts, KimeraError, MissingServiceError
from kimera_di.planning import Plan
from kimera_di.planning.graph import WiringGraph
from kimera_di.planning.problems import step_of
from kimera_di.records import dataclass, replace
from kimera_di.registration.descriptors import UNSET, Construction, ServiceDescriptor
from kimera_di.registration.entries import Entry, descriptors_of
from kimera_di.rendering import safe_repr, short_name
from kimera_di.settings.makers import SettingsMaker, path_name
from kimera_di.vocabulary import ServiceId, Step

if TYPE_CHECKING:
    from kimera_di.settings.parts import Nested


@dataclass(frozen=True, slots=True)
class SettingsReading:
    """What was read, and what that means for the plan."""

    entries: tuple[Entry, ...]
    problems: tuple[KimeraError, ...] = ()
    """One per model that cannot be read."""
    unanswered: "tuple[Nested, ...]" = ()
    """Nested models that a type alone does not name, or that are ``None``."""

    def explained(self, plan: Plan) -> tuple[KimeraError, ...]:
        """Say of a missing service that it is a nested model with several places, or with none.

        Args:
            plan: What the planner made of the descriptors.

        Returns:
            The problems of the settings, then those of the plan. Those about nested models name the fields. A default,
            ``None`` or empty list that would be taken because a nested model has several places is one more.
        """
        planned = (self._explained(problem) for problem in plan.problems)
        return (*self.problems, *planned, *self._silent(plan.graph))

    def _silent(self, graph: WiringGraph) -> Iterator[KimeraError]:
        if not self.unanswered:
            return
        for node in graph.nodes:
            for needed in node.dependencies:
                places = () if needed.targets else self._places(needed.wanted)
                if len(places) > 1:
                    last = Step(needed.wanted.interface, None, None, None, None)
                    yield _ambiguous(needed.wanted, places, (step_of(node, needed.parameter), last))

    def _places(self, wanted: ServiceId) -> "tuple[Nested, ...]":
        return tuple(nested for nested in self.unanswered if ServiceId(nested.kind, nested.key) == wanted)

    def _explained(self, problem: KimeraError) -> KimeraError:
        if not isinstance(problem, MissingServiceError):
            return problem
        wanted = ServiceId(problem.service, problem.key)
        places = self._places(wanted)
        keyed = [nested for nested in self.unanswered if ServiceId(nested.kind, nested.path_key) == wanted]
        if len(places) > 1:
            return _ambiguous(wanted, places, problem.path, _others(problem))
        for nested in (*places, *keyed):
            if nested.unset:
                return _unset(problem, nested)
        return problem


def with_parts(entries: Sequence[Entry]) -> tuple[Entry, ...]:
    """Add the nested models of every settings model; reads no variable.

    Args:
        entries: What the user registered.

    Returns:
        The entries; the descriptors of a nested model follow the model they belong to.
    """
    return _expanded(entries).entries


def read_settings(
    entries: Sequence[Entry], given: Mapping[ServiceId, object] = MappingProxyType({})
) -> SettingsReading:
    """Read every settings model once, and add the nested models.

    Args:
        entries: What the user registered.
        given: Objects that stand for settings in a variant of the collection; these settings are not read.

    Returns:
        Entries that give the objects read here, and one problem per model that cannot be read. O(entries)
        when there are no settings, and then nothing is imported.
    """
    read: list[Entry] = []
    problems: list[KimeraError] = []
    for descriptor in entries:
        maker = _settings_of(descriptor)
        if maker is None or not isinstance(descriptor, ServiceDescriptor):
            read.append(descriptor)
        elif descriptor.service in given:
            value = given[descriptor.service]
            stands_for = value if isinstance(value, maker.model) else UNSET  # the planner refuses what does not fit
            read.append(replace(descriptor, maker=SettingsMaker(maker.model, maker.options, stands_for)))
        else:
            from kimera_di.settings.models import read_model
            from kimera_di.settings.problems import settings_error

            value, wrong = read_model(maker.model, maker.options)
            if wrong:
                problems.append(settings_error(maker.model, maker.options, wrong, descriptor.place))
            read.append(replace(descriptor, maker=SettingsMaker(maker.model, maker.options, value)))
    expanded = _expanded(read)
    return SettingsReading(expanded.entries, tuple(problems), expanded.unanswered)


def _settings_of(entry: Entry) -> SettingsMaker | None:
    maker = entry.maker if isinstance(entry, ServiceDescriptor) else None
    return maker if type(maker) is SettingsMaker else None


def _expanded(entries: Sequence[Entry]) -> SettingsReading:
    if not any(_settings_of(entry) for entry in entries):
        return SettingsReading(tuple(entries))
    descriptors = descriptors_of(entries)
    from kimera_di.settings.parts import describe_parts, nested_of

    last = {descriptor.service: descriptor for descriptor in descriptors}
    taken = set(last)
    parts = [
        nested_of(d, _maker_of(d.maker, last[d.service])) if isinstance(d.maker, SettingsMaker) and own is d else ()
        for d, own in zip(descriptors, _last_settings(descriptors), strict=True)
    ]
    every = [nested for some in parts for nested in some]
    by_type = _unique([(ServiceId(nested.kind, nested.key), nested) for nested in every], taken)
    by_path = _unique([(ServiceId(nested.kind, nested.path_key), nested) for nested in every], taken)
    found: list[Entry] = []
    following = iter(parts)
    for entry in entries:
        found.append(entry)
        if isinstance(entry, ServiceDescriptor):
            found.extend(describe_parts(entry, next(following), by_type, by_path))
    unanswered = tuple(n for n in every if n.unset or by_type.get(ServiceId(n.kind, n.key)) is not n)
    return SettingsReading(tuple(found), (), unanswered)


def _last_settings(descriptors: Sequence[ServiceDescriptor]) -> list[ServiceDescriptor | None]:
    """For every descriptor the last settings of its service: nested models are built from what answers the service."""
    last = {each.service: each for each in descriptors if isinstance(each.maker, SettingsMaker)}
    return [last.get(each.service) for each in descriptors]


def _maker_of(maker: SettingsMaker, answering: ServiceDescriptor) -> SettingsMaker:
    """Give a maker that holds what will be given out: an instance may have been registered after the settings."""
    if answering.construction is Construction.INSTANCE and isinstance(answering.maker, maker.model):
        return SettingsMaker(maker.model, maker.options, answering.maker)
    return maker if isinstance(answering.maker, SettingsMaker) else SettingsMaker(maker.model, maker.options)


def _unique(pairs: "Iterable[tuple[ServiceId, Nested]]", taken: set[ServiceId]) -> "dict[ServiceId, Nested | None]":
    """Who alone answers a service: what the user registered comes first, and of several nested models none does."""
    found: dict[ServiceId, Nested | None] = {}
    for service, nested in pairs:
        found[service] = None if service in found or service in taken else nested
    return found


def _others(problem: KimeraError) -> Facts:
    return tuple(fact for fact in problem.facts if fact[0] == "also needed by")


def _ambiguous(
    wanted: ServiceId, places: "Sequence[Nested]", path: Sequence[Step], others: Facts = ()
) -> AmbiguousServiceError:
    names = " or ".join(path_name(nested.part) for nested in places)
    kind = short_name(wanted.interface)
    keys = ", ".join(f"Annotated[{kind}, Key({safe_repr(nested.path_key)})]" for nested in places)
    return AmbiguousServiceError(
        f"{kind} could be any of {names}",
        service=wanted,
        path=path,
        end="several fields of settings have this type",
        facts=(*others, ("do this", f"ask for one of {keys}")),
    )


def _unset(problem: MissingServiceError, nested: "Nested") -> KimeraError:
    kind, name = short_name(problem.service), path_name(nested.part)
    return MissingServiceError(
        f"nothing provides {kind}: {name} is None",
        service=ServiceId(problem.service, problem.key),
        path=problem.path,
        end="not set",
        facts=(*_others(problem), ("do this", f"set {nested.variable}, or annotate with {kind} | None")),
    )
