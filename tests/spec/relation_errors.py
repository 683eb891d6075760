"""Errors about relations, for the golden texts: one cause each."""

from collections.abc import Callable, Iterator, Mapping

from kimera_di import Factory, Lazy, Owned, Provider, Scope, ServiceCollection
from tests.spec.concurrency import run
from tests.spec.shop import Clock, Session, SystemClock


class Reminder:
    def __init__(self, clock: Lazy[Clock]) -> None: ...


class Poller:
    def __init__(self, sessions: Provider[Session]) -> None: ...


class Courier:
    def __init__(self, scope: Scope) -> None: ...


class Hasty:
    def __init__(self, partner: "Lazy[Partner]") -> None:
        self.partner = partner.value


class Partner:
    def __init__(self, hasty: Hasty) -> None: ...


class Letter:
    def __init__(self, text: str, clock: Clock) -> None: ...


class Writer:
    def __init__(self, write: Factory[[str], Letter]) -> None:
        self.write = write


class Counter:
    def __init__(self, write: Factory[[int], Letter]) -> None: ...


class Editor:
    def __init__(self, lazy: Lazy) -> None: ...  # type: ignore[type-arg]  # pyright: ignore


async def connect() -> Session:
    return Session()


async def find_clock() -> Clock:
    return SystemClock()


def open_session() -> Iterator[Session]:
    yield Session()


def new() -> ServiceCollection:
    return ServiceCollection()


def problem_of(services: ServiceCollection) -> None:
    """Raise the only problem of a collection."""
    (error,) = services.validate()
    raise error


def writer() -> Writer:
    return new().singleton(Clock, SystemClock).transient(Letter).singleton(Writer).build().resolve(Writer)


def closed_owned() -> None:
    owned = new().transient(Session).build().resolve(Owned[Session])
    owned.close()
    _ = owned.value


def owned_without_await() -> None:
    owned = new().transient(Session, connect).build().resolve(Owned[Session])
    try:
        _ = owned.value
    finally:
        run(owned.aclose())


CASES: Mapping[str, Callable[[], object]] = {
    "KD103_relation_of_what": lambda: problem_of(new().singleton(Editor)),
    "KD201_behind_a_lazy": lambda: problem_of(new().singleton(Reminder)),
    "KD201_only_a_factory_builds_it": lambda: (
        new().singleton(Clock, SystemClock).transient(Letter).singleton(Writer).build().resolve(Letter)
    ),
    "KD202_lazy_used_too_early": lambda: new().singleton(Hasty).singleton(Partner).build().resolve(Hasty),
    "KD203_provider_of_something_scoped": lambda: problem_of(new().scoped(Session).singleton(Poller)),
    "KD203_provider_of_resources": lambda: problem_of(new().transient(Session, open_session).singleton(Poller)),
    "KD203_singleton_holds_its_scope": lambda: problem_of(new().singleton(Courier)),
    "KD204_factory_argument_fits_nothing": lambda: problem_of(new().singleton(Clock, SystemClock).singleton(Counter)),
    "KD206_lazy_of_something_async": lambda: problem_of(new().singleton(Clock, find_clock).singleton(Reminder)),
    "KD206_looked_up": lambda: new().singleton(Clock, find_clock).build().resolve(Provider[Clock]),
    "KD301_scope_at_the_root": lambda: new().build().resolve(Scope),
    "KD301_needs_its_scope": lambda: new().transient(Courier).build().resolve(Courier),
    "KD302_owned_without_await": owned_without_await,
    "KD303_owned_is_closed": closed_owned,
    "KD305_factory_argument_missing": lambda: writer().write(),  # type: ignore[call-arg]  # pyright: ignore
}
"""By the name of the golden file."""
