"""diwire in strict mode, compiled, without ambient context, which its documentation names as the fast path.

Twice: with the locks it chooses itself, and without any.
"""

from collections.abc import Callable, Sequence
from typing import Any, ClassVar, Literal

from diwire import (
    Container,
    DependencyRegistrationPolicy,
    Injected,
    Lifetime,
    LockMode,
    MissingPolicy,
    ResolverContext,
    Scope,
)

from benchmarks import workloads as w
from benchmarks.case import Case, NotApplicable
from benchmarks.parts import Part
from benchmarks.workloads import Workload


def handle(number: int, settings: Injected[w.Settings], pool: Injected[w.Pool]) -> w.Settings:  # noqa: ARG001
    """Give the settings (W12)."""
    return settings  # type: ignore[no-any-return]


class Diwire:
    """Rebinds ``resolve`` to a generated resolver when compiled."""

    name = "diwire"
    package = "diwire"
    lock_mode: ClassVar[LockMode | Literal["auto"]] = "auto"

    def case(self, workload: Workload) -> Case | NotApplicable:
        """Build a fresh container for ``workload``."""
        if workload.is_request:
            return self._request(workload)
        ambient = ResolverContext() if workload.id == "W12" else None
        container = self._container(ambient)
        for kind in w.GRAPH_SINGLETONS:
            container.add(kind, lifetime=Lifetime.SCOPED)
        for kind in w.TRANSIENTS:
            container.add(kind, lifetime=Lifetime.TRANSIENT)
        container.compile()
        if ambient is not None:
            return Case("call(3)", {"call": ambient.inject(handle)}, note="needs its ambient context")
        key = w.ROOT_KEYS[workload.id]
        return Case("container.resolve(key)", {"container": container, "key": key})

    def _request(self, workload: Workload) -> Case:
        container = self._container()
        request: Any = {"scope": Scope.REQUEST, "lifetime": Lifetime.SCOPED}
        for kind in w.REQUEST_SINGLETONS:
            container.add(kind, lifetime=Lifetime.SCOPED)
        lifetime = Lifetime.SCOPED if workload.six_scoped else Lifetime.TRANSIENT
        for part in w.REQUEST_PARTS:
            container.add(part, scope=Scope.REQUEST, lifetime=lifetime)
        if workload.is_async:
            container.add_generator(w.open_session_async, provides=w.Session, **request)
        elif workload.resource:
            container.add_generator(w.open_session, provides=w.Session, **request)
        else:
            container.add(w.Session, **request)
        container.compile()
        names: dict[str, object] = {"container": container, "key": w.Handler, "REQUEST": Scope.REQUEST}
        if workload.is_async:
            before = "async with container.enter_scope(REQUEST) as scope:"
            return Case("await scope.aresolve(key)", names, before=before)
        return Case("scope.resolve(key)", names, before="with container.enter_scope(REQUEST) as scope:")

    def cold(self, parts: Sequence[Part]) -> Callable[[type], object]:
        """Add ``parts`` as singletons and compile, which finds missing and cyclic dependencies."""
        container = self._container()
        for part in parts:
            container.add(part.kind, lifetime=Lifetime.SCOPED)
        container.compile()
        get: Callable[[type], object] = container.resolve
        return get

    def _container(self, ambient: Any = None) -> Container:
        found: dict[str, Any] = {"resolver_context": ambient} if ambient is not None else {}
        return Container(
            **found,
            missing_policy=MissingPolicy.ERROR,
            dependency_registration_policy=DependencyRegistrationPolicy.IGNORE,
            use_resolver_context=ambient is not None,
            lock_mode=self.lock_mode,
        )


class DiwireUnlocked(Diwire):
    """The same without locks: singletons and scoped services may be built twice when threads or tasks share them."""

    name = "diwire-nolock"
    lock_mode: ClassVar[LockMode | Literal["auto"]] = LockMode.NONE
