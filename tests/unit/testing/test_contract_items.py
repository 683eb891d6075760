"""``pytest --kimera``: one item per contract, with the text of ``kimera check``."""

import json
import os
import subprocess
import sys
from importlib import import_module
from xml.etree.ElementTree import parse

import pytest

from tests.unit.testing.projects import BROKEN, KEPT, MISTAKEN, outcomes, run, write, write_project

pytest_plugins = ["pytester"]
pytestmark = pytest.mark.check


@pytest.fixture(scope="module", autouse=True)
def loaded_engines() -> None:
    """Otherwise every run inside of the run loads them again: ``pytester`` puts ``sys.modules`` back."""
    for name in ("kimera_di.architecture.reading.scanning", "kimera_di.testing.contract_run"):
        import_module(name)


def test_kept_contract_passes_and_so_does_the_item_of_the_sources(pytester: pytest.Pytester) -> None:
    write_project(pytester)

    result = run(pytester, "--kimera", "-v")

    assert outcomes(result) == {"passed": 2}
    result.stdout.fnmatch_lines(["contracts/shop.toml::kept PASSED*", "contracts/shop.toml::sources PASSED*"])


def test_broken_contract_fails_with_the_report_and_no_traceback(pytester: pytest.Pytester) -> None:
    write_project(pytester, BROKEN)

    result = run(pytester, "--kimera")

    assert outcomes(result) == {"failed": 1, "passed": 1}
    result.stdout.fnmatch_lines(
        [
            "*__ kimera contracts/shop.toml::layers __*",
            "BROKEN  Shop layers * contracts/shop.toml:4",
            "  shop/core.py:1   shop.core -> shop.web",
            "  why      rules run without a server",
            "  do this  let core own an interface*",
            "  or       change the order of the layers, or add an ignore with the reason",
            "*= short test summary info =*",
        ],
        consecutive=True,
    )


def test_contract_that_cannot_be_checked_is_an_error_and_hides_no_other(pytester: pytest.Pytester) -> None:
    write_project(pytester, MISTAKEN + KEPT)

    result = run(pytester, "--kimera")

    assert outcomes(result) == {"errors": 1, "passed": 2}
    result.stdout.fnmatch_lines(["KD401 the layer 'wed' does not exist in shop", "*did you mean  web"])
    result.stdout.no_fnmatch_line("*contract_items.py*")


def test_contract_file_that_cannot_be_read_is_an_error_and_hides_no_test(pytester: pytest.Pytester) -> None:
    write_project(pytester)
    write(pytester, "contracts/garbled.toml", "[tool.importlinter\n")
    pytester.makepyfile("def test_runs(): ...")

    result = run(pytester, "--kimera")

    assert outcomes(result) == {"errors": 1, "passed": 3}
    result.stdout.fnmatch_lines(["KD401 the contract file is no valid TOML*", "*contracts/garbled.toml:1*"])


def test_file_that_does_not_parse_fails_the_item_of_the_sources_only(pytester: pytest.Pytester) -> None:
    write_project(pytester, modules={"shop.web": "", "shop.core": "", "shop.torn": "def f(:\n"})

    result = run(pytester, "--kimera", "-rA")

    assert outcomes(result) == {"failed": 1, "passed": 1}
    result.stdout.fnmatch_lines(["SYNTAX  shop/torn.py:1*", "PASSED contracts/shop.toml::kept"])


def test_allowance_that_allows_nothing_is_an_error_of_the_sources(pytester: pytest.Pytester) -> None:
    write_project(pytester, 'kimera = { allow_unseen = ["shop/old/**"] }\n' + KEPT)

    result = run(pytester, "--kimera")

    assert outcomes(result) == {"errors": 1, "passed": 1}
    result.stdout.fnmatch_lines(["KD401 allow_unseen: 'shop/old/*' matches no unseen file"])


