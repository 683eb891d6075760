"""What containers and scopes raise when they are used: KD3xx.

In: data from resolution. Out: one class and one code per cause.
"""

from kimera_di.errors.base import KimeraError
from kimera_di.errors.planning import ServiceError


class ScopeRequiredError(ServiceError):
    """A scoped service, or a transient with cleanup, was asked for at the root container."""

    code = "KD301"


class AsyncRequiredError(KimeraError):
    """Something that awaits was asked for, or had to be closed, from synchronous code."""

    code = "KD302"


class ContainerClosedError(KimeraError):
    """A container or scope was used after it was closed, or while it closes."""

    code = "KD303"


class ArgumentsError(KimeraError, TypeError):
    """``call``, ``create`` or an injected function was given arguments that do not fit; also a ``TypeError``."""

    code = "KD305"


class ResponseIncompleteError(KimeraError):
    """Told to the resources of a web scope whose application returned before its response was complete.

    Most often the client went away in the middle of a stream and the framework stopped the generator that wrote
    it: work that stopped half-way must not be committed. Only the generators of the scope see it.
    """

    code = "KD306"
