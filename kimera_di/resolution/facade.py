"""The object that users see of a container's inside: made with it, and again when only its scopes keep it alive.

``container[T]`` is the C method of a private dictionary, set on a class made for this one container: a warm
singleton costs a dictionary look-up and enters no Python code. See docs/decisions/0001.
"""

# pyright: reportPrivateUsage=false
# Scope, root and closing code are one unit: the underscore hides the attributes from users, not from it.

import functools
import sys
import weakref
from collections.abc import Mapping
from typing import Any, TypeVar

from kimera_di.planning import WiringGraph
from kimera_di.resolution.container import ServiceContainer
from kimera_di.resolution.forked import Children
from kimera_di.resolution.opening import open_first
from kimera_di.resolution.refusals import closed
from kimera_di.resolution.root import Root
from kimera_di.resolution.scope import Scope
from kimera_di.resolution.unclosed import note_place

_C = TypeVar("_C", bound=ServiceContainer)
_BY_KEYWORD: Any = object()
# made by a call of the class, which costs less than going around the `__init__` that refuses
_PlainScope: Any = type(
    "Scope", (Scope,), {"__slots__": (), "__init__": object.__init__, "__module__": Scope.__module__}
)  # fmt: skip


class _Warm(dict[Any, Any]):
    """Finished singletons by service; a miss is the ordinary look-up."""

    root: Root

    def __missing__(self, service: Any) -> Any:
        root = self.root
        return root.find(service, root.table, at_root=True)(root)


def container_of(graph: WiringGraph, *, close_timeout_s: float, stall_report_s: float) -> ServiceContainer:
    """Make the container of a graph without problems; users call ``services.build()``."""
    return _around(ServiceContainer, Root(graph, close_timeout_s=close_timeout_s, stall_report_s=stall_report_s))


def facade(root: Root) -> ServiceContainer:
    """Give the container of a root; a new one when nobody but its scopes and services keeps it alive."""
    with root.lock:
        found: ServiceContainer | None = root.container()
        return _around(ServiceContainer, root) if found is None else found


def _around(cls: type[_C], root: Root) -> _C:
    """Make the container that users see of its inside."""
    warm = _Warm()
    space: dict[str, Any] = {"__slots__": (), "__getitem__": warm.__getitem__, "__module__": cls.__module__}
    if not root.base.graph.levels and not sys.flags.dev_mode:  # it knows neither levels nor places
        space["scope"] = _open_plain_scope
    own: Any = type(cls.__name__, (cls,), space)
    container: _C = object.__new__(own)
    container._root = root
    note_place(root._values)
    if root.children is None:
        root.children = Children(root)
    warm.root = root
    root.warm = warm
    container._table = root.table
    root.container = weakref.ref(container)
    return container


def _open_plain_scope(
    container: ServiceContainer,
    values: Mapping[Any, object] | None = None,
    by_keyword: object = _BY_KEYWORD,
    ambient: bool = False,
    name: str | None = None,
) -> Scope:
    """Open a scope: ``ServiceContainer.scope`` written out for the plainest case, a third of what a request costs.

    Parameters that can only be given by keyword would cost 60 ns; ``by_keyword`` keeps them from being given otherwise.
    """
    root = container._root
    if values is not None or ambient or name is not None or by_keyword is not _BY_KEYWORD:
        if by_keyword is not _BY_KEYWORD:
            raise TypeError("scope() takes its values by position, and nothing else: write ambient=..., name=...")
        return open_first(root, values, ambient=ambient, name=name)
    if root._values is None:
        raise closed()
    scope: Scope = _PlainScope()
    scope._values = {}
    scope._table = root.scope_table
    scope._root = root
    scope._epoch = root._epoch
    scope._closers = None
    return scope


functools.update_wrapper(_open_plain_scope, ServiceContainer.scope)  # its name, documentation and signature
