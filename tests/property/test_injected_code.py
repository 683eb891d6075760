"""The code written for an injected function and the slow way give the same: results, errors and their texts."""

import contextlib
import inspect
from collections.abc import Callable
from functools import partial
from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kimera_di import Injected, Key, Lazy, ScopeFactory, ServiceCollection, ServiceContainer
from kimera_di.resolution.injected_call import InjectedCall

pytestmark = pytest.mark.check

Function = Callable[..., Any]


class Pool: ...


class Clock: ...


class OtherClock(Clock): ...


class Session: ...


class Job: ...


class Settings: ...


class Missing: ...


class Request: ...


TYPES: dict[str, Any] = {
    "Pool": Injected[Pool],
    "Clock": Injected[Clock],
    "Settings": Injected[Settings],
    "Session": Injected[Session],
    "Job": Injected[Job],
    "Missing": Injected[Missing],
    "NoMissing": Injected[Missing | None],  # type: ignore[misc]
    "Request": Injected[Request],
    "Clocks": Injected[list[Clock]],
    "Keyed": Annotated[Clock, Key("")],
    "Lazily": Injected[Lazy[Pool]],
    "Opener": Injected[ScopeFactory],
    "Either": Injected[Pool | Missing],  # type: ignore[misc]
    "Tuple": Injected[tuple[Clock, ...]],
}
PLAIN = ("int", "Clock_")
"""Not marked: the caller's."""
SETTINGS = Settings()
NAMES = ("a", "b", "self", "args", "given", "function", "é", "_x")
ACTIONS = (
    "override", "everywhere", "end override", "open", "open with value", "open another", "enter", "end scope", "listen",
    "close",
)  # fmt: skip


class Equal:
    """Says that it equals everything, and nothing about its truth."""

    def __eq__(self, other: object) -> bool:
        return True

    def __hash__(self) -> int:
        return 0

    def __bool__(self) -> bool:
        raise RuntimeError("asked for its truth")


EQUAL = Equal()


@st.composite
def signatures(draw: st.DrawFn) -> str:
    """Write the parameters of a function: any kinds, any order that Python takes."""
    kinds = sorted(draw(st.lists(st.sampled_from((0, 1, 3)), min_size=1, max_size=4)))
    texts: list[tuple[int, str]] = []
    must_default = False
    # mostly what singletons fill, so that both ways of writing are met
    defaults = st.sampled_from(("'default'", "None", "0", "EQUAL"))
    types = st.sampled_from([*TYPES, *PLAIN, "int", "int", "Pool", "Clock", "Pool", "Settings"])
    names = draw(st.lists(st.sampled_from(NAMES), min_size=len(kinds), max_size=len(kinds), unique=True))
    for name, kind in zip(names, kinds, strict=True):
        default = draw(st.integers(0, 3)) == 0 or (must_default and kind < 3)
        must_default = must_default or (default and kind < 3)
        texts.append((kind, f"{name}: {draw(types)}" + (f" = {draw(defaults)}" if default else "")))
    parts = [text for kind, text in texts if kind == 0]
    parts += ["/"] if parts else []
    parts += [text for kind, text in texts if kind == 1]
    named = [text for kind, text in texts if kind == 3]
    takes_rest = draw(st.booleans())
    parts += ["*rest"] if takes_rest else ["*"] if named else []
    parts += named
    parts += ["**more"] if draw(st.booleans()) else []
    return ", ".join(parts)


def function_of(signature: str, *, is_async: bool) -> Function:
    """Make a function that returns its arguments."""
    names: dict[str, Any] = {**TYPES, "Clock_": Clock, "EQUAL": EQUAL}
    exec(f"{'async ' if is_async else ''}def function({signature}):\n return dict(locals())", names)  # noqa: S102
    made: Function = names["function"]
    return made


calls = st.tuples(
    st.lists(st.sampled_from(["x", None, 0, EQUAL]), max_size=3),
    st.dictionaries(st.sampled_from([*NAMES, "e"]), st.sampled_from(["y", None, EQUAL]), max_size=3),
)
steps = st.lists(st.one_of(calls, calls, calls, st.sampled_from(ACTIONS)), min_size=3, max_size=14)


def usual_call(function: Function, *, by_name: bool) -> tuple[list[Any], dict[str, Any]]:
    """Give what somebody who knows the function calls it with: what has no default and no mark."""
    args: list[Any] = []
    named: dict[str, Any] = {}
    leads = True
    for parameter in inspect.signature(function).parameters.values():
        is_callers = parameter.annotation in {int, Clock} and parameter.default is parameter.empty
        if not is_callers or parameter.kind in {parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD}:
            leads = False
        elif parameter.kind is parameter.POSITIONAL_ONLY or (leads and not by_name):
            args.append("x")
        else:
            named[parameter.name] = "y"
    return args, named


