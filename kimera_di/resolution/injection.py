"""``@inject``: a function whose marked parameters are filled when it is called.

In: a function with ``Injected[T]`` parameters. Out: a function without them. Services come from the current scope,
else from the container the function is bound to; nothing is needed when the caller gives everything.
"""

# pyright: reportPrivateUsage=false
# Scope, root and closing code are one unit: the underscore hides the attributes from users, not from it.

import functools
import weakref
from collections.abc import Callable
from typing import Any, TypeVar, overload

from kimera_di.registration import caller_place
from kimera_di.registration.descriptors import code_flags, misuse
from kimera_di.rendering import short_name
from kimera_di.resolution.ambient import find_current, no_current
from kimera_di.resolution.calls import PLAIN, Recipe, fill, fill_async, invoke, plain, recipe, refused_arguments
from kimera_di.resolution.container import ServiceContainer
from kimera_di.resolution.root import Root

R = TypeVar("R")

_COROUTINE = 0x80  # inspect.CO_COROUTINE, without importing inspect


@overload
def inject(function: Callable[..., R], /, *, container: ServiceContainer | None = None) -> Callable[..., R]: ...
@overload
def inject(*, container: ServiceContainer | None = None) -> Callable[[Callable[..., R]], Callable[..., R]]: ...
def inject(function: Any = None, /, *, container: ServiceContainer | None = None) -> Any:
    """Fill the parameters written ``Injected[T]`` or ``Annotated[T, Key(k)]`` at every call.

    Use it as ``@inject``, or bind a function to one container: ``inject(handler, container=container)``. What the
    caller gives is never resolved. Below ``@classmethod`` and ``@staticmethod``, above nothing else that matters.

    Args:
        function: A function, method or async function. An async one awaits what async factories make.
        container: Its current scope is used, else the container itself; without it the current scope of any.

    Returns:
        A function with the same name, which type checkers let be called without the injected parameters. Calls raise
        ``ScopeRequiredError`` when there is no current scope and no container, ``ArgumentsError`` when the
        arguments do not fit, and what resolving raises. A call costs a look-up for each injected parameter.

    Raises:
        RegistrationError: ``function`` is no function.
    """
    if function is None:
        return functools.partial(inject, container=container)
    if not callable(function) or isinstance(function, type | staticmethod | classmethod):
        advice = "decorate functions; for classmethod and staticmethod write @inject below them"
        raise misuse(f"{short_name(function)} is not a function, so nothing can be injected", caller_place(), advice)
    function = plain(function)
    recipes = _Recipes(function)
    root = None if container is None else container._root

    def injected(*args: Any, **given: Any) -> Any:
        owner = find_current(root) or container
        if owner is None:
            _refuse_missing(function, args, given)
        else:
            args, given = fill(owner, function, recipes.for_root(owner._root), args, given)
        return invoke(function, args, given)

    async def injected_async(*args: Any, **given: Any) -> Any:
        owner = find_current(root) or container
        if owner is None:
            _refuse_missing(function, args, given)
        else:
            args, given = await fill_async(owner, function, recipes.for_root(owner._root), args, given)
        result: Any = invoke(function, args, given)
        return await result

    wrapper: Callable[..., Any] = injected_async if code_flags(function) & _COROUTINE else injected
    functools.update_wrapper(wrapper, function)
    setattr(wrapper, PLAIN, function)
    return wrapper


class _Recipes:
    """What to inject into one function; remembers the container it was asked for last, without keeping it alive."""

    def __init__(self, function: Any) -> None:
        self._function = function
        self._last: tuple[weakref.ref[Root] | None, Recipe] = (None, ())

    def for_root(self, root: Root) -> Recipe:
        known, wishes = self._last
        if known is not None and known() is root:
            return wishes
        wishes = recipe(root, self._function, marked_only=True)
        self._last = (weakref.ref(root), wishes)
        return wishes


def _refuse_missing(function: Any, args: tuple[Any, ...], given: dict[str, Any]) -> None:
    """Accept a call that gives everything; there is nobody to add anything."""
    import inspect

    try:
        bound = inspect.signature(function).bind_partial(*args, **given)
    except TypeError as error:
        raise refused_arguments(function, error) from None
    missing = [
        parameter.name
        for parameter in bound.signature.parameters.values()
        if parameter.name not in bound.arguments
        and parameter.default is parameter.empty
        and parameter.kind not in {parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD}
    ]
    if missing:
        raise no_current(f"{short_name(function)} its {', '.join(missing)}")
