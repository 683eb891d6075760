"""Write the function that stands for one with ``@inject``: its parameters, and what it does when they fit.

In: which parameters the caller gives, and in which form the others come. Out: code objects, shared by functions of one
shape. Every call that does not fit, whatever is wrong with it, is left to ``SLOW``. For ``handle(number, settings)``
of which ``settings`` is a singleton of the container that ``handle`` is bound to, the text is::

    def injected(given0__=ABSENT, /, *rest__, **more__):
        if more__ or rest__ or given0__ is ABSENT:  # a default for everything: no call is refused by Python itself
            left__ = more__.copy()
            full0__ = left__.pop("number", ABSENT) if given0__ is ABSENT else given0__
            if rest__ or full0__ is ABSENT or (left__ and not left__.keys() <= OPTIONAL):
                return SLOW((given0__, *rest__), {**more__})
            given0__ = full0__
            if left__:
                return TARGET(given0__, **left__)
        return TARGET(given0__)  # has the singletons for defaults; another function while that would be wrong

Names in capitals are the globals of the function, given by the stage that runs it. Runs no user code. See
docs/decisions/0029.
"""

import keyword
from collections.abc import Iterable, Sequence
from enum import Enum
from types import CodeType

from kimera_di.compilation.assembler import compiled
from kimera_di.records import dataclass


class Form(Enum):
    """Where the object for a parameter comes from."""

    VALUE = "value"
    """It is known: a constant, or ``None``."""
    TABLE = "table"
    """From the scope's table of builders, else from its ``resolve``."""
    WARM = "warm"
    """In async functions: from the table of finished singletons, else from ``aresolve``."""
    ASK = "ask"
    """From ``resolve`` or ``aresolve``."""


@dataclass(frozen=True, slots=True)
class CallShape:
    """What the caller of an injected function gives."""

    leading: tuple[str, ...]
    """The required parameters before the first other one, by position or name; ``""`` when only by position."""
    by_name: tuple[str, ...]
    """The other required parameters: who passes them by position passes an injected one too."""
    has_optional: bool
    """There are parameters that may be left to their defaults."""
    is_async: bool


def can_write(names: Iterable[str]) -> bool:
    """Tell whether names of parameters can be written into the text: none is a keyword, or one of ours."""
    return all(
        each.isidentifier() and not keyword.iskeyword(each) and not each.endswith("__") and not each.isupper()
        for each in names
    )


def steady_code(shape: CallShape, *, ambient: bool) -> CodeType:
    """Write a function whose injected parameters are all finished singletons of the container it is bound to.

    Args:
        shape: What the caller gives.
        ambient: The container has had ambient scopes: none of them may be closing.

    Returns:
        Code that reads ``TARGET`` once, and calls it with what the caller gives.
    """
    given = [*_leading(shape), *(f"{name}={name}" for name in shape.by_name)]
    look = [
        "place__ = CURRENT()",
        "if place__ is not None:",
        " owner__ = place__.owner()",
        " if owner__ is None or owner__._root is not ROOT or owner__._table is SHUT: FIND(ROOT)",
    ]
    looks = look if ambient else []
    call = f"return {_await(shape)}TARGET"
    unusual = [*looks, f"{call}({', '.join((*given, '**left__'))})"]
    lines = _head(shape, ["if left__:", *(f" {line}" for line in unusual)], takes_more=True)
    return _compiled([*lines, *(f" {line}" for line in looks), f" {call}({', '.join(given)})"])


def asking_code(shape: CallShape, forms: Sequence[Form], given: Sequence[str], *, bound: bool) -> CodeType:
    """Write a function that asks the current scope for its injected parameters.

    Args:
        shape: What the caller gives.
        forms: Where the object of each injected parameter comes from.
        given: The arguments of the call; ``value0__`` is the first injected object, ``K0`` a known one.
        bound: The function is bound to a container, which is asked when no scope of it is current.

    Returns:
        Code that calls ``FUNCTION``.
    """
    slow = f"  return {_await(shape)}SLOW({_all_given(shape)})"
    lines = [*_head(shape, ["more__ = left__"], takes_more=shape.has_optional), " place__ = CURRENT()"]
    if bound:
        lines += [
            " owner__ = CONTAINER if place__ is None else place__.owner()",
            " if owner__ is None or owner__._root is not ROOT: owner__ = FIND(ROOT) or CONTAINER",
            " if owner__._table is SHUT or ROOT._values is None:",  # a container keeps its table when it is closed
            slow,
        ]
    else:
        lines += [
            " owner__ = None if place__ is None else place__.owner()",
            " root__ = None if owner__ is None else owner__._root",
            " if root__ is None or root__.token is not TOKEN or owner__._table is SHUT or root__._values is None:",
            slow,
        ]
    asked = [(index, form) for index, form in enumerate(forms) if form is not Form.VALUE]
    followings = [*(form for _, form in asked[1:]), None]
    for (index, form), following in zip(asked, followings, strict=False):
        lines += _asked(index, form, is_async=shape.is_async)
        if following is Form.WARM:  # what was awaited here gave time to close the scope, which the table does not see
            lines.append(f"{'  ' if form is Form.WARM else ' '}if owner__._table is SHUT: owner__._check_open()")
    return _compiled([*lines, *_called(shape, given)])


