"""Scopes of named levels: each knows the scope around it and which levels are open.

In: a container whose collection names levels. Out: scopes that build a service in the scope of its own level.
Containers without names never get here: their scopes have neither of the two keys below.
"""

# pyright: reportPrivateUsage=false
# Scope, root and closing code are one unit: the underscore hides the attributes from users, not from it.

from collections.abc import Coroutine, Hashable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from kimera_di.errors import RegistrationError, ScopeRequiredError
from kimera_di.planning.relations import held
from kimera_di.planning.walks import way_to
from kimera_di.registration import caller_place
from kimera_di.registration.descriptors import misuse
from kimera_di.registration.options import level_advice
from kimera_di.rendering import safe_repr, short_name
from kimera_di.resolution.ambient import AmbientScope, enter
from kimera_di.resolution.claims import Values
from kimera_di.resolution.failures import steps_of
from kimera_di.resolution.lookups import collected
from kimera_di.resolution.refusals import closed, open_advice
from kimera_di.resolution.related_lookups import is_related
from kimera_di.resolution.root import Root
from kimera_di.resolution.scope import Scope
from kimera_di.resolution.standing import OUTER, STANDING, Standing
from kimera_di.vocabulary import Lifetime, ServiceId

if TYPE_CHECKING:
    from typing_extensions import TypeForm

T = TypeVar("T")
_make = object.__new__


class LevelScope(Scope):
    """A scope of a named level."""

    __slots__ = ()

    def aresolve(self, service: "TypeForm[T]", key: Hashable = None) -> Coroutine[Any, Any, T]:
        """As ``resolve``, to be awaited: builds what async factories make as well."""
        values = self._values
        if values is None:
            raise closed("scope")
        wanted: Any = service if key is None else ServiceId(service, key)
        try:
            build = values[STANDING].async_table[wanted]
        except (KeyError, TypeError):
            build = None
        return (self._find_async(wanted) if build is None else build)(self)  # type: ignore[no-any-return]

    def reopen(self, values: Values) -> None:
        """Take ``shut`` back; for the closing code."""
        self._values = values
        self._table = values[STANDING].table

    def __repr__(self) -> str:
        values = self._values
        return "<Scope closed>" if values is None else f"<Scope {values[STANDING].name!r} open>"

    def _find(self, wanted: Any) -> Any:
        standing = self._standing()
        _refuse_missing_level(self._root, wanted, standing)
        return self._root.find(wanted, standing.table, at_root=False)

    def _find_async(self, wanted: Any) -> Any:
        standing = self._standing()
        _refuse_missing_level(self._root, wanted, standing)
        return self._root.find_async(wanted, standing.async_table, at_root=False)

    def _standing(self) -> Standing:
        values = self._values
        if values is None:
            raise closed("scope")
        standing: Standing = values[STANDING]
        return standing


class AmbientLevelScope(AmbientScope, LevelScope):
    """A scope of a named level that is also the current one of its context."""

    __slots__ = ()


def open_level(
    root: Root, outer: Scope | None, values: Mapping[Any, object] | None, *, ambient: bool, name: str | None
) -> Scope:
    """Open a scope of a level.

    Args:
        root: Of the container.
        outer: The scope it is opened in; ``None`` for the container itself.
        values: Given to the new scope.
        ambient: Make it the current one.
        name: Its level; the next one inside ``outer`` by default, and again the innermost one.

    Returns:
        The scope. It shares the scopes of every level outside its own with ``outer``.

    Raises:
        RegistrationError: There is no such level, or it is outside the one of ``outer``.
        ContainerClosedError: The container or ``outer`` is closed.
    """
    around: Values | None = root._values if outer is None else outer._values
    if root._values is None or around is None:
        raise closed("container" if root._values is None else "scope")
    inside: Standing | None = None if outer is None else around[STANDING]
    level = _level_to_open(root.base.graph.levels, inside, name)
    if inside is None:
        cells = {} if values is None else root.scope_values.given(values)
        opened = frozenset((level,))
    else:
        cells = root.scope_values.inherited(around, values)
        opened = frozenset((*(each for each in inside.open if each < level), level))
        cells[OUTER] = outer if inside.level < level else around.get(OUTER)
    _refuse_foreign_values(root, values, level)
    cells[STANDING] = root.standing(opened)
    scope: Scope = _make(AmbientLevelScope if ambient else LevelScope)
    scope._values = cells
    scope._table = cells[STANDING].table
    scope._root = root
    scope._epoch = root._epoch
    scope._closers = None
    if isinstance(scope, AmbientScope):
        scope._place = enter(scope)
    return scope


