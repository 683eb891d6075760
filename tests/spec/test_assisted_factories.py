"""``Factory[[str], Report]``: the caller gives some parameters, the container the others."""

from collections.abc import Iterator
from typing import Annotated, Any, Generic, Protocol, TypeVar

import pytest

from kimera_di import (
    ArgumentsError,
    AsyncDependencyError,
    Factory,
    Injected,
    InterfaceMismatchError,
    Key,
    Lazy,
    MissingServiceError,
    Owned,
    ServiceCollection,
)
from tests.spec.helpers import fact, in_threads, only, problem, way


class Clock: ...


class Frozen(Clock): ...


class Report:
    def __init__(self, title: str, clock: Clock, pages: int = 3, footer: str | None = None) -> None:
        self.title, self.clock, self.pages, self.footer = title, clock, pages, footer


class Pair:
    def __init__(self, first: str, second: str, clock: Clock) -> None:
        self.first, self.second, self.clock = first, second, clock


class Printer:
    def __init__(self, make: Factory[[str], Report]) -> None:
        self.make = make


class Archive:
    def __init__(self, make: "Factory[[str], Report]") -> None:
        self.make = make


def made(annotation: Any, *classes: type) -> Any:
    """Look a factory up in a container with a clock and some transients."""
    services = ServiceCollection().singleton(Clock)
    for each in classes:
        services.transient(each)
    return services.build().resolve(annotation)


@pytest.mark.parametrize("registered", [False, True], ids=["class", "registered"])
def test_caller_gives_some_parameters_and_the_rest_is_injected(registered: bool) -> None:
    services = ServiceCollection().singleton(Clock).singleton(Printer)
    if registered:
        services.transient(Report)
    container = services.build()

    report = container.resolve(Printer).make("June")

    assert (report.title, report.pages) == ("June", 3)
    assert report.clock is container.resolve(Clock)


def test_factory_that_is_looked_up_builds_what_is_registered() -> None:
    class Document(Protocol):
        title: str

    class Draft:
        def __init__(self, clock: Clock, title: str = "") -> None:
            self.title = title

    container = ServiceCollection().singleton(Clock).transient(Document, Draft).build()

    document = container.resolve(Factory[[str], Document])("June")

    assert type(document) is Draft
    assert document.title == "June"


def test_factory_builds_a_new_object_at_each_call() -> None:
    make = made(Factory[[str], Report])

    assert make("June") is not make("June")


def test_parameters_are_matched_by_type_in_order() -> None:
    report = made(Factory[[int, str], Report])(7, "June")
    pair = made(Factory[[str, str], Pair])("a", "b")

    assert (report.title, report.pages) == ("June", 7)
    assert (pair.first, pair.second) == ("a", "b")


def test_parameters_may_be_given_by_name() -> None:
    pair = made(Factory[[str, str], Pair])(second="b", first="a")

    assert (pair.first, pair.second) == ("a", "b")


def test_ellipsis_leaves_everything_that_nobody_provides_to_the_caller() -> None:
    make = made(Factory[..., Report])

    assert (make("June").pages, make("June").footer) == (3, None)
    assert make(title="June", pages=9).pages == 9


def test_given_type_takes_precedence_over_a_registered_one() -> None:
    frozen = Frozen()

    report = made(Factory[[str, Clock], Report])("June", frozen)

    assert report.clock is frozen


def test_falsy_arguments_are_ordinary_ones() -> None:
    report = made(Factory[[str, int], Report])("", 0)

    assert (report.title, report.pages) == ("", 0)


@pytest.mark.parametrize(
    ("args", "given", "said"),
    [
        ((), {}, "was not given title"),
        (("a", "b"), {}, "takes 1 arguments, but 2 were given"),
        ((), {"titel": "a"}, "does not take titel"),
        (("a",), {"title": "b"}, "was given title twice"),
        (("a",), {"clock": Clock()}, "does not take clock"),
    ],
    ids=["none", "too many", "misspelt", "twice", "injected"],
)
def test_wrong_arguments_are_refused(args: tuple[Any, ...], given: dict[str, Any], said: str) -> None:
    make = ServiceCollection().singleton(Clock).singleton(Printer).build().resolve(Printer).make

    with pytest.raises(ArgumentsError) as caught:
        make(*args, **given)
    assert caught.value.summary == f"Factory[[str], Report] {said}"
    assert way(caught.value) == [(Printer, "make")]


