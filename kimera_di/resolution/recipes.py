"""Which parameters of a function nobody registered the container fills, worked out once for each container.

In: a function or class, and what is registered. Out: a recipe, kept as long as the function and the container
live. A recipe refers to registered services only, so that it never keeps the function it belongs to alive.
"""

# pyright: reportPrivateUsage=false
# Scope, root and closing code are one unit: the underscore hides the attributes from users, not from it.

from enum import Enum
from types import FunctionType, MethodType
from typing import Any, NamedTuple

from kimera_di.planning.dependencies import Unmet, match_parameter
from kimera_di.planning.graph import Dependency
from kimera_di.registration import read_parameters
from kimera_di.registration.annotations import EMPTY, Parameter, split_annotated
from kimera_di.resolution.root import Root
from kimera_di.vocabulary import ServiceId


class Filled(Enum):
    """What a parameter is filled with."""

    SERVICE = "service"
    """What ``resolve`` gives."""
    NOTHING = "nothing"
    """``None``: it may be ``None``, and nothing is registered."""
    UNMET = "unmet"
    """Nothing: the caller gives it, or is told why nobody can."""
    CONSTANT = "constant"
    """A value that is known already: ``lookup`` itself."""


class Wish(NamedTuple):
    """One parameter that the container fills unless the caller does."""

    name: str
    position: int
    """Its position; -1 when it can only be passed by keyword."""
    by_position: bool
    """It can only be passed by position."""
    filled: Filled
    lookup: Any
    """What ``resolve`` is asked for."""


Recipe = tuple[Wish, ...]


def recipe(root: Root, function: Any, *, marked_only: bool = False) -> Recipe:
    """Work out which parameters the container can fill.

    Args:
        root: The inside of the container.
        function: A function or class.
        marked_only: Only those written ``Injected[T]`` or ``Annotated[T, Key(k)]``.

    Returns:
        Kept as long as function and container live, where the function allows it; for callable objects as long as
        their class.
    """
    bound = isinstance(function, MethodType)
    kept = root.recipes[2 * bound + marked_only]
    key = function.__func__ if bound else function
    try:
        known: Recipe | None = kept.get(key)
    except TypeError:  # it can be neither hashed nor referred to weakly
        key = _code_of_class(function)
        if key is None:
            return read_recipe(root, function, marked_only=marked_only)
        kept = root.recipes[2 + marked_only]
        known = kept.get(key)
    if known is None:
        known = kept[key] = read_recipe(root, function, marked_only=marked_only)
    return known


def read_recipe(root: Root, function: Any, *, marked_only: bool) -> Recipe:
    """As ``recipe``, without looking whether it is known."""
    wishes: list[Wish] = []
    for index, parameter in enumerate(read_parameters(function, root.services.known)):
        found = matched(parameter, root, marked_only=marked_only)
        if found is None:
            continue
        position = -1 if parameter.keyword_only else index
        filled, lookup = _filled(parameter, found)
        wishes.append(Wish(parameter.name, position, parameter.positional_only, filled, lookup))
    return tuple(wishes)


def matched(parameter: Parameter, root: Root, *, marked_only: bool) -> Dependency | Unmet | None:
    """Find what a parameter is given; ``None`` for one that is left to the caller or to its default."""
    if marked_only and not parameter.marked:
        return None
    if parameter.annotation is EMPTY and not parameter.problem:
        return None  # nothing to look up: the caller gives it, or the call says that it is missing
    found = match_parameter(parameter, root.services)
    return None if isinstance(found, Dependency) and found.default else found


def _filled(parameter: Parameter, found: Dependency | Unmet) -> tuple[Filled, Any]:
    if isinstance(found, Unmet):
        return Filled.UNMET, None
    if found.optional:
        return Filled.NOTHING, None
    if found.constant:
        return Filled.CONSTANT, found.constant[0]
    wanted = found.wanted
    if found.collection or found.relation is not None:
        annotation, key = split_annotated(parameter.annotation)
        return Filled.SERVICE, ServiceId(annotation, wanted.key if key is None else key)
    return Filled.SERVICE, wanted.interface if wanted.key is None else wanted


def _code_of_class(function: Any) -> Any:
    """The method that a callable object is called by: all objects of its class have one recipe."""
    if hasattr(function, "__wrapped__"):
        return None
    owner: Any = type(function)  # pyright: ignore[reportUnknownVariableType]
    call = getattr(owner, "__call__", None)  # noqa: B004 - the function is wanted
    return call if isinstance(call, FunctionType) else None
