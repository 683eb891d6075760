"""``@inject``: a function whose marked parameters are filled when it is called.

In: a function with ``Injected[T]`` parameters. Out: a function without them, of the same kind: async, generator or
async generator. Services come from the current scope, else from the container the function is bound to; nothing is
needed when the caller gives everything.
"""

# pyright: reportPrivateUsage=false
# Scope, root and closing code are one unit: the underscore hides the attributes from users, not from it.

import functools
import types
from collections.abc import AsyncGenerator, Callable, Generator
from typing import Any, TypeVar, cast, overload

from kimera_di.errors import RegistrationError
from kimera_di.registration import caller_place
from kimera_di.registration.descriptors import code_flags, misuse
from kimera_di.registration.injected import mark_injected, plain
from kimera_di.rendering import safe_repr, short_name
from kimera_di.resolution.ambient import find_current
from kimera_di.resolution.calls import fill_async, invoke
from kimera_di.resolution.container import ServiceContainer
from kimera_di.resolution.injected_call import InjectedCall
from kimera_di.resolution.injected_recipes import InjectedRecipes

R = TypeVar("R")

# inspect.CO_*, without importing inspect
_COROUTINE, _GENERATOR, _ASYNC_GENERATOR, _AWAITED_GENERATOR = 0x80, 0x20, 0x200, 0x100


@overload
def inject(function: Callable[..., R], /, *, container: ServiceContainer | None = None) -> Callable[..., R]: ...
@overload
def inject(*, container: ServiceContainer | None = None) -> Callable[[Callable[..., R]], Callable[..., R]]: ...
def inject(function: Any = None, /, *, container: ServiceContainer | None = None) -> Any:
    """Fill the parameters written ``Injected[T]`` or ``Annotated[T, Key(k)]`` at every call.

    Use it as ``@inject``, or bind a function to one container: ``inject(handler, container=container)``. What the
    caller gives is never resolved. Below ``@classmethod`` and ``@staticmethod``, above nothing else that matters.

    Args:
        function: A function, method, async function, generator or async generator function. Async ones await what
            async factories make; generators take their services at the first step.
        container: Its current scope is used, else the container itself; without it the current scope of any.

    Returns:
        A function of the same kind and name, which type checkers let be called without the injected parameters.
        Calls raise ``ArgumentsError`` when the arguments do not fit, else ``ScopeRequiredError`` when a marked
        parameter is not given and there is no current scope and no container, else what resolving raises. A call
        costs a look-up for each injected parameter; when code was written for the function, with the second call,
        the finished singletons of the container it is bound to cost none.

    Raises:
        RegistrationError: ``function`` is no function, or ``container`` no container.
    """
    given_container = cast("object", container)  # users write without types
    if given_container is not None and not isinstance(given_container, ServiceContainer):
        raise _no_container(given_container)
    if function is None:
        return functools.partial(inject, container=container)
    if not callable(function) or isinstance(function, type | staticmethod | classmethod):
        advice = "decorate functions; for classmethod and staticmethod write @inject below them"
        raise misuse(f"{short_name(function)} is not a function, so nothing can be injected", caller_place(), advice)
    function = plain(function)
    wrapper = _wrapper(function, container)
    functools.update_wrapper(wrapper, function)
    mark_injected(wrapper, function)
    return wrapper


def _wrapper(function: Any, container: ServiceContainer | None) -> Callable[..., Any]:
    """Make a function of the same kind as ``function``: sync, async, generator or async generator."""
    flags = code_flags(function)
    if flags & _ASYNC_GENERATOR:
        return _async_generator(function, container)
    is_async = not flags & _GENERATOR and bool(flags & _COROUTINE)
    injected = InjectedCall(function, container, is_async=is_async).wrapper()

    def injected_generator(*args: Any, **given: Any) -> Generator[Any, Any, Any]:
        steps: Generator[Any, Any, Any] = injected(*args, **given)
        return (yield from steps)

    if flags & _AWAITED_GENERATOR:  # made by types.coroutine
        return types.coroutine(injected_generator)
    return injected_generator if flags & _GENERATOR else injected


def _async_generator(function: Any, container: ServiceContainer | None) -> Callable[..., Any]:
    recipes = InjectedRecipes(function)
    root = None if container is None else container._root

    async def injected_async_generator(*args: Any, **given: Any) -> AsyncGenerator[Any, Any]:
        owner = find_current(root) or container
        if owner is None:
            recipes.refuse_missing(args, given)
        else:
            args, given = await fill_async(owner, function, recipes.for_root(owner._root), args, given, injected=True)
        steps: AsyncGenerator[Any, Any] = invoke(function, args, given)
        try:  # `yield from` written out: async generators have none
            value = await anext(steps)
            while True:
                try:
                    sent = yield value
                except GeneratorExit:
                    await steps.aclose()
                    raise
                except BaseException as error:  # noqa: BLE001 - thrown in by whoever iterates: it is the generator's
                    value = await steps.athrow(error)
                else:
                    value = await steps.asend(sent)
        except StopAsyncIteration:
            return

    return injected_async_generator


def _no_container(given: object) -> RegistrationError:
    what = safe_repr(given) if isinstance(given, type) else f"an object of {short_name(type(given))}"
    return misuse(
        f"container= is given {what}, which is no container", caller_place(),
        "pass what services.build() gives: inject(function, container=container)",
    )  # fmt: skip
