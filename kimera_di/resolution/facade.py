"""The object that users see of a container's inside: made with it, and again when only its scopes keep it alive.

``container[T]`` is the C method of a private dictionary, set on a class made for this one container: a warm
singleton costs a dictionary look-up and enters no Python code. See docs/decisions/0001.
"""

# pyright: reportPrivateUsage=false
# Scope, root and closing code are one unit: the underscore hides the attributes from users, not from it.

import weakref
from typing import Any, TypeVar

from kimera_di.planning import WiringGraph
from kimera_di.resolution.container import ServiceContainer
from kimera_di.resolution.forked import Children
from kimera_di.resolution.root import Root
from kimera_di.resolution.unclosed import note_place

_C = TypeVar("_C", bound=ServiceContainer)


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
