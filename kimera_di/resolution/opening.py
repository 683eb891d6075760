"""Open scopes: of a container, inside another scope, or as its fork.

In: values, a level, whether it is to be the current one. Out: an open scope. The plainest case is written out in
``facade``, for speed.
"""

# pyright: reportPrivateUsage=false
# Scope, root and closing code are one unit: the underscore hides the attributes from users, not from it.

from collections.abc import Mapping
from typing import Any

from kimera_di.resolution.ambient import AmbientScope, enter, open_scope
from kimera_di.resolution.claims import Values, is_claim
from kimera_di.resolution.levels import AmbientLevelScope, LevelScope, no_levels, open_level
from kimera_di.resolution.refusals import closed
from kimera_di.resolution.root import Root
from kimera_di.resolution.scope import Scope
from kimera_di.resolution.standing import OUTER, STANDING
from kimera_di.resolution.unclosed import note_place

_make = object.__new__


def open_first(root: Root, values: Mapping[Any, object] | None, *, ambient: bool, name: str | None) -> Scope:
    """Open a scope of a container; see ``ServiceContainer.scope``."""
    if root.base.graph.levels:
        return _placed(open_level(root, None, values, ambient=ambient, name=name))
    if name is not None:
        raise no_levels(name)
    return _placed(open_scope(root, {} if values is None else root.scope_values.given(values), ambient=ambient))


def open_inside(outer: Scope, values: Mapping[Any, object] | None, *, ambient: bool, name: str | None) -> Scope:
    """Open a scope inside another one; see ``Scope.scope``."""
    root = outer._root
    if root.base.graph.levels:
        return _placed(open_level(root, outer, values, ambient=ambient, name=name))
    cells = outer._values
    if cells is None:
        raise closed("scope")
    if name is not None:
        raise no_levels(name)
    return _placed(open_scope(root, root.scope_values.inherited(cells, values), ambient=ambient))


def fork_scope(outer: Scope, *, ambient: bool) -> Scope:
    """Open a scope beside another one that starts with what is built there; see ``Scope.fork``.

    O(objects in the scope).
    """
    values = outer._values
    if values is None:
        raise closed("scope")
    if outer._root._values is None:
        raise closed()
    leveled = isinstance(outer, LevelScope)
    kinds = (AmbientLevelScope if leveled else AmbientScope) if ambient else (LevelScope if leveled else Scope)
    fork: Scope = _make(kinds)
    fork._values = _shared(values.copy())
    fork._table = outer._table
    fork._root = outer._root
    fork._closers = None
    fork._epoch = outer._epoch  # under an override it keeps what the other one keeps
    for account in list(outer._root.overrides):
        account.note_fork(outer, fork)
    if isinstance(fork, AmbientScope):
        fork._place = enter(fork)
    if outer._values is None:  # closed while we copied: what we share may be closed as well
        fork.close()
        raise closed("scope")
    return _placed(fork)


def _placed(scope: Scope) -> Scope:
    note_place(scope._values)
    return scope


def _shared(values: Values) -> Values:
    """Keep finished objects and values; what is being built, and what closes it, stays with the other scope."""
    return {
        cell: value
        for cell, value in values.items()
        if cell is STANDING or cell is OUTER or (isinstance(cell, int) and cell > 0 and not is_claim(value))
    }
