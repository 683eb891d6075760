"""Places: the line that registers, the line that defines."""

import functools
import importlib.util
import inspect
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from kimera_di import ServiceCollection
from kimera_di.registration.places import Place, caller_place, defined_at


class Outer:
    class Inner:
        def method(self) -> None: ...

    def __call__(self) -> None: ...


class Bare: ...


def function() -> None: ...


@contextmanager
def managed() -> Iterator[None]:
    yield


def line_of(thing: Any) -> int:
    """The line as the standard library finds it; for a decorated function that of the decorator."""
    return inspect.getsourcelines(thing)[1]


def registered_in_a_loop() -> list[Place]:
    services = ServiceCollection()
    for key in ("a", "b", "c"):
        services.singleton(Bare, key=key)
    services.singleton(Bare)
    for _ in range(2):
        services.singleton(Bare)
    return [descriptor.place for descriptor in services.descriptors()]


def test_one_line_of_a_loop_is_one_place() -> None:
    first = inspect.getsourcelines(registered_in_a_loop)[1]

    found = registered_in_a_loop()

    assert [place.line - first for place in found] == [3, 3, 3, 4, 6, 6]
    assert {place.file for place in found} == {__file__}
    assert found[4] is found[5]


def test_same_line_of_two_functions_is_two_places() -> None:
    source = "def register(services, kind):\n    return services.singleton(kind)\n"
    spaces: list[dict[str, Any]] = [{}, {}]
    services = ServiceCollection()
    for name, space in zip(("one.py", "two.py"), spaces, strict=True):
        exec(compile(source, name, "exec"), space)  # noqa: S102

    for space in (*spaces, *spaces):
        space["register"](services, Bare)

    found = [descriptor.place for descriptor in services.descriptors()]
    assert found == [Place("one.py", 2), Place("two.py", 2)] * 2


@pytest.mark.parametrize("cls", [Outer, Outer.Inner, Bare])
def test_class_is_defined_at_its_class_statement(cls: type) -> None:
    assert defined_at(cls) == Place(__file__, line_of(cls))


@pytest.mark.parametrize(
    "maker",
    [function, functools.partial(function), Outer.Inner().method, managed],
    ids=["function", "partial", "bound method", "contextmanager"],
)
def test_function_is_defined_at_its_def(maker: Any) -> None:
    plain = inspect.unwrap(getattr(maker, "func", maker))

    assert defined_at(maker) == Place(__file__, line_of(plain))


def test_callable_object_is_defined_at_its_class() -> None:
    assert defined_at(Outer()) == Place(__file__, line_of(Outer))


def test_local_class_is_found_in_its_function() -> None:
    class Local: ...

    assert defined_at(Local) == Place(__file__, line_of(Local))


@pytest.mark.parametrize("thing", [int, len, object(), 3])
def test_built_in_things_are_defined_nowhere(thing: Any) -> None:
    assert defined_at(thing) is None


def test_class_made_at_run_time_has_a_file_but_no_line() -> None:
    made = type("Made", (), {})

    place = defined_at(made)

    assert place is not None
    assert place.file == __file__
    if sys.version_info < (3, 13):
        assert place.line == 0


@pytest.mark.skipif(sys.version_info >= (3, 13), reason="classes know their line")
def test_class_of_a_file_that_does_not_parse_any_more_has_no_line(tmp_path: Path) -> None:
    file = tmp_path / "changed_later.py"
    file.write_text("class Changed: ...", encoding="utf-8")
    spec = importlib.util.spec_from_file_location("changed_later", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["changed_later"] = module
    try:
        spec.loader.exec_module(module)
        file.write_text("class Changed(:", encoding="utf-8")

        assert defined_at(module.Changed) == Place(str(file), 0)
    finally:
        del sys.modules["changed_later"]


def test_caller_is_the_first_line_outside_the_package() -> None:
    here = caller_place()
    services = ServiceCollection().singleton(Bare)

    place = services.descriptors()[0].place

    assert place == Place(__file__, here.line + 1)
    assert here.file == __file__
