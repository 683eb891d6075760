"""Call functions and classes that nobody registered, with what the caller gives and what the container adds.

In: a scope or container, a callable, some arguments. Out: its result. What is injected is worked out once per
container and function; a parameter that the caller gives is never resolved.
"""

# pyright: reportPrivateUsage=false
# Scope, root and closing code are one unit: the underscore hides the attributes from users, not from it.

from collections.abc import Awaitable, Callable
from types import MethodType
from typing import Any, NamedTuple, TypeVar

from kimera_di.errors import AmbiguousServiceError, AnnotationError, ArgumentsError, KimeraError, MissingServiceError
from kimera_di.planning.dependencies import Unmet, match_parameter
from kimera_di.planning.fit import unfit
from kimera_di.planning.graph import Dependency
from kimera_di.planning.problems import missing_facts
from kimera_di.registration import defined_at, read_parameters
from kimera_di.registration.annotations import EMPTY, built_class
from kimera_di.rendering import listed, short_name, show_place
from kimera_di.resolution.root import Root
from kimera_di.vocabulary import ServiceId, Step

R = TypeVar("R")


class Wish(NamedTuple):
    """One parameter that the container fills unless the caller does."""

    name: str
    position: int
    """Its position; -1 when it can only be passed by keyword."""
    by_position: bool
    """It can only be passed by position."""
    found: Dependency | Unmet
    lookup: Any
    """What ``resolve`` is asked for."""


Recipe = tuple[Wish, ...]

PLAIN = "__kimera_plain__"
"""Where a function made by ``@inject`` keeps the one it was made of."""


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
    result: Any = invoke(function, args, named)
    return await result if isinstance(result, Awaitable) else result  # pyright: ignore[reportUnknownVariableType]


def create(owner: Any, cls: Callable[..., R], args: tuple[Any, ...], given: dict[str, Any]) -> R:
    """Build an object of a class that need not be registered; see ``call``. Nobody closes it."""
    if built_class(cls) is None:
        raise _refused(cls, f"{short_name(cls)} is not a class", "use call() for functions")
    reasons = unfit(object, cls, owner._root.services.known, built=True)
    if reasons:
        raise _refused(cls, "; ".join(reasons), "create a class that implements it")
    return call(owner, cls, args, given)


def plain(function: Any) -> Any:
    """Give the function that ``@inject`` was written above: its wrapper would ask any current scope, not ours."""
    return getattr(function, "__dict__", {}).get(PLAIN, function)


def recipe(root: Root, function: Any, *, marked_only: bool = False) -> Recipe:
    """Work out which parameters the container can fill.

    Args:
        root: The inside of the container.
        function: A function or class.
        marked_only: Only those written ``Injected[T]`` or ``Annotated[T, Key(k)]``.

    Returns:
        Kept as long as function and container live, where the function allows it.
    """
    bound = isinstance(function, MethodType)
    kept = root.recipes[2 * bound + marked_only]
    key = function.__func__ if bound else function
    try:
        known: Recipe | None = kept.get(key)
    except TypeError:  # it can be neither hashed nor referred to weakly
        return _read(root, function, marked_only=marked_only)
    if known is None:
        known = kept[key] = _read(root, function, marked_only=marked_only)
    return known


