"""Functions that run inside an override: ``@container.override(IVault, FakeVault())``.

In: a function and what makes an override. Out: a function of the same kind and signature that begins an override
with every call and ends it with the call. Two calls at the same time do not meet.
"""

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from kimera_di.registration import caller_place
from kimera_di.registration.descriptors import code_flags, misuse
from kimera_di.rendering import safe_repr, short_name

if TYPE_CHECKING:
    from kimera_di.resolution.overrides import Override

P = ParamSpec("P")
R = TypeVar("R")

_COROUTINE, _GENERATORS = 0x80, 0x20 | 0x200  # inspect.CO_*, without importing inspect


def overridden(function: Callable[P, R], again: Callable[[], "Override"]) -> Callable[P, R]:
    """Give a function that runs ``function`` inside an override.

    Args:
        function: A function, method or async function.
        again: Makes the override of one call.

    Returns:
        An async function for an async one: the override ends when that has ended, and what it built is closed with
        ``await``.

    Raises:
        RegistrationError: ``function`` cannot be called, or is a class, or a generator, which runs between calls.
    """
    given: Any = function
    is_callable = callable(given)
    if not is_callable or isinstance(given, type | staticmethod | classmethod):
        advice = "decorate functions and methods, below @classmethod and @staticmethod; else use a with block"
        what = short_name(function) if is_callable else safe_repr(function)
        raise misuse(f"{what} is no function, so an override cannot decorate it", caller_place(), advice)
    flags = code_flags(function)
    if flags & _GENERATORS:
        summary = f"{short_name(function)} is a generator, which goes on after its call has returned"
        raise misuse(summary, caller_place(), "write a with block around the part of it that needs the override")

    call: Callable[..., Any] = function

    async def run_async(*args: Any, **named: Any) -> Any:
        async with again():
            return await call(*args, **named)

    def run(*args: Any, **named: Any) -> Any:
        with again():
            return call(*args, **named)

    wrapper: Any = functools.wraps(call)(run_async if flags & _COROUTINE else run)
    decorated: Callable[P, R] = wrapper
    return decorated