def test_contract_with_the_id_of_the_sources_keeps_it(pytester: pytest.Pytester) -> None:
    write_project(pytester, KEPT.replace('"kept"', '"sources"'))

    result = run(pytester, "--kimera", "--collect-only", "-q")

    result.stdout.fnmatch_lines(["contracts/shop.toml::sources", "contracts/shop.toml::sources-"])


@pytest.mark.parametrize(
    "arguments",
    [
        ["--kimera", "-k", "layers"],
        ["--kimera", "contracts/shop.toml::layers"],
        ["--kimera", "--deselect", "contracts/shop.toml::kept", "--deselect", "contracts/shop.toml::sources"],
    ],
    ids=["keyword", "node", "deselect"],
)
def test_contract_is_chosen_as_every_item(pytester: pytest.Pytester, arguments: list[str]) -> None:
    write_project(pytester, BROKEN + KEPT)

    result = run(pytester, *arguments, "-rA")

    assert {name: count for name, count in outcomes(result).items() if name != "deselected"} == {"failed": 1}
    result.stdout.fnmatch_lines(["FAILED contracts/shop.toml::layers*"])


def test_test_named_by_its_node_runs_alone(pytester: pytest.Pytester) -> None:
    """``--kimera`` may stand in ``addopts``; an editor that runs one test must not wait for the contracts."""
    write_project(pytester, BROKEN)
    pytester.makepyfile(test_it="def test_runs(): ...")

    result = run(pytester, "--kimera", "test_it.py::test_runs")

    assert outcomes(result) == {"passed": 1}


def test_contracts_run_beside_the_tests_of_a_folder(pytester: pytest.Pytester) -> None:
    write_project(pytester)
    write(pytester, "tests/test_it.py", "def test_runs(): ...")

    assert outcomes(run(pytester, "--kimera", "tests")) == {"passed": 3}


def test_marker_chooses_contracts_only(pytester: pytest.Pytester) -> None:
    write_project(pytester)
    pytester.makepyfile("def test_runs(): ...")

    result = run(pytester, "--kimera", "-m", "kimera", "--strict-markers")

    assert outcomes(result) == {"passed": 2, "deselected": 1}


def test_without_the_option_no_contract_is_collected(pytester: pytest.Pytester) -> None:
    write_project(pytester)
    pytester.makepyfile("import pytest\n@pytest.mark.kimera\ndef test_runs(): ...")

    result = run(pytester, ".", "contracts", "--strict-markers")

    assert outcomes(result) == {"passed": 1}


def test_last_failed_runs_the_broken_contract_again(pytester: pytest.Pytester) -> None:
    write_project(pytester, BROKEN + KEPT)
    run(pytester, "--kimera")

    result = run(pytester, "--kimera", "--lf")

    assert outcomes(result)["failed"] == 1
    assert "passed" not in outcomes(result)


def test_pyproject_is_found_where_there_is_no_contracts_folder(pytester: pytest.Pytester) -> None:
    write_project(pytester)
    (pytester.path / "contracts" / "shop.toml").rename(pytester.path / "pyproject.toml")

    result = run(pytester, "--kimera", "-v")

    assert outcomes(result) == {"passed": 2}
    result.stdout.fnmatch_lines(["pyproject.toml::kept PASSED*"])


def test_contracts_of_the_root_folder_are_found_from_below_it(pytester: pytest.Pytester) -> None:
    write_project(pytester)
    write(pytester, "pytest.ini", "[pytest]\n")
    write(pytester, "tests/test_it.py", "def test_runs(): ...")

    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:hypothesispytest", "--kimera", "-q"],
        cwd=pytester.path / "tests",
        capture_output=True,
        text=True,
        check=False,
    )

    assert "3 passed" in ran.stdout, ran.stdout