def no_levels(name: object) -> RegistrationError:
    """Make the error for naming a level where none has a name."""
    return misuse(
        f"there is no level {safe_repr(name)}: the scopes of this container have no names", caller_place(),
        f"name them: ServiceCollection(scopes=({safe_repr(name)},)), or leave name= out",
    )  # fmt: skip


def _level_to_open(levels: tuple[str, ...], inside: Standing | None, name: str | None) -> int:
    current = -1 if inside is None else inside.level
    if name is None:
        return min(current + 1, len(levels) - 1)
    if name not in levels:
        text = f"there is no scope level {safe_repr(name)}"
        raise misuse(text, caller_place(), level_advice(name, levels))
    if levels.index(name) < current:
        raise misuse(
            f"a scope {name!r} cannot be opened inside a scope {levels[current]!r}", caller_place(),
            f"open it first, outside: with container.scope(name={name!r})",
        )  # fmt: skip
    return levels.index(name)


def _refuse_foreign_values(root: Root, values: Mapping[Any, object] | None, level: int) -> None:
    """Refuse a value of a level further out: the services there would not see it."""
    for service in values or ():
        number = root.number(root.base, service)
        node = None if number is None else root.base.graph.nodes[number]
        if node is not None and node.level < level:
            levels = root.base.graph.levels
            raise misuse(
                f"{short_name(service)} belongs to the scope {levels[node.level]!r} and cannot be given to a scope "
                f"{levels[level]!r}", caller_place(), f"give it when the scope {levels[node.level]!r} is opened",
            )  # fmt: skip


def _refuse_missing_level(root: Root, wanted: Any, standing: Standing) -> None:
    """Refuse what needs a level that is not open here.

    Raises:
        ScopeRequiredError: Says which scope to open.
    """
    layer = root.layer()
    number = root.number(layer, wanted)
    if number is None and is_related(wanted):
        return  # refused when it is used: see `at_level`
    for start in collected(layer, wanted) if number is None else (number,):
        path = _way_to_missing(layer.graph.nodes, start, standing)
        if path:
            nodes = layer.describe(path)
            name = root.base.graph.levels[nodes[-1].level]
            raise ScopeRequiredError(
                f"{short_name(nodes[0].service)} needs a scope {name!r}: {short_name(nodes[-1].service)} lives there, "
                f"and this is a scope {standing.name!r}",
                service=nodes[0].service,
                path=steps_of(nodes),
                facts=(("do this", open_advice(root.base.graph, nodes, standing.level)),),
            )


def _way_to_missing(nodes: Any, start: int, standing: Standing) -> tuple[int, ...]:
    """Nodes from ``start`` to the first one whose level is not open; ``()`` when there is none.

    What lives at an open level needs nothing further in. It may need something further out, which is not open only
    when a level was left out.
    """

    def onwards(number: int) -> list[int]:
        node = nodes[number]
        if node.lifetime is Lifetime.SINGLETON or (node.lifetime is Lifetime.SCOPED and not standing.has_gaps):
            return []
        return [target for dependency in node.dependencies for target in held(dependency)]

    def is_missing(number: int) -> bool:
        return nodes[number].lifetime is Lifetime.SCOPED and nodes[number].level not in standing.open

    return way_to(start, onwards, goal=is_missing)
