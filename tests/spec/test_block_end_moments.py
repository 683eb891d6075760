"""The end of a block with one generator: interrupts, and overrides that end meanwhile."""

import contextvars
import inspect
import linecache
import sys
import threading
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

import pytest

from kimera_di import Scope, ServiceCollection, ServiceContainer
from tests.spec.helpers import WAIT_S


class Session: ...


class Audit: ...


def at_line(text: str, action: Callable[[], object]) -> Any:
    """Make a trace function that runs ``action`` once, before a line of the end of a block that has ``text``."""
    todo = [action]

    def trace(frame: FrameType, _event: str, _value: object) -> Any:
        if frame.f_code.co_name not in {"__exit__", "end_block"}:
            return None

        def stop(inner: FrameType, event: str, _value: object) -> Any:
            line = linecache.getline(inner.f_code.co_filename, inner.f_lineno)
            if todo and event == "line" and text in line:
                todo.pop()()
            return stop

        return stop

    return trace


def traced(trace: Any, action: Callable[[], object]) -> BaseException | None:
    before = sys.gettrace()  # the coverage of what runs afterwards
    sys.settrace(trace)
    try:
        action()
    except BaseException as raised:  # noqa: BLE001 - the test looks at it
        return raised
    finally:
        sys.settrace(before)
    return None


def interrupt() -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    "line", ["self._closing = mine", "self._values = None", "is_taken = True", "closers.remove(made)", "for _ in made"],
    ids=["claimed", "shut", "searched", "before", "taken"],
)  # fmt: skip
def test_generator_is_closed_in_spite_of_an_interrupt(line: str) -> None:
    closed: list[str] = []

    def session() -> Iterator[Session]:
        yield Session()
        closed.append("session")

    with ServiceCollection().scoped(Session, session).build() as container:
        scope = container.scope()
        scope.resolve(Session)

        raised = traced(at_line(line, interrupt), lambda: scope.__exit__(None, None, None))
        again = threading.Thread(target=scope.close, daemon=True)
        again.start()
        again.join(1.0)

    assert isinstance(raised, KeyboardInterrupt)
    assert not again.is_alive()
    assert closed == ["session"]


def overridden(closed: list[str]) -> tuple[ServiceContainer, Callable[[], Iterator[Session]]]:
    def session() -> Iterator[Session]:
        yield Session()
        closed.append("session")

    def audit() -> Iterator[Audit]:
        yield Audit()
        closed.append("audit")

    return ServiceCollection().scoped(Session).scoped(Audit, audit).build(), session


def elsewhere(action: Callable[[], object]) -> Callable[[], None]:
    """Run in another thread, and wait for its end; in a copy of this context."""
    context = contextvars.copy_context()

    def run() -> None:
        thread = threading.Thread(target=context.run, args=(action,))
        thread.start()
        thread.join(WAIT_S)

    return run


@pytest.mark.parametrize("line", ["is_taken = True", "closers.remove(made)"], ids=["before", "removal"])
def test_override_that_ends_while_the_block_ends_is_no_error(line: str) -> None:
    closed: list[str] = []
    container, session = overridden(closed)
    scope = container.scope()
    override = container.override(Session, factory=session)
    override.__enter__()
    scope.resolve(Session)

    end = elsewhere(lambda: override.__exit__(None, None, None))
    raised = traced(at_line(line, end), lambda: scope.__exit__(None, None, None))

    assert raised is None
    assert closed == ["session"]


def test_what_is_opened_when_an_override_ends_is_closed_by_the_block() -> None:
    closed: list[str] = []
    container, session = overridden(closed)
    scope: Scope = container.scope()
    override = container.override(Session, factory=session)
    override.__enter__()
    scope.resolve(Session)

    def end() -> None:
        override.__exit__(None, None, None)
        scope.resolve(Audit)

    raised = traced(
        at_line("if error is not None or type(made)", elsewhere(end)), lambda: scope.__exit__(None, None, None)
    )

    assert raised is None
    assert closed == ["session", "audit"]


def test_bound_scope_has_the_signature_of_the_class() -> None:
    with ServiceCollection().build() as container:
        signature = inspect.signature(container.scope)

        assert [*signature.parameters] == ["values", "ambient", "name"]
        assert signature.parameters["ambient"].kind is inspect.Parameter.KEYWORD_ONLY
        assert container.scope.__doc__ == ServiceContainer.scope.__doc__
        with pytest.raises(TypeError, match=r"^ServiceContainer\.scope\(\) got an unexpected keyword argument 'more'"):
            container.scope(more=1)  # type: ignore[call-arg]
