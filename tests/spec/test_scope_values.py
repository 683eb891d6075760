"""Values that are given when a scope opens: the request, the message, the user of one unit of work."""

import gc
import sys
import threading
import weakref
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Protocol, TypedDict

import pytest

from kimera_di import (
    BuildErrors,
    CaptiveDependencyError,
    InterfaceMismatchError,
    Key,
    MissingServiceError,
    RegistrationError,
    ScopeRequiredError,
    ServiceCollection,
)
from kimera_di.resolution.ambient import find_current
from kimera_di.resolution.claims import SYNC
from tests.spec.helpers import fact, way


class Request:
    def __init__(self, path: str = "/") -> None:
        self.path = path


class Handler:
    def __init__(self, request: Request) -> None:
        self.request = request


class Cache:
    def __init__(self, request: Request) -> None:
        self.request = request


class Visible(Protocol):
    def show(self) -> str: ...


def services() -> ServiceCollection:
    return ServiceCollection().scope_value(Request).scoped(Handler)


def test_value_of_a_scope_is_given_to_its_services() -> None:
    request = Request()

    with services().build().scope({Request: request}) as scope:
        assert scope.resolve(Handler).request is request
        assert scope[Request] is request


def test_each_scope_has_its_own_value() -> None:
    container = services().build()

    with container.scope({Request: Request("/a")}) as one, container.scope({Request: Request("/b")}) as two:
        assert (one[Handler].request.path, two[Handler].request.path) == ("/a", "/b")


def test_async_look_up_gives_the_value() -> None:
    import asyncio

    async def main() -> bool:
        request = Request()
        async with services().build().scope({Request: request}) as scope:
            return (await scope.aresolve(Handler)).request is request

    assert asyncio.run(main())


def test_scope_without_a_value_names_who_wanted_it_and_what_to_do() -> None:
    scope = services().build().scope()

    with pytest.raises(MissingServiceError) as caught:
        scope.resolve(Handler)

    assert way(caught.value) == [(Handler, "request"), (Request, None)]
    assert fact(caught.value, "do this") == "open it with one: container.scope({Request: value})"


def test_failed_look_up_of_a_missing_value_may_be_repeated() -> None:
    scope = services().build().scope()

    for _ in range(2):
        with pytest.raises(MissingServiceError, match="without a value"):
            scope.resolve(Request)


@pytest.mark.parametrize("value", [0, "", (), None, [], False], ids=["0", "text", "tuple", "none", "list", "false"])
def test_falsy_value_is_an_ordinary_value(value: object) -> None:
    container = ServiceCollection().scope_value(object).build()

    with container.scope({object: value}) as scope:
        assert scope.resolve(object) is value


def test_list_that_looks_like_a_claim_of_ours_is_a_value() -> None:
    """Cells hold claims, which are lists, until their object is there."""
    value: list[Any] = [None, None]
    container = ServiceCollection().scope_value(list).build()

    with container.scope({list: value}) as scope, scope.scope() as inner:
        assert inner.resolve(list) is value


def test_key_tells_values_of_one_type_apart() -> None:
    container = ServiceCollection().scope_value(str, key="id").scope_value(str).build()

    with container.scope({Annotated[str, Key("id")]: "7", str: "plain"}) as scope:
        assert (scope.resolve(str, "id"), scope[str]) == ("7", "plain")


def test_nested_scope_inherits_values_but_no_scoped_objects() -> None:
    request = Request()

    with services().build().scope({Request: request}) as outer, outer.scope() as inner:
        assert inner[Request] is request
        assert inner[Handler] is not outer[Handler]


def test_nested_scope_takes_a_value_that_is_given_again() -> None:
    with services().build().scope({Request: Request("/a")}) as outer, outer.scope({Request: Request("/b")}) as inner:
        assert (outer[Request].path, inner[Request].path) == ("/a", "/b")


def test_nested_scope_of_a_scope_without_a_value_has_none() -> None:
    outer = services().build().scope()
    with pytest.raises(MissingServiceError):
        outer.resolve(Request)

    with pytest.raises(MissingServiceError, match="without a value"):
        outer.scope().resolve(Request)


def test_nested_scope_does_not_inherit_a_look_up_in_progress() -> None:
    """While a thread is about to be told that there is no value, the cell holds its claim."""
    container = services().build()
    outer = container.scope()
    cells = outer._values
    assert cells is not None
    cells[1] = [SYNC, None]

    inner = outer.scope()

    with pytest.raises(MissingServiceError, match="without a value"):
        inner.resolve(Request)


def test_value_for_an_unknown_type_is_refused() -> None:
    with pytest.raises(MissingServiceError) as caught:
        services().build().scope({int: 3})

    assert fact(caught.value, "do this") == "services.scope_value(int)"


def test_value_for_what_the_container_builds_is_refused() -> None:
    """Else somebody would wonder why the value he gave is not the one he gets."""
    with pytest.raises(RegistrationError, match="Handler is built by the container"):
        services().build().scope({Handler: Handler(Request())})


