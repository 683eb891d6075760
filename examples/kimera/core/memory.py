"""Conversation memory: bounded in sessions, interactions and time.

In: interactions. Out: the last of them per session. Sessions are kept in the order of their last use, so that the one
to give up and the next one to expire are both the first: every operation costs O(1), and removing k expired ones O(k).
"""

from collections import OrderedDict, deque
from dataclasses import dataclass
from threading import Lock

from kimera.core.interfaces import IConversationMemory, Interaction, MemoryStats
from kimera.infrastructure.clock import Clock
from kimera.infrastructure.settings import MemorySettings


@dataclass(slots=True)
class _Session:
    interactions: deque[Interaction]
    used_at: float


class ConversationMemory(IConversationMemory):
    """Least recently used sessions go first; a session expires when nobody wrote or read it for too long."""

    def __init__(self, settings: MemorySettings, clock: Clock) -> None:
        self._settings, self._clock = settings, clock
        self._sessions: OrderedDict[str, _Session] = OrderedDict()
        self._interactions = self._evicted = self._expired = 0
        self._lock = Lock()

    def add(self, session: str, interaction: Interaction) -> None:
        """Remember an interaction; makes the session when there is none."""
        with self._lock:
            found = self._use(session)
            if found is None:
                if len(self._sessions) >= self._settings.max_sessions:
                    self._drop_first()
                    self._evicted += 1
                found = _Session(deque(), self._clock.monotonic())
                self._sessions[session] = found
            if len(found.interactions) >= self._settings.max_interactions:
                found.interactions.popleft()
                self._interactions -= 1
            found.interactions.append(interaction)
            self._interactions += 1

    def history(self, session: str) -> tuple[Interaction, ...]:
        """Give the interactions of a session, oldest first; empty when it is unknown or expired."""
        with self._lock:
            found = self._use(session)
            return () if found is None else tuple(found.interactions)

    def forget(self, session: str) -> bool:
        """Forget a session; ``False`` when there was none."""
        with self._lock:
            self._expire()
            found = self._sessions.pop(session, None)
            if found is None:
                return False
            self._interactions -= len(found.interactions)
            return True

    def remove_expired(self) -> int:
        """Forget every session nobody used for too long; give their number."""
        with self._lock:
            return self._expire()

    def stats(self) -> MemoryStats:
        """Count what is remembered."""
        with self._lock:
            self._expire()
            return MemoryStats(len(self._sessions), self._interactions, self._evicted, self._expired)

    def _use(self, session: str) -> _Session | None:
        self._expire()
        found = self._sessions.get(session)
        if found is not None:
            found.used_at = self._clock.monotonic()
            self._sessions.move_to_end(session)
        return found

    def _expire(self) -> int:
        latest = self._clock.monotonic() - self._settings.expiry_s
        before = self._expired
        while self._sessions and next(iter(self._sessions.values())).used_at <= latest:
            self._drop_first()
            self._expired += 1
        return self._expired - before

    def _drop_first(self) -> None:
        _, dropped = self._sessions.popitem(last=False)
        self._interactions -= len(dropped.interactions)
