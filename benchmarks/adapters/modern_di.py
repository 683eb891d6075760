"""modern-di: factories in a group, child containers as scopes."""

from collections.abc import Callable, Sequence
from typing import Any

from modern_di import Container, Group, Scope
from modern_di.providers import CacheSettings, Factory

from benchmarks import workloads as w
from benchmarks.case import Case, NotApplicable
from benchmarks.parts import Part
from benchmarks.workloads import Session, Workload


def close_session(session: Session) -> None:
    """Do what the end of the session generator does."""
    session.closed = True


class ModernDi:
    """Has finalizers where others have generators, and no async creators."""

    name = "modern-di"
    package = "modern-di"

    def case(self, workload: Workload) -> Case | NotApplicable:
        """Build a fresh container for ``workload``."""
        if workload.is_async:
            return NotApplicable("rejects async creators")
        if workload.id == "W12":
            return NotApplicable("injects no calls without a web framework")
        if workload.is_request:
            return self._request(workload)
        factories: dict[str, Any] = {k.__name__: Factory(k, scope=Scope.APP, cache=True) for k in w.GRAPH_SINGLETONS}
        for kind in w.TRANSIENTS:
            factories[kind.__name__] = Factory(kind, scope=Scope.APP)
        key = w.ROOT_KEYS[workload.id]
        return Case("container.resolve(key)", {"container": self._container(factories), "key": key})

    def _request(self, workload: Workload) -> Case:
        factories: dict[str, Any] = {k.__name__: Factory(k, scope=Scope.APP, cache=True) for k in w.REQUEST_SINGLETONS}
        for kind in w.REQUEST_PARTS:
            factories[kind.__name__] = Factory(kind, scope=Scope.REQUEST, cache=workload.six_scoped)
        kept: Any = CacheSettings(finalizer=close_session) if workload.resource else True
        factories["Session"] = Factory(Session, scope=Scope.REQUEST, cache=kept)
        names: dict[str, object] = {
            "container": self._container(factories),
            "key": w.Handler,
            "REQUEST": Scope.REQUEST,
        }
        before = "with container.build_child_container(scope=REQUEST) as scope:"
        note = "the session is closed by a finalizer, not a generator" if workload.resource else ""
        return Case("scope.resolve(key)", names, before=before, note=note)

    def cold(self, parts: Sequence[Part]) -> Callable[[type], object]:
        """Write a factory for each of ``parts`` and validate the container."""
        factories = {part.kind.__name__: Factory(part.kind, scope=Scope.APP, cache=True) for part in parts}
        get: Callable[[type], object] = self._container(factories).resolve
        return get

    @staticmethod
    def _container(factories: dict[str, Any]) -> Container:
        container = Container(scope=Scope.APP, groups=[type("Graph", (Group,), factories)])
        container.validate()
        return container
