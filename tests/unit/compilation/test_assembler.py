"""From lines to functions: code shared by shape, sources for tracebacks, line numbers that lead to steps."""

import asyncio
import linecache
import traceback
from typing import Any

import pytest

from kimera_di import ServiceCollection
from kimera_di.compilation import FILE_PREFIX, FIRST_LINE, assemble, constant
from tests.unit.compilation.shapes import emit, graph_of


class Settings: ...


class Other: ...


class Repo:
    def __init__(self, settings: Settings) -> None:
        self.settings = settings


class OtherRepo:
    def __init__(self, other: Other) -> None:
        self.other = other


class Broken:
    def __init__(self, repo: Repo) -> None:
        raise LookupError("as planned")


class Handler:
    def __init__(self, broken: Broken) -> None: ...


class Scope:
    """What a builder is called with."""

    def __init__(self) -> None:
        self._values: dict[Any, Any] | None = {}


def describe(numbers: tuple[int, ...]) -> tuple[int, ...]:
    """Leave the path as numbers."""
    return numbers


def function(services: ServiceCollection, asked: Any, **helpers: Any) -> Any:
    """Make the builder of a service."""
    return assemble(emit(services, asked), helpers, is_async=False, describe=describe)


def test_function_builds_the_object() -> None:
    build = function(ServiceCollection().transient(Settings).transient(Repo), Repo)

    made = build(Scope())

    assert type(made) is Repo
    assert type(made.settings) is Settings


def test_graphs_of_one_shape_share_one_code_object() -> None:
    first = function(ServiceCollection().transient(Settings).transient(Repo), Repo)
    second = function(ServiceCollection().transient(Other).transient(OtherRepo), OtherRepo)

    assert first.__code__ is second.__code__
    assert type(second(Scope())) is OtherRepo


def test_graphs_of_other_shapes_have_their_own_code() -> None:
    first = function(ServiceCollection().transient(Settings).transient(Repo), Repo)
    second = function(ServiceCollection().singleton(Settings).transient(Repo), Repo)

    assert first.__code__ is not second.__code__


def test_async_function_has_other_code_than_a_synchronous_one() -> None:
    services = ServiceCollection().transient(Settings)
    build = assemble(emit(services, Settings, is_async=True), {}, is_async=True, describe=describe)

    assert type(asyncio.run(build(Scope()))) is Settings
    assert function(services, Settings).__code__ is not build.__code__


def test_constant_gives_its_value_to_any_scope() -> None:
    value = object()

    assert constant(value)(None) is value


def test_constants_share_one_code_object() -> None:
    assert constant(1).__code__ is constant("").__code__  # type: ignore[attr-defined]


def test_text_of_a_function_can_be_shown_in_tracebacks() -> None:
    build = function(ServiceCollection().transient(Settings).transient(Repo), Repo)

    shown = "".join(linecache.getlines(build.__code__.co_filename))

    assert build.__code__.co_filename.startswith(FILE_PREFIX)
    assert shown.startswith("def resolve(scope):\n")
    assert linecache.getline(build.__code__.co_filename, FIRST_LINE).strip() == "v1 = f0()"


def failing_path(services: ServiceCollection, asked: Any, scope: Scope) -> tuple[int, ...]:
    """Build, and tell which step the line belongs to that raised."""
    caught: list[tuple[int, ...]] = []

    def failed(error: BaseException, steps: Any, describe: Any) -> None:
        assert error.__traceback__ is not None
        caught.append(describe(steps[error.__traceback__.tb_lineno - FIRST_LINE]))

    helpers = {"failed": failed, "SYNC": object(), "wake": None}
    with pytest.raises(LookupError, match="as planned"):
        function(services, asked, **helpers)(scope)
    (path,) = caught
    return path


@pytest.mark.parametrize("lifetime", ["transient", "scoped"])
def test_line_that_raised_leads_to_the_nodes_from_the_root(lifetime: str) -> None:
    services = ServiceCollection()
    for cls in (Settings, Repo, Broken, Handler):
        getattr(services, lifetime)(cls)

    assert failing_path(services, Handler, Scope()) == (3, 2)


def test_line_inside_a_resource_leads_to_its_node() -> None:
    def opens(repo: Repo) -> Any:
        raise LookupError("as planned")
        yield

    services = ServiceCollection().scoped(Settings).scoped(Repo).scoped(Broken, opens).scoped(Handler)

    assert failing_path(services, Handler, Scope()) == (3, 2)


def test_failed_construction_leaves_the_cell_free() -> None:
    scope = Scope()
    services = ServiceCollection().scoped(Settings).scoped(Repo).scoped(Broken)

    failing_path(services, Broken, scope)

    assert scope._values is not None
    assert [type(value) for value in scope._values.values()] == [Settings, Repo]


def test_builder_of_a_closed_scope_refuses() -> None:
    class RefusedError(Exception): ...

    def refuse(scope: Scope) -> None:
        raise RefusedError("closed")

    scope = Scope()
    scope._values = None
    helpers = {"refuse": refuse, "failed": lambda *_: None}

    with pytest.raises(RefusedError, match="closed"):
        function(ServiceCollection().scoped(Settings), Settings, **helpers)(scope)


def test_traceback_of_a_failing_factory_shows_the_generated_line() -> None:
    build = function(
        ServiceCollection().transient(Settings).transient(Repo).transient(Broken), Broken, failed=lambda *_: None
    )

    with pytest.raises(LookupError, match="as planned") as caught:
        build(Scope())

    assert "return f2(v1)" in "".join(traceback.format_exception(caught.value))


def test_wiring_of_the_tests_has_no_problems() -> None:
    """The shapes above are what a container would compile."""
    assert len(graph_of(ServiceCollection().transient(Settings).transient(Repo)).nodes) == 2
