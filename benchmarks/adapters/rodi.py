"""rodi: services by type; the provider is built once, and a scope is a dictionary of what was made in it."""

from collections.abc import Callable, Sequence
from typing import Any

from rodi import Container

from benchmarks import workloads as w
from benchmarks.case import Case, NotApplicable
from benchmarks.parts import Part
from benchmarks.workloads import Workload


class Rodi:
    """Locks nothing and closes nothing."""

    name = "rodi"
    package = "rodi"

    def case(self, workload: Workload) -> Case | NotApplicable:
        """Build a fresh container for ``workload``."""
        if workload.id == "W12":
            return NotApplicable("its executor takes no argument besides the injected ones")
        if workload.resource:
            return NotApplicable("closes nothing at the end of a scope")
        container = Container()
        if not workload.is_request:
            self._add(container.add_singleton, w.GRAPH_SINGLETONS)
            self._add(container.add_transient, w.TRANSIENTS)
            key = w.ROOT_KEYS[workload.id]
            return Case("provider.get(key)", {"provider": container.build_provider(), "key": key})
        self._add(container.add_singleton, w.REQUEST_SINGLETONS)
        self._add(container.add_scoped if workload.six_scoped else container.add_transient, w.REQUEST_PARTS)
        container.add_scoped(w.Session)
        names: dict[str, object] = {"provider": container.build_provider(), "key": w.Handler}
        return Case("provider.get(key, scope)", names, before="with provider.create_scope() as scope:")

    def cold(self, parts: Sequence[Part]) -> Callable[[type], object]:
        """Register ``parts`` as singletons; building the provider finds missing and cyclic ones."""
        container = Container()
        self._add(container.add_singleton, [part.kind for part in parts])
        get: Callable[[type], object] = container.build_provider().get
        return get

    @staticmethod
    def _add(add: Any, kinds: Sequence[type]) -> None:
        for kind in kinds:
            add(kind)
