import threading
from datetime import timedelta

import pytest
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from kimera.core.interfaces import Interaction, MemoryStats
from kimera.core.memory import ConversationMemory
from kimera.infrastructure.settings import MemorySettings
from tests.examples.support import NOON, FakeClock

pytestmark = pytest.mark.check

DAY_S = 86_400.0


def said(text: str) -> Interaction:
    return Interaction("user", text, NOON)


def memory(clock: FakeClock | None = None, **limits: float) -> ConversationMemory:
    return ConversationMemory(MemorySettings.model_validate(limits), clock or FakeClock())


def texts(remembered: ConversationMemory, session: str) -> list[str]:
    return [each.text for each in remembered.history(session)]


def test_default_limits_hold_a_thousand_sessions_of_ten_interactions() -> None:
    remembered = memory()

    for number in range(1100):
        for turn in range(12):
            remembered.add(f"s{number}", said(f"{turn}"))

    assert remembered.stats() == MemoryStats(1000, 10_000, evicted_sessions=100, expired_sessions=0)
    assert texts(remembered, "s1099") == [str(turn) for turn in range(2, 12)]


def test_least_recently_used_session_is_given_up() -> None:
    remembered = memory(max_sessions=2)
    remembered.add("a", said("1"))
    remembered.add("b", said("2"))
    remembered.history("a")

    remembered.add("c", said("3"))

    assert (texts(remembered, "a"), texts(remembered, "b"), texts(remembered, "c")) == (["1"], [], ["3"])


@pytest.mark.parametrize(("after_s", "kept"), [(DAY_S - 1, ["1"]), (DAY_S, [])], ids=["just before", "after a day"])
def test_session_expires_a_day_after_its_last_use(after_s: float, kept: list[str]) -> None:
    clock = FakeClock()
    remembered = memory(clock)
    remembered.add("a", said("1"))

    clock.seconds += after_s

    assert texts(remembered, "a") == kept


def test_use_of_a_session_begins_its_time_again() -> None:
    clock = FakeClock()
    remembered = memory(clock, expiry_s=10)
    remembered.add("a", said("1"))

    for _ in range(3):
        clock.seconds += 9
        assert texts(remembered, "a") == ["1"]


def test_wrong_time_of_day_expires_nothing() -> None:
    """The clock on the wall may be set; only the monotonic one counts."""
    clock = FakeClock()
    remembered = memory(clock)
    remembered.add("a", said("1"))

    clock.started += timedelta(days=30)

    assert texts(remembered, "a") == ["1"]


def test_cleanup_counts_what_it_removes() -> None:
    clock = FakeClock()
    remembered = memory(clock, expiry_s=10)
    remembered.add("a", said("1"))
    remembered.add("b", said("2"))
    clock.seconds = 10

    removed = remembered.remove_expired()

    assert removed == 2
    assert remembered.stats() == MemoryStats(0, 0, evicted_sessions=0, expired_sessions=2)


def test_forgotten_session_counts_neither_as_evicted_nor_as_expired() -> None:
    remembered = memory()
    remembered.add("a", said("1"))

    assert (remembered.forget("a"), remembered.forget("a")) == (True, False)
    assert remembered.stats() == MemoryStats(0, 0, 0, 0)


def test_threads_lose_no_interaction_and_break_no_limit() -> None:
    remembered = memory(max_sessions=5, max_interactions=10)
    begin = threading.Barrier(4)

    def talk(me: int) -> None:
        begin.wait(timeout=10)
        for turn in range(500):
            remembered.add(f"s{(turn + me) % 7}", said("x"))
            remembered.history(f"s{turn % 7}")

    threads = [threading.Thread(target=talk, args=(me,)) for me in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    stats = remembered.stats()
    kept = sum(len(remembered.history(f"s{number}")) for number in range(7))
    assert stats.active_sessions == 5
    assert stats.total_interactions == kept <= 50


class MemoryBesideAListOfUses(RuleBasedStateMachine):
    """The memory against a model without any cleverness: lists, searched from end to end."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = FakeClock()
        self.memory = memory(self.clock, max_sessions=3, max_interactions=2, expiry_s=10)
        self.model: list[tuple[str, float, list[str]]] = []
        """Session, last use, texts; in no order that means anything."""
        self.evicted = self.expired = 0

    def expire(self) -> None:
        kept = [each for each in self.model if self.clock.seconds - each[1] < 10]
        self.expired += len(self.model) - len(kept)
        self.model = kept

    def take(self, session: str) -> list[str] | None:
        self.expire()
        found = [each for each in self.model if each[0] == session]
        self.model = [each for each in self.model if each[0] != session]
        return found[0][2] if found else None

    @rule(session=st.sampled_from("abcde"), text=st.text(max_size=2))
    def add(self, session: str, text: str) -> None:
        self.clock.seconds += 0.001  # so that "least recently" has one meaning
        self.memory.add(session, said(text))
        known = self.take(session)
        if known is None and len(self.model) == 3:
            self.model.remove(min(self.model, key=lambda each: each[1]))
            self.evicted += 1
        self.model.append((session, self.clock.seconds, [*(known or []), text][-2:]))

    @rule(session=st.sampled_from("abcde"))
    def read(self, session: str) -> None:
        self.clock.seconds += 0.001
        known = self.take(session)
        if known is not None:
            self.model.append((session, self.clock.seconds, known))

        assert texts(self.memory, session) == (known or [])

    @rule(session=st.sampled_from("abcde"))
    def forget(self, session: str) -> None:
        assert self.memory.forget(session) is (self.take(session) is not None)

    @rule(seconds=st.integers(1, 12))
    def wait(self, seconds: int) -> None:
        self.clock.seconds += seconds

    @rule()
    def clean(self) -> None:
        before = self.expired
        self.expire()

        assert self.memory.remove_expired() == self.expired - before

    @invariant()
    def stats_agree(self) -> None:
        self.expire()
        interactions = sum(len(each[2]) for each in self.model)

        assert self.memory.stats() == MemoryStats(len(self.model), interactions, self.evicted, self.expired)


TestMemoryBesideAListOfUses = MemoryBesideAListOfUses.TestCase
TestMemoryBesideAListOfUses.settings = hypothesis_settings(
    max_examples=40, stateful_step_count=30, deadline=None, derandomize=True
)
