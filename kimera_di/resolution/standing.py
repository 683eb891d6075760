"""Where a scope of a named level stands: which levels are open around it, and its warm tables.

In: the levels that are open. Out: tables of builders that are right for every scope that stands there. Plain
data, below the container and its scopes.
"""

# pyright: reportPrivateUsage=false
# Scope, root and closing code are one unit: the underscore hides the attributes from users, not from it.

from typing import Any

from kimera_di.errors import ScopeRequiredError
from kimera_di.vocabulary import ServiceId

STANDING: Any = "standing"
"""Key of a scope's dictionary; no cell, because cells have numbers."""
OUTER: Any = "outer"
"""Key of the scope of the next open level outside; missing in the outermost one."""


class Standing:
    """A set of open levels; all scopes that stand there share it.

    Args:
        levels: Names of all levels, outermost first.
        opened: The open ones by number, of which the innermost is the scope's own.
    """

    __slots__ = ("async_table", "has_gaps", "level", "levels", "name", "open", "table")

    def __init__(self, levels: tuple[str, ...], opened: frozenset[int]) -> None:
        self.levels: tuple[str, ...] = levels
        self.open: frozenset[int] = opened
        self.level: int = max(opened)
        self.name: str = levels[self.level]
        self.has_gaps: bool = len(opened) <= self.level
        self.table: dict[Any, Any] = {}
        self.async_table: dict[Any, Any] = {}


def at_level(scope: Any, level: int) -> Any:
    """Give the scope of a level among ``scope`` and those around it; a closed one on the way is given itself.

    Raises:
        ScopeRequiredError: The level is not open here; ordinary look-ups know that before, a ``Lazy`` does not.
    """
    asked, values = scope, scope._values
    while values is not None and values[STANDING].level != level:
        outer = values.get(OUTER)
        if outer is None:
            raise _missing_level(asked._values[STANDING], level)
        scope = outer
        values = scope._values
    return scope


def _missing_level(standing: Standing, level: int) -> ScopeRequiredError:
    name = standing.levels[level]
    return ScopeRequiredError(
        f"this needs a scope {name!r} around it, and is used in a scope {standing.name!r}",
        service=ServiceId(Standing),
        facts=(("do this", f"open it: scope(name={name!r}), and use what is resolved there"),),
    )
