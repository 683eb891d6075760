"""lagom: compiled with mypyc; scopes are temporary singletons or, with a context manager, a ``ContextContainer``."""

from collections.abc import Callable, Sequence
from contextlib import contextmanager
from typing import Any, ContextManager  # noqa: UP035  (lagom looks the session up under this very type)

from lagom import Container, Singleton, injectable
from lagom.context_based import ContextContainer

from benchmarks import workloads as w
from benchmarks.case import Case, NotApplicable
from benchmarks.parts import Part
from benchmarks.workloads import Workload


def handle(number: int, settings: w.Settings = injectable, pool: w.Pool = injectable) -> w.Settings:  # noqa: ARG001
    """Give the settings (W12)."""
    return settings


class Lagom:
    """Transients need no registration: types are read when they are asked for."""

    name = "lagom"
    package = "lagom"

    def case(self, workload: Workload) -> Case | NotApplicable:
        """Build a fresh container for ``workload``."""
        if workload.is_async:
            return NotApplicable("has no async scope")
        container = Container()
        for kind in w.GRAPH_SINGLETONS:
            container[kind] = Singleton(kind)
        if workload.id == "W12":
            return Case("call(3)", {"call": container.partial(handle)})
        if not workload.is_request:
            return Case("container[key]", {"container": container, "key": w.ROOT_KEYS[workload.id]})
        names: dict[str, object] = {"key": w.Handler}
        if workload.six_scoped:
            return NotApplicable("a temporary singleton is built outside the context: it does not see another one")
        if not workload.resource:
            names |= {"container": container, "scoped": [w.Session]}
            return Case("scope[key]", names, before="with container.temporary_singletons(scoped) as scope:")
        managed: Any = contextmanager(w.open_session)
        container[ContextManager[w.Session]] = lambda known: managed(known[w.Pool])
        names["container"] = ContextContainer(container, context_types=[], context_singletons=[w.Session])
        return Case("scope[key]", names, before="with container as scope:")

    def cold(self, parts: Sequence[Part]) -> Callable[[type], object]:
        """Register ``parts`` as singletons; nothing is checked."""
        container = Container()
        for part in parts:
            container[part.kind] = Singleton(part.kind)
        get: Callable[[type], object] = container.resolve
        return get
