"""dishka twice: with its own defaults (a lock in the root container, none in scopes), and without any lock."""

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from dishka import FromDishka, Provider, Scope, make_async_container, make_container
from dishka.integrations.base import wrap_injection

from benchmarks import workloads as w
from benchmarks.case import Case, NotApplicable
from benchmarks.parts import Part
from benchmarks.workloads import Workload


def handle(number: int, settings: FromDishka[w.Settings], pool: FromDishka[w.Pool]) -> w.Settings:  # noqa: ARG001
    """Give the settings (W12)."""
    return settings  # type: ignore[no-any-return]


class Dishka:
    """A provider object per container; ``cache=False`` makes a transient."""

    name = "dishka"
    package = "dishka"
    locks: ClassVar[dict[str, Any]] = {}

    def case(self, workload: Workload) -> Case | NotApplicable:
        """Build a fresh container for ``workload``."""
        if workload.is_request:
            return self._request(workload)
        provider = Provider(scope=Scope.APP)
        for kind in w.GRAPH_SINGLETONS:
            provider.provide(kind)
        for kind in w.TRANSIENTS:
            provider.provide(kind, cache=False)
        container = make_container(provider, **self.locks)
        if workload.id == "W12":
            call = wrap_injection(func=handle, container_getter=lambda _args, _kwargs: container)
            return Case("call(3)", {"call": call})
        key = w.ROOT_KEYS[workload.id]
        return Case("container.get(key)", {"container": container, "key": key})

    def _request(self, workload: Workload) -> Case:
        provider = Provider()
        for kind in w.REQUEST_SINGLETONS:
            provider.provide(kind, scope=Scope.APP)
        for kind in w.REQUEST_PARTS:
            provider.provide(kind, scope=Scope.REQUEST, cache=workload.six_scoped)
        if workload.is_async:
            provider.provide(w.open_session_async, scope=Scope.REQUEST)
            names: dict[str, object] = {
                "container": make_async_container(provider, **self.locks),
                "key": w.Handler,
            }
            return Case("await scope.get(key)", names, before="async with container() as scope:")
        provider.provide(w.open_session if workload.resource else w.Session, scope=Scope.REQUEST)
        names = {"container": make_container(provider, **self.locks), "key": w.Handler}
        return Case("scope.get(key)", names, before="with container() as scope:")

    def cold(self, parts: Sequence[Part]) -> Callable[[type], object]:
        """Provide ``parts`` in the application's scope; missing and cyclic dependencies are found when it is made."""
        provider = Provider(scope=Scope.APP)
        for part in parts:
            provider.provide(part.kind)
        get: Callable[[type], object] = make_container(provider, **self.locks).get
        return get


class DishkaUnlocked(Dishka):
    """The same without the root's lock: singletons may be built twice when threads race for them."""

    name = "dishka-nolock"
    locks: ClassVar[dict[str, Any]] = {"lock_factory": None}