def outcome(call: Callable[[], Any], *, is_async: bool) -> Any:
    """Give what a call returns or raises in a form that can be compared; transients and collections by their type."""
    try:
        result = call()
        if is_async:
            result = run(result)
    except Exception as error:  # noqa: BLE001 - compared
        return type(error), str(error), getattr(error, "path", None), error.__cause__, type(error.__context__)
    return {name: shown(value) for name, value in result.items()}


def run(coroutine: Any) -> Any:
    """Run a coroutine that never suspends."""
    try:
        coroutine.send(None)
    except StopIteration as stopped:
        return stopped.value
    raise AssertionError("it suspended")


def shown(value: Any) -> Any:
    """Give what two calls must agree on."""
    if isinstance(value, list | tuple):
        return type(value), [*map(id, value)]  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
    if isinstance(value, dict):
        return {name: id(each) for name, each in value.items()}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    is_same = isinstance(value, Pool | Clock | Session | Settings | Request | Equal | str | int | None)
    return id(value) if is_same else type(value)


class World:
    """A container, what was opened, and the two ways to call one function."""

    def __init__(self, signature: str, *, is_async: bool, bound: bool) -> None:
        services = ServiceCollection().singleton(Pool).singleton(Clock).scoped(Session).transient(Job)
        services.singleton(Clock, OtherClock, key="")
        other = ServiceCollection().scoped(Pool).singleton(Clock, OtherClock).singleton(Session).singleton(Job)
        self.other: ServiceContainer = other.build()
        self.container: ServiceContainer = services.scope_value(Request).instance(Settings, SETTINGS).build()
        self.is_async = is_async
        self.function = function = function_of(signature, is_async=is_async)
        container = self.container if bound else None
        self.written: Function = InjectedCall(function, container, is_async=is_async).wrapper()
        self.slow: Function = InjectedCall(function, container, is_async=is_async).spread
        self.scopes = contextlib.ExitStack()
        self.overrides = contextlib.ExitStack()

    def call(self, args: list[Any], named: dict[str, Any], *, slow_first: bool) -> None:
        """Call both, in either order, and compare."""
        ways = (self.slow, self.written) if slow_first else (self.written, self.slow)
        first, second = (outcome(partial(way, *args, **named), is_async=self.is_async) for way in ways)
        assert first == second

    def act(self, action: str) -> None:
        """Change what look-ups give; a closed container, also by the end of its own block, stays as it is."""
        if self.container._root._values is None:
            return
        if action == "close":
            self.end()
        elif action == "end scope":
            self.scopes.close()
        elif action == "end override":
            self.overrides.close()
        elif action == "listen":
            self.overrides.enter_context(self.container.listen(lambda event: None))
        elif action == "open another":
            self.scopes.enter_context(self.other.scope(ambient=True))
        elif action == "enter":
            self.scopes.enter_context(self.container)
        elif action.startswith("open"):
            values = {Request: Request()} if action.endswith("value") else None
            self.scopes.enter_context(self.container.scope(values, ambient=True))
        else:
            everywhere = action == "everywhere"
            self.overrides.close()
            self.overrides.enter_context(self.container.override(Clock, OtherClock(), everywhere=everywhere))

    def end(self) -> None:
        """Close everything."""
        self.overrides.close()
        self.scopes.close()
        self.container.close()
        self.other.close()


@pytest.mark.parametrize("bound", [True, False], ids=["bound", "unbound"])
@pytest.mark.parametrize("is_async", [False, True], ids=["sync", "async"])
@given(signature=signatures(), sequence=steps, by_name=st.booleans(), order=st.randoms(use_true_random=False))
def test_written_code_and_the_slow_way_agree(
    is_async: bool, bound: bool, signature: str, sequence: list[Any], by_name: bool, order: Any
) -> None:
    world = World(signature, is_async=is_async, bound=bound)
    usual = usual_call(world.function, by_name=by_name)
    try:
        if not bound:
            world.act("open with value")
        for step in (usual, usual, usual, *sequence):
            if isinstance(step, str):
                world.act(step)
            for args, named in [usual, usual, usual] if isinstance(step, str) else [step]:
                for _ in range(order.choice((1, 1, 1, 1, 30))):  # so many that code which does not fit is taken away
                    world.call(args, named, slow_first=order.random() < 0.5)
    finally:
        world.end()
