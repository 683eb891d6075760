"""``Owned``: an object in a scope of its own, closed by its holder."""

import asyncio
import gc
import warnings
from collections.abc import AsyncIterator, Iterator

import pytest

from kimera_di import (
    AsyncProvider,
    AsyncRequiredError,
    ContainerClosedError,
    Lazy,
    Owned,
    Provider,
    ScopeRequiredError,
    ServiceCollection,
)
from tests.spec.concurrency import run
from tests.spec.helpers import fact, in_threads


class Request: ...


class Session: ...


class Report:
    def __init__(self, session: Session) -> None:
        self.session = session


class Journal:
    """Says what was opened and closed."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def open_session(self) -> Iterator[Session]:
        self.lines.append("open")
        try:
            yield Session()
        except ValueError as error:
            self.lines.append(f"told {error}")
            raise
        finally:
            self.lines.append("close")

    async def connect(self) -> AsyncIterator[Session]:
        self.lines.append("open")
        yield Session()
        self.lines.append("close")


class Worker:
    def __init__(self, sessions: Provider[Owned[Session]]) -> None:
        self.sessions = sessions


class AsyncWorker:
    def __init__(self, session: Owned[Session], sessions: AsyncProvider[Owned[Session]]) -> None:
        self.session, self.sessions = session, sessions


class Careful:
    def __init__(self, session: Lazy[Owned[Session]]) -> None:
        self.session = session


def test_owned_resource_is_open_in_its_with_block_only() -> None:
    journal = Journal()
    container = ServiceCollection().transient(Session, journal.open_session).build()

    with container.resolve(Owned[Session]) as session:
        inside = list(journal.lines)

    assert isinstance(session, Session)
    assert inside == ["open"]
    assert journal.lines == ["open", "close"]


def test_owned_object_is_not_built_before_it_is_used() -> None:
    journal = Journal()
    owned = ServiceCollection().transient(Session, journal.open_session).build().resolve(Owned[Session])
    before = list(journal.lines)
    value = owned.value

    assert before == []
    assert owned.value is value
    owned.close()
    assert journal.lines == ["open", "close"]


def test_resource_at_the_root_is_refused_and_the_error_names_owned() -> None:
    container = ServiceCollection().transient(Session, Journal().open_session).build()

    with pytest.raises(ScopeRequiredError) as caught:
        container.resolve(Session)
    assert "Owned[Session]" in fact(caught.value, "or")


def test_owned_closes_everything_that_was_opened_for_it() -> None:
    journal = Journal()
    container = ServiceCollection().scoped(Session, journal.open_session).transient(Report).build()

    with container.resolve(Owned[Report]) as report:
        assert isinstance(report.session, Session)

    assert journal.lines == ["open", "close"]


def test_singleton_opens_and_closes_as_many_as_it_needs() -> None:
    journal = Journal()
    container = ServiceCollection().transient(Session, journal.open_session).singleton(Worker).build()
    worker = container.resolve(Worker)

    with worker.sessions() as first, worker.sessions() as second:
        assert first is not second

    assert journal.lines == ["open", "open", "close", "close"]


def test_owned_has_its_own_scoped_objects_and_inherits_values() -> None:
    class Handler:
        def __init__(self, request: Request, session: Session) -> None:
            self.request, self.session = request, session

    services = ServiceCollection().scope_value(Request).scoped(Session).transient(Handler)
    request = Request()

    with services.build().scope({Request: request}) as scope:
        mine = scope.resolve(Session)
        with scope.resolve(Owned[Handler]) as handler:
            assert handler.request is request
            assert handler.session is not mine


def test_owned_object_of_named_levels_shares_the_outer_ones() -> None:
    class Visit: ...

    class Page:
        def __init__(self, visit: Visit, session: Session) -> None:
            self.visit, self.session = visit, session

    services = ServiceCollection(scopes=("visit", "request"))
    services.scoped(Visit, scope="visit").scoped(Session).transient(Page)

    with services.build().scope(name="visit") as visit, visit.resolve(Owned[Page]) as page:
        assert page.visit is visit.resolve(Visit)


def test_owned_outlives_the_scope_it_was_made_in() -> None:
    """Work that goes on after a request takes what it owns along."""
    journal = Journal()
    container = ServiceCollection().transient(Session, journal.open_session).build()
    with container.scope() as scope:
        owned = scope.resolve(Owned[Session])

    with owned as session:
        assert isinstance(session, Session)
    assert journal.lines == ["open", "close"]


def test_generator_of_an_owned_object_is_told_the_error_of_the_block() -> None:
    journal = Journal()
    container = ServiceCollection().transient(Session, journal.open_session).build()

    with pytest.raises(ValueError, match="broken"), container.resolve(Owned[Session]):
        raise ValueError("broken")
    assert journal.lines == ["open", "told broken", "close"]


def test_failed_entry_closes_what_was_opened_before() -> None:
    journal = Journal()

    def make_report(session: Session) -> Report:
        raise OSError("no paper")

    services = ServiceCollection().transient(Session, journal.open_session).transient(Report, make_report)
    owned = services.build().resolve(Owned[Report])

    with pytest.raises(OSError, match="no paper"), owned:
        pytest.fail("the block must not run")
    assert journal.lines == ["open", "close"]


def test_closed_owned_object_is_refused() -> None:
    owned = ServiceCollection().transient(Session, Journal().open_session).build().resolve(Owned[Session])
    with owned:
        pass
    owned.close()  # harmless

    with pytest.raises(ContainerClosedError, match=r"this Owned\[Session\] is closed"):
        _ = owned.value


def test_owned_resource_that_nobody_closed_warns_when_it_is_collected() -> None:
    owned = ServiceCollection().transient(Session, Journal().open_session).build().resolve(Owned[Session])
    _ = owned.value

    holder = [owned]
    del owned
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        holder.clear()
        gc.collect()

    assert [str(each.message).partition(": ")[0] for each in caught] == ["a scope was collected without being closed"]


def test_owned_object_with_nothing_open_is_collected_silently() -> None:
    owned = ServiceCollection().transient(Session).build().resolve(Owned[Session])
    assert isinstance(owned.value, Session)

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        del owned
        gc.collect()

    assert caught == []


def test_lazy_owned_is_one_that_is_made_at_first_use() -> None:
    journal = Journal()
    holder = ServiceCollection().transient(Session, journal.open_session).singleton(Careful).build().resolve(Careful)

    with holder.session.value as session:
        assert holder.session.value.value is session
    assert journal.lines == ["open", "close"]


def test_owned_value_read_by_two_threads_is_built_once() -> None:
    owned = ServiceCollection().transient(Session).build().resolve(Owned[Session])

    first, second = in_threads([lambda: owned.value, lambda: owned.value])

    assert first is second


def test_owned_async_resource_is_built_and_closed_by_async_with() -> None:
    journal = Journal()
    worker = ServiceCollection().transient(Session, journal.connect).singleton(AsyncWorker).build().resolve(AsyncWorker)

    async def work() -> Session:
        async with worker.session as session:
            assert journal.lines == ["open"]
            return session

    assert isinstance(run(work()), Session)
    assert journal.lines == ["open", "close"]


def test_owned_async_resource_from_an_async_provider_is_ready() -> None:
    journal = Journal()
    worker = ServiceCollection().transient(Session, journal.connect).singleton(AsyncWorker).build().resolve(AsyncWorker)

    async def work() -> Session:
        owned = await worker.sessions()
        session = owned.value
        await owned.aclose()
        return session

    assert isinstance(run(work()), Session)
    assert journal.lines == ["open", "close"]


def test_owned_async_resource_read_by_synchronous_code_is_refused_and_still_usable() -> None:
    journal = Journal()
    owned = ServiceCollection().transient(Session, journal.connect).build().resolve(Owned[Session])

    with pytest.raises(AsyncRequiredError) as caught, owned:
        pytest.fail("the block must not run")

    async def work() -> None:
        async with owned as session:
            assert isinstance(session, Session)

    assert fact(caught.value, "do this") == "use 'async with' for this Owned[Session]"
    run(work())
    assert journal.lines == ["open", "close"]


def test_owned_async_resource_entered_by_two_tasks_is_built_once() -> None:
    journal = Journal()
    owned = ServiceCollection().transient(Session, journal.connect).build().resolve(Owned[Session])

    async def work() -> tuple[Session, Session]:
        first, second = await asyncio.gather(owned.__aenter__(), owned.__aenter__())
        await owned.aclose()
        return first, second

    first, second = run(work())

    assert first is second
    assert journal.lines == ["open", "close"]


def test_owned_object_of_an_override_is_the_replacement() -> None:
    class Fake(Session): ...

    container = ServiceCollection().transient(Session).singleton(Worker).build()

    with container.override(Session, factory=Fake), container.resolve(Worker).sessions() as session:
        assert isinstance(session, Fake)
