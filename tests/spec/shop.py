"""A small shop: the classes that the golden texts and the table of misuses are about."""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Protocol

from kimera_di import Injected, Key


class Clock(Protocol):
    def now(self) -> float: ...


class SystemClock:
    def now(self) -> float:
        return 1.0


class StoppedClock:
    def now(self, zone: str) -> str:
        return zone


class SundialClock:
    pass


class Store(ABC):
    @abstractmethod
    def load(self, key: str) -> bytes: ...

    @abstractmethod
    def save(self, key: str, value: bytes) -> None: ...


class HalfStore(Store):
    def load(self, key: str) -> bytes:
        return b""


class OddStore(Store):
    def load(self, name: str) -> bytes:
        return b""

    async def save(self, key: str, value: bytes) -> None:  # type: ignore[override]
        pass


class MemoryStore(Store):
    def load(self, key: str) -> bytes:
        return b""

    def save(self, key: str, value: bytes) -> None:
        pass


class Session:
    pass


@dataclass
class Repository:
    session: Session


@dataclass
class Payments:
    clock: Clock


@dataclass
class Checkout:
    payments: Payments


@dataclass
class Audit:
    clock: Clock


@dataclass
class Cache:
    session: Session


@dataclass
class Report:
    repository: Repository


@dataclass
class Either:
    store: MemoryStore | HalfStore


@dataclass
class Backup:
    store: Annotated[Store, Key("tape")]


@dataclass
class Hen:
    egg: "Egg"


@dataclass
class Egg:
    hen: Hen


class Careless:
    def __init__(self, size) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001 - what the text is about
        self.size = size


class Misspelt:
    def __init__(self, session: "Sesion") -> None:  # type: ignore[name-defined]  # noqa: F821 - what the text is about
        self.session = session


class Garbled:
    def __init__(self, session: "Session[") -> None:  # type: ignore[syntax]  # noqa: F722 - what the text is about
        self.session = session


class Listing:
    def __init__(self, sessions: [Session]) -> None:  # type: ignore[valid-type]
        self.sessions = sessions


def open_session() -> Iterator[Session]:
    yield Session()


def open_and_fail() -> Iterator[Session]:
    yield Session()
    raise OSError("the line is dead")


def never_opens() -> Iterator[Session]:
    yield from ()


async def connect() -> Session:
    return Session()


async def aopen_session() -> AsyncIterator[Session]:
    yield Session()


def make_clock(size: int) -> SystemClock:
    return SystemClock()


def make_wrong_clock() -> Session:
    return Session()


def make_anything() -> Any:
    return Session()


def pay(total: int, clock: Injected[Clock]) -> None: ...


def keep(total: int, cache: "Injected[Cache]") -> None: ...


def pay_either(total: int | str) -> None: ...


def pay_garbled(total: "Injected[") -> None:  # type: ignore[valid-type]  # noqa: F722
    ...