def test_value_replaced_by_a_later_registration_is_refused() -> None:
    container = services().scoped(Request, lambda: Request("/built")).build()

    with pytest.raises(RegistrationError, match="Request is built by the container"):
        container.scope({Request: Request()})


def test_value_of_another_type_is_refused() -> None:
    with pytest.raises(InterfaceMismatchError) as caught:
        services().build().scope({Request: "GET /"})

    assert "str is not a subclass of Request" in caught.value.summary


def test_value_that_lacks_a_member_of_the_protocol_is_refused() -> None:
    container = ServiceCollection().scope_value(Visible).build()

    with pytest.raises(InterfaceMismatchError, match="show"):
        container.scope({Visible: object()})


@pytest.mark.parametrize("values", [3, "text", [Request]], ids=["number", "text", "list"])
def test_values_that_are_no_mapping_are_refused(values: Any) -> None:
    with pytest.raises(RegistrationError, match="does not say what the values"):
        services().build().scope(values)


def test_refused_value_leaves_no_scope_behind() -> None:
    container = services().build()
    with pytest.raises(InterfaceMismatchError):
        container.scope({Request: 3}, ambient=True)

    assert find_current() is None


def test_value_is_refused_at_the_root() -> None:
    with pytest.raises(ScopeRequiredError, match="Request needs a scope"):
        services().build().resolve(Request)


def test_singleton_that_wants_a_value_is_captive() -> None:
    with pytest.raises(BuildErrors) as caught:
        services().singleton(Cache).build()

    (problem,) = caught.value.exceptions
    assert isinstance(problem, CaptiveDependencyError)
    assert way(problem) == [(Cache, "request"), (Request, None)]


def test_value_is_never_closed() -> None:
    class File:
        closed = False

        def close(self) -> None:
            self.closed = True

    file = File()
    with ServiceCollection().scope_value(File).build().scope({File: file}) as scope:
        assert scope[File] is file

    assert not file.closed


def test_registration_of_a_value_with_close_does_not_warn(recwarn: pytest.WarningsRecorder) -> None:
    class File:
        def close(self) -> None: ...

    ServiceCollection().scope_value(File).build()

    assert not recwarn.list


def test_override_of_a_value_wins_inside_its_block() -> None:
    container = services().build()

    with container.override(Request, Request("/fake")), container.scope({Request: Request("/real")}) as scope:
        assert scope[Handler].request.path == "/fake"


def test_scope_opened_before_an_override_keeps_its_value() -> None:
    container = services().build()
    scope = container.scope({Request: Request("/real")})

    with container.override(Request, Request("/fake")):
        assert scope[Handler].request.path == "/real"


def test_explain_says_that_the_value_is_given() -> None:
    assert "req" in services().build().explain(Handler)
    assert "Request = value given to the scope" in services().build().explain(Handler)


def test_graph_names_the_type_of_the_value() -> None:
    node = services().build().graph().nodes[0]

    assert (node.construction, node.implementation) == ("supplied", f"{__name__}.Request")


def test_closed_scope_keeps_no_value() -> None:
    request = Request()
    reference = weakref.ref(request)
    scope = services().build().scope({Request: request})
    scope.close()

    del request
    gc.collect()

    assert reference() is None


def test_mapping_of_any_kind_may_give_the_values() -> None:
    class OneValue(Mapping[Any, object]):
        def __getitem__(self, key: Any) -> object:
            return Request("/mapped")

        def __iter__(self) -> Any:
            return iter([Request])

        def __len__(self) -> int:
            return 1

    with services().build().scope(OneValue()) as scope:
        assert scope[Request].path == "/mapped"


