"""Tell listeners what a container builds: how long each construction took, and which one raised.

In: what instrumented builders report. Out: events, one call per listener. Nothing here runs while nobody listens:
``container.listen`` throws the compiled builders away, and the ones compiled from then on report (guarantee 16).
"""

import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from kimera_di.planning import ServiceNode, WiringGraph
from kimera_di.records import dataclass
from kimera_di.resolution.logs import log
from kimera_di.vocabulary import Lifetime, Place, ServiceId

clock: Callable[[], float] = time.perf_counter


@dataclass(frozen=True, slots=True)
class ServiceBuilt:
    """An object was finished: its constructor or factory returned, a generator yielded, a context was entered."""

    service: ServiceId
    lifetime: Lifetime
    seconds: float
    """Time in the constructor or factory alone: what it is given was there before. Includes time spent suspended."""
    registered: Place


@dataclass(frozen=True, slots=True)
class ServiceFailed:
    """A constructor or factory raised, or was cancelled."""

    service: ServiceId
    lifetime: Lifetime
    error: BaseException
    registered: Place


Listener = Callable[[ServiceBuilt | ServiceFailed], object]


class Subscription:
    """A listener at work until ``end()`` is called or its ``with`` block ends.

    Args:
        root: Whose services are listened to.
        listener: Called with every event.
    """

    def __init__(self, root: Any, listener: Listener) -> None:
        self._root: Any = root
        self._listener = listener
        with root.lock:
            root.set_listeners((*root.listeners, listener))

    def end(self) -> None:
        """Stop listening; harmless when it has stopped."""
        root, self._root = self._root, None
        if root is None:
            return
        with root.lock:
            rest = list(root.listeners)
            for index, each in enumerate(rest):
                if each is self._listener:
                    del rest[index]
                    break
            root.set_listeners(tuple(rest))

    def __enter__(self) -> Self:
        """Give the subscription."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Stop listening."""
        self.end()


class Report:
    """What instrumented builders of one graph call; one per compiled builder.

    Args:
        root: Has the listeners.
        graph: Says what the numbers of nodes mean.
    """

    __slots__ = ("_graph", "_root")

    def __init__(self, root: Any, graph: WiringGraph) -> None:
        self._root: Any = root
        self._graph = graph

    def built(self, number: int, started: float) -> None:
        """Report that the object of a node was finished; ``started`` is what ``clock`` gave before."""
        report_built(self._root.listeners, self._graph.nodes[number], started)

    def failed(self, number: int, error: BaseException) -> None:
        """Report that the maker of a node raised."""
        report_failed(self._root.listeners, self._graph.nodes[number], error)


def report_built(listeners: tuple[Listener, ...], node: ServiceNode, started: float) -> None:
    """Report that the object of a node was finished; ``started`` is what ``clock`` gave before."""
    tell(listeners, ServiceBuilt(node.service, node.lifetime, clock() - started, node.registered))


def report_failed(listeners: tuple[Listener, ...], node: ServiceNode, error: BaseException) -> None:
    """Report that the maker of a node raised."""
    tell(listeners, ServiceFailed(node.service, node.lifetime, error, node.registered))


def tell(listeners: tuple[Listener, ...], event: ServiceBuilt | ServiceFailed) -> None:
    """Call every listener; what one raises is logged, and keeps neither the others nor the service from going on."""
    for listener in listeners:
        try:
            listener(event)
        except Exception:  # noqa: BLE001 - it is logged
            log().exception("a listener failed on %s", event)
