"""svcs: a registry of factories wired by ``autowire``; a container is a scope and keeps what it made."""

from collections.abc import Callable, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import svcs

from benchmarks import workloads as w
from benchmarks.case import Case, NotApplicable
from benchmarks.parts import Part
from benchmarks.workloads import Workload

_SHARES = "a container shares whatever it made, so a transient that is used twice cannot be expressed"


class Svcs:
    """Singletons are values; a transient is the first thing a new container makes."""

    name = "svcs"
    package = "svcs"

    def case(self, workload: Workload) -> Case | NotApplicable:
        """Build a fresh registry for ``workload``."""
        if workload.id == "W12":
            return NotApplicable("injects no calls")
        if workload.id == "W4" or (workload.is_request and not workload.six_scoped):
            return NotApplicable(_SHARES)
        registry = svcs.Registry()
        for kind in w.GRAPH_SINGLETONS:
            registry.register_value(kind, kind())
        names: dict[str, object] = {"registry": registry, "Container": svcs.Container}
        if workload.is_request:
            return self._request(workload, registry, names)
        names["key"] = w.ROOT_KEYS[workload.id]
        if workload.id in {"W1", "W1r"}:
            return Case("container.get(key)", names | {"container": svcs.Container(registry)})
        for link in (w.Leaf, *w.CHAIN):
            registry.register_factory(link, svcs.autowire(link))
        note = "a container is opened for each transient"
        return Case("Container(registry).get(key)", names, note=note)

    @staticmethod
    def _request(workload: Workload, registry: Any, names: dict[str, object]) -> Case:
        for kind in w.REQUEST_PARTS:
            registry.register_factory(kind, svcs.aautowire(kind) if workload.is_async else svcs.autowire(kind))
        session: Any = w.Session
        if workload.is_async:
            registry.register_factory(w.Session, svcs.aautowire(asynccontextmanager(w.open_session_async)))
            before = "async with Container(registry) as scope:"
            return Case("await scope.aget(key)", names | {"key": w.Handler}, before=before)
        if workload.resource:
            session = contextmanager(w.open_session)
        registry.register_factory(w.Session, svcs.autowire(session))
        return Case("scope.get(key)", names | {"key": w.Handler}, before="with Container(registry) as scope:")

    def cold(self, parts: Sequence[Part]) -> Callable[[type], object]:
        """Register ``parts``; one container makes and keeps all of them; nothing is checked."""
        registry = svcs.Registry()
        for part in parts:
            registry.register_factory(part.kind, svcs.autowire(part.kind))
        get: Callable[[type], object] = svcs.Container(registry).get
        return get
