"""What a call of a function nobody registered is refused with: wrong arguments, parameters nobody can fill.

In: the function and what it was called with. Out: errors of ours, each with the line of the function. Reads
signatures, so it runs only when something is wrong.
"""

# pyright: reportPrivateUsage=false
# Scope, root and closing code are one unit: the underscore hides the attributes from users, not from it.

import inspect
from collections.abc import Iterable
from types import FunctionType, TracebackType
from typing import Any

from kimera_di.errors import ArgumentsError, KimeraError, MissingServiceError
from kimera_di.planning.call_targets import unmet_error
from kimera_di.planning.dependencies import Unmet
from kimera_di.registration import defined_at, read_parameters
from kimera_di.registration.annotations import built_class, constructor_of
from kimera_di.rendering import short_name, show_place
from kimera_di.resolution.recipes import matched
from kimera_di.resolution.root import Root
from kimera_di.vocabulary import ServiceId, Step


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


def begin_path(error: KimeraError, function: Any, parameter: str, lookup: Any) -> None:
    """Let the path to a value that the scope was opened without begin at the function that was called."""
    asked = lookup.interface if isinstance(lookup, ServiceId) and lookup.key is None else lookup
    if isinstance(error, MissingServiceError) and error.path and error.path[0].service == asked:
        place = defined_at(function)
        error.path = (Step(function, parameter, None, *(place or (None, None))), *error.path)


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
    return signature.replace(parameters=list(signature.parameters.values())[1:])


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