def fill(
    owner: Any, function: Any, wishes: Recipe, args: tuple[Any, ...], given: dict[str, Any]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Add what the caller did not give; ``given`` is changed."""
    for wish in wishes:
        name, position, by_position, found, lookup = wish
        if name in given or -1 < position < len(args):
            continue
        if isinstance(found, Unmet):
            raise _unmet(function, wish, found, owner._root)
        value = None if found.optional else owner.resolve(lookup)
        if by_position and position == len(args):
            args = (*args, value)
        else:
            given[name] = value
    return args, given


async def fill_async(
    owner: Any, function: Any, wishes: Recipe, args: tuple[Any, ...], given: dict[str, Any]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """As ``fill``, awaiting what async factories make."""
    for wish in wishes:
        name, position, by_position, found, lookup = wish
        if name in given or -1 < position < len(args):
            continue
        if isinstance(found, Unmet):
            raise _unmet(function, wish, found, owner._root)
        value = None if found.optional else await owner.aresolve(lookup)
        if by_position and position == len(args):
            args = (*args, value)
        else:
            given[name] = value
    return args, given


def invoke(function: Callable[..., R], args: tuple[Any, ...], named: dict[str, Any]) -> R:
    """Call, and say in our words when the arguments are not those that the function takes."""
    try:
        return function(*args, **named)
    except TypeError as error:
        if error.__traceback__ is not None and error.__traceback__.tb_next is None:
            refuse_arguments(function, args, named)
        raise


def refuse_arguments(function: Any, args: tuple[Any, ...], named: dict[str, Any]) -> None:
    """Raise when ``function`` cannot be called like this; a ``TypeError`` of its own is none of our business.

    Raises:
        ArgumentsError: Its signature does not take the arguments.
    """
    import inspect

    try:
        inspect.signature(function).bind(*args, **named)
    except TypeError as error:
        raise refused_arguments(function, error) from None
    except ValueError:  # built in, without a signature
        return


def refused_arguments(function: Any, error: TypeError) -> ArgumentsError:
    """Make our error out of the one that binding arguments to a signature raised."""
    return _refused(function, f"{short_name(function)}: {error}", "give what the container does not, by its name")


def _read(root: Root, function: Any, *, marked_only: bool) -> Recipe:
    wishes: list[Wish] = []
    for index, parameter in enumerate(read_parameters(function, root.services.known)):
        if marked_only and not parameter.marked:
            continue
        if parameter.annotation is EMPTY and not parameter.problem:
            continue  # nothing to look up: the caller gives it, or the call says that it is missing
        found = match_parameter(parameter, root.services)
        if found is None or (isinstance(found, Dependency) and found.default):
            continue
        position = -1 if parameter.keyword_only else index
        lookup = None if isinstance(found, Unmet) else _lookup(found)
        wishes.append(Wish(parameter.name, position, parameter.positional_only, found, lookup))
    return tuple(wishes)


def _lookup(found: Dependency) -> Any:
    wanted = found.wanted
    if found.collection:
        every: Any = list
        return ServiceId(every[wanted.interface], wanted.key)
    return wanted.interface if wanted.key is None else wanted


def _unmet(function: Any, wish: Wish, unmet: Unmet, root: Root) -> KimeraError:
    """Make the error for a parameter that nobody can fill; the path begins at the function."""
    place = defined_at(function)
    step = Step(function, wish.name, None, *(place or (None, None)))
    name = short_name(function)
    if unmet.wanted is None:
        return AnnotationError(
            f"the parameter {wish.name} of {name} cannot be read: {unmet.text}",
            path=(step,), facts=(("do this", f"pass {wish.name}=..., or correct its annotation"),),
        )  # fmt: skip
    wanted = unmet.wanted
    last = Step(wanted.interface if wanted.key is None else wanted, None, None, None, None)
    if unmet.reason == "ambiguous":
        return AmbiguousServiceError(
            f"{name}({wish.name}) may be given {listed([short_name(each) for each in unmet.candidates])}",
            service=wanted, path=(step, last), end="more than one is registered",
            facts=(("do this", f"pass {wish.name}=..., or ask for one of them"),),
        )  # fmt: skip
    return MissingServiceError(
        f"nothing provides {short_name(wanted)}", service=wanted, path=(step, last), end="not registered",
        facts=(*missing_facts(wanted, root.base.graph), ("or", f"pass {wish.name}=...")),
    )  # fmt: skip


def _refused(function: Any, summary: str, advice: str) -> ArgumentsError:
    place = defined_at(function)
    where = (("defined", show_place(*place)),) if place else ()
    return ArgumentsError(summary, facts=(*where, ("do this", advice)))
