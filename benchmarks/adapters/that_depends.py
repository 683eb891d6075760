"""that-depends: provider objects as attributes of a container class, resolved with ``resolve_sync``."""

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from itertools import count
from typing import Any

from that_depends import BaseContainer, Provide, container_context, inject, providers

from benchmarks import workloads as w
from benchmarks.case import Case, NotApplicable
from benchmarks.parts import Part
from benchmarks.workloads import Workload

# It keeps containers by name and warns of a second one.
_NUMBERS = count()


def _sync_scoped(kind: Any) -> Any:
    def make(*needs: Any) -> Iterator[Any]:
        yield kind(*needs)

    return make


def _async_scoped(kind: Any) -> Any:
    async def make(*needs: Any) -> AsyncIterator[Any]:
        yield kind(*needs)

    return make


class ThatDepends:
    """Wires by provider, not by type; what is scoped is a generator in a context variable."""

    name = "that-depends"
    package = "that-depends"

    def case(self, workload: Workload) -> Case | NotApplicable:
        """Build a fresh container class for ``workload``."""
        if workload.is_request:
            return self._request(workload)
        factory: Any = providers.Factory
        settings, pool, clock = (providers.Singleton(kind) for kind in w.GRAPH_SINGLETONS)
        made: dict[str, Any] = {"settings": settings, "pool": pool, "clock": clock}
        if workload.id == "W12":
            return Case("call(3)", {"call": self._injected(self._container(made))})
        if workload.id == "W4":
            reader, writer, timer = factory(w.Reader, settings), factory(w.Writer, pool), factory(w.Timer, clock)
            store, journal = factory(w.Store, reader, writer), factory(w.Journal, writer, timer)
            audit = factory(w.Audit, journal, factory(w.Report, reader, timer))
            made["wanted"] = factory(w.Office, factory(w.Ledger, store, journal), audit, reader)
        elif workload.id == "W3":
            chain: Any = factory(w.Chain5)
            for link in w.CHAIN[1:]:
                chain = factory(link, chain)
            made["wanted"] = chain
        else:
            made["wanted"] = factory(w.Leaf) if workload.id == "W2" else settings
        return Case("provider.resolve_sync()", {"provider": self._container(made).wanted})

    def _request(self, workload: Workload) -> Case:
        settings, pool = (providers.Singleton(kind) for kind in w.REQUEST_SINGLETONS)
        scoped = _async_scoped if workload.is_async else _sync_scoped
        opener: Any = (w.open_session_async if workload.is_async else w.open_session) if workload.resource else None
        session: Any = providers.ContextResource(opener or scoped(w.Session), pool)

        def part(kind: type, *needs: Any) -> Any:
            return (
                providers.ContextResource(scoped(kind), *needs)
                if workload.six_scoped
                else providers.Factory(kind, *needs)
            )

        made: dict[str, Any] = {"settings": settings, "pool": pool, "session": session}
        made["user_repository"] = part(w.UserRepository, session)
        made["order_repository"] = part(w.OrderRepository, session)
        made["users"] = part(w.UserService, made["user_repository"])
        made["orders"] = part(w.OrderService, made["order_repository"])
        made["handler"] = part(w.Handler, made["users"], made["orders"], settings)
        container = self._container(made)
        names: dict[str, object] = {"context": container_context, "Graph": container, "handler": container.handler}
        note = "what is scoped is always a generator"
        if workload.is_async:
            return Case("await handler.resolve()", names, before="async with context(Graph):", note=note)
        return Case("handler.resolve_sync()", names, before="with context(Graph):", note=note)

    @staticmethod
    def _injected(container: Any) -> Any:
        @inject  # type: ignore[untyped-decorator]
        def handle(
            number: int,  # noqa: ARG001
            settings: w.Settings = Provide[container.settings],
            pool: w.Pool = Provide[container.pool],  # noqa: ARG001
        ) -> w.Settings:
            return settings

        return handle

    def cold(self, parts: Sequence[Part]) -> Callable[[type], object]:
        """Write a provider for each of ``parts``; nothing is checked."""
        made: dict[type, Any] = {}
        for part in parts:
            made[part.kind] = providers.Singleton(part.kind, *(made[need] for need in part.needs))
        self._container({f"p{number}": provider for number, provider in enumerate(made.values())})
        return lambda kind: made[kind].resolve_sync()

    @staticmethod
    def _container(made: dict[str, Any]) -> Any:
        return type(f"Graph{next(_NUMBERS)}", (BaseContainer,), made)
