"""``Owned``: an object in a scope of its own, which its holder closes.

In: a link to what built the owner of the parameter. Out: the object, built at first use, and the end of everything
that was opened for it. The scope inherits the values of the one it was made in and lives on when that one is closed.
"""

# pyright: reportPrivateUsage=false
# Scope, root and closing code are one unit: the underscore hides the attributes from users, not from it.

from types import TracebackType
from typing import Any, TypeVar

from kimera_di.errors import AsyncRequiredError, ContainerClosedError
from kimera_di.rendering import short_name
from kimera_di.resolution.claims import Values
from kimera_di.resolution.single_use import make_once, make_once_async
from kimera_di.resolution.supplying import Link, cell_of, supply, supply_async
from kimera_di.vocabulary import Owned

T = TypeVar("T")


class OwnedValue(Owned[T]):
    """An object and its scope.

    Args:
        link: What it resolves.
    """

    __slots__ = ("__weakref__", "_cell", "_link", "_scope", "_values")

    def __init__(self, link: Link) -> None:
        self._link = link
        self._cell = cell_of(link)
        self._values: Values = {}
        self._scope: Any = _scope_inside(link)

    @property
    def value(self) -> T:
        """The object; see ``Owned.value``."""
        self._check_open()
        link, scope = self._link, self._scope
        try:
            made: T = make_once(self._values, self._cell, link.layer, lambda: supply(link, scope))
        except AsyncRequiredError as error:
            error.facts = (("do this", f"use 'async with' for this {self._name()}"),)
            raise
        return made

    async def build(self) -> T:
        """As ``value``, awaiting what must be awaited."""
        self._check_open()
        link, scope = self._link, self._scope
        made: T = await make_once_async(self._values, self._cell, link.layer, lambda: supply_async(link, scope))
        return made

    def close(self) -> None:
        """Close the object and what was opened for it; closing twice is harmless."""
        self._scope.close()

    async def aclose(self) -> None:
        """As ``close``, awaiting what must be awaited."""
        await self._scope.aclose()

    def __enter__(self) -> T:
        """Give the object; what was opened is closed again when building it fails."""
        try:
            return self.value
        except AsyncRequiredError:  # nothing was built: `async with` still works
            raise
        except BaseException as error:
            self._scope.__exit__(type(error), error, error.__traceback__)
            raise

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None, /
    ) -> None:
        """Close it; generators are told ``error``."""
        self._scope.__exit__(kind, error, traceback)

    async def __aenter__(self) -> T:
        """Give the object, awaiting what async code makes."""
        try:
            return await self.build()
        except BaseException as error:
            await self._scope.__aexit__(type(error), error, error.__traceback__)
            raise

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None, /
    ) -> None:
        """As ``__exit__``, awaiting what must be awaited."""
        await self._scope.__aexit__(kind, error, traceback)

    def __repr__(self) -> str:
        return f"<{self._name()}, {'closed' if self._scope._values is None else 'open'}>"

    def _check_open(self) -> None:
        if self._scope._values is None:
            raise ContainerClosedError(
                f"this {self._name()} is closed", facts=(("do this", "ask for Provider[Owned[T]], and take a new one"),)
            )

    def _name(self) -> str:
        return short_name(self._link.tie.relation.asked)


def _scope_inside(link: Link) -> Any:
    """Open the scope, of the innermost level where levels have names; it says so when it is collected unclosed."""
    from kimera_di.resolution.opening import open_first, open_inside

    scope, root = link.scope, link.layer.root
    levels = root.base.graph.levels
    name = levels[-1] if levels else None
    if scope is root:
        return open_first(root, None, ambient=False, name=name)
    return open_inside(scope, None, ambient=False, name=name)
