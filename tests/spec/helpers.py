"""What the behaviour tests share: looking into groups, finding problems, threads that report."""

import sys
import threading
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import pytest

from kimera_di import BuildErrors, KimeraError, ServiceCollection, Step

mortal_classes = pytest.mark.skipif(
    sys.version_info[:2] == (3, 13) and not getattr(sys, "_is_gil_enabled", lambda: True)(),
    reason="once a thread was started, CPython 3.13t never frees a class or function, nor what it names",
)
"""For tests about the end of containers and local classes."""

WAIT_S = 10.0
"""Upper bound for anything that must happen; reached only when a test fails."""

E = TypeVar("E", bound=BaseException)
T = TypeVar("T")


def only(kind: type[E], errors: BaseException | Iterable[BaseException]) -> E:
    """Give the one error of a group (or list), which must be of ``kind``."""
    found = list(errors.exceptions if isinstance(errors, BaseExceptionGroup) else errors)  # type: ignore[arg-type]
    assert [type(error) for error in found] == [kind], found
    return found[0]  # type: ignore[return-value]


def problem(services: ServiceCollection, kind: type[E]) -> E:
    """Give the only problem of a collection, which must be of ``kind``."""
    return only(kind, services.validate())


def build_errors(services: ServiceCollection) -> BuildErrors:
    """Build a collection that must be refused."""
    try:
        services.build()
    except BuildErrors as errors:
        return errors
    raise AssertionError("build() accepted the registrations")


def way(error: KimeraError) -> list[tuple[Any, str | None]]:
    """Give service and parameter of every step of an error's path."""
    return [(step.service, step.parameter) for step in error.path]


def fact(error: KimeraError, label: str) -> str:
    """Give the text of a labelled line of an error, "" without one."""
    return dict(error.facts).get(label, "")


def line_of(step: Step) -> tuple[str, int]:
    """Give file name and line of a step that must have both."""
    assert step.file is not None
    assert step.line is not None
    return step.file, step.line


def in_thread(work: Callable[[], T]) -> T:
    """Run ``work`` in a thread of its own, with a fresh context; give its result or raise its error."""
    (result,) = in_threads([work])
    return result


def in_threads(works: Iterable[Callable[[], T]]) -> list[T]:
    """Run every work in a thread of its own at once; give the results in order or raise the first error."""
    results: dict[int, T] = {}
    errors: list[BaseException] = []

    def run(number: int, work: Callable[[], T]) -> None:
        try:
            results[number] = work()
        except BaseException as error:  # noqa: BLE001 - handed to the test
            errors.append(error)

    threads = [threading.Thread(target=run, args=(n, work), daemon=True) for n, work in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(WAIT_S)
    assert not any(thread.is_alive() for thread in threads), "a thread hangs"
    if errors:
        raise errors[0]
    return [results[number] for number in sorted(results)]
