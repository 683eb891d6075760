"""One function with ``@inject``: how its calls are filled, the slow way.

In: a function, and the container it is bound to, if any. Out: a function that stands for it. It begins with code that
takes any arguments and fills them step by step; when a container has been asked twice, ``injected_code`` writes code
for its parameters, which takes that code's place. What the written code does not know goes the slow way.
"""

# pyright: reportPrivateUsage=false
# Scope, root and closing code are one unit: the underscore hides the attributes from users, not from it.

import builtins
import weakref
from collections.abc import Callable
from contextlib import nullcontext
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, Any, cast

from kimera_di.registration.frozen import HAS_GIL
from kimera_di.resolution.ambient import find_current
from kimera_di.resolution.calls import fill, fill_async, invoke, invoke_async
from kimera_di.resolution.injected_recipes import InjectedRecipes
from kimera_di.resolution.recipes import Recipe

if TYPE_CHECKING:
    from kimera_di.resolution.container import ServiceContainer
    from kimera_di.resolution.injected_plan import CallPlan
    from kimera_di.resolution.root import Root

ABSENT: Any = object()
"""The default of everything in a written function: no call is refused by Python itself."""
CALL: Any = None
"""Stands for the slow way, which each injected function has among globals of its own."""

_DOUBT, _ENOUGH = 16, 24
"""Calls that did not fit the written code: then one that fits is looked for; then the code is taken away."""
_LONG_REST, _REST = 2048, 255
"""Calls until code that was taken away comes back; until singletons that nobody had built are looked for again."""


