from pathlib import Path

import pytest

from kimera_di.composition.loading import Wiring, load_wiring
from kimera_di.errors import CompositionRootError, ServicesNotFoundError
from tests.unit.architecture.trees import write_package

ROOT = """
from kimera_di.registration import Registry
class Clock: ...
services = Registry()
services.register(Clock)
def make():
    return services
"""


def load(root: Path, target: str, main: str = ROOT) -> Wiring:
    write_package(root, {"shop.main": main})
    return load_wiring(target, [str(root)])


def registered(wiring: Wiring) -> list[str]:
    return [node.service.interface.__name__ for node in wiring.graph.nodes]


@pytest.mark.parametrize("target", ["shop.main:services", "shop.main:make"])
def test_collection_or_function_is_loaded_and_planned(tmp_path: Path, target: str) -> None:
    assert registered(load(tmp_path, target)) == ["Clock"]


def test_collection_inside_an_object_is_loaded(tmp_path: Path) -> None:
    main = ROOT + "class App:\n    services = services\napp = App()\n"

    assert registered(load(tmp_path, "shop.main:app.services", main)) == ["Clock"]


def test_problems_of_the_plan_are_given_not_raised(tmp_path: Path) -> None:
    main = ROOT + "class Needs:\n    def __init__(self, s: set): ...\nservices.register(Needs)\n"

    assert [problem.code for problem in load(tmp_path, "shop.main:services", main).problems] == ["KD201"]


@pytest.mark.parametrize("target", ["shop.main", "shop.main:", ":services", "shop main:services", ""])
def test_text_of_another_form_is_refused(tmp_path: Path, target: str) -> None:
    with pytest.raises(ServicesNotFoundError, match="is not written as MODULE:NAME"):
        load(tmp_path, target)


def test_missing_module_is_named_with_a_guess(tmp_path: Path) -> None:
    with pytest.raises(ServicesNotFoundError) as caught:
        load(tmp_path, "shop.mian:services")

    assert caught.value.summary == "there is no module 'shop.mian', which 'shop.mian:services' names"
    assert ("did you mean", "shop.main") in caught.value.facts


def test_missing_name_is_named_with_a_guess(tmp_path: Path) -> None:
    with pytest.raises(ServicesNotFoundError) as caught:
        load(tmp_path, "shop.main:service")

    assert caught.value.summary == "shop.main has no name 'service'"
    assert ("did you mean", "services") in caught.value.facts


@pytest.mark.parametrize(
    ("target", "found"),
    [
        ("shop.main:number", "of type int"),
        ("shop.main:Clock", "the class Clock"),
        ("shop.main:wrong", "of type str"),
        ("shop.main:later", "of type coroutine"),
    ],
)
def test_something_else_than_a_collection_is_refused(tmp_path: Path, target: str, found: str) -> None:
    main = ROOT + "number = 3\ndef wrong(): return 'x'\nasync def later(): ...\n"

    with pytest.raises(ServicesNotFoundError, match=f"is {found}, not a ServiceCollection"):
        load(tmp_path, target, main)


def test_function_with_required_parameters_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ServicesNotFoundError, match="cannot be called without arguments"):
        load(tmp_path, "shop.main:make", "def make(settings): ...")


@pytest.mark.parametrize(
    ("main", "said", "line"),
    [
        ("x = 1\nraise ValueError('no database')", "ValueError: no database", 2),
        ("import shop_needs_this_one", "ModuleNotFoundError: No module named 'shop_needs_this_one'", 1),
        ("\n\ndef (:", "SyntaxError", 3),
        ("import sys\nsys.exit('bye')", "SystemExit: bye", 2),
        ("def services():\n    raise KeyError('k')", "KeyError: 'k'", 2),
    ],
)
def test_error_of_the_users_code_is_shown_with_its_line(tmp_path: Path, main: str, said: str, line: int) -> None:
    with pytest.raises(CompositionRootError) as caught:
        load(tmp_path, "shop.main:services", main)

    assert said in caught.value.summary
    assert caught.value.facts[0][0] == "at"
    assert caught.value.facts[0][1].endswith(f"shop/main.py:{line}")
    assert caught.value.__cause__ is not None


def test_what_the_composition_root_prints_goes_to_stderr(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A report may be going to stdout."""
    load(tmp_path, "shop.main:services", ROOT + "print('hello')")

    printed = capsys.readouterr()
    assert (printed.out, printed.err) == ("", "hello\n")


def test_nothing_is_written_into_the_tree(tmp_path: Path) -> None:
    load(tmp_path, "shop.main:services")

    assert list(tmp_path.rglob("__pycache__")) == []


def test_package_of_the_same_name_elsewhere_is_loaded_from_its_own_root(tmp_path: Path) -> None:
    load(tmp_path / "one", "shop.main:services")

    second = load(tmp_path / "two", "shop.main:services", ROOT.replace("Clock", "Watch"))

    assert registered(second) == ["Watch"]


def test_file_that_changed_since_the_last_check_is_loaded_again(tmp_path: Path) -> None:
    load(tmp_path, "shop.main:services")

    second = load(tmp_path, "shop.main:services", ROOT.replace("Clock", "Stopwatch"))

    assert registered(second) == ["Stopwatch"]
