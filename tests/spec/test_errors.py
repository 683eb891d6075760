"""The catalogue: codes, data, pickling, and that every error has a golden text."""

import copy
import multiprocessing
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import kimera_di
from kimera_di import (
    BuildErrors,
    CloseErrors,
    ContractError,
    InternalError,
    KimeraError,
    LayerViolationError,
    MissingServiceError,
    ServiceCollection,
    ServiceId,
    Step,
)
from kimera_di.vocabulary import Place
from tests.spec import shop
from tests.spec.helpers import fact, problem, way
from tests.spec.test_golden_errors import CASES, GOLDEN, raised_by

CODES = {
    "KimeraError": "KD000",
    "RegistrationError": "KD101",
    "FrozenCollectionError": "KD102",
    "AnnotationError": "KD103",
    "BuildErrors": "KD200",
    "MissingServiceError": "KD201",
    "CircularDependencyError": "KD202",
    "CaptiveDependencyError": "KD203",
    "InterfaceMismatchError": "KD204",
    "AmbiguousServiceError": "KD205",
    "AsyncDependencyError": "KD206",
    "LayerViolationError": "KD207",
    "InvalidSettingsError": "KD208",
    "ScopeRequiredError": "KD301",
    "AsyncRequiredError": "KD302",
    "ContainerClosedError": "KD303",
    "CloseErrors": "KD304",
    "ArgumentsError": "KD305",
    "ContractError": "KD401",
    "InternalError": "KD901",
}

LAYER = LayerViolationError(
    "core uses web", fingerprint="f", finding_code="KD411", contract="layers", kind="wires",
    importer="a", imported="b", place=Place("a.py", 3),
)  # fmt: skip
MADE: list[KimeraError] = [
    LAYER,
    ContractError("unknown option", file="shop.toml", key="layres", line=7),
    InternalError("the state"),
]


def exported() -> dict[str, type[KimeraError]]:
    public = {name: getattr(kimera_di, name) for name in kimera_di.__all__}
    return {name: each for name, each in public.items() if isinstance(each, type) and issubclass(each, KimeraError)}


def test_codes_are_stable() -> None:
    """Users' logs, documentation and dashboards hold them."""
    assert {name: each.code for name, each in exported().items()} == CODES


def test_codes_are_unique() -> None:
    codes = [each.code for each in exported().values()]

    assert len(set(codes)) == len(codes)


def test_every_exported_error_has_a_golden_text() -> None:
    texts = {file.name.partition("_")[0] for file in GOLDEN.glob("KD*.txt")}

    assert {each.code for each in exported().values()} - texts == {KimeraError.code}


def test_every_error_has_documentation() -> None:
    pages = Path(__file__).parents[2] / "docs" / "reference" / "errors"

    assert [each.__name__ for each in exported().values() if not (pages / f"{each.code}.md").is_file()] == []


@pytest.mark.parametrize("group", [BuildErrors, CloseErrors])
def test_groups_are_exception_groups_with_a_code(group: type[Any]) -> None:
    made = group("two", [KeyError("a"), OSError("b")])

    assert isinstance(made, ExceptionGroup)
    assert isinstance(made, KimeraError)
    assert (made.path, made.message) == ((), "two")


@pytest.mark.parametrize("group", [BuildErrors, CloseErrors])
def test_part_of_a_group_is_a_group_of_the_same_class(group: type[Any]) -> None:
    made = group("two", [KeyError("a"), OSError("b")])

    matching, rest = made.split(KeyError)

    assert type(matching) is type(rest) is group
    assert [str(each) for each in rest.exceptions] == ["b"]


@pytest.mark.parametrize("name", CASES)
def test_path_is_a_tuple_of_steps(name: str) -> None:
    error = raised_by(CASES[name])

    assert isinstance(error.path, tuple)
    assert all(isinstance(step, Step) for step in error.path)


PLANNED = [
    name
    for name in CASES
    if name.startswith(("KD201", "KD202", "KD203", "KD205"))
    and "alias" not in name  # a way of names, not of parameters
]