@pytest.mark.parametrize("written", ["option", "file"])
def test_contract_file_and_root_are_named(pytester: pytest.Pytester, written: str) -> None:
    write_project(pytester)
    (pytester.path / "code").mkdir()
    (pytester.path / "shop").rename(pytester.path / "code" / "shop")
    (pytester.path / "contracts").rename(pytester.path / "rules")
    options = ["--kimera-config", "rules/shop.toml", "--kimera-root", "code"] if written == "option" else []
    if written == "file":
        write(pytester, "pytest.ini", "[pytest]\nkimera_config = rules/shop.toml\nkimera_root = code\n")

    result = run(pytester, "--kimera", *options, "-v")

    assert outcomes(result) == {"passed": 2}
    result.stdout.fnmatch_lines(["rules/shop.toml::kept PASSED*"])


def test_project_without_contracts_is_a_usage_error(pytester: pytest.Pytester) -> None:
    result = run(pytester, "--kimera")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*there are no contract files*", "*do this  let kimera init PACKAGE write one*"])


def test_companion_option_alone_is_a_usage_error(pytester: pytest.Pytester) -> None:
    result = run(pytester, "--kimera-root", "code")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*--kimera-root has no effect without --kimera*"])


def test_missing_extra_is_a_usage_error_that_says_what_to_install(pytester: pytest.Pytester) -> None:
    write_project(pytester)
    program = "import sys; sys.modules['grimp'] = None; import pytest; sys.exit(pytest.main(['--kimera']))"

    ran = subprocess.run(
        [sys.executable, "-c", program], cwd=pytester.path, capture_output=True, text=True, check=False
    )

    assert ran.returncode == pytest.ExitCode.USAGE_ERROR
    assert 'not installed: grimp\n  do this  pip install "kimera-di[check]"' in ran.stderr


def test_code_is_read_once_for_all_contracts(pytester: pytest.Pytester) -> None:
    """The project changes after the first contract; the second one is about the same code as the first."""
    write_project(pytester, KEPT + KEPT.replace('"kept"', '"again"'))
    write(
        pytester,
        "conftest.py",
        """
        import pathlib

        def pytest_runtest_teardown(item):
            (pathlib.Path(__file__).parent / "shop" / "web.py").write_text("import shop.core")
        """,
    )

    assert outcomes(run(pytester, "--kimera")) == {"passed": 3}


def test_what_was_read_is_kept_in_the_cache_of_pytest(pytester: pytest.Pytester) -> None:
    write_project(pytester)

    run(pytester, "--kimera")

    assert list((pytester.path / ".pytest_cache" / "d" / "kimera").rglob("*.json"))
    assert not (pytester.path / ".kimera_cache").exists()


def test_nothing_is_kept_without_the_cache_of_pytest(pytester: pytest.Pytester) -> None:
    write_project(pytester)

    result = run(pytester, "--kimera", "-p", "no:cacheprovider")

    assert outcomes(result) == {"passed": 2}
    assert not list(pytester.path.rglob("*cache*/d"))


def baseline(*entries: tuple[str, str]) -> str:
    """Give a baseline that knows imports of contracts: ``("layers", "a -> b")``."""
    split = [(contract, *arrow.split(" -> ")) for contract, arrow in entries]
    return json.dumps(
        {
            "version": 1,
            "findings": [
                {"contract": contract, "kind": "runtime", "importer": importer, "imported": imported}
                for contract, importer, imported in split
            ],
        }
    )


@pytest.mark.parametrize("written", ["option", "file"])
def test_known_violations_pass(pytester: pytest.Pytester, written: str) -> None:
    write_project(pytester, BROKEN)
    write(pytester, "known.json", baseline(("layers", "shop.core -> shop.web")))
    if written == "file":
        write(pytester, "pytest.ini", "[pytest]\nkimera_baseline = known.json\n")
    options = ["--kimera-baseline", "known.json"] if written == "option" else []

    assert outcomes(run(pytester, "--kimera", *options)) == {"passed": 2}


