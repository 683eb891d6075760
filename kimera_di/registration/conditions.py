"""What a ``when=`` predicate may ask while a collection is built.

In: answers of whoever decides which registrations count. Out: the object that predicates get. Builds nothing.
"""

import sys
from collections.abc import Callable, Hashable
from typing import Any, Protocol, TypeVar, runtime_checkable

from kimera_di.errors import MissingServiceError
from kimera_di.registration.annotations import identity_of
from kimera_di.rendering import short_name
from kimera_di.vocabulary import ServiceId, Step

T = TypeVar("T")


@runtime_checkable
class ReadAtBuild(Protocol):
    """A maker whose object exists before anything is built: a settings model."""

    def value_at_build(self) -> Any:
        """Give the object; raises what reading it raises."""
        ...


class Conditions:
    """What is known when a ``when=`` predicate is asked, once per ``build()`` or ``validate()``.

    Args:
        has: Tells whether something that provides a service counts.
        value: Gives the instance or settings model registered for a service.
    """

    __slots__ = ("_has", "_value")

    def __init__(self, has: Callable[[ServiceId], bool], value: Callable[[ServiceId], Any]) -> None:
        self._has = has
        self._value = value

    @property
    def platform(self) -> str:
        """What the interpreter runs on: ``sys.platform``, ``"linux"``, ``"darwin"``, ``"win32"``."""
        return sys.platform

    @property
    def python(self) -> tuple[int, int, int]:
        """The version of the interpreter: ``(3, 11, 9)``."""
        return sys.version_info[:3]

    def has(self, service: Any, key: Hashable = None) -> bool:
        """Tell whether a service is registered: without a condition, or with one that was met earlier in order.

        Args:
            service: What would be asked for.
            key: The key it would be asked for under.

        Returns:
            Whether something counts that provides it. O(1).
        """
        return self._has(_identity(service, key))

    def settings(self, model: type[T], key: Hashable = None) -> T:
        """Give the settings registered with ``services.settings(model)``, or the instance registered for a type.

        Args:
            model: The settings class, or the type of the instance.
            key: The key it is registered under.

        Returns:
            The object; settings are read once per ``build()``.

        Raises:
            MissingServiceError: Nothing is registered for it, or only something that must be built first.
            InvalidSettingsError: The settings cannot be read.
        """
        found: T = self._value(_identity(model, key))
        return found

    def __repr__(self) -> str:
        return f"<Conditions on {self.platform}, Python {'.'.join(map(str, self.python))}>"


def no_value(service: ServiceId) -> MissingServiceError:
    """Make the error for a predicate that asks for a value which is not there before building."""
    name = short_name(service)
    return MissingServiceError(
        f"{name} is neither registered settings nor a registered instance, so no condition can ask for it",
        service=service,
        path=(Step(service.interface if service.key is None else service, None, None, None, None),),
        facts=(("do this", f"services.settings({name}), or services.instance({name}, ...)"),),
    )


def failure_advice(when: Callable[..., object], error: Exception) -> str:
    """Say how to mend a predicate that raised.

    Args:
        when: The predicate.
        error: What it raised.

    Returns:
        What fits the cause: it takes other arguments, asks for what conditions do not offer, or for a value that is
        not there; else what is true of every predicate. Reads its signature.
    """
    import inspect

    if isinstance(error, MissingServiceError):
        return dict(error.facts)["do this"]
    if isinstance(error, AttributeError) and isinstance(error.obj, Conditions):
        return "ask for what conditions offer: has(T), settings(Model), platform, python"
    try:
        inspect.signature(when).bind(None)
    except TypeError:
        return "let it take one argument, the conditions: when=lambda c: c.platform == 'linux'"
    except ValueError:  # a callable without a signature
        pass
    return "let it return true or false for every environment"


def _identity(service: Any, key: Hashable) -> ServiceId:
    return identity_of(ServiceId(service, key))


When = Callable[[Conditions], object]
"""A predicate: whether a registration counts."""
