"""The ``@service`` mark: a class or factory says itself what it is registered as.

In: classes and functions. Out: the same, with marks that ``services.scan`` finds. Registers nothing: importing a
module with marks has no effect.
"""

from collections.abc import Callable, Hashable, Mapping
from typing import Any, TypeVar, overload

from kimera_di.records import dataclass
from kimera_di.registration.conditions import When
from kimera_di.registration.descriptors import UNSET, Unset, misuse
from kimera_di.registration.entries import Choice, check_predicate
from kimera_di.registration.places import caller_place
from kimera_di.rendering import safe_repr
from kimera_di.vocabulary import Lifetime, Place

F = TypeVar("F", bound=Callable[..., Any])
MARKS = "__kimera_services__"
"""The attribute of a class or function that holds its marks."""


@dataclass(frozen=True, slots=True, eq=False)
class ServiceMark:
    """What ``@service`` said about one class or factory; every mark is one registration."""

    service: Any
    """The interface; ``UNSET`` for what the class is, or the factory returns."""
    lifetime: Lifetime
    key: Hashable
    place: Place
    when: When | None
    if_absent: bool
    options: tuple[tuple[str, Any], ...]
    """Further options of ``register``."""

    def choice(self) -> Choice | None:
        """Give the conditions; ``None`` without any."""
        return None if self.when is None and not self.if_absent else Choice(self.when, self.if_absent)


@overload
def service(marked: F, /) -> F: ...
@overload
def service(
    *,
    as_: Any = ...,
    lifetime: Lifetime = ...,
    key: Hashable = ...,
    when: When | None = ...,
    if_absent: bool = ...,
    eager: bool = ...,
    fork_safe: bool = ...,
    scope: str | None = ...,
    on_close: Callable[[Any], object] | Unset | None = ...,
    enter: bool = ...,
) -> Callable[[F], F]: ...
def service(  # noqa: PLR0913 - the options of register(), each of its own
    marked: Any = UNSET,
    /,
    *,
    as_: Any = UNSET,
    lifetime: Lifetime = Lifetime.SINGLETON,
    key: Hashable = None,
    when: When | None = None,
    if_absent: bool = False,
    eager: bool = False,
    fork_safe: bool = True,
    scope: str | None = None,
    on_close: Callable[[Any], object] | Unset | None = UNSET,
    enter: bool = False,
) -> Any:
    """Mark a class or factory as a service that ``services.scan(package)`` registers.

    Several marks are several registrations. A subclass does not inherit the marks of its base.

    Args:
        marked: The class or factory, when ``@service`` is written without parentheses.
        as_: The interface it is registered for; the class itself, or what the factory is annotated to return.
        lifetime: How long an object lives.
        key: Tells several registrations of one type apart.
        when: A predicate over ``Conditions``: it counts only where that says so.
        if_absent: It counts only where nothing registered earlier provides the service.
        eager: A singleton that ``start()`` builds.
        fork_safe: ``False`` for a singleton that a forked child must not share.
        scope: The level a scoped service lives at.
        on_close: Called with the object when its owner closes.
        enter: The object is a context manager: enter it when built.

    Returns:
        The class or factory itself, or a decorator.

    Raises:
        RegistrationError: What is marked cannot be called, or ``when`` cannot.
    """
    place = caller_place()
    if when is not None:
        check_predicate(when, "@service", place)
    given = {"eager": eager, "fork_safe": fork_safe, "scope": scope, "on_close": on_close, "enter": enter}
    usual = {"eager": False, "fork_safe": True, "scope": None, "on_close": UNSET, "enter": False}
    options = tuple((name, value) for name, value in given.items() if value is not usual[name])
    mark = ServiceMark(as_, lifetime, key, place, when, bool(if_absent), options)

    def put(thing: Any) -> Any:
        if not callable(thing):
            raise misuse(f"{safe_repr(thing)} is neither a class nor a factory", place, "mark a class or a function")
        try:
            setattr(thing, MARKS, (*marks_of(thing), mark))
        except (AttributeError, TypeError) as error:
            raise misuse(f"{safe_repr(thing)} cannot be marked: {error}", place, "mark a class or a function") from None
        return thing

    return put if marked is UNSET else put(marked)


def marks_of(thing: Any) -> tuple[ServiceMark, ...]:
    """Give the marks of a class or function itself, not those of its bases."""
    own: Mapping[str, Any] = getattr(thing, "__dict__", {})
    found: tuple[ServiceMark, ...] = own.get(MARKS, ())
    return found
