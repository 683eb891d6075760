"""dependency-injector: provider objects called directly, which is faster than going through the container."""

from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any

from dependency_injector import containers, providers
from dependency_injector.wiring import Provide, inject

from benchmarks import workloads as w
from benchmarks.case import Case, NotApplicable
from benchmarks.parts import Part
from benchmarks.workloads import Workload

_NO_SCOPE = "has no scope: context-local providers, reset at the end of each request"


class DependencyInjector:
    """Wires by provider, not by type; arguments are positional, which is faster than by keyword."""

    name = "dependency-injector"
    package = "dependency-injector"

    def case(self, workload: Workload) -> Case | NotApplicable:
        """Build a fresh container for ``workload``."""
        if workload.is_request:
            return self._request(workload)
        made = self._graph()
        if workload.id == "W12":
            return Case("call(3)", {"call": self._injected(self._container(made))})
        key = {"W1": "settings", "W1r": "settings", "W2": "leaf", "W3": "chain", "W4": "office"}[workload.id]
        return Case("provider()", {"provider": getattr(self._container(made), key)})

    @staticmethod
    def _graph() -> dict[str, Any]:
        factory = providers.Factory
        chain: Any = factory(w.Chain5)
        for link in w.CHAIN[1:]:
            chain = factory(link, chain)
        settings, pool, clock = (providers.ThreadSafeSingleton(kind) for kind in w.GRAPH_SINGLETONS)
        reader, writer, timer = factory(w.Reader, settings), factory(w.Writer, pool), factory(w.Timer, clock)
        store, journal = factory(w.Store, reader, writer), factory(w.Journal, writer, timer)
        ledger = factory(w.Ledger, store, journal)
        audit = factory(w.Audit, journal, factory(w.Report, reader, timer))
        office = factory(w.Office, ledger, audit, reader)
        return {
            "settings": settings,
            "pool": pool,
            "clock": clock,
            "leaf": factory(w.Leaf),
            "chain": chain,
            "office": office,
        }

    def _request(self, workload: Workload) -> Case:
        part: Any = providers.ContextLocalSingleton if workload.six_scoped else providers.Factory
        settings, pool = (providers.ThreadSafeSingleton(kind) for kind in w.REQUEST_SINGLETONS)
        session: Any
        if workload.resource:
            source = w.open_session_async if workload.is_async else w.open_session
            session = providers.ContextLocalResource(source, pool)
        else:
            session = providers.ContextLocalSingleton(w.Session, pool)
        users_repository, orders_repository = part(w.UserRepository, session), part(w.OrderRepository, session)
        users, orders = part(w.UserService, users_repository), part(w.OrderService, orders_repository)
        handler = part(w.Handler, users, orders, settings)
        made = {
            "settings": settings,
            "pool": pool,
            "session": session,
            "users_repository": users_repository,
            "orders_repository": orders_repository,
            "users": users,
            "orders": orders,
            "handler": handler,
        }
        container = self._container(made)
        scoped = ["handler", "users", "orders", "users_repository", "orders_repository"] if workload.six_scoped else []
        lines = [f"{name}.reset()" for name in scoped]
        lines.append("session.shutdown()" if workload.resource else "session.reset()")
        if workload.is_async:
            lines[-1] = f"await {lines[-1]}"
        names: dict[str, object] = {name: getattr(container, name) for name in ["handler", "session", *scoped]}
        get = "await handler()" if workload.is_async else "handler()"
        return Case(get, names, after="\n".join(lines), note=_NO_SCOPE)

    @staticmethod
    def _injected(container: Any) -> Any:
        @inject
        def handle(
            number: int,  # noqa: ARG001
            settings: w.Settings = Provide["settings"],
            pool: w.Pool = Provide["pool"],  # noqa: ARG001
        ) -> w.Settings:
            return settings

        module = ModuleType("benchmark_wired")
        vars(module)["handle"] = handle
        container.wire(modules=[module])
        return vars(module)["handle"]

    def cold(self, parts: Sequence[Part]) -> Callable[[type], object]:
        """Write a provider for each of ``parts``; nothing is checked."""
        made: dict[type, Any] = {}
        for part in parts:
            made[part.kind] = providers.ThreadSafeSingleton(part.kind, *(made[need] for need in part.needs))
        self._container({f"p{number}": provider for number, provider in enumerate(made.values())})
        return lambda kind: made[kind]()

    @staticmethod
    def _container(made: dict[str, Any]) -> Any:
        return type("Graph", (containers.DeclarativeContainer,), made)()
