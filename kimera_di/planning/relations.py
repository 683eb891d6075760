"""Parameters that are given a way to a service, not the service: ``Lazy[T]``, ``Provider[T]``, ``Owned[T]`` and so on.

In: an annotation and what matching its inside found. Out: a dependency with a ``Relation`` and without targets: what
it gives is reached later, so it is no edge of construction. Builds nothing. See docs/decisions/0013.
"""

import typing
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, cast

from kimera_di.planning.graph import Dependency, Relation, RelationKind, ServiceNode
from kimera_di.planning.walks import components
from kimera_di.records import dataclass, replace
from kimera_di.registration.annotations import Parameter, split_annotated
from kimera_di.rendering import short_name
from kimera_di.vocabulary import AsyncProvider, Factory, Key, Lazy, Owned, Provider, ServiceId

if TYPE_CHECKING:
    from kimera_di.planning.dependencies import Unmet
    from kimera_di.planning.services import Services

_KINDS: Mapping[Any, RelationKind] = {
    Lazy: "lazy",
    Provider: "provider",
    AsyncProvider: "async_provider",
    Owned: "owned",
    Factory: "factory",
}
RELATION_MARK = "__kimera_relation__"
"""Class attribute of ``ServiceContainer``, ``Scope`` and ``ScopeFactory``: a later stage defines them."""

Match = Callable[[Parameter], "Dependency | Unmet | None"]


@dataclass(frozen=True, slots=True)
class Tie:
    """One relation object that is made when its owner is built."""

    owner: int
    """The node whose parameter it is; -1 for a look-up and for a function that is not registered."""
    parameter: str
    relation: Relation
    gives: Dependency | None
    """What it gives when it is used; ``None`` for the container and the scope themselves."""


def relation_kind(annotation: Any) -> RelationKind | None:
    """Tell what kind of relation an annotation asks for, ``None`` for an ordinary one."""
    origin = typing.get_origin(annotation)
    if origin is not None:
        return _KINDS.get(origin) if isinstance(origin, type) else None
    if not isinstance(annotation, type):
        return None
    return _KINDS.get(annotation) or annotation.__dict__.get(RELATION_MARK)


def match_relation(
    parameter: Parameter, annotation: Any, key: Any, services: "Services", match: Match
) -> "Dependency | Unmet | None":
    """Find what a relation will be given to give, or why nothing can be.

    Args:
        parameter: The parameter.
        annotation: Its annotation without ``Annotated``.
        key: The key of ``Annotated[Lazy[T], Key(k)]``.
        services: What is registered.
        match: Matches a parameter whose annotation is what stands in the brackets.

    Returns:
        ``None`` when the annotation is no relation. O(what matching the inside costs).
    """
    kind = relation_kind(annotation)
    if kind is None:
        return None
    arguments = typing.get_args(annotation)
    if annotation in _KINDS:
        return _unreadable(parameter, f"{short_name(annotation)} does not say of what: write {_example(annotation)}")
    if kind == "factory":
        return _factory(parameter, annotation, key, services)
    if not arguments:
        return _given(parameter, Relation(kind, (), annotation), ServiceId(annotation))
    inner = arguments[0] if key is None else _with_key(arguments[0], key)
    found = match(replace(parameter, annotation=inner, has_default=False))
    if isinstance(found, Dependency):
        return _given(parameter, Relation(kind, (found,), annotation), found.wanted)
    if found is None or found.reason != "missing":
        return found
    if parameter.has_default:
        return replace(_given(parameter, Relation(kind), ServiceId(annotation)), relation=None, default=True)
    return replace(found, text=found.text or f"wanted as {short_name(annotation)}")


def item_of(annotation: Any) -> Any:
    """Give ``T`` for ``Lazy[T]``, ``Provider[Lazy[T]]`` and so on, anything else as it is; for items of collections."""
    inner, key = split_annotated(annotation)
    while typing.get_origin(inner) is not None and relation_kind(inner) not in {None, "factory"}:
        inner, own = split_annotated(typing.get_args(inner)[0])
        key = own if key is None else key
    return inner if key is None else _with_key(inner, key)


def each_related(collection: Dependency, item: Any) -> Dependency:
    """Give every item of a collection the relation its annotation asks for: ``list[Lazy[T]]``.

    Args:
        collection: A dependency on all ``T``.
        item: What stands in the brackets of the collection.

    Returns:
        The dependency; the same one when ``item`` is no relation.
    """
    item, _ = split_annotated(item)
    kind = relation_kind(item)
    if kind is None or kind == "factory" or not typing.get_args(item):
        return collection
    deeper = typing.get_args(item)[0]
    inner = tuple(
        each_related(replace(collection, targets=(target,), form="single", keys=()), deeper)
        for target in collection.targets
    )
    return replace(collection, targets=(), relation=Relation(kind, inner, item), later=collection.targets)


def ties_of(owner: int, dependency: Dependency) -> list[Tie]:
    """Give the relation objects that are made for one parameter, one for each item of a collection."""
    relation = dependency.relation
    if relation is None:
        return []
    if dependency.form == "single" and not relation.inner:
        return [Tie(owner, dependency.parameter, relation, None)]
    return [Tie(owner, dependency.parameter, relation, inner) for inner in relation.inner]


