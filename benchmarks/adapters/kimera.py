"""kimera_di, as its documentation says."""

from collections.abc import Callable, Sequence

from benchmarks import workloads as w
from benchmarks.case import Case, NotApplicable
from benchmarks.parts import Part
from benchmarks.workloads import Workload
from kimera_di import Injected, ServiceCollection, inject


def handle(number: int, settings: Injected[w.Settings], pool: Injected[w.Pool]) -> w.Settings:  # noqa: ARG001
    """Give the settings (W12)."""
    return settings


class Kimera:
    """Registers against types and resolves from the container or from a scope."""

    name = "kimera"
    package = "kimera-di"

    def case(self, workload: Workload) -> Case | NotApplicable:
        """Build a fresh container for ``workload``."""
        if workload.is_request:
            return self._request(workload)
        services = ServiceCollection()
        for kind in w.GRAPH_SINGLETONS:
            services.singleton(kind)
        for kind in w.TRANSIENTS:
            services.transient(kind)
        if workload.id == "W12":
            return Case("call(3)", {"call": inject(handle, container=services.build())})
        key = w.ROOT_KEYS[workload.id]
        get = "container[key]" if workload.id == "W1" else "container.resolve(key)"
        return Case(get, {"container": services.build(), "key": key})

    def _request(self, workload: Workload) -> Case:
        services = ServiceCollection()
        for kind in w.REQUEST_SINGLETONS:
            services.singleton(kind)
        register = services.scoped if workload.six_scoped else services.transient
        for kind in w.REQUEST_PARTS:
            register(kind)
        if workload.is_async:
            services.scoped(w.Session, w.open_session_async)
        elif workload.resource:
            services.scoped(w.Session, w.open_session)
        else:
            services.scoped(w.Session)
        names: dict[str, object] = {"container": services.build(), "key": w.Handler}
        if workload.is_async:
            return Case("await scope.aresolve(key)", names, before="async with container.scope() as scope:")
        return Case("scope.resolve(key)", names, before="with container.scope() as scope:")

    def cold(self, parts: Sequence[Part]) -> Callable[[type], object]:
        """Register ``parts`` as singletons; ``build`` proves the whole graph."""
        services = ServiceCollection()
        for part in parts:
            services.singleton(part.kind)
        get: Callable[[type], object] = services.build().resolve
        return get
