"""An interrupt in one step of a close, before it had its effect or after: everything is closed once, now or later.

``tests/spec/test_interrupted_closes.py`` goes through all moments with a tracer; here the dictionary and the list of a
scope interrupt, so that the coverage of what follows is seen.
"""

from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest

from kimera_di import Scope, ServiceCollection
from kimera_di.resolution.async_closers import begin_close
from kimera_di.resolution.block_end import is_claimed
from kimera_di.resolution.claims import SYNC
from kimera_di.resolution.closers import Closer, close_sync, has_not_run, keep_what_is_left
from tests.spec.concurrency import run


class First: ...


class Second: ...


class AsyncFirst: ...


class AsyncSecond: ...


class Once:
    """Interrupts one call of a step."""

    def __init__(self, step: str, when: str) -> None:
        self._left, self._when = step, when

    def __call__(self, step: str, real: Callable[[], Any]) -> Any:
        if step != self._left:
            return real()
        self._left = ""
        if self._when == "after":
            real()
        raise KeyboardInterrupt


class Closers(list[Any]):
    once: Once

    def pop(self, *at: Any) -> Any:
        return self.once("pop", lambda: super(Closers, self).pop(*at))

    def remove(self, value: Any) -> None:
        self.once("remove", lambda: super(Closers, self).remove(value))


class Values(dict[Any, Any]):
    once: Once

    def setdefault(self, key: Any, default: Any = None) -> Any:
        return self.once("setdefault", lambda: super(Values, self).setdefault(key, default))

    def values(self) -> Any:
        return self.once("values", super().values)


def opener(kind: type, log: list[type]) -> Callable[[], Iterator[Any]]:
    def make() -> Iterator[Any]:
        try:
            yield kind()
        finally:
            log.append(kind)

    make.__annotations__["return"] = Iterator[kind]  # type: ignore[valid-type]
    return make


def async_opener(kind: type, log: list[type]) -> Callable[[], AsyncIterator[Any]]:
    async def make() -> AsyncIterator[Any]:
        try:
            yield kind()
        finally:
            log.append(kind)

    make.__annotations__["return"] = AsyncIterator[kind]  # type: ignore[valid-type]
    return make


def scope_of(log: list[type]) -> Scope:
    services = ServiceCollection()
    for kind in (First, Second):
        services.scoped(kind, opener(kind, log))
    for awaited in (AsyncFirst, AsyncSecond):
        services.scoped(awaited, async_opener(awaited, log))
    return services.build().scope()


def arm(scope: Any, step: str, when: str) -> None:
    """Put a dictionary and a list into a scope that interrupt a step."""
    closers, values = Closers(scope._closers), Values(scope._values)
    scope._closers.clear()  # else it would warn that they are left open
    closers.once = values.once = Once(step, when)
    dict.__setitem__(values, 0, closers)
    scope._closers, scope._values = closers, values


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(
    ("end", "kinds", "step"),
    [
        *(("block", (First,), step) for step in ("setdefault", "values", "remove")),
        *(("block", (First, Second), step) for step in ("setdefault", "values", "pop")),
        *(("close", (First, Second), step) for step in ("setdefault", "pop")),
    ],
    ids=lambda value: str(len(value)) if isinstance(value, tuple) else value,
)
def test_interrupt_of_one_step_leaves_nothing_open(end: str, kinds: tuple[type, ...], step: str, when: str) -> None:
    log: list[type] = []
    scope = scope_of(log)
    for kind in kinds:
        scope.resolve(kind)
    arm(scope, step, when)

    with pytest.raises(KeyboardInterrupt):
        scope.close() if end == "close" else scope.__exit__(None, None, None)
    scope.close()

    assert log == list(reversed(kinds))


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("step", ["setdefault", "values", "pop"])
@pytest.mark.parametrize(
    "kinds", [(AsyncFirst,), (AsyncFirst, AsyncSecond), (First, AsyncFirst)], ids=["one", "two", "mixed"]
)
@pytest.mark.parametrize("end", ["block", "close"])
def test_interrupt_of_one_async_step_leaves_nothing_open(
    end: str, kinds: tuple[type, ...], step: str, when: str
) -> None:
    log: list[type] = []
    scope = scope_of(log)

    async def main() -> None:
        for kind in kinds:
            await scope.aresolve(kind)
        arm(scope, step, when)
        with pytest.raises(KeyboardInterrupt):
            await (scope.aclose() if end == "close" else scope.__aexit__(None, None, None))
        await scope.aclose()

    run(main())

    assert log == list(reversed(kinds))


def test_what_has_run_is_not_put_back() -> None:
    generator: Any = opener(First, [])()
    ended: Any = opener(First, [])()
    next(generator)
    next(ended)
    ended.close()

    assert has_not_run(generator)
    assert not has_not_run(ended)
    assert not has_not_run(object())


def test_async_generator_that_ended_has_run() -> None:
    async def main() -> list[bool]:
        made: Any = async_opener(AsyncFirst, [])()
        await anext(made)
        before = has_not_run(made)
        await made.aclose()
        return [before, has_not_run(made)]

    assert run(main()) == [True, False]


def test_nothing_is_put_back_twice() -> None:
    generator = opener(First, [])()
    next(generator)
    closers: list[Any] = []

    first = keep_what_is_left(closers, generator, None)
    second = keep_what_is_left(closers, generator, None)
    closers.clear()
    third = keep_what_is_left(closers, generator, first)

    assert (first, second, third) == (generator, None, generator)
    assert closers == []


def test_mark_is_shown_by_its_name() -> None:
    assert repr(SYNC) == "SYNC"


def test_wrong_owner_of_a_claim_gets_the_interrupt() -> None:
    with pytest.raises(KeyboardInterrupt):
        is_claimed(object(), {}, [None, None], [KeyboardInterrupt()])

    assert not is_claimed(object(), {}, [None, None], [])


class Interrupting(Closer):
    """Interrupted before it is called."""

    def __init__(self) -> None:
        self.is_async = False

    def call(self, error: BaseException | None) -> Any:
        raise KeyboardInterrupt


def test_closer_that_was_interrupted_before_it_ran_can_still_be_run() -> None:
    owner: Any = object()

    with pytest.raises(KeyboardInterrupt):
        close_sync(Interrupting(), None)
    with pytest.raises(KeyboardInterrupt):
        begin_close(Interrupting(), None, owner, [None, None])
