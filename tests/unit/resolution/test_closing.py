"""Closing goes on, or is taken back, whatever interrupts it."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from kimera_di.resolution.async_closing import aclose_owner
from kimera_di.resolution.claims import CLOSERS, SYNC
from kimera_di.resolution.closing import close_owner


class Interrupted:
    """An owner whose builder in flight is waited for when Ctrl-C comes."""

    kind = "container"
    close_timeout_s = 1.0
    stall_report_s = 1.0
    root: Any = None

    def __init__(self, when: str) -> None:
        self._values: dict[Any, Any] | None = {CLOSERS: [], 1: [SYNC, None]}
        self._closing: Any = None
        self._when = when
        self.seen: list[str] = []

    def opened(self) -> None:
        """Open something that is to be closed."""

        def resource() -> Iterator[int]:
            yield 1
            self.seen.append("closed")

        made = resource()
        next(made)
        assert self._values is not None
        self._values[CLOSERS].append(made)

    def shut(self) -> None:
        self._values = None

    def reopen(self, values: dict[Any, Any]) -> None:
        self._values = values

    def in_flight(self, values: dict[Any, Any]) -> list[Any]:
        moment = "while it waits" if self._values is None else "before it is shut"
        if moment == self._when:
            self._when = "never"
            raise KeyboardInterrupt
        return []

    def entries(self, values: dict[Any, Any]) -> list[Any]:
        return list(values[CLOSERS])

    def collect(self, values: dict[Any, Any]) -> list[Any]:
        closers: list[Any] = values[CLOSERS]
        return closers

    def loop_of(self, entry: Any) -> Any:
        del entry


def test_interrupt_while_close_waits_for_builders_still_runs_the_closers() -> None:
    owner = Interrupted("while it waits")
    owner.opened()

    with pytest.raises(KeyboardInterrupt):
        close_owner(owner)

    assert owner.seen == ["closed"]


def test_interrupt_while_aclose_waits_for_builders_still_runs_the_closers() -> None:
    async def main() -> list[str]:
        owner = Interrupted("while it waits")
        owner.opened()
        with pytest.raises(KeyboardInterrupt):
            await aclose_owner(owner)
        return owner.seen

    assert asyncio.run(main()) == ["closed"]


def test_interrupt_before_anything_was_closed_leaves_the_owner_open() -> None:
    owner = Interrupted("before it is shut")
    owner.opened()

    with pytest.raises(KeyboardInterrupt):
        close_owner(owner)
    assert owner.seen == []
    close_owner(owner)

    assert owner.seen == ["closed"]
