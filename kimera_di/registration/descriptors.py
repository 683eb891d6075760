"""One registration as data, checked for what can be known without looking at any other.

In: what the user wrote. Out: a frozen ``ServiceDescriptor``. Reads no annotations and calls nothing.
"""

import functools
from abc import ABCMeta
from collections.abc import Callable
from enum import Enum
from types import CodeType
from typing import TYPE_CHECKING, Any, Protocol, get_origin

from kimera_di.errors import MissingServiceError, RegistrationError
from kimera_di.records import dataclass
from kimera_di.registration.annotations import built_class
from kimera_di.registration.frozen import HAS_GIL, open_class
from kimera_di.registration.injected import plain
from kimera_di.rendering import short_name, show_place
from kimera_di.vocabulary import Lifetime, Place, ServiceId, Step

if TYPE_CHECKING:
    from kimera_di.registration.entries import Choice, Module

_COROUTINE, _GENERATOR, _ASYNC_GENERATOR = 0x80, 0x20, 0x200  # inspect.CO_*, without importing inspect


class Unset(Enum):
    """The user said nothing: not the same as ``None`` or any falsy value."""

    UNSET = "unset"


UNSET = Unset.UNSET


class Construction(Enum):
    """How one object of a service comes into being."""

    INSTANCE = "instance"
    """Supplied by the user, never closed by the container."""
    CALL = "call"
    """A class or a plain function: the result is the object."""
    COROUTINE = "coroutine"
    """An async function: its awaited result is the object."""
    GENERATOR = "generator"
    """A generator function: the yielded value is the object, the rest closes it."""
    ASYNC_GENERATOR = "async generator"
    """An async generator function."""
    SUPPLIED = "supplied"
    """Given when the scope opens, never closed by the container."""


@dataclass(frozen=True, slots=True)
class ServiceDescriptor:
    """What the user registered, and where.

    Equal registrations made twice are two registrations: identity is the position in the collection.
    """

    service: ServiceId
    lifetime: Lifetime
    construction: Construction
    maker: Any
    """The class or factory, or the instance itself."""
    place: Place
    on_close: Callable[[Any], object] | Unset | None = UNSET
    enter: bool = False
    eager: bool = False
    """``start()`` builds it."""
    fork_safe: bool = True
    """A forked child may use the object its parent built."""
    scope: str | None = None
    """The level it lives at; ``None`` for the innermost one."""
    module: "Module | None" = None
    """The collection it was registered in; decides which private services it is given."""
    choice: "Choice | None" = None
    """Under what conditions it counts; ``None`` when it always does."""
    inner: ServiceId | None = None
    """What a decorator wraps; set by the planner."""


def describe(
    service: ServiceId,
    lifetime: Lifetime,
    maker: Any,
    place: Place,
    *,
    is_instance: bool = False,
    on_close: Callable[[Any], object] | Unset | None = UNSET,
    enter: bool = False,
    module: "Module | None" = None,
) -> ServiceDescriptor:
    """Check one registration and turn it into a descriptor.

    Args:
        service: Interface and key.
        lifetime: How long an object lives.
        maker: Class, factory or instance.
        place: Line of the registration.
        is_instance: ``maker`` is the object itself.
        on_close: Called with the object when its owner closes.
        enter: The object is a context manager to be entered.
        module: The collection it is registered in.

    Returns:
        The descriptor.

    Raises:
        RegistrationError: The registration makes no sense on its own; says why and where.
    """
    if is_instance:
        return ServiceDescriptor(service, Lifetime.SINGLETON, Construction.INSTANCE, maker, place, module=module)
    if not callable(maker) or not (isinstance(maker, type) or _can_build(maker)):
        raise misuse(
            f"{short_name(maker)} is neither a class nor a factory, so it cannot build {short_name(service)}",
            place,
            f"pass a class or factory; services.instance({short_name(service.interface)}, ...) is for finished objects",
        )
    maker, construction = _construction_of(maker)
    if enter and isinstance(maker, type) and not (hasattr(maker, "__enter__") or hasattr(maker, "__aenter__")):
        raise misuse(f"{short_name(maker)} is no context manager, so it cannot be entered", place, "drop enter=True")
    is_generator = construction in {Construction.GENERATOR, Construction.ASYNC_GENERATOR}
    if is_generator and (enter or callable(on_close)):
        raise misuse(
            f"{short_name(maker)} is a generator and closes itself after its yield", place,
            "drop on_close= and enter=, or return the object instead of yielding it",
        )  # fmt: skip
    if enter and callable(on_close):
        raise misuse("enter=True and on_close= would close the object twice", place, "choose one of the two")
    if not (on_close is UNSET or on_close is None or callable(on_close)):
        raise misuse(
            f"on_close={short_name(on_close)} cannot be called", place, "pass a function of the object, or None"
        )
    return ServiceDescriptor(service, lifetime, construction, maker, place, on_close, enter, module=module)


