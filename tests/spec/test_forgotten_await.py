"""A look-up that nobody awaits is named by Python's warning as the user wrote it; a ``Lazy`` says how it is read."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest

from kimera_di import Lazy, Lifetime, Scope, ServiceCollection, ServiceContainer


class Clock:
    now = 1.0


class Report:
    def __init__(self, clock: Lazy[Clock]) -> None:
        self.clock = clock


async def make() -> Clock:
    return Clock()


def name_of(coroutine: Coroutine[Any, Any, object]) -> str:
    """Give what the warning would name."""
    coroutine.close()
    return coroutine.__qualname__


@pytest.mark.parametrize("lifetime", Lifetime, ids=lambda each: each.value)
@pytest.mark.parametrize("wanted", [Clock, list[Clock]], ids=["one", "list"])
def test_coroutine_of_a_look_up_is_named_aresolve_first_and_later(lifetime: Lifetime, wanted: Any) -> None:
    container = ServiceCollection().register(Clock, factory=make, lifetime=lifetime).build()
    asked: ServiceContainer | Scope = container.scope() if lifetime is Lifetime.SCOPED else container

    async def use() -> None:
        await asked.aresolve(wanted)

    first = name_of(asked.aresolve(wanted))
    asyncio.run(use())
    later = name_of(asked.aresolve(wanted))

    assert (first, later) == ("aresolve", "aresolve")


def test_attribute_of_the_object_behind_a_lazy_says_how_to_read_it() -> None:
    report = ServiceCollection().singleton(Clock).singleton(Report).build()[Report]
    lazy: Any = report.clock

    with pytest.raises(AttributeError, match=r"Lazy\[Clock\] has no attribute 'now': .* is its \.value") as raised:
        _ = lazy.now

    assert (raised.value.name, raised.value.obj) == ("now", lazy)
    assert repr(lazy) == "<Lazy[Clock]: read .value>"
    assert lazy.value.now == 1.0
