"""The words every other part of kimera_di uses: plain data, no behaviour.

In: nothing. Out: the identity of a service, its lifetime, the step of a path, the place of a line in a
file, and the markers a user writes inside ``Annotated``. Must not import any other part of the package.
"""

from collections.abc import Hashable
from dataclasses import dataclass
from enum import Enum
from typing import Annotated, Any, NamedTuple, TypeVar

T = TypeVar("T")


class Lifetime(Enum):
    """How long an object lives once it was built.

    A longer-lived service may not hold a shorter-lived one: see ``CaptiveDependencyError``.
    """

    SINGLETON = "singleton"
    """One object per container."""
    SCOPED = "scoped"
    """One object per scope."""
    TRANSIENT = "transient"
    """A new object for every consumer and every look-up."""


class ServiceId(NamedTuple):
    """What a service is asked for by: an interface, and a key where several live side by side."""

    interface: Any
    """The class, Protocol, abstract class or other type users ask for."""
    key: Hashable = None
    """``None`` for the unkeyed service; falsy keys such as ``0`` and ``""`` are ordinary keys."""


@dataclass(frozen=True, slots=True)
class Key:
    """Inside ``Annotated[T, Key(k)]``: the parameter wants the service registered under key ``k``."""

    key: Hashable


@dataclass(frozen=True, slots=True)
class InjectedMarker:
    """Inside ``Annotated``: the caller leaves the parameter out, the container fills it."""


Injected = Annotated[T, InjectedMarker()]
"""``Injected[T]`` is ``T`` for type checkers; an ``@inject`` function is given it by the current scope."""


class Place(NamedTuple):
    """A line of a source file."""

    file: str
    """As the interpreter names it; made relative to the current folder only when it is shown."""
    line: int
    """First line is 1; 0 when only the file is known."""


class Step(NamedTuple):
    """One step of the path from the service that was asked for to the one a problem is about."""

    service: Any
    """The interface, or a ``ServiceId`` when it has a key; a dotted name once unpickled elsewhere."""
    parameter: str | None
    """The parameter of ``service`` that leads to the next step; ``None`` for the last one."""
    lifetime: Lifetime | None
    """``None`` when nothing is registered."""
    file: str | None
    """Where the class or factory is defined; ``None`` when that is not known."""
    line: int | None


@dataclass(frozen=True, slots=True)
class SettingProblem:
    """A variable of a settings model that is missing, wrong or unknown; holds no value."""

    variable: str
    """The environment variable that is looked up first; "" for a problem of the model as a whole."""
    field: str
    """Path of the field, ``database.url``."""
    reason: str
    origin: str = ""
    """Where the value was found: the environment, a line of an env file, a secret file, the default."""
    others: tuple[str, ...] = ()
    """Further variables the field is read from, in order."""
