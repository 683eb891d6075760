"""punq: register and resolve; it has two lifetimes and no scopes."""

from collections.abc import Callable, Sequence

from punq import Container, Scope

from benchmarks import workloads as w
from benchmarks.case import Case, NotApplicable
from benchmarks.parts import Part
from benchmarks.workloads import Workload


class Punq:
    """Reads the constructors when they are registered, and plans at each resolve."""

    name = "punq"
    package = "punq"

    def case(self, workload: Workload) -> Case | NotApplicable:
        """Build a fresh container for ``workload``."""
        if workload.id == "W12":
            return NotApplicable("injects no calls")
        if workload.id == "W4":
            return NotApplicable("one resolve shares what it made, transients too")
        if workload.is_request:
            return NotApplicable("has no scopes")
        container = Container()
        for kind in w.GRAPH_SINGLETONS:
            container.register(kind, scope=Scope.singleton)
        for kind in w.TRANSIENTS:
            container.register(kind)
        return Case("container.resolve(key)", {"container": container, "key": w.ROOT_KEYS[workload.id]})

    def cold(self, parts: Sequence[Part]) -> Callable[[type], object]:
        """Register ``parts`` as singletons; nothing is checked."""
        container = Container()
        for part in parts:
            container.register(part.kind, scope=Scope.singleton)
        get: Callable[[type], object] = container.resolve
        return get
