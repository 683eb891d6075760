"""The objects every container has to build, and the list of workloads.

Plain classes with plain constructors and real annotations, so that each container reads them in its usual way and
nothing here favours one of them. No container is imported by this module.
"""

from collections.abc import AsyncGenerator, Generator
from dataclasses import dataclass
from typing import Any, Final


class Settings:
    """A singleton without dependencies."""

    def __init__(self) -> None:
        self.url = "postgresql://localhost/shop"


class Pool:
    """A singleton that the session of every request needs."""

    def __init__(self) -> None:
        self.size = 10


class Leaf:
    """A transient without dependencies (W2)."""

    def __init__(self) -> None:
        self.ready = True


class Chain5:
    """The innermost link of the chain (W3)."""

    def __init__(self) -> None:
        self.next = None


class Chain4:
    """The fourth link of the chain."""

    def __init__(self, next_: Chain5) -> None:
        self.next = next_


class Chain3:
    """The third link of the chain."""

    def __init__(self, next_: Chain4) -> None:
        self.next = next_


class Chain2:
    """The second link of the chain."""

    def __init__(self, next_: Chain3) -> None:
        self.next = next_


class Chain1:
    """The link that W3 asks for."""

    def __init__(self, next_: Chain2) -> None:
        self.next = next_


class Clock:
    """The third singleton of the graph (W4), beside settings and pool."""

    def __init__(self) -> None:
        self.zone = "UTC"


class Reader:
    """A transient at the bottom of the graph, on a singleton."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings


class Writer:
    """A transient at the bottom of the graph, on a singleton."""

    def __init__(self, pool: Pool) -> None:
        self.pool = pool


class Timer:
    """A transient at the bottom of the graph, on a singleton."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock


class Store:
    """A transient on two transients."""

    def __init__(self, reader: Reader, writer: Writer) -> None:
        self.reader = reader
        self.writer = writer


class Journal:
    """A transient on two transients, one of them shared by type with the store."""

    def __init__(self, writer: Writer, timer: Timer) -> None:
        self.writer = writer
        self.timer = timer


class Report:
    """A transient on two transients."""

    def __init__(self, reader: Reader, timer: Timer) -> None:
        self.reader = reader
        self.timer = timer


class Ledger:
    """A transient on two levels of transients: seven constructions."""

    def __init__(self, store: Store, journal: Journal) -> None:
        self.store = store
        self.journal = journal


class Audit:
    """A transient on two levels of transients: seven constructions."""

    def __init__(self, journal: Journal, report: Report) -> None:
        self.journal = journal
        self.report = report


class Office:
    """The transient that W4 asks for: sixteen constructions of nine types, on three singletons."""

    def __init__(self, ledger: Ledger, audit: Audit, reader: Reader) -> None:
        self.ledger = ledger
        self.audit = audit
        self.reader = reader


class Session:
    """One per request, shared by everything in that request."""

    def __init__(self, pool: Pool) -> None:
        self.pool = pool
        self.closed = False


class UserRepository:
    """Reads users in the request's session."""

    def __init__(self, session: Session) -> None:
        self.session = session


class OrderRepository:
    """Reads orders in the request's session."""

    def __init__(self, session: Session) -> None:
        self.session = session


class UserService:
    """A service on the user repository."""

    def __init__(self, repository: UserRepository) -> None:
        self.repository = repository


class OrderService:
    """A service on the order repository."""

    def __init__(self, repository: OrderRepository) -> None:
        self.repository = repository


class Handler:
    """What a web request asks for: six constructions on two singletons."""

    def __init__(self, users: UserService, orders: OrderService, settings: Settings) -> None:
        self.users = users
        self.orders = orders
        self.settings = settings


def open_session(pool: Pool) -> Generator[Session, None, None]:
    """Yield a session and mark it closed when the request ends (W6)."""
    session = Session(pool)
    try:
        yield session
    finally:
        session.closed = True


async def open_session_async(pool: Pool) -> AsyncGenerator[Session, None]:
    """Yield a session and mark it closed when the request ends (W7)."""
    session = Session(pool)
    try:
        yield session
    finally:
        session.closed = True


CHAIN: Final[tuple[type[Any], ...]] = (Chain5, Chain4, Chain3, Chain2, Chain1)
GRAPH_SINGLETONS: Final[tuple[type[Any], ...]] = (Settings, Pool, Clock)
GRAPH_TRANSIENTS: Final[tuple[type[Any], ...]] = (Reader, Writer, Timer, Store, Journal, Report, Ledger, Audit, Office)
TRANSIENTS: Final[tuple[type[Any], ...]] = (Leaf, *CHAIN, *GRAPH_TRANSIENTS)
REQUEST_SINGLETONS: Final[tuple[type[Any], ...]] = (Settings, Pool)
REQUEST_PARTS: Final[tuple[type[Any], ...]] = (UserRepository, OrderRepository, UserService, OrderService, Handler)
ROOT_KEYS: Final[dict[str, type[Any]]] = {
    "W1": Settings,
    "W1r": Settings,
    "W2": Leaf,
    "W3": Chain1,
    "W4": Office,
    "W12": Settings,
}


@dataclass(frozen=True, slots=True)
class Workload:
    """One row of the results.

    Attributes:
        id: Short name, as in ``--workloads W5,W6``.
        title: What one operation does.
        resource: The session is a generator that must be closed at the end of the scope.
        is_async: The session is an async generator and the scope is entered with ``async with``.
        six_scoped: Handler, services and repositories are scoped too, not only the session.
    """

    id: str
    title: str
    resource: bool = False
    is_async: bool = False
    six_scoped: bool = False

    @property
    def is_quick(self) -> bool:
        """Whether ``--quick`` runs it."""
        return not self.six_scoped and self.id != "W12"

    @property
    def is_request(self) -> bool:
        """Whether one operation opens and closes a scope."""
        return self.id.startswith(("W5", "W6", "W7"))


WORKLOADS: Final = (
    Workload("W1", "warm singleton, container[T]"),
    Workload("W1r", "warm singleton, container.resolve(T)"),
    Workload("W2", "transient leaf"),
    Workload("W3", "transient chain of 5"),
    Workload("W4", "transient graph of 12"),
    Workload("W5", "request scope"),
    Workload("W6", "request, generator session", resource=True),
    Workload("W7", "request, async generator", resource=True, is_async=True),
    Workload("W5x6", "W5, six scoped services", six_scoped=True),
    Workload("W6x6", "W6, six scoped services", resource=True, six_scoped=True),
    Workload("W7x6", "W7, six scoped services", resource=True, is_async=True, six_scoped=True),
    Workload("W12", "call, two singletons injected"),
)