def test_known_violation_that_is_gone_fails_its_contract(pytester: pytest.Pytester) -> None:
    write_project(pytester, BROKEN + KEPT)
    known = [("layers", "shop.core -> shop.web"), ("layers", "shop.core -> shop.gone")]
    write(pytester, "known.json", baseline(*known))

    result = run(pytester, "--kimera", "--kimera-baseline", "known.json", "-rA")

    assert outcomes(result) == {"failed": 1, "passed": 2}
    result.stdout.fnmatch_lines(
        ["STALE   known.json:1 *shop.core -> shop.gone*", "FAILED contracts/shop.toml::layers*"]
    )


def test_known_violation_of_no_contract_fails_the_sources(pytester: pytest.Pytester) -> None:
    write_project(pytester)
    write(pytester, "known.json", baseline(("layer", "shop.core -> shop.web")))

    result = run(pytester, "--kimera", "--kimera-baseline", "known.json", "-rA")

    assert outcomes(result) == {"failed": 1, "passed": 1}
    result.stdout.fnmatch_lines(["STALE   *there is no contract 'layer'", "FAILED contracts/shop.toml::sources*"])


def test_missing_baseline_is_a_usage_error(pytester: pytest.Pytester) -> None:
    write_project(pytester)

    result = run(pytester, "--kimera", "--kimera-baseline", "none.json")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*KD407 there is no baseline*"])


def test_junit_report_tells_failures_from_errors(pytester: pytest.Pytester) -> None:
    write_project(pytester, BROKEN + MISTAKEN + KEPT)

    run(pytester, "--kimera", "--junitxml=junit.xml")

    tree = parse(pytester.path / "junit.xml")  # noqa: S314 - our own file
    cases = {case.get("name"): [child.tag for child in case] for case in tree.iter("testcase")}
    assert cases == {"layers": ["failure"], "mistaken": ["error"], "kept": [], "sources": []}


def test_captive_service_fails_the_wiring_contract(pytester: pytest.Pytester) -> None:
    wiring = """
        from kimera_di import ServiceCollection
        class Session: ...
        class Cache:
            def __init__(self, session: Session) -> None: ...
        services = ServiceCollection().scoped(Session).singleton(Cache)
    """
    contract = """
        [[contract]]
        id = "wiring"
        name = "Wiring"
        type = "kimera_wiring"
        why = "a test"
        services = "shop.web:services"
        layers = ["web", "core"]
        containers = ["shop"]
    """
    write_project(pytester, contract, {"shop.web": wiring, "shop.core": ""})

    result = run(pytester, "--kimera")

    assert outcomes(result) == {"failed": 1, "passed": 1}
    result.stdout.fnmatch_lines(["BROKEN  Wiring *", "  shop/web.py:*Cache*Session*"])


def test_every_contract_runs_once_on_two_workers(pytester: pytest.Pytester) -> None:
    write_project(pytester, BROKEN + KEPT + MISTAKEN)

    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:hypothesispytest", "--kimera", "-n", "2", "-v"],
        cwd=pytester.path,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )

    assert "1 failed, 2 passed, 1 error" in ran.stdout, ran.stdout + ran.stderr
    assert "BROKEN  Shop layers" in ran.stdout


def test_run_without_contracts_loads_neither_engine_nor_command_line(pytester: pytest.Pytester) -> None:
    """Every pytest run of an environment with kimera_di loads the plugin."""
    pytester.makepyfile(
        """
        import sys

        def test_nothing_heavy_is_loaded():
            heavy = {"grimp", "importlinter", "networkx", "pydantic", "click", "rich", "kimera_di.testing.contract_run"}
            assert "kimera_di.testing.plugin" in sys.modules
            assert heavy & sys.modules.keys() == set()
        """
    )

    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:hypothesispytest", "-q"],
        cwd=pytester.path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert "1 passed" in ran.stdout, ran.stdout


def test_plugin_can_be_left_out(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_runs(request): assert not request.config.pluginmanager.has_plugin('kimera')")

    assert outcomes(run(pytester, "-p", "no:kimera")) == {"passed": 1}
