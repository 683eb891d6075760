"""An interrupt at any moment of a close leaves nothing open: what is there is closed then, or by the next close."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from typing import Any

import pytest

from kimera_di import Scope, ServiceCollection, ServiceContainer
from tests.spec.helpers import WAIT_S
from tests.spec.interrupting import Interruption, interrupted, moments


class First: ...


class Second: ...


class Third: ...


class Fourth: ...


def services(log: list[type], lifetime: str) -> ServiceCollection:
    def first() -> Iterator[First]:
        try:
            yield First()
        finally:
            log.append(First)

    def second() -> Iterator[Second]:
        try:
            yield Second()
        finally:
            log.append(Second)

    async def fourth() -> AsyncIterator[Fourth]:
        try:
            yield Fourth()
        finally:
            log.append(Fourth)

    def note(_: Third) -> None:
        log.append(Third)

    found = ServiceCollection()
    register = getattr(found, lifetime)
    register(First, first)
    register(Second, second)
    register(Third, Third, on_close=note)
    register(Fourth, fourth)
    return found


def opened(kinds: tuple[type, ...], log: list[type]) -> tuple[ServiceContainer, Scope]:
    container = services(log, "scoped").build()
    scope = container.scope()
    for kind in kinds:
        scope.resolve(kind)
    return container, scope


def closes_in_time(close: Callable[[], object]) -> bool:
    again = threading.Thread(target=close, daemon=True)
    again.start()
    again.join(WAIT_S)
    return not again.is_alive()


ENDS: dict[str, Callable[[Any], object]] = {
    "close": lambda owner: owner.close(),
    "block": lambda owner: owner.__exit__(None, None, None),
    "failed-block": lambda owner: owner.__exit__(ValueError, ValueError("no"), None),
}
KINDS: dict[str, tuple[type, ...]] = {
    "generator": (First,),
    "generators": (First, Second),
    "on_close": (Third,),
    "mixed": (First, Third),
}


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
@pytest.mark.parametrize("kinds", KINDS.values(), ids=KINDS)
def test_interrupted_end_of_a_scope_leaves_nothing_open(end: Callable[[Any], object], kinds: tuple[type, ...]) -> None:
    places: list[str] = []

    for number in moments():
        log: list[type] = []
        _, scope = opened(kinds, log)
        place, raised = interrupted(number, lambda owner=scope: end(owner))  # type: ignore[misc]
        if not place:
            break
        places.append(place)
        assert type(raised) is KeyboardInterrupt, place
        assert closes_in_time(scope.close), place
        assert log == [*reversed(kinds)], place

    assert len(places) > 5


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
def test_interrupted_end_of_a_container_leaves_nothing_open(end: Callable[[Any], object]) -> None:
    places: list[str] = []

    for number in moments():
        log: list[type] = []
        container = services(log, "singleton").build()
        for kind in (First, Third):
            container.resolve(kind)
        place, raised = interrupted(number, lambda owner=container: end(owner))  # type: ignore[misc]
        if not place:
            break
        places.append(place)
        assert type(raised) is KeyboardInterrupt, place
        assert closes_in_time(container.close), place
        assert log == [Third, First], place

    assert len(places) > 5


ASYNC_ENDS: dict[str, Callable[[Scope], Coroutine[Any, Any, None]]] = {
    "aclose": lambda scope: scope.aclose(),
    "block": lambda scope: scope.__aexit__(None, None, None),
    "failed-block": lambda scope: scope.__aexit__(ValueError, ValueError("no"), None),
}


async def interrupted_there(number: int, action: Coroutine[Any, Any, None]) -> tuple[str, BaseException | None]:
    """As ``interrupted``, in the task that asks."""
    interruption = Interruption(number)
    with interruption:
        try:
            await action
        except BaseException as raised:  # noqa: BLE001 - the test looks at it
            return interruption.place, raised
    return interruption.place, None


@pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning")  # where it comes at that call
@pytest.mark.parametrize("end", ASYNC_ENDS.values(), ids=ASYNC_ENDS)
@pytest.mark.parametrize(
    "kinds", [(Fourth,), (First, Fourth), (Fourth, Third)], ids=["generator", "generators", "on_close"]
)
def test_interrupted_async_end_of_a_scope_leaves_nothing_open(
    end: Callable[[Scope], Coroutine[Any, Any, None]], kinds: tuple[type, ...]
) -> None:
    async def tried(number: int) -> str:
        log: list[type] = []
        scope = services(log, "scoped").build().scope()
        for kind in kinds:
            await scope.aresolve(kind)
        place, raised = await interrupted_there(number, end(scope))
        if place:
            assert type(raised) is KeyboardInterrupt, place
            await asyncio.wait_for(scope.aclose(), WAIT_S)
            assert log == [*reversed(kinds)], place
        return place

    async def main() -> list[str]:
        places: list[str] = []
        for number in moments():
            place = await tried(number)
            if not place:
                break
            places.append(place)
        return places

    assert len(asyncio.run(main())) > 5


def test_interrupted_override_can_be_left_again() -> None:
    places: list[str] = []

    for number in moments():
        log: list[type] = []
        container = services(log, "singleton").build()
        override = container.override(Third, factory=Third)
        override.__enter__()
        container.resolve(Third)
        place, _ = interrupted(number, lambda left=override: left.__exit__(None, None, None))  # type: ignore[misc]
        if not place:
            break
        places.append(place)
        override.__exit__(None, None, None)
        assert type(container.resolve(Third)) is Third, place
        container.close()

    assert len(places) > 5