CLASSES = frozenset({type, ABCMeta, type(Protocol)})
"""The classes of ordinary classes: these are hashed and compared as what they are, and calling one builds an object."""
_new: Any = tuple.__new__  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
_Open = open_class(ServiceDescriptor)
_CALL = Construction.CALL  # members of enumerations are slow to get from their class


def describe_class(
    service: type, maker: Any, lifetime: Lifetime, place: Place, module: "Module | None"
) -> ServiceDescriptor:
    """Turn a registration of an ordinary class, without options, into a descriptor: the one that ``describe`` gives.

    Args:
        service: The interface.
        maker: The class that is built; ``UNSET`` when it is the interface itself.
        lifetime: How long an object lives.
        place: Line of the registration.
        module: The collection it is registered in.

    Returns:
        The descriptor; both classes are of ``CLASSES``, so there is nothing to check.
    """
    identity: ServiceId = _new(ServiceId, (service, None))  # half the time of the __new__ that a named tuple has
    built = service if maker is UNSET else maker
    if not HAS_GIL:
        return ServiceDescriptor(identity, lifetime, _CALL, built, place, module=module)
    made: Any = _Open()
    made.service, made.lifetime, made.construction, made.maker, made.place = identity, lifetime, _CALL, built, place
    made.on_close, made.enter, made.eager, made.fork_safe, made.scope = UNSET, False, False, True, None
    made.module, made.choice, made.inner = module, None, None
    made.__class__ = ServiceDescriptor
    descriptor: ServiceDescriptor = made
    return descriptor


def _can_build(maker: Any) -> bool:
    """``NewType("UserId", int)``, ``Optional[A]`` and their kin can be called, but build nothing."""
    if get_origin(maker) is not None:
        return built_class(maker) is not None
    return type(maker).__module__ != "typing"


class SuppliedValue:
    """Stands for a value that is given when a scope opens; calling it says that none was.

    Args:
        service: What the value is asked for by.
        place: Line of the registration.
    """

    def __init__(self, service: ServiceId, place: Place) -> None:
        self._service = service
        self._place = place

    def __call__(self) -> object:
        """Refuse: this is called when a scope has no value.

        Raises:
            MissingServiceError: Always.
        """
        name = short_name(self._service.interface)
        wanted = name if self._service.key is None else f"Annotated[{name}, Key({self._service.key!r})]"
        raise MissingServiceError(
            f"this scope was opened without a value for {short_name(self._service)}",
            service=self._service,
            path=(Step(_portable_id(self._service), None, Lifetime.SCOPED, *self._place),),
            facts=(("do this", f"open it with one: container.scope({{{wanted}: value}})"),),
        )


def describe_scope_value(service: ServiceId, place: Place) -> ServiceDescriptor:
    """Make the descriptor of a value that is given when a scope opens."""
    return ServiceDescriptor(service, Lifetime.SCOPED, Construction.SUPPLIED, SuppliedValue(service, place), place)


def _portable_id(service: ServiceId) -> Any:
    return service.interface if service.key is None else service


def misuse(summary: str, place: Place, advice: str) -> RegistrationError:
    """Make the error for a registration that makes no sense as it is written."""
    return RegistrationError(summary, facts=(("at", show_place(*place)), ("do this", advice)))


def _construction_of(maker: Any) -> tuple[Any, Construction]:
    """Find out what calling ``maker`` gives; a ``@contextmanager`` function is its generator."""
    maker = plain(maker)  # the container gives the parameters, no current scope
    if isinstance(maker, type):
        return maker, Construction.CALL
    wrapped = getattr(maker, "__wrapped__", None)
    code = getattr(maker, "__code__", None)
    if wrapped is not None and isinstance(code, CodeType) and code.co_filename == _contextlib_file():
        return _construction_of(wrapped)
    flags = code_flags(maker)
    if flags & _ASYNC_GENERATOR:
        return maker, Construction.ASYNC_GENERATOR
    if flags & _GENERATOR:
        return maker, Construction.GENERATOR
    return maker, Construction.COROUTINE if flags & _COROUTINE else Construction.CALL


def code_flags(function: Any) -> int:
    """Give the flags (``inspect.CO_*``) of what runs when ``function`` is called; 0 when it is not Python code."""
    while isinstance(function, functools.partial):
        function = function.func
    function = getattr(function, "__func__", function)
    code = getattr(function, "__code__", None)
    if code is None:
        owner: Any = type(function)  # pyright: ignore[reportUnknownVariableType]
        code = getattr(getattr(owner, "__call__", None), "__code__", None)  # noqa: B004 - the function is wanted
    return code.co_flags if isinstance(code, CodeType) else 0


def _contextlib_file() -> str:
    import contextlib

    return contextlib.contextmanager.__code__.co_filename
