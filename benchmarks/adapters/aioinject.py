"""aioinject: ``SyncContainer`` for everything but W7; a function is generated for each type that is asked for."""

from collections.abc import Callable, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from aioinject import Container, Injected, Scoped, Singleton, SyncContainer, Transient
from aioinject.decorators import base_inject
from aioinject.validation.rules import DEFAULT_RULES
from aioinject.validation.validate import validate_or_err

from benchmarks import workloads as w
from benchmarks.case import Case, NotApplicable
from benchmarks.parts import Part
from benchmarks.workloads import Workload


def handle(number: int, settings: Injected[w.Settings], pool: Injected[w.Pool]) -> w.Settings:  # noqa: ARG001
    """Give the settings (W12)."""
    return settings  # type: ignore[no-any-return]


class Aioinject:
    """Transients belong to a context, so W2 to W4 use one that is open."""

    name = "aioinject"
    package = "aioinject"

    def case(self, workload: Workload) -> Case | NotApplicable:
        """Build a fresh container for ``workload``."""
        container: Any = Container() if workload.is_async else SyncContainer()
        container.register(*(Singleton(kind) for kind in w.GRAPH_SINGLETONS))
        if workload.is_request:
            return self._request(workload, container)
        container.register(*(Transient(kind) for kind in w.TRANSIENTS))
        validate_or_err(container, DEFAULT_RULES)
        if workload.id == "W12":
            call = base_inject(handle, [], lambda _args, _kwargs: container.root)
            return Case("call(3)", {"call": call})
        key = w.ROOT_KEYS[workload.id]
        if workload.id in {"W1", "W1r"}:
            return Case("root.resolve(key)", {"root": container.root, "key": key})
        note = "transients come from a context opened before the clock starts"
        return Case("scope.resolve(key)", {"scope": container.context(), "key": key}, note=note)

    @staticmethod
    def _request(workload: Workload, container: Any) -> Case:
        kept = Scoped if workload.six_scoped else Transient
        container.register(*(kept(kind) for kind in w.REQUEST_PARTS))
        source: Any = w.Session
        if workload.resource:
            managed: Any = asynccontextmanager if workload.is_async else contextmanager
            source = managed(w.open_session_async if workload.is_async else w.open_session)
        container.register(Scoped(source))
        validate_or_err(container, DEFAULT_RULES)
        names: dict[str, object] = {"container": container, "key": w.Handler}
        if workload.is_async:
            return Case("await scope.resolve(key)", names, before="async with container.context() as scope:")
        return Case("scope.resolve(key)", names, before="with container.context() as scope:")

    def cold(self, parts: Sequence[Part]) -> Callable[[type], object]:
        """Register ``parts`` as singletons and run its validation rules, which find what is missing."""
        container = SyncContainer()
        container.register(*(Singleton(part.kind) for part in parts))
        validate_or_err(container, DEFAULT_RULES)
        get: Callable[[type], object] = container.root.resolve
        return get
