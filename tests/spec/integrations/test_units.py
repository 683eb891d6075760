"""One scope per unit of work, in every integration: request of a web framework, run of a command."""

import gc
import threading
import weakref

import pytest

from kimera_di import CloseErrors, ServiceContainer
from tests.spec.integrations.adapters import ADAPTERS, Adapter, Plan
from tests.spec.integrations.shop import Caller, FakeGreeter, Greeter, Log, Reader, Session, Writer, shop

EACH = pytest.mark.parametrize("adapter", ADAPTERS, ids=[each.name for each in ADAPTERS])
pytestmark = [pytest.mark.check, EACH]

THREADED = pytest.mark.parametrize("threaded", [False, True], ids=["loop", "thread"])


def number(reader: Reader, writer: Writer, caller: Caller, greeter: Greeter) -> str:
    return str(reader.session.number)


def name(reader: Reader, writer: Writer, caller: Caller, greeter: Greeter) -> str:
    return caller.name


def greet(reader: Reader, writer: Writer, caller: Caller, greeter: Greeter) -> str:
    return greeter.greet()


def fail(reader: Reader, writer: Writer, caller: Caller, greeter: Greeter) -> str:
    raise LookupError("no such item")


def build(adapter: Adapter, log: Log, *, commit_fails: bool = False) -> ServiceContainer:
    return adapter.services(log, commit_fails=commit_fails).build()


@THREADED
def test_services_of_one_unit_share_what_is_scoped(adapter: Adapter, threaded: bool) -> None:
    shared: list[bool] = []

    def compare(reader: Reader, writer: Writer, caller: Caller, greeter: Greeter) -> str:
        shared.append(reader.session is writer.session)
        return ""

    outcome = adapter.run(build(adapter, Log()), Plan(compare, threaded=threaded))

    assert outcome.error is None
    assert shared == [True]


def test_units_one_after_another_have_scopes_of_their_own(adapter: Adapter) -> None:
    container = build(adapter, Log())

    numbers = [adapter.run(container, Plan(number)).text for _ in range(3)]

    assert numbers == ["1", "2", "3"]


def test_a_hundred_units_at_once_keep_their_callers_and_sessions_apart(adapter: Adapter) -> None:
    callers = [f"/{each}" for each in range(100)]

    def both(reader: Reader, writer: Writer, caller: Caller, greeter: Greeter) -> str:
        assert reader.session is writer.session
        return f"{caller.name} {reader.session.number}"

    outcomes = adapter.run_many(build(adapter, Log()), Plan(both), callers)

    assert [each.text.split()[0] for each in outcomes] == callers
    assert len({each.text.split()[1] for each in outcomes}) == 100


def test_units_in_threads_of_the_framework_keep_their_sessions_apart(adapter: Adapter) -> None:
    together = threading.Barrier(4, timeout=10)

    def meet(reader: Reader, writer: Writer, caller: Caller, greeter: Greeter) -> str:
        together.wait()
        return str(reader.session.number)

    outcomes = adapter.run_many(build(adapter, Log()), Plan(meet, threaded=True), ["/a", "/b", "/c", "/d"])

    assert {each.text for each in outcomes} == {"1", "2", "3", "4"}


@THREADED
def test_value_of_the_unit_can_be_asked_for(adapter: Adapter, threaded: bool) -> None:
    outcome = adapter.run(build(adapter, Log()), Plan(name, threaded=threaded), caller="/who")

    assert outcome.text == "/who"


def test_container_without_the_value_needs_no_registration_of_it(adapter: Adapter) -> None:
    services = shop(Log(), None, None)

    outcome = adapter.run(services.build(), Plan(name))

    assert outcome.text == "nobody"


@THREADED
def test_scope_is_closed_when_the_unit_ends_well(adapter: Adapter, threaded: bool) -> None:
    log = Log()

    adapter.run(build(adapter, log), Plan(number, threaded=threaded))

    assert log.events[0] == "open"
    assert log.events.count("commit") == 1


@THREADED
def test_error_of_the_handler_rolls_back_and_reaches_the_outside_unchanged(adapter: Adapter, threaded: bool) -> None:
    log = Log()

    outcome = adapter.run(build(adapter, log), Plan(fail, threaded=threaded))

    assert isinstance(outcome.error, LookupError)
    assert "rollback LookupError" in log.events
    assert "commit" not in log.events


def test_exception_that_the_framework_answers_rolls_back(adapter: Adapter) -> None:
    log = Log()

    adapter.run(build(adapter, log), Plan(number, refuse=True))

    assert next(each.split()[0] for each in log.events if each != "open") == "rollback"
    assert "commit" not in log.events


def test_commit_that_fails_is_no_success(adapter: Adapter) -> None:
    outcome = adapter.run(build(adapter, Log(), commit_fails=True), Plan(number))

    assert isinstance(outcome.error, CloseErrors)
    assert [str(each) for each in outcome.error.exceptions] == ["the database is full"]
    assert outcome.status in {None, 500}


@THREADED
def test_override_is_seen_by_units_started_inside_of_it_and_gone_afterwards(adapter: Adapter, threaded: bool) -> None:
    container = build(adapter, Log())
    plan = Plan(greet, threaded=threaded)
    before = adapter.run(container, plan).text

    with container.override(Greeter, FakeGreeter()):
        inside = adapter.run(container, plan).text
    after = adapter.run(container, plan).text

    assert (before, inside, after) == ("hello", "fake", "hello")


def test_container_stays_open_after_a_unit(adapter: Adapter) -> None:
    container = build(adapter, Log())

    adapter.run(container, Plan(number))

    assert container.resolve(Greeter).greet() == "hello"


def test_session_is_freed_with_its_unit(adapter: Adapter) -> None:
    """What keeps a request's objects keeps its whole graph, for as long as the collector likes."""
    kept: list[weakref.ref[Session]] = []

    def remember(reader: Reader, writer: Writer, caller: Caller, greeter: Greeter) -> str:
        kept.append(weakref.ref(reader.session))
        return ""

    container = build(adapter, Log())
    adapter.run(container, Plan(remember))
    gc.collect()

    assert [each() for each in kept] == [None]