def test_type_error_of_the_constructor_itself_is_left_alone() -> None:
    class Fussy:
        def __init__(self, title: str) -> None:
            raise TypeError("not this title")

    with pytest.raises(TypeError, match="not this title") as caught:
        made(Factory[[str], Fussy])("June")
    assert not isinstance(caught.value, ArgumentsError)


def test_type_that_fits_no_parameter_is_refused_at_build() -> None:
    class Wrong:
        def __init__(self, make: Factory[[bytes], Report]) -> None: ...

    error = problem(ServiceCollection().singleton(Clock).singleton(Wrong), InterfaceMismatchError)

    assert "its caller gives bytes, but no parameter is left that takes it" in error.summary
    assert error.path[0].service is Wrong


def test_parameter_that_neither_side_gives_is_missing_at_build() -> None:
    error = problem(ServiceCollection().singleton(Printer), MissingServiceError)

    assert [parameter for _, parameter in way(error)] == ["make", "clock", None]
    assert error.service is Clock


@pytest.mark.parametrize("lifetime", ["singleton", "scoped"])
def test_factory_of_a_service_that_is_shared_is_refused_at_build(lifetime: str) -> None:
    services = ServiceCollection().singleton(Clock).singleton(Printer).instance(str, "June")
    getattr(services, lifetime)(Report)

    (error,) = services.validate()

    assert f"Report is registered as {lifetime}, but a Factory builds a new one at each call" in str(error)


def test_service_that_only_a_factory_can_build_is_refused_when_looked_up() -> None:
    container = ServiceCollection().singleton(Clock).transient(Report).singleton(Printer).build()

    with pytest.raises(MissingServiceError) as caught:
        container.resolve(Report)
    assert way(caught.value) == [(Report, "title"), (str, None)]
    assert "Factory[[str" in fact(caught.value, "do this")


def test_service_that_a_factory_builds_and_somebody_needs_directly_must_be_whole() -> None:
    class Reader:
        def __init__(self, report: Report) -> None: ...

    services = ServiceCollection().singleton(Clock).transient(Report).singleton(Printer).singleton(Reader)

    error = problem(services, MissingServiceError)

    assert way(error) == [(Reader, "report"), (Report, "title"), (str, None)]


def test_factory_of_something_async_is_refused_at_build() -> None:
    async def make_report(title: str) -> Report:
        return Report(title, Clock())

    error = problem(ServiceCollection().transient(Report, make_report).singleton(Printer), AsyncDependencyError)

    assert "Factory[[str], Report] cannot await" in error.summary
    assert fact(error, "do this").startswith("make it with synchronous code")


def test_registered_factory_function_is_called() -> None:
    def make_report(title: str, clock: Clock) -> Report:
        return Report(f"<{title}>", clock)

    services = ServiceCollection().singleton(Clock).transient(Report, make_report).singleton(Printer)

    assert services.build().resolve(Printer).make("June").title == "<June>"


def test_key_chooses_what_is_built() -> None:
    def make_draft(title: str) -> Report:
        return Report(f"draft {title}", Clock())

    class Editor:
        def __init__(self, make: Factory[[str], Annotated[Report, Key("draft")]]) -> None:
            self.make = make

    services = ServiceCollection().transient(Report, make_draft, key="draft").singleton(Editor)

    assert services.build().resolve(Editor).make("June").title == "draft June"


def test_object_of_a_factory_in_a_scope_is_closed_with_the_scope() -> None:
    lines: list[str] = []

    def open_report(title: str) -> Iterator[Report]:
        lines.append(f"open {title}")
        yield Report(title, Clock())
        lines.append(f"close {title}")

    container = ServiceCollection().transient(Report, open_report).scoped(Printer).build()

    with container.scope() as scope:
        scope.resolve(Printer).make("June")
        assert lines == ["open June"]
    assert lines == ["open June", "close June"]


