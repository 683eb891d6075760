"""Turn emitted lines into functions; code objects are shared by graphs of one shape.

In: an emission and the helpers of the stage that runs it. Out: callables that take a scope. Runs the
interpreter's compiler, never user code.
"""

import itertools
import threading
from collections.abc import Callable, Mapping
from types import CodeType, FunctionType
from typing import Any

from kimera_di.compilation.emitter import Emission

Builder = Callable[[Any], Any]

_codes: dict[str, CodeType] = {}
_codes_lock = threading.RLock()  # a signal handler may compile too, in the middle of us
_numbers = itertools.count()
_constant_code = next(
    c
    for c in compile("def resolve(scope):\n return VALUE\n", "<kimera constant>", "exec").co_consts
    if isinstance(c, CodeType)
)
FILE_PREFIX = "<kimera "
"""Starts the file name of every generated function; tracebacks show its text."""
FIRST_LINE = 5
"""Line of a generated function that the first emitted line stands on."""


def assemble(
    emission: Emission, helpers: Mapping[str, Any], *, is_async: bool, describe: Callable[[tuple[int, ...]], Any]
) -> FunctionType:
    """Make the function that an emission describes.

    Args:
        emission: Lines, names and steps.
        helpers: What every builder may call: claims, waiting, closers.
        is_async: Make a coroutine function.
        describe: Turns the nodes of a failing line into what ``failed`` is told.

    Returns:
        A function of the scope. 20-70 us for a new shape, under 1 us for a known one.
    """
    text = _source(emission, is_async=is_async)
    code = _codes.get(text)
    if code is None:
        code = compiled(text, FILE_PREFIX)
    names = {**helpers, **emission.names, "STEPS": tuple(emission.steps), "DESCRIBE": describe}
    return FunctionType(code, names)


def constant(value: Any) -> Builder:
    """Make the shortest function that gives ``value`` to any scope: a warm singleton."""
    return FunctionType(_constant_code, {"VALUE": value}, "resolve")


def _source(emission: Emission, *, is_async: bool) -> str:
    uses_values = any("values" in line for line in emission.lines)
    head = f"{'async def aresolve' if is_async else 'def resolve'}(scope):"  # as Python names it: never awaited
    return "\n".join(
        [
            head,
            f" {_move(emission.level)}values = scope._values" if uses_values else f" {_move(emission.level)}",
            " if values is None: refuse(scope)" if uses_values else "",
            " try:",
            *(f" {line}" for line in emission.lines),
            " except BaseException as error:",
            "  failed(error, STEPS, DESCRIBE)",
            "  raise",
            "",
        ]
    )


def _move(level: int | None) -> str:
    """Write how a builder goes to the scope of its own level; nothing where levels have no names."""
    return "" if level is None else f"scope = at_level(scope, {level}); "


def compiled(text: str, prefix: str) -> CodeType:
    """Compile the text of one function, or give the code that the same text had before.

    Args:
        text: Its source; tracebacks show it.
        prefix: Starts its file name.

    Returns:
        The code of the function. O(text), 20 to 200 us; under 1 us for a known text.
    """
    import linecache

    with _codes_lock:
        known = _codes.get(text)
        if known is not None:
            return known
        name = f"{prefix}{next(_numbers)}>"
        module = compile(text, name, "exec", dont_inherit=True)
        code = next(constant for constant in module.co_consts if isinstance(constant, CodeType))
        lines: list[str] = text.splitlines(keepends=True)
        linecache.cache[name] = (len(text), None, lines, name)
        _codes[text] = code
        return code
