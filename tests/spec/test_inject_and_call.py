"""Functions whose parameters the container fills: ``@inject``, ``call``, ``acall``, ``create``."""

import asyncio
import functools
import gc
import inspect
import weakref
from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import pytest

from kimera_di import (
    AmbiguousServiceError,
    AnnotationError,
    ArgumentsError,
    AsyncRequiredError,
    ContainerClosedError,
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
from tests.spec.helpers import fact, way

if TYPE_CHECKING:
    from tests.spec.shop import Audit


class Clock:
    pass


class Cache:
    def __init__(self, name: str = "default") -> None:
        self.name = name


class Session:
    pass


class Report:
    def __init__(self, clock: Clock, title: str, *, pages: int = 1) -> None:
        self.clock, self.title, self.pages = clock, title, pages


class Abstract(ABC):
    @abstractmethod
    def run(self) -> None: ...


def container_of(**more: Any) -> ServiceContainer:
    services = ServiceCollection().singleton(Clock).scoped(Session).singleton(Cache)
    return services.instance(Cache, Cache("redis"), key="redis").build()


def test_marked_parameters_are_filled_and_others_are_the_callers() -> None:
    @inject
    def handler(n: int, clock: Injected[Clock], cache: Annotated[Cache, Key("redis")]) -> tuple[int, Clock, str]:
        return n, clock, cache.name

    with container_of() as container:
        assert handler(3) == (3, container[Clock], "redis")


def test_unmarked_parameter_is_not_filled_even_if_its_type_is_registered() -> None:
    @inject
    def handler(clock: Clock, cache: Injected[Cache]) -> None: ...

    with container_of(), pytest.raises(ArgumentsError, match="missing a required argument: 'clock'"):
        handler()


def test_given_service_is_never_resolved() -> None:
    built: list[str] = []
    services = ServiceCollection().singleton(Clock, lambda: built.append("clock") or Clock())
    mine = Clock()

    with services.build() as container:
        bound = inject(lambda clock: clock, container=container)

        @inject(container=container)
        def handler(clock: Injected[Clock]) -> Clock:
            return clock

        assert handler(mine) is mine
        assert handler(clock=mine) is mine
        assert bound(mine) is mine
    assert built == []


def test_nothing_is_needed_when_everything_is_given() -> None:
    @inject
    def handler(n: int, clock: Injected[Clock], *rest: int, mode: str = "x", **more: int) -> tuple[Any, ...]:
        return n, clock, rest, mode, more

    clock = Clock()

    assert handler(1, clock, 2, y=3) == (1, clock, (2,), "x", {"y": 3})


def test_call_without_any_scope_names_what_is_missing() -> None:
    @inject
    def handler(n: int, clock: Injected[Clock]) -> None: ...

    with pytest.raises(ScopeRequiredError, match="handler its clock"):
        handler(3)


def test_wrong_arguments_without_any_scope_are_a_type_error() -> None:
    @inject
    def handler(n: int, clock: Injected[Clock]) -> None: ...

    with pytest.raises(ArgumentsError, match="unexpected keyword argument 'm'"):
        handler(m=3)


def test_wrong_arguments_are_an_error_of_ours_and_a_type_error() -> None:
    def handler(n: int, clock: Injected[Clock]) -> None: ...

    with container_of() as container:
        with pytest.raises(TypeError, match="handler: got an unexpected keyword argument 'm'") as caught:
            inject(handler)(1, m=3)
        with pytest.raises(KimeraError):
            container.call(handler, 1, m=3)

    assert isinstance(caught.value, KimeraError)
    assert fact(caught.value, "defined").startswith("tests/spec/test_inject_and_call.py:")


def test_type_error_of_the_function_itself_is_its_own() -> None:
    @inject
    def handler(clock: Injected[Clock]) -> int:
        return len(3)  # type: ignore[arg-type]

    with container_of(), pytest.raises(TypeError) as caught:
        handler()

    assert not isinstance(caught.value, KimeraError)


def test_type_error_of_a_built_in_function_is_its_own() -> None:
    with pytest.raises(TypeError) as caught:
        container_of().call(int, [])

    assert not isinstance(caught.value, KimeraError)


def test_async_function_awaits_what_async_factories_make() -> None:
    async def make() -> Clock:
        await asyncio.sleep(0)
        return Clock()

    @inject
    async def handler(n: int, clock: Injected[Clock]) -> tuple[int, Clock]:
        return n, clock

    async def main() -> bool:
        async with ServiceCollection().singleton(Clock, make).build() as container:
            n, clock = await handler(3)
            return n == 3 and clock is container[Clock]

    assert inspect.iscoroutinefunction(handler)
    assert asyncio.run(main())


def test_sync_function_with_an_async_service_says_so() -> None:
    async def make() -> Clock:
        return Clock()

    @inject
    def handler(clock: Injected[Clock]) -> None: ...

    with ServiceCollection().singleton(Clock, make).build(), pytest.raises(AsyncRequiredError):
        handler()


def test_methods_class_methods_and_static_methods_are_injected() -> None:
    class View:
        @inject
        def get(self, clock: Injected[Clock]) -> tuple["View", Clock]:
            return self, clock

        @classmethod
        @inject
        def make(cls, clock: Injected[Clock]) -> tuple[type, Clock]:
            return cls, clock

        @staticmethod
        @inject
        def plain(clock: Injected[Clock]) -> Clock:
            return clock

    view = View()
    with container_of() as container:
        clock = container[Clock]
        assert view.get() == (view, clock)
        assert View.make() == (View, clock)
        assert View.plain() is clock


@pytest.mark.parametrize(
    "thing",
    [3, Clock, classmethod(container_of), staticmethod(container_of)],
    ids=["number", "class", "classmethod", "static"],
)
def test_what_is_no_function_cannot_be_injected(thing: Any) -> None:
    with pytest.raises(RegistrationError, match="is not a function"):
        inject(thing)


def test_generator_function_is_injected_when_it_is_called() -> None:
    @inject
    def rows(n: int, clock: Injected[Clock]) -> Iterator[object]:
        yield n
        yield clock

    with container_of() as container:
        assert list(rows(3)) == [3, container[Clock]]


def test_name_documentation_and_signature_stay() -> None:
    @inject
    def handler(n: int, clock: Injected[Clock]) -> None:
        """Handle it."""

    assert (handler.__name__, handler.__doc__) == ("handler", "Handle it.")  # type: ignore[attr-defined]
    assert list(inspect.signature(handler).parameters) == ["n", "clock"]


def test_annotation_as_text_is_understood() -> None:
    @inject
    def handler(clock: "Injected[Clock]", cache: Injected["Cache"]) -> tuple[Clock, Cache]:
        return clock, cache

    with container_of() as container:
        assert handler() == (container[Clock], container[Cache])


def test_marked_type_that_cannot_be_read_is_named() -> None:
    @inject
    def handler(audit: "Injected[Audit]") -> None: ...

    with container_of(), pytest.raises(KimeraError) as caught:
        handler()

    assert isinstance(caught.value, MissingServiceError | AnnotationError)
    assert way(caught.value)[0][1] == "audit"


def test_optional_union_list_and_default_are_understood() -> None:
    @inject
    def handler(
        none: Injected[int | None],
        union: Injected[Clock | float],
        every: Injected[list[Cache]],
        default: Injected[bytes] = b"x",
    ) -> tuple[Any, ...]:
        return none, union, every, default

    with container_of() as container:
        assert handler() == (None, container[Clock], [container[Cache]], b"x")


def test_ambiguous_union_is_refused_with_its_candidates() -> None:
    @inject
    def handler(either: Injected[Clock | Cache]) -> None: ...

    with container_of(), pytest.raises(AmbiguousServiceError, match="may be given Cache, Clock") as caught:
        handler()

    assert way(caught.value)[0][1] == "either"


def test_missing_service_names_function_and_parameter() -> None:
    @inject
    def handler(number: Injected[int]) -> None: ...

    with container_of(), pytest.raises(MissingServiceError) as caught:
        handler()

    assert [step[1] for step in way(caught.value)] == ["number", None]


def test_positional_only_parameter_is_filled() -> None:
    @inject
    def handler(n: int, clock: Injected[Clock], /, *rest: int) -> tuple[Any, ...]:
        return n, clock, rest

    with container_of() as container:
        assert handler(1) == (1, container[Clock], ())
        assert container.call(handler, 1) == (1, container[Clock], ())


def test_scoped_service_outside_a_scope_is_refused() -> None:
    @inject
    def handler(session: Injected[Session]) -> None: ...

    with container_of(), pytest.raises(ScopeRequiredError, match="Session needs a scope"):
        handler()


def test_override_reaches_injected_functions() -> None:
    @inject
    def handler(cache: Injected[Cache]) -> str:
        return cache.name

    with container_of() as container:
        assert handler() == "default"
        with container.override(Cache, Cache("fake")):
            assert handler() == "fake"
        assert handler() == "default"


def test_function_used_with_several_containers_gets_the_services_of_each() -> None:
    @inject
    def handler(clock: Injected[Clock]) -> Clock:
        return clock

    one, two = container_of(), container_of()
    for container in (one, two, one):
        with container.scope(ambient=True):
            assert handler() is container[Clock]


def test_injected_function_does_not_keep_containers_alive() -> None:
    @inject
    def handler(clock: Injected[Clock]) -> Clock:
        return clock

    container = container_of()
    with container.scope(ambient=True):
        handler()
    reference = weakref.ref(container)

    del container
    gc.collect()

    assert reference() is None


def test_container_does_not_keep_functions_alive() -> None:
    container = container_of()

    def handler(clock: Clock) -> Clock:
        return clock

    container.call(handler)
    reference = weakref.ref(handler)

    del handler
    gc.collect()

    assert reference() is None


# --- call, acall, create ---------------------------------------------------------------------------------------------


def test_call_injects_by_annotation_what_is_not_given() -> None:
    def function(n: int, clock: Clock, *, cache: Cache, flag: bool = True) -> tuple[Any, ...]:
        return n, clock, cache, flag

    container = container_of()

    assert container.call(function, 3) == (3, container[Clock], container[Cache], True)
    assert container.call(function, n=3, clock=None, flag=False) == (3, None, container[Cache], False)


def test_call_in_a_scope_gives_scoped_services() -> None:
    def function(session: Session) -> Session:
        return session

    with container_of().scope() as scope:
        assert scope.call(function) is scope[Session]


def test_call_of_bound_methods_partials_and_callable_objects() -> None:
    class View:
        def get(self, n: int, clock: Clock) -> tuple[int, Clock]:
            return n, clock

        def __call__(self, n: int, clock: Clock) -> tuple[int, Clock]:
            return n, clock

    view, container = View(), container_of()
    expected = (3, container[Clock])

    assert container.call(view.get, 3) == expected
    assert container.call(view.get, n=3) == expected
    assert container.call(View.get, view, 3) == expected
    assert container.call(functools.partial(view.get, 3)) == expected
    assert container.call(functools.partial(view.get, n=3)) == expected
    assert container.call(view, 3) == expected


def test_acall_awaits_services_and_result() -> None:
    async def make() -> Clock:
        return Clock()

    async def function(n: int, clock: Clock) -> tuple[int, Clock]:
        return n, clock

    def plain(clock: Clock) -> Clock:
        return clock

    async def main() -> bool:
        container = ServiceCollection().singleton(Clock, make).build()
        n, clock = await container.acall(function, 3)
        return n == 3 and clock is container[Clock] and await container.acall(plain) is clock

    assert asyncio.run(main())


def test_call_without_an_annotation_or_argument_says_what_is_missing() -> None:
    def function(n) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
        ...

    with pytest.raises(ArgumentsError, match="missing a required argument: 'n'"):
        container_of().call(function)


def test_create_builds_a_class_nobody_registered() -> None:
    container = container_of()

    report = container.create(Report, title="x")

    assert (report.clock, report.title, report.pages) == (container[Clock], "x", 1)
    assert Report not in container


def test_create_without_a_value_names_the_parameter() -> None:
    with pytest.raises(MissingServiceError) as caught:
        container_of().create(Report)

    assert way(caught.value)[0] == (Report, "title")
    assert fact(caught.value, "or") == "pass title=..."


def test_create_with_a_wrong_argument_is_refused() -> None:
    with pytest.raises(ArgumentsError, match="Report: got an unexpected keyword argument 'titel'"):
        container_of().create(Report, title="x", titel="y")


def test_create_of_an_abstract_class_is_refused() -> None:
    with pytest.raises(ArgumentsError, match="leaves run abstract"):
        container_of().create(Abstract)


def test_create_of_a_function_is_refused() -> None:
    with pytest.raises(ArgumentsError, match="is not a class"):
        container_of().create(lambda: 3)


def test_created_object_is_new_every_time_and_never_closed() -> None:
    class File:
        closed = False

        def close(self) -> None:
            self.closed = True

    with container_of() as container:
        one, two = container.create(File), container.create(File)

    assert one is not two
    assert not one.closed


def test_error_of_a_constructor_keeps_its_type() -> None:
    class Broken:
        def __init__(self, clock: Clock) -> None:
            raise OSError("no disk")

    with pytest.raises(OSError, match="no disk"):
        container_of().create(Broken)


def test_closed_scope_and_container_call_and_create_nothing() -> None:
    container = container_of()
    scope = container.scope()
    scope.close()
    container.close()

    for owner in (scope, container):
        with pytest.raises(ContainerClosedError):
            owner.call(lambda: 1)
        with pytest.raises(ContainerClosedError):
            owner.create(File)


class File:
    pass