def test_threads_that_share_a_scope_see_its_value() -> None:
    container = services().build()
    barrier = threading.Barrier(8)
    found: list[Handler] = []

    with container.scope({Request: Request("/shared")}) as scope:

        def look() -> None:
            barrier.wait()
            found.append(scope.resolve(Handler))

        threads = [threading.Thread(target=look) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert {id(each) for each in found} == {id(found[0])}
    assert found[0].request.path == "/shared"


@pytest.mark.skipif(not getattr(sys, "_is_gil_enabled", lambda: True)(), reason="CPython 3.13t keeps classes alive")
def test_class_of_a_value_is_not_kept() -> None:
    """Every ``MagicMock`` has a class of its own."""
    container = services().build()

    def use() -> "weakref.ref[type]":
        local = type("LocalRequest", (Request,), {})
        with container.scope({Request: local()}):
            return weakref.ref(local)

    reference = use()
    gc.collect()

    assert reference() is None


# --- what fits -------------------------------------------------------------------------------------------------------


class Row(TypedDict):
    id: int


class Named(Protocol):
    name: str


class Plain:
    """Has data members on its objects only."""

    def __init__(self, **members: object) -> None:
        vars(self).update(members)


class Proxy:
    """Stands for another object, as those of request-local libraries do."""

    def __init__(self, target: object) -> None:
        self._target = target

    @property
    def __class__(self) -> type:  # type: ignore[override]
        return type(self._target)


def test_dictionary_is_a_value_for_a_typed_dict() -> None:
    row: Row = {"id": 3}
    container = ServiceCollection().scope_value(Row).build()

    with container.scope({Row: row}) as scope:
        assert scope[Row] is row
    with pytest.raises(InterfaceMismatchError):
        container.scope({Row: 3})


def test_proxy_of_what_fits_is_a_value() -> None:
    proxy = Proxy(Request("/"))
    container = services().build()

    with container.scope({Request: proxy}) as scope:
        assert scope[Request] is proxy
    with pytest.raises(InterfaceMismatchError):
        container.scope({Request: Proxy(3)})


def test_data_members_of_the_object_itself_count_for_a_protocol() -> None:
    container = ServiceCollection().scope_value(Named).build()

    with container.scope({Named: Plain(name="x")}) as scope:
        assert scope[Named].name == "x"
    with pytest.raises(InterfaceMismatchError, match="name"):
        container.scope({Named: Plain(title="x")})


def test_instance_fits_by_itself_as_well() -> None:
    container = ServiceCollection().instance(Named, Plain(name="x")).instance(Request, Proxy(Request("/"))).build()

    assert container[Named].name == "x"
    with container.override(Named, Plain(name="y")):
        assert container[Named].name == "y"


# --- more than one registration --------------------------------------------------------------------------------------


def test_value_registered_twice_is_one_value() -> None:
    container = services().scope_value(Request).build()
    request = Request()

    with container.scope({Request: request}) as scope:
        assert scope.resolve_all(Request) == [request]


def test_value_replaced_by_a_later_registration_is_not_among_all() -> None:
    container = services().scoped(Request, lambda: Request("/built")).build()

    with container.scope() as scope:
        assert [each.path for each in scope.resolve_all(Request)] == ["/built"]


def test_container_tells_which_values_it_takes() -> None:
    container = services().scope_value(str, key="id").build()

    assert container.takes_value(Request)
    assert container.takes_value(str, "id")
    assert container.takes_value(Annotated[str, Key("id")])
    assert not container.takes_value(str)
    assert not container.takes_value(Handler)


def test_container_does_not_take_a_value_that_a_later_registration_replaced() -> None:
    assert not services().scoped(Request, Request).build().takes_value(Request)


def test_question_for_a_value_that_cannot_be_hashed_is_refused() -> None:
    with pytest.raises(RegistrationError, match="not hashable"):
        services().build().takes_value(Request, key=[])  # type: ignore[arg-type]


# --- errors ----------------------------------------------------------------------------------------------------------


class Unhashable(Mapping[Any, object]):
    """A mapping of a list, which no dictionary could be."""

    def __getitem__(self, key: Any) -> object:
        return key

    def __iter__(self) -> Iterator[Any]:
        return iter([[Request]])

    def __len__(self) -> int:
        return 1


def test_class_in_the_place_of_values_is_refused() -> None:
    with pytest.raises(RegistrationError, match="does not say what the values"):
        services().build().scope(dict)  # type: ignore[arg-type]


def test_value_for_what_cannot_be_hashed_is_refused() -> None:
    with pytest.raises(RegistrationError, match="not hashable"):
        services().build().scope(Unhashable())


def test_error_of_the_mapping_itself_is_its_own() -> None:
    class Broken(Unhashable):
        def items(self) -> Any:
            raise TypeError("broken mapping")

    with pytest.raises(TypeError, match="broken mapping"):
        services().build().scope(Broken())


def deep_services() -> tuple[ServiceCollection, list[type]]:
    """Make a chain that is too long for one builder, so that builders call each other."""
    made: list[type] = [Handler]
    registered = services()
    for depth in range(150):

        def init(self: Any, inner: Any) -> None:
            self.inner = inner

        init.__annotations__ = {"inner": made[-1]}
        made.append(type(f"Step{depth}", (), {"__init__": init}))
        registered.transient(made[-1])
    return registered, made


def test_path_to_a_missing_value_begins_at_the_root_however_deep_it_is() -> None:
    registered, made = deep_services()

    with registered.build().scope() as scope, pytest.raises(MissingServiceError) as caught:
        scope.resolve(made[-1])

    assert [step[0] for step in way(caught.value)] == [*reversed(made), Request]


def test_path_to_a_missing_value_begins_at_the_root_inside_an_override() -> None:
    class Clock: ...

    class Page:
        def __init__(self, clock: Clock, handler: Handler) -> None: ...

    container = services().singleton(Clock).transient(Page).build()

    with container.override(Clock, Clock()), container.scope() as scope, pytest.raises(MissingServiceError) as caught:
        scope.resolve(Page)

    assert way(caught.value) == [(Page, "handler"), (Handler, "request"), (Request, None)]
