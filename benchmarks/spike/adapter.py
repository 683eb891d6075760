"""The prototype's variants as adapters for ``python -m benchmarks --extra benchmarks.spike.adapter:Cell``."""

from benchmarks import workloads as w
from benchmarks.case import Case
from benchmarks.spike.prototype import Container
from benchmarks.workloads import Workload


class Cell:
    """Claim and value share the cell: the variant that was chosen."""

    name = "spike-cell"
    package = None
    claims = "cell"
    context = True

    def case(self, workload: Workload) -> Case:
        """Look the service up as a user would."""
        services = {
            kind: (kind, "singleton") for kind in {*w.ROOT_KEYS.values(), *w.GRAPH_SINGLETONS, *w.REQUEST_SINGLETONS}
        }
        services |= {kind: (kind, "transient") for kind in (*w.TRANSIENTS, *w.REQUEST_PARTS)}
        opener = w.open_session_async if workload.is_async else w.open_session if workload.resource else w.Session
        services[w.Session] = (opener, "scoped")
        if workload.six_scoped:
            services |= {kind: (kind, "scoped") for kind in w.REQUEST_PARTS}
        container = Container(services, self.claims, self.context)
        if not workload.is_request:
            key = w.ROOT_KEYS[workload.id]
            return Case(
                "container[key]" if workload.id == "W1" else "container.resolve(key)",
                {"container": container, "key": key},
            )
        if workload.is_async:
            before, get = "async with container.scope() as scope:", "await scope.aresolve(key)"
        else:
            before, get = "with container.scope() as scope:", "scope.resolve(key)"
        return Case(get, {"container": container, "key": w.Handler}, before=before)


class Pair(Cell):
    """A dictionary of claims beside the values."""

    name, claims = "spike-pair", "pair"


class Lock(Cell):
    """A lock per scope."""

    name, claims = "spike-lock", "lock"


class Unsafe(Cell):
    """No claim at all: the floor, and wrong under threads."""

    name, claims = "spike-unsafe", "none"


class NoContext(Cell):
    """As ``Cell``, but ownership does not follow the context into child tasks."""

    name, context = "spike-nocontext", False