@pytest.mark.parametrize("name", PLANNED)
def test_path_of_a_planning_error_names_parameters_and_places(name: str) -> None:
    *way_there, last = raised_by(CASES[name]).path

    assert all(step.parameter for step in way_there)
    assert all(step.file for step in way_there)
    assert all(step.lifetime or step.service in {shop.pay, shop.pay_either} for step in way_there)
    assert last.parameter is None


def sent(error: BaseException) -> Any:
    return pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes


@pytest.mark.parametrize("name", CASES)
def test_error_survives_pickling_with_its_text_and_data(name: str) -> None:
    error = raised_by(CASES[name])

    arrived = sent(error)

    assert type(arrived) is type(error)
    assert (str(arrived), arrived.code, arrived.args) == (str(error), error.code, arrived.args)
    assert len(arrived.path) == len(error.path)
    assert [step.parameter for step in arrived.path] == [step.parameter for step in error.path]


@pytest.mark.parametrize("error", MADE, ids=lambda error: error.code)
def test_error_with_data_of_its_own_survives_pickling(error: KimeraError) -> None:
    arrived = sent(error)

    assert str(arrived) == str(error)
    assert arrived.__dict__ == error.__dict__


def test_importable_services_arrive_as_themselves() -> None:
    arrived = sent(problem(ServiceCollection().singleton(shop.Payments), MissingServiceError))

    assert way(arrived) == [(shop.Payments, "clock"), (shop.Clock, None)]
    assert arrived.service is shop.Clock


def test_local_class_arrives_as_its_dotted_name(services: ServiceCollection) -> None:
    class Local:
        pass

    def make(local: Local) -> shop.Session:
        return shop.Session()

    arrived = sent(problem(services.singleton(shop.Session, make), MissingServiceError))

    dotted = f"{__name__}.{Local.__qualname__}"
    assert arrived.service == dotted
    assert way(arrived) == [(shop.Session, "local"), (dotted, None)]
    assert "nothing provides" in str(arrived)


def test_local_class_inside_a_generic_arrives_as_a_dotted_name(services: ServiceCollection) -> None:
    class Local:
        pass

    def make(local: set[Local]) -> shop.Session:
        return shop.Session()

    arrived = sent(problem(services.singleton(shop.Session, make), MissingServiceError))

    assert arrived.service == f"builtins.set[{__name__}.{Local.__qualname__}]"


def test_key_that_cannot_be_pickled_arrives_as_text() -> None:
    key = (lambda: 3,)
    container = ServiceCollection().build()

    with pytest.raises(MissingServiceError, match="Session") as caught:
        container.resolve(shop.Session, key=key)

    assert isinstance(sent(caught.value).key, tuple | str)


def test_keyed_step_survives_pickling() -> None:
    arrived = sent(problem(ServiceCollection().singleton(shop.Backup), MissingServiceError))

    assert arrived.path[-1].service == ServiceId(shop.Store, "tape")


class Stubborn(Exception):
    """Pickles, and cannot be unpickled: its constructor wants two arguments."""

    def __init__(self, first: str, second: str) -> None:
        super().__init__(f"{first} {second}")


def test_group_with_an_error_that_cannot_be_pickled_arrives_with_its_text() -> None:
    arrived = sent(CloseErrors("2 closers failed", [Stubborn("one", "two"), OSError("three")]))

    first, second = arrived.exceptions
    assert str(first) == f"{__name__}.Stubborn: one two"
    assert type(second) is OSError


def test_notes_survive_pickling() -> None:
    error = MissingServiceError("nothing provides X", service=ServiceId("x.X"))
    error.add_note("seen on the way")

    assert sent(error).__notes__ == ["seen on the way"]


def test_error_can_be_copied() -> None:
    error = problem(ServiceCollection().singleton(shop.Payments), MissingServiceError)

    assert str(copy.copy(error)) == str(copy.deepcopy(error)) == str(error)


def refuse_to_build() -> None:
    ServiceCollection().singleton(shop.Payments).build()


