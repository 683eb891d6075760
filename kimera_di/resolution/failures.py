"""Tell who wanted the object whose factory raised: one note on the user's own exception.

In: an exception passing through a builder. Out: the same exception with a note, added once. Never wraps.
"""

import threading
from collections.abc import Callable, Sequence
from typing import Any

from kimera_di.compilation import FIRST_LINE
from kimera_di.errors import KimeraError, MissingServiceError
from kimera_di.planning import Construction, ServiceNode
from kimera_di.planning.problems import step_of
from kimera_di.rendering import short_name, show_place
from kimera_di.vocabulary import Step

NOTE = "kimera_di: "
"""Starts every note."""


_notes_lock = threading.RLock()  # several waiters get the same error; re-entrant for finalisers


def failed(
    error: BaseException, steps: Sequence[tuple[int, ...]], describe: Callable[[tuple[int, ...]], Sequence[ServiceNode]]
) -> None:
    """Add a note that names consumers and parameters; called from the builder's ``except``.

    Args:
        error: What the builder's code raised; its traceback begins in the builder.
        steps: For every line of the builder the nodes from its root.
        describe: Turns nodes' numbers into nodes.

    Raises:
        RegistrationError: A generator factory ended without a yield.
    """
    traceback = error.__traceback__
    if traceback is None or isinstance(error, GeneratorExit):
        return
    line = traceback.tb_lineno - FIRST_LINE
    if not (0 <= line < len(steps) and steps[line]):
        return
    path = describe(steps[line])
    if isinstance(error, KimeraError):
        _lead_to_value(error, path)
        return
    # Raised by the builder's own `next`: what user code raises comes from a frame further in.
    ended = isinstance(error, StopIteration | StopAsyncIteration) and traceback.tb_next is None
    if ended and path[-1].construction in {Construction.GENERATOR, Construction.ASYNC_GENERATOR}:
        raise no_yield(path[-1]) from None
    add_note(error, path)


def _lead_to_value(error: KimeraError, path: Sequence[ServiceNode]) -> None:
    """Let the path to a value that a scope was opened without begin at the root: each builder adds its part."""
    if path[-1].construction is Construction.SUPPLIED:
        error.path = steps_of(path)
    elif isinstance(error, MissingServiceError) and error.path:
        *steps, last = steps_of(path)
        error.path = (*steps, *error.path) if error.path[0].service == last.service else error.path


def add_note(error: BaseException, path: Sequence[ServiceNode]) -> None:
    """Note the path on ``error`` unless it carries one from a place further in."""
    if isinstance(error, KimeraError):
        return
    names: list[str] = []
    for node, following in zip(path, [*path[1:], None], strict=True):
        parameter = None if following is None else parameter_to(node, following.number)
        names.append(short_name(node.service) + (f"({parameter})" if parameter else ""))
    place = show_place(*path[-1].registered)
    with _notes_lock:
        if not any(note.startswith(NOTE) for note in getattr(error, "__notes__", ())):
            error.add_note(f"{NOTE}raised while building {' -> '.join(names)}, registered at {place}")


def parameter_to(node: ServiceNode, target: int) -> str | None:
    """Name the parameter of ``node`` that is given the object of ``target``."""
    return next((d.parameter for d in node.dependencies if target in d.targets or target in d.later), None)


def steps_of(nodes: Sequence[ServiceNode]) -> tuple[Step, ...]:
    """Turn nodes into the steps of a path."""
    return tuple(
        step_of(node, parameter_to(node, following.number) if following else None)
        for node, following in zip(nodes, [*nodes[1:], None], strict=True)
    )


def no_yield(node: ServiceNode) -> KimeraError:
    """Make the error for a generator factory that ends without yielding an object."""
    from kimera_di.errors import RegistrationError

    return RegistrationError(
        f"the generator {short_name(node.maker)} ended without a yield, so there is no object",
        path=steps_of([node]),
        facts=(("do this", "yield the object once; what follows the yield closes it"),),
    )


def is_from_builder(error: BaseException, wanted: Any) -> bool:
    """Tell what a builder raised from a look-up that found none.

    Args:
        error: A ``KeyError`` or ``TypeError`` of ``table[wanted](scope)``, caught where that stands.
        wanted: What was looked up.

    Returns:
        ``False`` for a miss, and for what cannot be hashed and so has no builder.
    """
    if error.__traceback__ is None or error.__traceback__.tb_next is None:
        return False
    try:
        hash(wanted)
    except Exception:  # noqa: BLE001 - whatever its __hash__ raises, the look-up says what is wrong
        return False
    return True
