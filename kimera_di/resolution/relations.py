"""``Lazy``, ``Provider``, ``AsyncProvider``, and the container and the scope as parameters.

In: a link to what built the owner of the parameter. Out: the object that is passed. What they give is resolved in the
scope and through the override that built the owner, whoever uses them and from whatever thread or task. A ``Lazy``
keeps its object in a cell of its own, claimed like any other, so two threads build it once.
"""

# pyright: reportPrivateUsage=false
# Scope, root and closing code are one unit: the underscore hides the attributes from users, not from it.

from collections.abc import Callable, Mapping
from typing import Any, NoReturn, TypeVar

from kimera_di.errors import ScopeRequiredError
from kimera_di.planning.graph import RelationKind
from kimera_di.planning.problems import step_of
from kimera_di.rendering import short_name
from kimera_di.resolution.assisted import FactoryCall, argument
from kimera_di.resolution.claims import Values
from kimera_di.resolution.owned import OwnedValue
from kimera_di.resolution.single_use import make_once
from kimera_di.resolution.supplying import Link, Steady, cell_of, steady_builder, supply, supply_async
from kimera_di.vocabulary import AsyncProvider, Lazy, Provider, ServiceId

T = TypeVar("T")
_OPEN: Any = object()


class LazyValue(Lazy[T]):
    """Resolves once, when ``value`` is read first.

    Args:
        link: What it resolves.
    """

    __slots__ = ("_cell", "_link", "_values")

    def __init__(self, link: Link) -> None:
        self._link = link
        self._cell = cell_of(link)
        self._values: Values = {}

    @property
    def value(self) -> T:
        """The object; see ``Lazy.value``. A second read costs a dictionary look-up."""
        found: T = self._values.get(self._cell, _OPEN)
        if found is not _OPEN and type(found) is not list:
            return found
        link = self._link
        taken: T = make_once(self._values, self._cell, link.layer, lambda: supply(link))
        return taken

    def __getattr__(self, name: str) -> NoReturn:
        """Refuse an attribute of the object behind it; only what a ``Lazy`` itself lacks gets here."""
        text = f"{_name(self._link)} has no attribute {name!r}: the object it stands for is its .value"
        raise AttributeError(text, name=name, obj=self)

    def __repr__(self) -> str:
        return f"<{_name(self._link)}: read .value>"


class ProviderCall(Provider[T]):
    """Resolves at every call.

    Args:
        link: What it resolves.
    """

    __slots__ = ("_link", "_steady")

    def __init__(self, link: Link) -> None:
        self._link = link
        self._steady: Steady = (-1, supply)

    def __call__(self) -> T:
        """Give the object; see ``Provider``. While nothing is overridden, closed or listened to anew: one call."""
        link = self._link
        epoch, build = self._steady
        made: T
        if epoch == link.layer.root._epoch and link.scope._values is not None:
            made = build(link.scope)
            return made
        steady = steady_builder(link)
        if steady is not None:
            self._steady = steady
        made = supply(link)
        return made

    def __repr__(self) -> str:
        return f"<{_name(self._link)}>"


class AsyncProviderCall(AsyncProvider[T]):
    """Resolves at every call, awaiting what must be awaited.

    Args:
        link: What it resolves.
    """

    __slots__ = ("_link",)

    def __init__(self, link: Link) -> None:
        self._link = link

    async def __call__(self) -> T:
        """Give the object; see ``AsyncProvider``."""
        made: T = await supply_async(self._link)
        return made

    def __repr__(self) -> str:
        return f"<{_name(self._link)}>"


def _container(link: Link) -> Any:
    from kimera_di.resolution.facade import facade

    return facade(link.layer.root)


def _scope(link: Link) -> Any:
    if link.scope.kind == "scope":
        return link.scope
    tie = link.tie
    owner = link.layer.graph.nodes[tie.owner] if tie.owner >= 0 else None
    raise ScopeRequiredError(
        "the current scope is asked for outside of any",
        service=ServiceId(tie.relation.asked),
        path=(step_of(owner, tie.parameter),) if owner is not None else (),
        facts=(("do this", "open one: with container.scope() as scope; or ask for ScopeFactory"),),
    )


def _scope_factory(link: Link) -> Any:
    from kimera_di.resolution.scope_factory import scope_factory_of

    return scope_factory_of(link.layer.root)


def _name(link: Link) -> str:
    return short_name(link.tie.relation.asked)


RELATIONS: Mapping[RelationKind, Callable[[Link], Any]] = {
    "lazy": LazyValue,
    "provider": ProviderCall,
    "async_provider": AsyncProviderCall,
    "owned": OwnedValue,
    "factory": FactoryCall,
    "argument": argument,
    "container": _container,
    "scope": _scope,
    "scope_factory": _scope_factory,
}
"""What makes the object a parameter is given, by kind."""
