"""The end of a ``with`` block: what ``close`` promises holds there too, where it is written for speed."""

import threading
from collections.abc import AsyncIterator, Callable, Iterator

import pytest

from kimera_di import CloseErrors, ContainerClosedError, ServiceCollection, ServiceContainer
from tests.spec.concurrency import Background, reached, run


class First: ...


class Second: ...


class Third: ...


def opener(kind: type, log: list[str], error: BaseException | None = None) -> Callable[[], Iterator[object]]:
    def make() -> Iterator[object]:
        yield kind()
        log.append(kind.__name__)
        if error is not None:
            raise error

    return make


def resolve_in_a_block(container: ServiceContainer, *kinds: type) -> None:
    with container.scope() as scope:
        for kind in kinds:
            scope.resolve(kind)


def test_generators_are_closed_in_reverse_order() -> None:
    log: list[str] = []
    services = ServiceCollection()
    for kind in (First, Second, Third):
        services.scoped(kind, opener(kind, log))

    resolve_in_a_block(services.build(), Second, First, Third)

    assert log == ["Third", "First", "Second"]


@pytest.mark.parametrize("error", [ValueError("no"), KeyboardInterrupt("no")], ids=["error", "interrupt"])
def test_generator_that_fails_does_not_keep_the_others_from_running(error: BaseException) -> None:
    log: list[str] = []
    services = ServiceCollection().scoped(First, opener(First, log)).scoped(Second, opener(Second, log, error))

    with pytest.raises((CloseErrors, KeyboardInterrupt)) as caught:
        resolve_in_a_block(services.build(), First, Second)

    raised = caught.value.exceptions[0] if isinstance(caught.value, CloseErrors) else caught.value
    assert raised is error
    assert log == ["Second", "First"]


@pytest.mark.parametrize("before", [False, True], ids=["first", "one-more"])
def test_block_waits_for_a_builder_in_flight_and_closes_what_it_made(before: bool) -> None:
    log: list[str] = []
    entered, release = threading.Event(), threading.Event()

    def make() -> Iterator[First]:
        entered.set()
        reached(release)
        log.append("opened")
        yield First()
        log.append("closed")

    scope = ServiceCollection().scoped(First, make).scoped(Second, opener(Second, log)).build().scope()
    if before:
        scope.resolve(Second)

    with Background(lambda: scope.resolve(First)):
        reached(entered)
        with Background(lambda: scope.__exit__(None, None, None)) as leaving:
            left_early = leaving.is_done(within_s=0.05)
            release.set()
            leaving.result()

    assert not left_early
    assert log == ["opened", "closed", *(["Second"] if before else [])]


@pytest.mark.parametrize("others", [0, 1], ids=["one", "two"])
def test_close_from_another_thread_waits_until_the_block_has_ended(others: int) -> None:
    log: list[str] = []
    closing, release = threading.Event(), threading.Event()

    def make() -> Iterator[First]:
        yield First()
        closing.set()
        reached(release)
        log.append("closed")

    scope = ServiceCollection().scoped(First, make).scoped(Second, opener(Second, log)).build().scope()
    for kind in [First, Second][: 1 + others]:
        scope.resolve(kind)

    with Background(lambda: scope.__exit__(None, None, None)) as leaving:
        reached(closing)
        with Background(scope.close) as second:
            returned_early = second.is_done(within_s=0.05)
            release.set()
            second.result()
        leaving.result()
    scope.close()

    assert not returned_early
    assert log == [*["Second"][:others], "closed"]


def test_block_with_a_task_at_work_is_refused_and_leaves_the_scope_open() -> None:
    log: list[str] = []

    async def make() -> AsyncIterator[Second]:
        with pytest.raises(ContainerClosedError, match="constructor or factory it is running"):
            scope.__exit__(None, None, None)
        log.append("refused")
        yield Second()
        log.append("Second")

    services = ServiceCollection().scoped(First, opener(First, log)).scoped(Second, make)
    scope = services.build().scope()

    async def main() -> None:
        scope.resolve(First)
        await scope.aresolve(Second)
        await scope.aclose()

    run(main())

    assert log == ["refused", "Second", "First"]


@pytest.mark.parametrize("error", [ValueError("no"), RuntimeError("no"), KeyboardInterrupt("no")], ids=repr)
def test_error_of_the_only_generator_is_raised_without_a_context(error: BaseException) -> None:
    container = ServiceCollection().scoped(First, opener(First, [], error)).build()

    with pytest.raises((CloseErrors, KeyboardInterrupt)) as caught:
        resolve_in_a_block(container, First)

    raised = caught.value.exceptions[0] if isinstance(caught.value, CloseErrors) else caught.value
    assert raised is error
    assert raised.__context__ is None
    assert caught.value.__context__ is None
    assert any("raised while closing" in note for note in raised.__notes__)


def test_list_that_a_factory_makes_is_not_taken_for_a_builder_at_work() -> None:
    log: list[str] = []
    services = ServiceCollection().scoped(list, lambda: []).scoped(First, opener(First, log))

    resolve_in_a_block(services.build(), list, First)

    assert log == ["First"]


def test_failed_close_of_the_only_generator_is_final() -> None:
    log: list[str] = []
    scope = ServiceCollection().scoped(First, opener(First, log, ValueError("no"))).build().scope()
    scope.resolve(First)
    with pytest.raises(CloseErrors):
        scope.__exit__(None, None, None)

    scope.close()

    assert log == ["First"]
    with pytest.raises(ContainerClosedError):
        scope.resolve(First)


@pytest.mark.parametrize("leveled", [False, True], ids=["plain", "levels"])
def test_scope_takes_nothing_but_its_values_by_position(leveled: bool) -> None:
    services = ServiceCollection(scopes=("request", "step")) if leveled else ServiceCollection()
    open_scope: Callable[..., object] = services.build().scope

    with pytest.raises(TypeError, match=r"scope\(\) takes"):
        open_scope(None, True)
    with pytest.raises(TypeError, match="nonsense"):
        open_scope(nonsense=True)
