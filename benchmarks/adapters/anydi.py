"""anydi: registered by type, built (and so validated) before use; the scope is ambient, in a context variable."""

from collections.abc import Callable, Sequence
from typing import Any

from anydi import Container, Provide

from benchmarks import workloads as w
from benchmarks.case import Case, NotApplicable
from benchmarks.parts import Part
from benchmarks.workloads import Workload


def handle(number: int, settings: Provide[w.Settings], pool: Provide[w.Pool]) -> w.Settings:  # noqa: ARG001
    """Give the settings (W12)."""
    return settings  # type: ignore[no-any-return]


class AnyDi:
    """A container without modules or scanning."""

    name = "anydi"
    package = "anydi"

    def case(self, workload: Workload) -> Case | NotApplicable:
        """Build a fresh container for ``workload``."""
        container = Container()
        for kind in w.GRAPH_SINGLETONS:
            container.register(kind, scope="singleton")
        if workload.is_request:
            return self._request(workload, container)
        for kind in w.TRANSIENTS:
            container.register(kind, scope="transient")
        container.build()
        if workload.id == "W12":
            return Case("call(3)", {"call": container.inject(handle)})
        return Case("container.resolve(key)", {"container": container, "key": w.ROOT_KEYS[workload.id]})

    @staticmethod
    def _request(workload: Workload, container: Any) -> Case:
        for kind in w.REQUEST_PARTS:
            container.register(kind, scope="request" if workload.six_scoped else "transient")
        source: Any = None
        if workload.resource:
            source = w.open_session_async if workload.is_async else w.open_session
        container.register(w.Session, source or w.Session, scope="request")
        container.build()
        names: dict[str, object] = {"container": container, "key": w.Handler}
        if workload.is_async:
            return Case("await container.aresolve(key)", names, before="async with container.arequest_context():")
        return Case("container.resolve(key)", names, before="with container.request_context():")

    def cold(self, parts: Sequence[Part]) -> Callable[[type], object]:
        """Register ``parts`` as singletons and validate the whole graph."""
        container = Container()
        for part in parts:
            container.register(part.kind, scope="singleton")
        container.build()
        get: Callable[[type], object] = container.resolve
        return get
