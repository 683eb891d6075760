"""Closing goes on, or is taken back, whatever interrupts it; of two who close at once one waits."""

import asyncio
import threading
from collections.abc import Callable, Iterator
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


class Contested(Interrupted):
    """An owner that somebody else begins to close while the first one looks whether it may."""

    def __init__(self, second: Callable[[Any], None]) -> None:
        super().__init__("never")
        self.other = threading.Thread(target=second, args=(self,), daemon=True)
        self.shut_by: list[threading.Thread] = []
        self._is_decided = threading.Event()

    @property
    def stall_report_s(self) -> float:  # type: ignore[override]
        """Asked for by who waits for the first one."""
        self._is_decided.set()
        return 1.0

    def shut(self) -> None:
        self.shut_by.append(threading.current_thread())
        self._is_decided.set()
        super().shut()

    def entries(self, values: dict[Any, Any]) -> list[Any]:
        if not self.other.ident:
            self.other.start()
            assert self._is_decided.wait(10)
        return super().entries(values)


@pytest.mark.parametrize(
    "second", [close_owner, lambda owner: asyncio.run(aclose_owner(owner))], ids=["close", "aclose"]
)
def test_second_closer_waits_although_the_first_has_not_shut_the_owner_yet(second: Callable[[Any], None]) -> None:
    """Both claims to close look alike."""
    owner = Contested(second)
    owner.opened()

    close_owner(owner)
    owner.other.join(10)

    assert owner.shut_by == [threading.current_thread()]
    assert owner.seen == ["closed"]
