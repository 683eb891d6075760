"""A function that nobody registers but somebody calls with services, and the line that says so.

In: what ``services.validate_call`` is given. Out: frozen data, from which the planner proves the call.
"""

from typing import Any

from kimera_di.records import dataclass
from kimera_di.registration.descriptors import misuse
from kimera_di.registration.injected import is_injected, plain
from kimera_di.registration.places import defined_at
from kimera_di.rendering import safe_repr
from kimera_di.vocabulary import Place


@dataclass(frozen=True, slots=True)
class CallTarget:
    """A function that is called with services, and where that was said."""

    function: Any
    """The function itself, below ``@inject``."""
    marked_only: bool
    """Only marked parameters are filled: it is called through ``@inject``."""
    place: Place

    @property
    def defined(self) -> Place | None:
        """The line of the function; ``None`` without source. Found when asked: it reads source."""
        return defined_at(self.function)


def call_target(function: Any, place: Place) -> CallTarget:
    """Check what is to be proven.

    Args:
        function: A function, method or class; also one that ``@inject`` was written above.
        place: Line that says so.

    Returns:
        The target.

    Raises:
        RegistrationError: ``function`` cannot be called.
    """
    if not callable(function):
        raise misuse(
            f"{safe_repr(function)} cannot be called", place, "pass the function: services.validate_call(main)"
        )
    return CallTarget(plain(function), is_injected(function), place)
