"""wireup, without its optional locks on scoped services (its default)."""

from collections.abc import Callable, Sequence
from typing import Any

from wireup import Injected, create_async_container, create_sync_container, inject_from_container, injectable

from benchmarks import workloads as w
from benchmarks.case import Case, NotApplicable
from benchmarks.parts import Part
from benchmarks.workloads import Workload


def handle(number: int, settings: Injected[w.Settings], pool: Injected[w.Pool]) -> w.Settings:  # noqa: ARG001
    """Give the settings (W12)."""
    return settings  # type: ignore[no-any-return]


class Wireup:
    """Declares each class with ``injectable``; refuses transients at the root, so W2 to W4 use an open scope."""

    name = "wireup"
    package = "wireup"

    def case(self, workload: Workload) -> Case | NotApplicable:
        """Build a fresh container for ``workload``."""
        if workload.is_request:
            return self._request(workload)
        declared: list[Any] = [injectable(kind, lifetime="singleton") for kind in w.GRAPH_SINGLETONS]
        declared += [injectable(kind, lifetime="transient") for kind in w.TRANSIENTS]
        container = create_sync_container(injectables=declared)
        if workload.id == "W12":
            return Case("call(3)", {"call": inject_from_container(container)(handle)})
        if workload.id in {"W1", "W1r"}:
            return Case("container.get(key)", {"container": container, "key": w.Settings})
        key = w.ROOT_KEYS[workload.id]
        scope = container.enter_scope().__enter__()
        note = "transients come from a scope opened before the clock starts"
        return Case("scope.get(key)", {"scope": scope, "key": key}, note=note)

    def _request(self, workload: Workload) -> Case:
        # The decorator writes the declaration onto the class, so it is repeated for every container.
        declared: list[Any] = [injectable(kind, lifetime="singleton") for kind in w.REQUEST_SINGLETONS]
        lifetime: Any = "scoped" if workload.six_scoped else "transient"
        declared += [injectable(kind, lifetime=lifetime) for kind in w.REQUEST_PARTS]
        names: dict[str, object] = {"key": w.Handler}
        if workload.is_async:
            declared.append(injectable(w.open_session_async, lifetime="scoped"))
            names["container"] = create_async_container(injectables=declared)
            return Case("await scope.get(key)", names, before="async with container.enter_scope() as scope:")
        session: Any = w.open_session if workload.resource else w.Session
        declared.append(injectable(session, lifetime="scoped"))
        names["container"] = create_sync_container(injectables=declared)
        return Case("scope.get(key)", names, before="with container.enter_scope() as scope:")

    def cold(self, parts: Sequence[Part]) -> Callable[[type], object]:
        """Declare ``parts`` as singletons; making the container finds missing and cyclic dependencies."""
        declared: list[Any] = [injectable(part.kind, lifetime="singleton") for part in parts]
        get: Callable[[type], object] = create_sync_container(injectables=declared).get
        return get