class InjectedCall:
    """A function with ``@inject``; held by the function that stands for it, which it refers to weakly.

    Args:
        function: What ``@inject`` was written above.
        container: The container it is bound to.
        is_async: It is an async function.
    """

    __slots__ = (
        "__weakref__", "_misses", "_pause", "_recipes", "_rest", "_seen", "code", "container", "function",
        "is_async", "made", "numbers", "plan", "root", "steady", "target", "token",
    )  # fmt: skip

    def __init__(self, function: Any, container: "ServiceContainer | None", *, is_async: bool) -> None:
        self.function: Any = function
        self.container: ServiceContainer | None = container
        self.root: Root | None = None if container is None else container._root
        self._recipes = InjectedRecipes(function)
        self.is_async: bool = is_async
        self.plan: CallPlan | None = None
        """What the written code looks like, when there is any."""
        self.numbers: tuple[int, ...] | None = None
        """The singletons that are all it needs; ``None`` when it needs anything else."""
        self.target: FunctionType | None = None
        """What the written code calls when it has the singletons."""
        self._seen: object = None
        """The token of the container that was asked last."""
        self.token: object = None
        """The token of the container that the written code is right for, or known not to be."""
        self.code: CodeType | None = None
        """The written code, when it asks for its services at every call."""
        self.steady: tuple[bool, CodeType] | None = None
        """The written code, when it holds its services; and whether it looks for ambient scopes."""
        self._misses: int = 0
        """Calls that the written code did not know, since one that it did."""
        self._rest: int = 0
        """Slow calls that look no more whether there could be code, or singletons."""
        self._pause: int = 0
        """How many they were the last time."""
        self.made: Callable[[], FunctionType | None] = _nobody
        """Gives the function that stands for ours, as long as somebody has it."""

    def wrapper(self) -> FunctionType:
        """Make the function that stands for ours."""
        names = {
            "__name__": __name__,
            "__builtins__": builtins,
            "CALL": self.call_async if self.is_async else self.call,
        }
        made = FunctionType(_template(self.is_async).__code__, names, "injected")
        self.made = weakref.ref(made)
        return made

    def call(self, args: tuple[Any, ...], given: dict[str, Any]) -> Any:
        """Call the function the slow way; raises as ``inject`` says."""
        owner = find_current(self.root) or self.container
        if owner is None:
            self._recipes.refuse_missing(args, given)
        else:
            wishes = self._recipes.for_root(owner._root)
            args, given = fill(owner, self.function, wishes, args, given, injected=True)
            if self._rest > 0:
                self._rest -= 1
            else:
                self._settle(owner, wishes)
        return invoke(self.function, args, given)

    async def call_async(self, args: tuple[Any, ...], given: dict[str, Any]) -> Any:
        """As ``call``, awaiting what async factories make, and the function."""
        owner = find_current(self.root) or self.container
        if owner is None:
            self._recipes.refuse_missing(args, given)
        else:
            wishes = self._recipes.for_root(owner._root)
            args, given = await fill_async(owner, self.function, wishes, args, given, injected=True)
            if self._rest > 0:
                self._rest -= 1
            else:
                self._settle(owner, wishes)
        return await invoke_async(self.function, args, given)

    def slow(self, args: tuple[Any, ...], given: dict[str, Any]) -> Any:
        """As ``call`` or ``call_async``, with ``ABSENT`` for what is not given; ``given`` is the callee's."""
        for each in args:
            if each is ABSENT:
                args = tuple([one for one in args if one is not ABSENT])
                break
        for each in given.values():
            if each is ABSENT:
                given = {name: one for name, one in given.items() if one is not ABSENT}
                break
        self._misses += 1
        if self._misses >= _DOUBT:
            self._doubt()
        return self.call_async(args, given) if self.is_async else self.call(args, given)

    def spread(self, /, *args: Any, **given: Any) -> Any:
        """Stand for the function with its singletons while there is none."""
        self._misses = 0
        return self.call_async(args, given) if self.is_async else self.call(args, given)

    def let_go(self) -> None:
        """Let go of the singletons: they may not be the right ones any more; the lock of the container is held."""
        wrapper = self.made()
        if wrapper is not None:
            wrapper.__globals__["TARGET"] = self.spread
        self.target = None
        self._rest = self._pause = 0

    def step_back(self) -> None:
        """Put the code back that takes any arguments: for the slow way there is no quicker one."""
        wrapper = self.made()
        if wrapper is not None:
            wrapper.__code__ = _template(self.is_async).__code__

    def _doubt(self) -> None:
        """Look whether any call fits the written code; take the code away, for a time, when none does.

        From ``_DOUBT`` on the next call that fits comes by ``_fits`` or ``_holds``, which cost the warm path nothing.
        """
        wrapper = self.made()
        if wrapper is None:
            return
        is_enough = self._misses >= _ENOUGH
        with nullcontext() if self.root is None else self.root.lock:  # nobody puts singletons there meanwhile
            wrapper.__globals__["FUNCTION"] = self.function if is_enough else self._fits
            if is_enough:
                self.let_go()
                self.step_back()
                self._misses, self._rest = 0, _LONG_REST
            elif self.target is not None:
                wrapper.__globals__["TARGET"] = self._holds

    def _fits(self, /, *args: Any, **named: Any) -> Any:
        """Stand for the function while it is not known whether any call fits the written code."""
        self._misses = 0
        wrapper = self.made()
        if wrapper is not None:
            wrapper.__globals__["FUNCTION"] = self.function
        return self.function(*args, **named)

    def _holds(self, /, *args: Any, **named: Any) -> Any:
        """Stand for the function with its singletons meanwhile; they may have been dropped."""
        self._misses = 0
        wrapper, root = self.made(), cast("Root", self.root)
        with root.lock:
            target = self.target
            if wrapper is not None and target is not None:
                wrapper.__globals__["TARGET"] = target
        return self.spread(*args, **named) if target is None else target(*args, **named)

    def _settle(self, owner: Any, wishes: Recipe) -> None:
        """Get the written code, or the singletons it holds, ready for the next call."""
        root = owner._root
        token = root.token
        if token is not self.token:
            if token is not self._seen:  # a function that is called once needs no code
                self._seen = token
                return
            if root.overrides:  # no table is filled: nothing shows which of them will be asked
                return
            if not HAS_GIL:  # a call that begins while the code is replaced would read half of each
                self.token = token
                return
            from kimera_di.resolution.injected_code import write  # not loaded by who calls a function once

            write(self, owner, wishes)
        if self.numbers is not None:
            self._settle_singletons(root, self.numbers)
        elif self.code is not None:
            wrapper = self.made()
            if wrapper is not None and wrapper.__code__ is not self.code:  # it was taken away for a time
                wrapper.__code__ = self.code
        elif self.root is not None and self.token is token:  # nothing will be written, and no other container asked
            self._rest = _REST

    def _settle_singletons(self, root: Any, numbers: tuple[int, ...]) -> None:
        """Hold the singletons; if that cannot be, since nobody built them, do not look again at every call."""
        if self.target is not None:
            return
        from kimera_di.resolution.injected_code import hold_singletons

        if hold_singletons(self, root, numbers):
            self._pause = 0
            return
        with root.lock:
            if self._pause >= _REST and self.target is None:
                self.step_back()
        self._rest = self._pause = min(2 * self._pause + 1, _REST)


def _injected(*args: Any, **given: Any) -> Any:
    return CALL(args, given)


async def _injected_async(*args: Any, **given: Any) -> Any:
    return await CALL(args, given)


def _template(is_async: bool) -> FunctionType:
    """Give the function whose code takes any arguments."""
    return cast("FunctionType", _injected_async if is_async else _injected)


def _nobody() -> None:
    """Stand for the function until it is made."""
