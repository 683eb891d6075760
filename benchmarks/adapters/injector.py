"""injector: bindings in a function, ``auto_bind`` off, and for requests a scope that is written by the user."""

from collections.abc import Callable, Sequence
from contextvars import ContextVar
from typing import Any

from injector import Injector, InstanceProvider, Provider, Scope, ScopeDecorator, inject, singleton

from benchmarks import workloads as w
from benchmarks.case import Case, NotApplicable
from benchmarks.parts import Part
from benchmarks.workloads import Workload


def _handle(number: int, settings: w.Settings, pool: w.Pool) -> w.Settings:  # noqa: ARG001
    return settings


class RequestScope(Scope):  # type: ignore[misc]
    """What its documentation shows for web requests: a dictionary of the request in a context variable."""

    made: ContextVar[dict[Any, Any]] = ContextVar("made")

    def get(self, key: Any, provider: Any) -> Provider[Any]:
        """Give what the request made, or make it."""
        made = self.made.get()
        if key not in made:
            made[key] = InstanceProvider(provider.get(self.injector))
        found: Provider[Any] = made[key]
        return found


class InjectorAdapter:
    """Constructors are marked with ``inject``."""

    name = "injector"
    package = "injector"

    def case(self, workload: Workload) -> Case | NotApplicable:
        """Build a fresh injector for ``workload``."""
        if workload.resource:
            return NotApplicable("closes nothing at the end of a scope")
        if workload.is_request:
            return self._request(workload)
        container = self._injector({singleton: w.GRAPH_SINGLETONS, None: w.TRANSIENTS})
        if workload.id == "W12":
            names: dict[str, object] = {"container": container, "function": inject(_handle), "args": (3,)}
            return Case("container.call_with_injection(function, args=args)", names)
        return Case("container.get(key)", {"container": container, "key": w.ROOT_KEYS[workload.id]})

    def _request(self, workload: Workload) -> Case:
        request = ScopeDecorator(RequestScope)
        scopes: dict[Any, Any] = {singleton: w.REQUEST_SINGLETONS}
        scopes |= (
            {request: (w.Session, *w.REQUEST_PARTS)}
            if workload.six_scoped
            else {request: (w.Session,), None: w.REQUEST_PARTS}
        )
        names: dict[str, object] = {"container": self._injector(scopes), "key": w.Handler, "made": RequestScope.made}
        note = "the scope is written by the user"
        return Case("container.get(key)", names, before="token = made.set({})", after="made.reset(token)", note=note)

    def cold(self, parts: Sequence[Part]) -> Callable[[type], object]:
        """Bind ``parts`` as singletons; nothing is checked."""
        get: Callable[[type], object] = self._injector({singleton: [part.kind for part in parts]}).get
        return get

    @staticmethod
    def _injector(scopes: dict[Any, Any]) -> Injector:
        def configure(binder: Any) -> None:
            for scope, kinds in scopes.items():
                for kind in kinds:
                    binder.bind(kind, to=_marked(kind), scope=scope)

        return Injector(configure, auto_bind=False)


def _marked(kind: type) -> type:
    """Mark a constructor; one without parameters has nothing to inject."""
    return inject(kind) if kind.__init__.__code__.co_argcount > 1 else kind  # type: ignore[misc]