def held(dependency: Dependency) -> tuple[int, ...]:
    """Give the nodes whose objects the owner may keep: all but those that ``Owned`` builds in a scope of their own."""
    relation = dependency.relation
    if relation is None:
        return dependency.targets
    if relation.kind == "owned":
        return ()
    return tuple(number for inner in relation.inner for number in held(inner))


def wants_scope(dependency: Dependency) -> bool:
    """Tell whether the current ``Scope`` itself is asked for, ``Lazy[Scope]`` included."""
    relation = dependency.relation
    if relation is None or relation.kind == "owned":
        return False
    return relation.kind == "scope" or any(wants_scope(inner) for inner in relation.inner)


def relations_in(dependency: Dependency) -> Iterator[tuple[Relation, Dependency]]:
    """Walk every relation of a parameter with what it gives: ``Lazy[Provider[T]]`` has two."""
    relation = dependency.relation
    if relation is not None:
        for inner in relation.inner:
            yield relation, inner
            yield from relations_in(inner)


def relation_name(relation: Relation) -> str:
    """Name a relation as explanations and exports do: ``lazy``, ``async provider``."""
    return relation.kind.replace("_", " ")


def has_relations(nodes: Sequence[ServiceNode]) -> bool:
    """Tell whether any parameter is a relation, so that everybody else pays one pass at most."""
    for node in nodes:  # written out: a generator takes three times as long
        for dependency in node.dependencies:
            if dependency.relation is not None:
                return True
    return False


def mark_cycles(nodes: Sequence[ServiceNode], first: int = 0) -> tuple[ServiceNode, ...]:
    """Note on every relation whether what it gives needs its owner again.

    Args:
        nodes: Nodes that no other node leads to: all of a graph, or the last ones of it.
        first: The number of the first of them.

    Returns:
        The nodes with their notes. O(n + e).
    """
    edges = [
        tuple(t - first for d in node.dependencies for t in (*d.targets, *d.later) if t >= first) for node in nodes
    ]
    cycle_of: dict[int, int] = {}
    for index, component in enumerate(components(edges)):
        cycle_of.update(dict.fromkeys((first + each for each in component), index))
    return tuple(_marked(node, cycle_of) if node.number in cycle_of else node for node in nodes)


def _marked(node: ServiceNode, cycle_of: Mapping[int, int]) -> ServiceNode:
    mine = cycle_of[node.number]
    dependencies = tuple(
        _in_cycle(d) if any(cycle_of.get(number) == mine for number in d.later) else d for d in node.dependencies
    )
    return replace(node, dependencies=dependencies)


def _in_cycle(dependency: Dependency) -> Dependency:
    relation = dependency.relation
    if relation is None:
        return dependency
    inner = tuple(_in_cycle(each) for each in relation.inner)
    endless = relation.kind != "factory"  # a tree may build its branches: the arguments say when it ends
    return replace(dependency, relation=replace(relation, inner=inner, in_cycle=endless))


def _given(parameter: Parameter, relation: Relation, wanted: ServiceId) -> Dependency:
    later = dict.fromkeys(number for inner in relation.inner for number in (*inner.targets, *inner.later))
    return Dependency(
        parameter.name, wanted, (), parameter.positional_only, parameter.keyword_only,
        relation=relation, later=tuple(later),
    )  # fmt: skip


def _factory(parameter: Parameter, annotation: Any, key: Any, services: "Services") -> "Dependency | Unmet":
    from kimera_di.planning.dependencies import Unmet

    arguments = typing.get_args(annotation)
    if not isinstance(arguments[0], tuple) and arguments[0] is not Ellipsis:
        return _unreadable(parameter, f"{short_name(annotation)} needs a list of types: write Factory[[str], T]")
    made, own = split_annotated(arguments[-1])
    owned = relation_kind(made) == "owned"
    if owned:
        made, inner_key = split_annotated(typing.get_args(made)[0])
        own = inner_key if own is None else own
    wanted = ServiceId(made, key if own is None else own)
    given = _types(arguments[0])
    found = "" if services.assist is None else services.assist(wanted, given, services.one(wanted))
    if not isinstance(found, int):
        return _unreadable(parameter, found) if found else _nobody(parameter, wanted, annotation, Unmet)
    inner = Dependency(parameter.name, wanted, (found,))
    if owned:
        inner = _given(parameter, Relation("owned", (inner,), arguments[-1]), wanted)
    return _given(parameter, Relation("factory", (inner,), annotation), wanted)


def _types(listed: Any) -> tuple[Any, ...] | None:
    return None if listed is Ellipsis else listed


def _nobody(parameter: Parameter, wanted: ServiceId, annotation: Any, unmet: "type[Unmet]") -> "Dependency | Unmet":
    if parameter.has_default:
        return replace(_given(parameter, Relation("factory"), wanted), relation=None, default=True)
    return unmet(parameter.name, wanted, "missing", f"wanted as {short_name(annotation)}")


def _unreadable(parameter: Parameter, text: str) -> "Unmet":
    from kimera_di.planning.dependencies import Unmet

    return Unmet(parameter.name, None, "annotation", text)


def _example(kind: Any) -> str:
    return "Factory[[str], T]" if kind is Factory else f"{short_name(kind)}[T]"


def _with_key(annotation: Any, key: Any) -> Any:
    """Put the key of the relation on what it gives, unless that says its own."""
    inner, own = split_annotated(annotation)
    return annotation if own is not None else cast("Any", Annotated)[inner, Key(key)]