@pytest.mark.slow
def test_error_of_a_worker_process_arrives_as_what_it_is() -> None:
    """concurrent.futures and pytest-xdist send errors between processes."""
    with multiprocessing.get_context("spawn").Pool(1) as pool, pytest.raises(BuildErrors, match="1 problem") as caught:
        pool.apply(refuse_to_build)

    (error,) = caught.value.exceptions
    assert isinstance(error, MissingServiceError)
    assert error.service is shop.Clock


class Broken:
    def __repr__(self) -> str:
        raise RuntimeError("no")


def test_broken_repr_of_a_users_object_does_not_hide_the_error(services: ServiceCollection) -> None:
    container = services.build()

    with pytest.raises(MissingServiceError, match="Broken object at"):
        container.resolve(shop.Session, key=Broken())


# Every misuse of the public API: what is done, and the class of the catalogue it must raise. Texts, codes and places
# are in the golden files of the same calls; here is that nothing else slips through.
def container_of(*registered: type) -> Any:
    services = ServiceCollection()
    for each in registered:
        services.singleton(each)
    return services.build()


UNHASHABLE: list[Callable[[Any], object]] = [
    lambda c: c.resolve([]),
    lambda c: c.get(set()),
    lambda c: c.resolve(int, key=[]),
    lambda c: c.get(int, key={}),
    lambda c: c.resolve_all([]),
    lambda c: c.explain([]),
    lambda c: c.override([], 3),
    lambda c: c.override(int, 3, key=[]),
]


@pytest.mark.parametrize("use", UNHASHABLE)
def test_look_up_of_something_that_is_not_hashable_is_a_registration_error(use: Callable[[Any], object]) -> None:
    with pytest.raises(kimera_di.RegistrationError, match="hashable") as caught:
        use(container_of(shop.Session))

    assert fact(caught.value, "do this") == "ask for a type, with a hashable key"


def test_brackets_with_something_that_is_not_hashable_behave_as_those_of_a_dict() -> None:
    """They are the C method of a dictionary, which is what makes a warm look-up cost nothing."""
    with pytest.raises(TypeError, match="unhashable"):
        container_of(shop.Session)[{}]


@pytest.mark.parametrize("asked", ["Session", 3, None, shop.open_session, shop.Session()])
def test_look_up_of_something_that_is_no_type_is_missing(asked: Any) -> None:
    with pytest.raises(MissingServiceError, match="is no type, so nothing can provide it"):
        container_of(shop.Session).resolve(asked)


AT_LOOK_UP = {"KD101_generator_without_yield"}  # the traceback has the line


@pytest.mark.parametrize(
    "name", [name for name in CASES if name.startswith("KD101") and "override" not in name and name not in AT_LOOK_UP]
)
def test_misuse_of_a_registration_names_the_line_of_the_call(name: str) -> None:
    assert "_errors.py:" in fact(raised_by(CASES[name]), "at")


@pytest.mark.parametrize(
    "call",
    [
        lambda: ServiceCollection().singleton(),  # type: ignore[call-arg]
        lambda: ServiceCollection().singleton(int, int, int),  # type: ignore[call-arg]
        lambda: ServiceCollection().singleton(int, wrong=1),  # type: ignore[call-arg]
        lambda: ServiceCollection().build(wrong=1),  # type: ignore[call-arg]
    ],
)
def test_call_with_the_wrong_arguments_is_a_type_error(call: Callable[[], object]) -> None:
    """Python says it first, and says it well."""
    with pytest.raises(TypeError, match="argument"):
        call()


@pytest.mark.parametrize("timeout_s", [-1.0, float("nan"), "soon"])
@pytest.mark.parametrize("name", ["close_timeout_s", "stall_report_s"])
def test_time_that_is_no_positive_number_is_refused(name: str, timeout_s: Any) -> None:
    with pytest.raises(kimera_di.RegistrationError, match=name) as caught:
        ServiceCollection().build(**{name: timeout_s})

    assert caught.value.code == "KD101"
