"""Does a type argument keep to the bound and the constraints of its type variable?

In: a variable and a type. Out: the reason why it does not, or "". What cannot be decided is accepted.
"""

from typing import Any, ForwardRef

from kimera_di.planning.fit import is_protocol, is_subclass, unfit
from kimera_di.planning.generics import origin_of
from kimera_di.registration.annotations import read_bound
from kimera_di.registration.forms import union_members
from kimera_di.registration.names import KnownTypes
from kimera_di.rendering import short_name


def outside(variable: Any, argument: Any, known: KnownTypes) -> str:
    """Say why ``argument`` may not stand for a type variable.

    Args:
        variable: A ``TypeVar``, with a bound, with constraints, or without both.
        argument: The type.
        known: The registered types, for a bound that is written as a string.

    Returns:
        The end of a sentence, "" when it may. ``Any`` may stand for everything. O(members of the bound).
    """
    if argument is Any:
        return ""
    constraints: tuple[Any, ...] = getattr(variable, "__constraints__", ())
    if constraints:
        names = ", ".join(short_name(each) for each in constraints)
        return "" if argument in constraints else f"{variable.__name__} is one of {names}"
    bound = getattr(variable, "__bound__", None)
    if isinstance(bound, str | ForwardRef):
        bound = read_bound(variable, bound, known)
    if bound is None or _keeps(argument, bound, known):
        return ""
    return f"{variable.__name__} is bound by {short_name(bound)}"


def _keeps(argument: Any, bound: Any, known: KnownTypes) -> bool:
    members = union_members(argument)
    if members:
        return all(_keeps(member, bound, known) for member in members)
    choices = union_members(bound)
    if choices:
        return any(_keeps(argument, choice, known) for choice in choices)
    given, limit = origin_of(argument), origin_of(bound)
    given = type(None) if given is None else given
    if not isinstance(given, type) or not isinstance(limit, type) or limit is object:
        return True
    if is_protocol(limit):
        return not unfit(limit, given, known, built=False)
    return is_subclass(given, limit)
