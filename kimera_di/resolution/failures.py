"""Tell who wanted the object whose factory raised: one note on the user's own exception.

In: an exception passing through a builder. Out: the same exception with a note, added once. Never wraps.
"""

from collections.abc import Callable, Sequence
from typing import Any

from kimera_di.errors import KimeraError
from kimera_di.planning import ServiceNode
from kimera_di.rendering import short_name, show_place

NOTE = "kimera_di: "
"""Starts every note."""


def failed(
    error: BaseException, steps: Sequence[tuple[int, ...]], describe: Callable[[tuple[int, ...]], Sequence[ServiceNode]]
) -> None:
    """Add a note that names consumers and parameters; called from the builder's ``except``.

    Args:
        error: What the builder's code raised; its traceback begins in the builder.
        steps: For every line of the builder the nodes from its root.
        describe: Turns nodes' numbers into nodes.
    """
    traceback = error.__traceback__
    if traceback is None or isinstance(error, KimeraError | GeneratorExit):
        return
    line = traceback.tb_lineno - 4  # def, values, try come before the first emitted line
    if 0 <= line < len(steps) and steps[line]:
        add_note(error, describe(steps[line]))


def add_note(error: BaseException, path: Sequence[ServiceNode]) -> None:
    """Note the path on ``error`` unless it carries one from a place further in."""
    if isinstance(error, KimeraError) or any(note.startswith(NOTE) for note in getattr(error, "__notes__", ())):
        return
    names: list[str] = []
    for node, following in zip(path, [*path[1:], None], strict=True):
        parameter = None if following is None else parameter_to(node, following.number)
        names.append(short_name(node.service) + (f"({parameter})" if parameter else ""))
    last = path[-1]
    error.add_note(f"{NOTE}raised while building {' -> '.join(names)}, registered at {show_place(*last.registered)}")


def parameter_to(node: ServiceNode, target: int) -> str | None:
    """Name the parameter of ``node`` that is given the object of ``target``."""
    return next((d.parameter for d in node.dependencies if target in d.targets), None)


def no_yield(maker: Any) -> KimeraError:
    """Make the error for a generator factory that ends without yielding an object."""
    from kimera_di.errors import RegistrationError

    return RegistrationError(
        f"the generator {short_name(maker)} ended without a yield, so there is no object",
        facts=(("do this", "yield the object once; what follows the yield closes it"),),
    )
