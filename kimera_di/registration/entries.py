"""What a collection holds besides plain registrations: aliases, decorators, removals, and conditions on any of them.

In: nothing (the registry makes them). Out: frozen data in registration order, from which the planner selects what
counts. Decides nothing.
"""

from collections.abc import Iterable
from typing import Any

from kimera_di.records import dataclass
from kimera_di.registration.conditions import When
from kimera_di.registration.descriptors import Construction, ServiceDescriptor, code_flags, misuse
from kimera_di.rendering import safe_repr
from kimera_di.vocabulary import ANY_KEY, Place, ServiceId


class Module:
    """A collection as a place that services belong to; tells which private services they are given.

    Args:
        name: The name of the collection, for messages; "" without one.
    """

    __slots__ = ("includes", "name")

    def __init__(self, name: str) -> None:
        self.name: str = name
        self.includes: list[Module] = []

    def reached(self) -> "list[Module]":
        """Give this module and everything it includes, nearest first. O(modules)."""
        found: list[Module] = [self]
        seen = {id(self)}
        for module in found:
            for each in tuple(module.includes):
                if id(each) not in seen:
                    seen.add(id(each))
                    found.append(each)
        return found

    def __repr__(self) -> str:
        return f"<Module {self.name or 'without a name'}>"


@dataclass(frozen=True, slots=True)
class Choice:
    """Under what conditions a registration counts, and for whom."""

    when: When | None = None
    """Asked once per build."""
    if_absent: bool = False
    """It counts only where nothing registered earlier provides the service."""
    replaces: bool = False
    """It takes the place of what was registered earlier."""
    private: bool = False
    """Only its own module, and what that includes, can get it."""


@dataclass(frozen=True, slots=True)
class Alias:
    """Another name for the last registration of a service."""

    service: ServiceId
    target: ServiceId
    place: Place
    module: Module | None = None
    choice: Choice | None = None


@dataclass(frozen=True, slots=True)
class Decoration:
    """Something that wraps every registration of a service."""

    service: ServiceId
    maker: Any
    """A class or factory that takes the inner service."""
    construction: Construction
    place: Place
    module: Module | None = None
    misfits: tuple[str, ...] = ()
    """Why it cannot wrap the interface, as far as that is known without the other registrations."""
    choice: Choice | None = None
    """With ``when=``: it is put on only where that says so."""


@dataclass(frozen=True, slots=True)
class Removal:
    """Everything registered earlier for a service does not count."""

    service: ServiceId
    place: Place
    module: Module | None = None


Operation = Alias | Decoration | Removal
Entry = ServiceDescriptor | Operation


_AWAITED_OR_STEPPED = 0x80 | 0x20 | 0x200  # inspect.CO_*: what such a function returns is always true


def check_predicate(when: object, name: str, place: Place) -> None:
    """Refuse a ``when=`` that cannot be asked.

    Args:
        when: What the user passed.
        name: What it is the condition of.
        place: Line of the registration.

    Raises:
        RegistrationError: It cannot be called, or it is async or a generator.
    """
    advice = "pass a function of the conditions: when=lambda c: c.platform == 'linux'"
    if not callable(when):
        raise misuse(f"when={safe_repr(when)} of {name} cannot be called", place, advice)
    if code_flags(when) & _AWAITED_OR_STEPPED:
        raise misuse(
            f"when= of {name} is an async function or a generator, which says neither yes nor no", place, advice
        )


def covers(pattern: ServiceId, service: ServiceId) -> bool:
    """Tell whether an operation on ``pattern`` touches ``service``; ``ANY_KEY`` stands for every keyed one."""
    if pattern.interface != service.interface:
        return False
    return pattern.key == service.key if pattern.key is not ANY_KEY else service.key is not None


def sees(module: Module | None, private: ServiceDescriptor | Alias) -> bool:
    """Tell whether ``module`` can get something private: its own module, or one that includes it."""
    owner = private.module
    return owner is None or any(each is module for each in owner.reached())


def descriptors_of(entries: Iterable[Entry]) -> tuple[ServiceDescriptor, ...]:
    """Give the registrations among the entries."""
    return tuple(entry for entry in entries if isinstance(entry, ServiceDescriptor))
