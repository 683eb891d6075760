"""Which arguments reach a function that the container fills, and what is said when they are wrong."""

import asyncio
import functools
import gc
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

import pytest

from kimera_di import (
    ArgumentsError,
    Injected,
    Key,
    KimeraError,
    MissingServiceError,
    RegistrationError,
    ScopeRequiredError,
    ServiceCollection,
    ServiceContainer,
    inject,
)
from tests.spec.helpers import fact, mortal_classes, way


class Clock:
    pass


class Cache:
    pass


class Request:
    pass


def container_of() -> ServiceContainer:
    return ServiceCollection().singleton(Clock).singleton(Cache).scope_value(Request).build()


def passing_on(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def wrapper(*args: Any, **named: Any) -> Any:
        return function(*args, **named)

    return wrapper


class Traced:
    """A decorator that is a class."""

    def __init__(self, function: Callable[..., Any]) -> None:
        functools.update_wrapper(self, function)
        self._function = function

    def __call__(self, *args: Any, **named: Any) -> Any:
        return self._function(*args, **named)


class Counted(type):
    """A metaclass that stands between a call and the constructor."""

    def __call__(cls, *args: Any, **named: Any) -> Any:
        return super().__call__(*args, **named)


class Made(metaclass=Counted):
    def __init__(self, clock: Clock, title: str) -> None:
        self.clock, self.title = clock, title


# --- what is passed --------------------------------------------------------------------------------------------------


def test_default_before_a_positional_only_service_is_passed_on() -> None:
    @inject
    def handler(n: int = 7, clock: Injected[Clock | None] = None, /, mode: str = "x") -> tuple[Any, ...]:
        return n, clock, mode

    with container_of() as container:
        clock = container[Clock]
        assert handler() == (7, clock, "x")
        assert handler(1, mode="y") == (1, clock, "y")
        assert container.call(handler) == (7, clock, "x")


def test_default_before_a_positional_only_service_is_passed_on_to_async_functions() -> None:
    @inject
    async def handler(n: int = 7, clock: Injected[Clock | None] = None, /) -> tuple[Any, ...]:
        return n, clock

    async def main() -> bool:
        async with container_of() as container:
            return await handler() == (7, container[Clock])

    assert asyncio.run(main())


def test_keyword_with_the_name_of_a_positional_only_service_is_something_else() -> None:
    @inject
    def handler(clock: Injected[Clock], /, **more: int) -> tuple[Any, ...]:
        return clock, more

    with container_of() as container:
        assert handler(clock=3) == (container[Clock], {"clock": 3})


def test_optional_marked_parameter_is_filled() -> None:
    @inject
    def handler(
        clock: Injected[Clock] | None,
        number: Injected[int] | None,
        wall: "Annotated[Clock, Key('wall')] | None" = None,
    ) -> tuple[Any, ...]:
        return clock, number, wall

    services = ServiceCollection().singleton(Clock).singleton(Clock, key="wall")
    with services.build() as container:
        assert handler() == (container[Clock], None, container.resolve(Clock, "wall"))


def test_decorator_that_is_a_class_shows_the_parameters_below_it() -> None:
    @Traced
    def handler(n: int, clock: Clock) -> tuple[int, Clock]:
        return n, clock

    container = container_of()

    assert container.call(handler, 3) == (3, container[Clock])


def test_decorator_that_is_a_class_may_be_a_factory() -> None:
    @Traced
    def make(clock: Clock) -> list[Clock]:
        return [clock]

    container = ServiceCollection().singleton(Clock).singleton(list[Clock], make).build()

    assert container.call(lambda: 0) == 0
    assert container.resolve_all(list[Clock]) == [[container[Clock]]]


def test_decorator_above_inject_is_run_by_call() -> None:
    """``functools.wraps`` copies what ``inject`` notes on its wrapper."""
    seen: list[str] = []

    def noting(function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def wrapper(*args: Any, **named: Any) -> Any:
            seen.append("called")
            return function(*args, **named)

        return wrapper

    @noting
    @inject
    def handler(clock: Injected[Clock]) -> Clock:
        return clock

    container = container_of()

    assert container.call(handler) is container[Clock]
    assert seen == ["called"]


def test_injected_method_is_called_with_its_object() -> None:
    class View:
        @inject
        def get(self, n: int, clock: Injected[Clock]) -> tuple[object, int, Clock]:
            return self, n, clock

    view, container = View(), container_of()

    assert container.call(view.get, 3) == (view, 3, container[Clock])


# --- wrong arguments -------------------------------------------------------------------------------------------------


def test_wrong_arguments_behind_a_decorator_are_an_arguments_error() -> None:
    @passing_on
    def handler(n: int, clock: Injected[Clock]) -> None: ...

    with container_of() as container:
        with pytest.raises(ArgumentsError, match="unexpected keyword argument 'm'") as caught:
            container.call(handler, 1, m=3)
        with pytest.raises(ArgumentsError, match="missing a required argument: 'n'"):
            inject(handler)()

    assert fact(caught.value, "defined").startswith("tests/spec/test_call_arguments.py:")


def test_wrong_arguments_of_an_async_function_behind_a_decorator_are_an_arguments_error() -> None:
    def traced(function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        async def wrapper(*args: Any, **named: Any) -> Any:
            return await function(*args, **named)

        return wrapper

    @traced
    async def handler(n: int, clock: Injected[Clock]) -> None: ...

    async def main() -> list[str]:
        container = container_of()
        texts: list[str] = []
        for call in (container.acall(handler, 1, m=3), inject(handler, container=container)(1, m=3)):
            with pytest.raises(ArgumentsError, match="'m'") as caught:
                await call
            texts.append(caught.value.code)
        return texts

    assert asyncio.run(main()) == ["KD305", "KD305"]


def test_wrong_arguments_behind_a_metaclass_are_an_arguments_error() -> None:
    container = container_of()

    assert container.create(Made, title="x").clock is container[Clock]
    with pytest.raises(ArgumentsError, match="unexpected keyword argument 'titel'"):
        container.create(Made, title="x", titel="y")


def test_type_error_inside_a_function_whose_decorator_changes_its_arguments_is_its_own() -> None:
    def with_connection(function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def wrapper(*args: Any, **named: Any) -> Any:
            return function("connection", *args, **named)

        return wrapper

    @with_connection
    def handler(connection: str, clock: Injected[Clock]) -> int:
        return len(3)  # type: ignore[arg-type]

    with pytest.raises(TypeError, match="has no len") as caught:
        inject(handler, container=container_of())()

    assert not isinstance(caught.value, KimeraError)


def test_wrong_arguments_come_before_a_missing_service() -> None:
    def handler(n: int, number: Injected[float]) -> None: ...

    with container_of() as container:
        with pytest.raises(ArgumentsError, match="unexpected keyword argument 'm'"):
            container.call(handler, 1, m=3)
        with pytest.raises(ArgumentsError, match="missing a required argument: 'n'"):
            inject(handler)()
        with pytest.raises(MissingServiceError, match="nothing provides float"):
            inject(handler)(1)


def test_wrong_arguments_of_an_async_function_come_before_a_missing_service() -> None:
    async def handler(n: int, number: Injected[float]) -> None: ...

    with container_of() as container:
        with pytest.raises(ArgumentsError, match="unexpected keyword argument 'm'"):
            asyncio.run(container.acall(handler, 1, m=3))
        with pytest.raises(ArgumentsError, match="missing a required argument: 'n'"):
            asyncio.run(inject(handler)())
        with pytest.raises(MissingServiceError, match="nothing provides float"):
            asyncio.run(inject(handler)(1))


def test_wrong_arguments_come_before_a_service_that_needs_a_scope() -> None:
    @inject
    def handler(n: int, request: Injected[Request]) -> None: ...

    with container_of(), pytest.raises(ArgumentsError, match="missing a required argument: 'n'"):
        handler()


def test_missing_plain_argument_without_any_scope_is_an_arguments_error() -> None:
    @inject
    def handler(n: int, clock: Injected[Clock]) -> None: ...

    with pytest.raises(ArgumentsError, match="missing a required argument: 'n'"):
        handler()


def test_marked_parameter_with_a_default_needs_a_scope_as_well() -> None:
    """Otherwise the default would be taken silently where the scope was forgotten."""

    @inject
    def handler(clock: Injected[Clock | None] = None) -> Clock | None:
        return clock

    with pytest.raises(ScopeRequiredError, match="handler its clock"):
        handler()
    with container_of() as container:
        assert handler() is container[Clock]


def test_marks_in_text_that_nothing_resolves_need_a_scope() -> None:
    @inject
    def handler(clock: "Injected[Clock]", n: "int" = 3) -> None: ...

    with pytest.raises(ScopeRequiredError, match="handler its clock"):
        handler()


@pytest.mark.parametrize("thing", [ServiceCollection(), ServiceContainer, 3], ids=["collection", "class", "number"])
def test_binding_to_what_is_no_container_is_refused(thing: Any) -> None:
    with pytest.raises(RegistrationError, match="which is no container"):
        inject(passing_on, container=thing)


def test_path_to_a_missing_scope_value_begins_at_the_function() -> None:
    class Handler:
        def __init__(self, request: Request) -> None: ...

    def run(handler: Handler) -> None: ...

    container = ServiceCollection().scope_value(Request).scoped(Handler).build()

    with container.scope() as scope, pytest.raises(MissingServiceError) as caught:
        scope.call(run)

    assert way(caught.value) == [(run, "handler"), (Handler, "request"), (Request, None)]


# --- what is kept ----------------------------------------------------------------------------------------------------


@mortal_classes
def test_class_that_names_itself_is_not_kept_alive_by_its_own_recipe() -> None:
    container = container_of()

    def created() -> "weakref.ref[type]":
        class Node:
            def __init__(self, parent: object, clock: Clock) -> None:
                self.parent = parent

        Node.__init__.__annotations__["parent"] = Node | None
        assert container.create(Node).parent is None
        return weakref.ref(Node)

    reference = created()
    gc.collect()

    assert reference() is None


def test_callable_objects_that_cannot_be_hashed_are_read_once_for_their_class() -> None:
    @dataclass
    class View:
        n: int

        def __call__(self, clock: Clock) -> tuple[int, Clock]:
            return self.n, clock

    container = container_of()

    assert [container.call(View(n)) for n in range(3)] == [(n, container[Clock]) for n in range(3)]
    assert len(container._root.recipes[2]) == 1