def _called(shape: CallShape, given: Sequence[str]) -> list[str]:
    """Write the call; a function that was changed since, and does not take it any more, is refused in our words."""
    call = f" return {_await(shape)}FUNCTION"
    everything = [*given, "**more__"] if shape.has_optional else given
    return [
        " try:",
        *([f"  if more__:{call}({', '.join(everything)})"] if shape.has_optional else []),
        f" {call}({', '.join(given)})",
        " except WRONG as error__:",
        f"  REFUSE({', '.join(('error__', *everything))})",
        "  raise",
    ]


def _head(shape: CallShape, unusual: Sequence[str], *, takes_more: bool) -> list[str]:
    """Write the parameters, and what is done with a call that gives them in another way, or does not fit.

    Args:
        shape: What the caller gives.
        unusual: What is done when everything is given, but not in the usual way; ``left__`` is what there is besides.
        takes_more: There are parameters in ``OPTIONAL``.

    Returns:
        Lines.
    """
    leading = _leading(shape)
    parameters = [*(f"{each}=ABSENT" for each in leading), *(["/"] if leading else []), "*rest__"]
    parameters += [*(f"{name}=ABSENT" for name in shape.by_name), "**more__"]
    tests = ["more__", "rest__", *(f"{each} is ABSENT" for each in (*leading, *shape.by_name))]
    fulls = [each.replace("given", "full") for each in leading]
    fits = ["rest__", *(f"{each} is ABSENT" for each in (*fulls, *shape.by_name))]
    fits.append("(left__ and not left__.keys() <= OPTIONAL)" if takes_more else "left__")
    return [
        f"{'async ' if shape.is_async else ''}def injected({', '.join(parameters)}):",
        f" if {' or '.join(tests)}:",
        "  left__ = more__.copy()",
        *(_full(*each) for each in zip(shape.leading, leading, fulls, strict=True)),
        f"  if {' or '.join(fits)}:",
        f"   return {_await(shape)}SLOW({_all_given(shape)})",
        *(f"  {given} = {full}" for given, full in zip(leading, fulls, strict=True)),
        *(f"  {line}" for line in unusual),
    ]


def _full(name: str, given: str, full: str) -> str:
    """Write how a leading parameter is found that may be given by name."""
    if not name:
        return f"  {full} = {given}"
    return f"  {full} = left__.pop({name!r}, ABSENT) if {given} is ABSENT else {given}"


def _asked(index: int, form: Form, *, is_async: bool) -> list[str]:
    """Write how one object is come by; what asking for it raises gets a path that begins at the function."""
    value = f"value{index}__"
    told = ["  except ERROR as error__:", f"   EXPLAIN(W{index}, owner__, error__)", "   raise"]
    if form is Form.TABLE:
        return [
            f" try: made__ = owner__._table[L{index}]",
            f" except MISS: made__ = ASK{index}",
            f" try: {value} = made__(owner__)",
            *(line[1:] for line in told),
        ]
    if form is Form.WARM:
        return [
            f" {value} = owner__._root.warm.get(L{index}, ABSENT)",
            f" if {value} is ABSENT:",
            f"  try: {value} = await FIRST(L{index}, owner__)",
            *told,
        ]
    asked = f"await owner__.aresolve(L{index})" if is_async else f"owner__.resolve(L{index})"
    return [f" try: {value} = {asked}", *(line[1:] for line in told)]


def _leading(shape: CallShape) -> list[str]:
    return [f"given{index}__" for index in range(len(shape.leading))]


def _all_given(shape: CallShape) -> str:
    named = "".join(f"{name!r}: {name}, " for name in shape.by_name)
    positional = f"({', '.join(_leading(shape))}, *rest__)" if shape.leading else "rest__"
    return f"{positional}, {{{named}**more__}}"


def _await(shape: CallShape) -> str:
    return "await " if shape.is_async else ""


def _compiled(lines: Sequence[str]) -> CodeType:
    return compiled("\n".join([*lines, ""]), "<injected call ")