def test_factory_of_owned_objects_lets_its_caller_close_them() -> None:
    lines: list[str] = []

    def open_report(title: str) -> Iterator[Report]:
        yield Report(title, Clock())
        lines.append(f"close {title}")

    class Editor:
        def __init__(self, make: Factory[[str], Owned[Report]]) -> None:
            self.make = make

    editor = ServiceCollection().transient(Report, open_report).singleton(Editor).build().resolve(Editor)

    with editor.make("June") as report:
        assert report.title == "June"
    assert lines == ["close June"]


def test_lazy_factory_is_one_that_is_made_at_first_use() -> None:
    lazy: Lazy[Factory[[str], Report]] = made(Lazy[Factory[[str], Report]])

    assert lazy.value("June").title == "June"


def test_calls_in_several_threads_keep_their_arguments_apart() -> None:
    make = made(Factory[[str, str], Pair])

    found = in_threads([lambda n=n: [make(f"{n}", f"{i}") for i in range(200)] for n in range(4)])  # type: ignore[misc]

    assert [{pair.first for pair in pairs} for pairs in found] == [{"0"}, {"1"}, {"2"}, {"3"}]
    assert [pair.second for pair in found[0]] == [f"{i}" for i in range(200)]


class Helper:
    def __init__(self, make: Factory[[str, str], Pair]) -> None:
        self.pair = make("a", "b")


class Outer:
    def __init__(self, helper: Helper, name: str, last: str) -> None:
        self.helper, self.name, self.last = helper, name, last


def test_factory_used_while_a_factory_builds_keeps_the_arguments_of_both() -> None:
    outer = made(Factory[[str, str], Outer], Helper)("c", "d")

    assert (outer.name, outer.last, outer.helper.pair.first) == ("c", "d", "a")


def test_functions_are_given_factories() -> None:
    def handler(make: Injected[Factory[[str], Report]]) -> str:
        return make("June").title

    assert ServiceCollection().singleton(Clock).build().call(handler) == "June"


def test_override_reaches_what_a_factory_injects() -> None:
    container = ServiceCollection().singleton(Clock).singleton(Printer).build()

    with container.override(Clock, Frozen()):
        inside = container.resolve(Printer).make("June")

    assert isinstance(inside.clock, Frozen)
    assert not isinstance(container.resolve(Printer).make("June").clock, Frozen)


def test_equal_factories_share_one_node() -> None:
    container = ServiceCollection().singleton(Clock).singleton(Printer).singleton(Archive).build()

    labels = [node.label for node in container.graph().nodes]

    assert labels.count("Report[given str]") == 1


def test_look_up_of_a_factory_whose_product_is_incomplete_is_refused() -> None:
    container = ServiceCollection().build()

    with pytest.raises(MissingServiceError) as caught:
        container.resolve(Factory[[str], Report])
    assert only(MissingServiceError, [caught.value]).service is Clock


class Quoted:
    def __init__(self, make: Factory[["str"], "Report"]) -> None:
        self.make = make


def test_forward_references_inside_the_brackets_are_followed() -> None:
    services = ServiceCollection().singleton(Clock).singleton(Quoted)

    assert services.build().resolve(Quoted).make("June").title == "June"


Item = TypeVar("Item")


class Box(Generic[Item]):
    def __init__(self, item: Item, clock: Clock) -> None:
        self.item = item


class Shelf(Generic[Item]):
    def __init__(self, pack: Factory[[Item], Box[Item]], clock: Lazy[Clock]) -> None:
        self.pack, self.clock = pack, clock


def test_type_arguments_reach_relations() -> None:
    container = ServiceCollection().singleton(Clock).transient(Shelf).build()

    shelf = container.resolve(Shelf[int])

    assert shelf.pack(0).item == 0
    assert shelf.clock.value is container.resolve(Clock)
