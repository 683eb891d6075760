"""What a call of a function nobody registered is refused with: wrong arguments, parameters nobody can fill.

In: the function and what it was called with. Out: errors of ours, each with the line of the function. Reads
signatures, so it runs only when something is wrong.
"""

# pyright: reportPrivateUsage=false
# Scope, root and closing code are one unit: the underscore hides the attributes from users, not from it.

import inspect
import re
from collections.abc import Iterable
from types import FunctionType, TracebackType
from typing import Any

from kimera_di.errors import (
    ArgumentsError,
    AsyncRequiredError,
    KimeraError,
    MissingServiceError,
    ScopeRequiredError,
)
from kimera_di.planning.call_targets import unmet_error
from kimera_di.planning.dependencies import Unmet
from kimera_di.registration import defined_at, read_parameters
from kimera_di.registration.annotations import built_class, constructor_of, union_members
from kimera_di.rendering import short_name, show_place
from kimera_di.resolution.recipes import Wish, matched
from kimera_di.resolution.root import Root
from kimera_di.vocabulary import ServiceId, Step

_OF_A_LOOK_UP = (MissingServiceError, ScopeRequiredError, AsyncRequiredError)


def refuse_wrong_call(function: Any, args: tuple[Any, ...], named: dict[str, Any], error: TypeError) -> None:
    """Raise when ``error`` says that ``function`` cannot be called like this; its own errors are left alone.

    Args:
        function: What was called; decorators and metaclasses may stand around it.
        args: What it was called with by position.
        named: By name.
        error: What the call raised.

    Raises:
        ArgumentsError: The signature does not take the arguments, and the function never began to run.
    """
    signature = signature_of(function)
    if signature is None or _was_entered(function, error.__traceback__):
        return
    try:
        signature.bind(*args, **named)
    except TypeError as reason:
        raise refused_arguments(function, reason) from None


def refuse_arguments(function: Any, filled: Iterable[str], args: tuple[Any, ...], given: dict[str, Any]) -> None:
    """Raise when what the caller gives does not fit, whatever the container would add.

    Args:
        function: What is to be called.
        filled: Names of the parameters that the container fills.
        args: What is given by position.
        given: By name.

    Raises:
        ArgumentsError: An argument is not taken, or a parameter that the container does not fill is missing.
    """
    signature = signature_of(function)
    if signature is None:
        return
    try:
        bound = signature.bind_partial(*args, **given)
    except TypeError as error:
        raise refused_arguments(function, error) from None
    ours = set(filled)
    for parameter in signature.parameters.values():
        takes_many = parameter.kind in {parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD}
        if takes_many or parameter.default is not parameter.empty or parameter.name in bound.arguments:
            continue
        if parameter.name not in ours:
            raise refused_arguments(function, TypeError(f"missing a required argument: {parameter.name!r}")) from None


def refused_arguments(function: Any, error: TypeError) -> ArgumentsError:
    """Make our error out of the one that binding arguments to a signature raised."""
    return refused(function, f"{short_name(function)}: {error}", "give what the container does not, by its name")


def refused(function: Any, summary: str, advice: str) -> ArgumentsError:
    """Make the error for a call that cannot work."""
    place = defined_at(function)
    where = (("defined", show_place(*place)),) if place else ()
    return ArgumentsError(summary, facts=(*where, ("do this", advice)))


def unmet_parameter(function: Any, name: str, root: Root) -> KimeraError:
    """Make the error for a parameter that nobody can fill; the path begins at the function."""
    for parameter in read_parameters(function, root.services.known):
        found = matched(parameter, root, marked_only=False) if parameter.name == name else None
        if isinstance(found, Unmet):
            return unmet_error(function, found, root.base.graph, f"pass {name}=...")
    return refused_arguments(function, TypeError(f"missing a required argument: {name!r}"))


def begin_path(error: KimeraError, function: Any, wish: Wish, root: Root, *, injected: bool) -> None:
    """Let the path to what cannot be looked up begin at the function that was called, and advise about the function.

    Args:
        error: What looking up one of its parameters raised.
        function: What was called.
        wish: The parameter.
        root: Of the container that was asked.
        injected: The function has ``@inject``; else ``call`` was used.
    """
    if not isinstance(error, _OF_A_LOOK_UP) or not error.path or error.path[0].service not in _asked(wish, root):
        return
    place = defined_at(function)
    error.path = (Step(function, wish.name, None, *(place or (None, None))), *error.path)
    name = str(getattr(function, "__name__", short_name(function)))
    if isinstance(error, AsyncRequiredError):
        advice = f"write async def {name}" if injected else f"await acall({name})"
        error.facts = (("do this", advice), *error.facts[1:])
    elif isinstance(error, ScopeRequiredError):
        opened = error.facts[0][1].rpartition(": ")[0]
        if injected:
            opened = re.sub(r"\)( as \w+)$", r", ambient=True)\1", opened).replace("(, ", "(")
        inner = opened.rpartition(" as ")[2]
        advice = f"{opened}: {name}(...)" if injected else f"{opened}: {inner}.call({name})"
        error.facts = (("do this", advice), *error.facts[1:])


def _asked(wish: Wish, root: Root) -> list[Any]:
    """Give what the first step of a path to the object for a parameter may show: its type, a member of a union."""
    wanted = wish.lookup if isinstance(wish.lookup, ServiceId) else ServiceId(wish.lookup)
    asked = [wanted, *(ServiceId(each, wanted.key) for each in union_members(wanted.interface))]
    numbers = [number for each in asked if (number := root.services.one(each)) is not None]
    asked += [root.base.graph.nodes[number].service for number in numbers]  # what an alias stands for
    return [each.interface if each.key is None else each for each in asked]


def padded(function: Any, args: tuple[Any, ...], count: int) -> tuple[Any, ...]:
    """Write out the defaults before a value that can only be passed by position.

    Args:
        function: What is to be called.
        args: What there is by position so far.
        count: How many there must be before the value.

    Returns:
        The arguments, as many as ``count``.

    Raises:
        ArgumentsError: A parameter between them has no default.
    """
    signature = signature_of(function)
    parameters = [] if signature is None else list(signature.parameters.values())[len(args) : count]
    for parameter in parameters:
        if parameter.default is parameter.empty:
            raise refused_arguments(function, TypeError(f"missing a required argument: {parameter.name!r}"))
        args = (*args, parameter.default)
    return args


def signature_of(function: Any) -> inspect.Signature | None:
    """Give the signature that counts: of a class that of its constructor, whatever its metaclass says."""
    cls = built_class(function)
    constructor = None if cls is None else constructor_of(cls)
    try:
        if constructor is None:
            return inspect.signature(function)
        signature = inspect.signature(constructor)
    except (TypeError, ValueError):  # built in, without a signature
        return None
    parameters = list(signature.parameters.values())
    is_caught = bool(parameters) and parameters[0].kind is inspect.Parameter.VAR_POSITIONAL  # self is, by *args
    return signature.replace(parameters=parameters if is_caught else parameters[1:])


def _was_entered(function: Any, traceback: TracebackType | None) -> bool:
    """Tell whether the innermost function ran: then the error is its own, or of something it called."""
    cls = built_class(function)
    constructor = None if cls is None else constructor_of(cls)
    inner: Any = inspect.unwrap(function if constructor is None else constructor)
    inner = getattr(inner, "__func__", inner)
    code = inner.__code__ if isinstance(inner, FunctionType) else None
    while traceback is not None:
        if traceback.tb_frame.f_code is code:
            return True
        traceback = traceback.tb_next
    return False
