"""Call functions and classes that nobody registered, with what the caller gives and what the container adds.

In: a scope or container, a callable, some arguments. Out: its result. What is injected is worked out once per
container and function; a parameter that the caller gives is never resolved.
"""

# pyright: reportPrivateUsage=false
# Scope, root and closing code are one unit: the underscore hides the attributes from users, not from it.

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from kimera_di.errors import KimeraError
from kimera_di.planning.fit import unfit
from kimera_di.registration.annotations import built_class
from kimera_di.registration.injected import plain
from kimera_di.rendering import short_name
from kimera_di.resolution.recipes import Filled, Recipe, Wish, recipe

R = TypeVar("R")

_SERVICE = Filled.SERVICE


def call(owner: Any, function: Callable[..., R], args: tuple[Any, ...], given: dict[str, Any]) -> R:
    """Call ``function``; its remaining parameters are injected, or left to their defaults.

    Args:
        owner: The scope or container that gives the services.
        function: Any callable.
        args: What the caller gives by position.
        given: What the caller gives by name.

    Returns:
        What the function returns; a coroutine is not awaited.

    Raises:
        ArgumentsError: What is given and what is injected are not the arguments it takes.
        MissingServiceError: A parameter is not given, has no default, and nothing provides it.
    """
    owner._check_open()
    function = plain(function)
    args, named = fill(owner, function, recipe(owner._root, function), args, given)
    return invoke(function, args, named)


async def acall(owner: Any, function: Callable[..., Any], args: tuple[Any, ...], given: dict[str, Any]) -> Any:
    """As ``call``, awaiting what async factories make, and the result when it can be awaited."""
    owner._check_open()
    function = plain(function)
    args, named = await fill_async(owner, function, recipe(owner._root, function), args, given)
    return await invoke_async(function, args, named)


def create(owner: Any, cls: Callable[..., R], args: tuple[Any, ...], given: dict[str, Any]) -> R:
    """Build an object of a class that need not be registered; see ``call``. Nobody closes it."""
    from kimera_di.resolution.call_refusals import refused

    if built_class(cls) is None:
        raise refused(cls, f"{short_name(cls)} is not a class", "use call() for functions")
    reasons = unfit(object, cls, owner._root.services.known, built=True)
    if reasons:
        raise refused(cls, "; ".join(reasons), "create a class that implements it")
    return call(owner, cls, args, given)


def fill(
    owner: Any, function: Any, wishes: Recipe, args: tuple[Any, ...], given: dict[str, Any], injected: bool = False
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Add what the caller did not give; ``given`` is changed.

    Raises:
        ArgumentsError: What is given does not fit; this comes before anything that resolving raises.
        MissingServiceError: Nothing provides what a parameter asks for, or the scope has no value for it.
    """
    wish: Wish | None = None
    try:
        for wish in wishes:
            name, position, by_position, filled, lookup = wish
            if -1 < position < len(args) or (name in given and not by_position):
                continue
            value = owner.resolve(lookup) if filled is _SERVICE else _without_service(owner, function, wish)
            if by_position:
                args = (*_up_to(position, function, args), value)
            else:
                given[name] = value
    except KimeraError as error:
        _check_arguments(function, wishes, args, given)
        explain(owner, error, function, wish, injected=injected)
        raise
    return args, given


async def fill_async(
    owner: Any, function: Any, wishes: Recipe, args: tuple[Any, ...], given: dict[str, Any], injected: bool = False
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """As ``fill``, awaiting what async factories make."""
    wish: Wish | None = None
    try:
        for wish in wishes:
            name, position, by_position, filled, lookup = wish
            if -1 < position < len(args) or (name in given and not by_position):
                continue
            if filled is _SERVICE:
                value = await owner.aresolve(lookup)
            else:
                value = _without_service(owner, function, wish)
            if by_position:
                args = (*_up_to(position, function, args), value)
            else:
                given[name] = value
    except KimeraError as error:
        _check_arguments(function, wishes, args, given)
        explain(owner, error, function, wish, injected=injected)
        raise
    return args, given


def invoke(function: Callable[..., R], args: tuple[Any, ...], named: dict[str, Any]) -> R:
    """Call, and say in our words when the arguments are not those that the function takes."""
    try:
        return function(*args, **named)
    except TypeError as error:
        from kimera_di.resolution.call_refusals import refuse_wrong_call

        refuse_wrong_call(function, args, named, error)
        raise


async def invoke_async(function: Callable[..., Any], args: tuple[Any, ...], named: dict[str, Any]) -> Any:
    """As ``invoke``, awaiting the result when it can be awaited."""
    try:
        result: Any = function(*args, **named)
        return await result if isinstance(result, Awaitable) else result  # pyright: ignore[reportUnknownVariableType]
    except TypeError as error:
        from kimera_di.resolution.call_refusals import refuse_wrong_call

        refuse_wrong_call(function, args, named, error)
        raise


def _without_service(owner: Any, function: Any, wish: Wish) -> Any:
    """Give a value that is known without a look-up; refuse what nobody can fill."""
    if wish.filled is not Filled.UNMET:
        return wish.lookup
    from kimera_di.resolution.call_refusals import unmet_parameter

    raise unmet_parameter(function, wish.name, owner._root)


def _up_to(position: int, function: Any, args: tuple[Any, ...]) -> tuple[Any, ...]:
    if len(args) == position:
        return args
    from kimera_di.resolution.call_refusals import padded

    return padded(function, args, position)


def _check_arguments(function: Any, wishes: Recipe, args: tuple[Any, ...], given: dict[str, Any]) -> None:
    """Raise what is wrong with the arguments, which comes before what looking up raised."""
    from kimera_di.resolution.call_refusals import refuse_arguments

    refuse_arguments(function, [each.name for each in wishes], args, given)


def explain(owner: Any, error: KimeraError, function: Any, wish: Wish | None, *, injected: bool) -> None:
    """Let the path of what looking up a parameter raised begin at the function.

    Args:
        owner: The scope or container that was asked.
        error: What it raised.
        function: What is called.
        wish: The parameter; ``None`` when no parameter was looked up yet.
        injected: The function has ``@inject``; else ``call`` was used.
    """
    from kimera_di.resolution.call_refusals import begin_path

    if wish is not None:
        begin_path(error, function, wish, owner._root, injected=injected)
