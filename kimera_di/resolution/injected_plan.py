"""What a generated injected call looks like: what its caller gives, and what is passed on in which order.

In: a plain function and its recipe. Out: a plan, or ``None`` for what is not written: decorated functions, callable
objects, ``*args`` and ``**kwargs``, parameters that nobody can fill. A plan refers to types, constants, and the code
and defaults that the function had.
"""

from collections.abc import Mapping, Sequence
from types import CodeType, FunctionType
from typing import Any, NamedTuple

from kimera_di.compilation.injected_calls import CallShape, can_write
from kimera_di.records import dataclass
from kimera_di.resolution.recipes import Filled, Recipe

_COROUTINE, _TAKES_MORE = 0x80, 0x04 | 0x08  # inspect.CO_COROUTINE, CO_VARARGS | CO_VARKEYWORDS


class Snapshot(NamedTuple):
    """What of a function may be replaced at any time."""

    code: CodeType
    defaults: tuple[Any, ...] | None
    kwdefaults: dict[str, Any] | None

    def is_of(self, function: FunctionType) -> bool:
        """Tell whether nothing of it was replaced."""
        return (
            self.code is function.__code__
            and self.defaults is function.__defaults__
            and self.kwdefaults is function.__kwdefaults__
        )


@dataclass(frozen=True, slots=True)
class CallPlan:
    """What stands in a generated injected call."""

    wishes: Recipe
    taken: Snapshot
    """What the function was when this was worked out."""
    kept: dict[str, Any]
    """A copy of its defaults for parameters that are passed by name."""
    shape: CallShape
    optional: frozenset[str]
    """Parameters that may be given by name, and usually are not."""
    arguments: tuple[str, ...]
    """What the function is called with, as text: ``given0__``, ``mode=mode``, ``clock=value0__``, ``K1``."""


def plan_of(function: Any, wishes: Recipe) -> CallPlan | None:
    """Work out what a generated call of ``function`` looks like.

    Args:
        function: What ``@inject`` was written above.
        wishes: What is injected.

    Returns:
        ``None`` for what is not a plain function with a plain signature, or asks for what nobody can fill. Of a
        function with ``*args`` or ``**kwargs`` most calls would not fit.
        O(parameters).
    """
    if type(function) is not FunctionType or not function.__dict__.keys().isdisjoint(("__wrapped__", "__signature__")):
        return None
    if any(wish.filled is Filled.UNMET for wish in wishes):
        return None
    taken = Snapshot(function.__code__, function.__defaults__, function.__kwdefaults__)
    code = taken.code
    if code.co_flags & _TAKES_MORE:
        return None
    walk = _Walk(wishes, code.co_posonlyargcount)
    positional = code.co_varnames[: code.co_argcount]
    first_default = code.co_argcount - len(taken.defaults or ())
    if not all(walk.pass_positional(index, name, index >= first_default) for index, name in enumerate(positional)):
        return None
    kept = dict(taken.kwdefaults or {})
    for name in code.co_varnames[code.co_argcount : code.co_argcount + code.co_kwonlyargcount]:
        walk.pass_named(name, name in kept)
    if not can_write((*filter(None, walk.leading), *walk.by_name, *(wish.name for wish in wishes))):
        return None
    is_async = bool(code.co_flags & _COROUTINE)
    shape = CallShape(tuple(walk.leading), tuple(walk.by_name), bool(walk.optional), is_async)
    return CallPlan(wishes, taken, kept, shape, frozenset(walk.optional), tuple(walk.arguments))


def same_wishes(one: Recipe, other: Recipe) -> bool:
    """Tell whether two containers fill a function in the same way; constants are compared by identity."""
    return len(one) == len(other) and all(
        mine[:4] == theirs[:4]
        and (mine.lookup is theirs.lookup or (mine.filled is Filled.SERVICE and mine.lookup == theirs.lookup))
        for mine, theirs in zip(one, other, strict=True)
    )


def with_defaults(function: FunctionType, plan: CallPlan, values: Mapping[str, object], absent: object) -> FunctionType:
    """Give a function like ``function`` whose injected parameters have their objects for defaults.

    Args:
        function: A plain function.
        plan: Its plan.
        values: The objects, by parameter.
        absent: The default of what is always given by name.

    Returns:
        A function with the code of the plan, the same globals and closure. O(parameters).
    """
    code = plan.taken.code
    own: Sequence[object] = plan.taken.defaults or ()
    first_default = code.co_argcount - len(own)
    defaults: list[object] = []
    for index in range(len(plan.shape.leading), code.co_argcount):
        otherwise = own[index - first_default] if index >= first_default else absent
        defaults.append(values.get(code.co_varnames[index], otherwise))
    made = FunctionType(code, function.__globals__, function.__name__, tuple(defaults), function.__closure__)
    named = code.co_varnames[code.co_argcount : code.co_argcount + code.co_kwonlyargcount]
    made.__kwdefaults__ = plan.kept | {name: values[name] for name in named if name in values}
    made.__qualname__ = function.__qualname__
    return made


class _Walk:
    """The parameters of a function, one after the other."""

    def __init__(self, wishes: Recipe, positional_only: int) -> None:
        self._filled = {
            wish.name: f"value{index}__" if wish.filled is Filled.SERVICE else f"K{index}"
            for index, wish in enumerate(wishes)
        }
        self._positional_only = positional_only
        self._leads = True
        self._is_left_out = False
        """A parameter was left to its default: those behind it are passed by name."""
        self.leading: list[str] = []
        self.by_name: list[str] = []
        self.optional: set[str] = set()
        self.arguments: list[str] = []

    def pass_positional(self, index: int, name: str, has_default: bool) -> bool:
        """Take the next parameter; ``False`` when no call can pass what must be passed."""
        only = index < self._positional_only
        filled = self._filled.get(name)
        if filled is None and has_default:
            self._leads, self._is_left_out = False, True
            self.optional.update(() if only else (name,))
            return True
        if filled is None and self._leads:
            self.arguments.append(f"given{len(self.leading)}__")
            self.leading.append("" if only else name)
            return True
        self._leads = False
        if only and (filled is None or self._is_left_out):
            return False
        if filled is None:
            self.by_name.append(name)
        value = name if filled is None else filled
        self.arguments.append(f"{name}={value}" if self._is_left_out else value)
        return True

    def pass_named(self, name: str, has_default: bool) -> None:
        """Take the next parameter that can only be passed by name."""
        filled = self._filled.get(name)
        if filled is not None:
            self.arguments.append(f"{name}={filled}")
        elif has_default:
            self.optional.add(name)
        else:
            self.by_name.append(name)
            self.arguments.append(f"{name}={name}")
