import subprocess
import sys
from pathlib import Path

import pytest

from kimera_di.architecture.model.findings import ContractResult, Finding
from tests.unit.architecture.trees import check, layers, pairs, write_contracts, write_package

pytestmark = pytest.mark.check

HEAD = '[[contract]]\nid = "cycles"\nname = "Cycles"\ntype = "kimera_acyclic"\nwhy = "a test"\n'
SESSION = 'root_packages = ["shop"]\ncontract_types = ["kimera_acyclic: kimera_di.contracts.AcyclicContract"]'
TWO = {"shop.a": "import shop.b", "shop.b": "import shop.c\nimport shop.a", "shop.c": ""}
PACKAGES = {
    "shop.core.a": "import shop.web.x",
    "shop.core.b": "",
    "shop.core.c": "import shop.web.y",
    "shop.web.x": "",
    "shop.web.y": "import shop.core.b",
}

TYPING = {
    "shop.a": "import shop.b",
    "shop.b": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import shop.a",
}
DEFERRED = {"shop.a": "import shop.b", "shop.b": "def f():\n    import shop.a"}


def acyclic(options: str = "", packages: str = '["shop"]') -> str:
    return f"{HEAD}packages = {packages}\n{options}\n"


def ignore(importer: str, imported: str, more: str = "") -> str:
    return f'ignore = [{{ import = "{importer} -> {imported}", reason = "r"{more} }}]'


def result(root: Path, modules: dict[str, str], contract: str, **session: str) -> ContractResult:
    (found,) = check(root, modules, contract, **session).contracts
    return found


def cuts(result: ContractResult) -> list[tuple[str | None, str | None]]:
    return pairs(result.findings)


def chain(finding: Finding) -> list[tuple[str, str]]:
    return [(link.importer, link.imported) for link in finding.chain]


def test_package_without_a_cycle_keeps_the_contract(tmp_path: Path) -> None:
    modules = {"shop.a": "import shop.b", "shop.b": "import shop.c", "shop.c": ""}

    assert result(tmp_path, modules, acyclic()).kept is True


@pytest.mark.parametrize("level", ["modules", "packages", "both"])
def test_two_modules_that_import_each_other_are_one_finding(tmp_path: Path, level: str) -> None:
    found = result(tmp_path, TWO, acyclic(f'level = "{level}"'))

    (finding,) = found.findings
    assert (found.kept, finding.code, finding.kind) == (False, "KD431", "runtime")
    assert (finding.importer, finding.imported, finding.line) == ("shop.a", "shop.b", 1)
    assert finding.file is not None
    assert finding.file.endswith("shop/a.py")
    assert finding.message == "shop.a imports shop.b, which closes the import cycle shop.a -> shop.b -> shop.a"


def test_chain_is_a_cycle_that_begins_with_the_import(tmp_path: Path) -> None:
    (finding,) = result(tmp_path, TWO, acyclic()).findings

    assert chain(finding) == [("shop.a", "shop.b"), ("shop.b", "shop.a")]
    assert [link.line for link in finding.chain] == [1, 2]


def test_every_import_of_the_cheapest_cut_is_a_finding(tmp_path: Path) -> None:
    modules = {"shop.hub": "import shop.a, shop.b", "shop.a": "import shop.hub", "shop.b": "import shop.hub"}

    found = result(tmp_path, modules, acyclic())

    assert cuts(found) == [("shop.a", "shop.hub"), ("shop.b", "shop.hub")]


class TestLevels:
    def test_packages_that_import_each_other_are_found_without_a_cycle_of_modules(self, tmp_path: Path) -> None:
        found = result(tmp_path, PACKAGES, acyclic('level = "packages"'))

        assert cuts(found) == [("shop.web.y", "shop.core.b")]
        assert found.findings[0].code == "KD432"

    def test_packages_that_import_each_other_are_no_cycle_of_modules(self, tmp_path: Path) -> None:
        assert result(tmp_path, PACKAGES, acyclic('level = "modules"')).kept is True

    def test_chain_between_packages_has_one_import_for_each_dependency(self, tmp_path: Path) -> None:
        (finding,) = result(tmp_path, PACKAGES, acyclic()).findings

        assert chain(finding) == [("shop.web.y", "shop.core.b"), ("shop.core.c", "shop.web.y")]
        assert "closes the package cycle web -> core -> web in shop" in finding.message

    def test_chain_between_packages_prefers_imports_that_follow_each_other(self, tmp_path: Path) -> None:
        modules = {**PACKAGES, "shop.core.b": "import shop.web.z", "shop.web.z": ""}

        (first, *_) = result(tmp_path, modules, acyclic('level = "packages"')).findings

        assert chain(first) == [("shop.web.y", "shop.core.b"), ("shop.core.b", "shop.web.z")]

    def test_chain_between_packages_is_a_cycle_of_modules_where_there_is_one_and_it_counts(
        self, tmp_path: Path
    ) -> None:
        modules = {
            "shop.core.a": "import shop.web.b",
            "shop.web.b": "import shop.web.c",
            "shop.web.c": "import shop.core.a",
        }
        steps = [("shop.core.a", "shop.web.b"), ("shop.web.c", "shop.core.a")]

        (both,) = result(tmp_path, modules, acyclic('level = "both"')).findings
        (packages,) = result(tmp_path, modules, acyclic('level = "packages"')).findings

        assert chain(packages) == steps
        assert chain(both) == [steps[0], ("shop.web.b", "shop.web.c"), steps[1]]

    def test_every_import_of_a_dependency_between_packages_is_a_finding(self, tmp_path: Path) -> None:
        modules = {**PACKAGES, "shop.web.x": "import shop.core.b", "shop.core.d": "import shop.web.x"}

        found = result(tmp_path, modules, acyclic())

        assert cuts(found) == [("shop.web.x", "shop.core.b"), ("shop.web.y", "shop.core.b")]

    def test_package_that_exports_its_children_again_is_no_package_cycle(self, tmp_path: Path) -> None:
        modules = {"shop": "import shop.core", "shop.core": "import shop.core.a", "shop.core.a": "import shop.core"}

        assert result(tmp_path, modules, acyclic('level = "packages"')).kept is True

    def test_package_and_its_child_that_import_each_other_are_a_cycle_of_modules(self, tmp_path: Path) -> None:
        modules = {"shop.core": "import shop.core.a", "shop.core.a": "import shop.core"}

        assert cuts(result(tmp_path, modules, acyclic('level = "modules"'))) == [("shop.core", "shop.core.a")]

    def test_both_levels_name_no_import_twice(self, tmp_path: Path) -> None:
        modules = {**PACKAGES, "shop.core": "import shop.core.b", "shop.core.b": "import shop.core, shop.web.y"}

        found = result(tmp_path, modules, acyclic())

        assert [(finding.code, finding.importer) for finding in found.findings] == [
            ("KD431", "shop.core"),
            ("KD432", "shop.web.y"),
        ]

    def test_packages_of_the_contract_are_siblings(self, tmp_path: Path) -> None:
        options = acyclic('level = "packages"', packages='["shop.core", "shop.web"]')

        (finding,) = result(tmp_path, PACKAGES, options).findings

        assert "closes the package cycle shop.web -> shop.core -> shop.web" in finding.message

    def test_cycle_through_modules_outside_of_the_packages_does_not_count(self, tmp_path: Path) -> None:
        modules = {**PACKAGES, "shop.web.x": "import shop.core.a"}

        assert result(tmp_path, modules, acyclic(packages='["shop.core"]')).kept is True

    def test_wildcard_stands_for_every_package_that_it_matches(self, tmp_path: Path) -> None:
        assert cuts(result(tmp_path, PACKAGES, acyclic(packages='["shop.*"]'))) == [("shop.web.y", "shop.core.b")]


class TestKinds:
    def test_typing_import_does_not_count_unless_it_is_asked_for(self, tmp_path: Path) -> None:
        assert result(tmp_path, TYPING, acyclic()).kept is True

    def test_typing_import_counts_when_it_is_asked_for(self, tmp_path: Path) -> None:
        found = result(tmp_path, TYPING, acyclic('kinds = ["runtime", "typing"]'))

        assert [finding.kind for finding in found.findings] == ["runtime"]

    def test_import_inside_a_function_counts(self, tmp_path: Path) -> None:
        assert result(tmp_path, DEFERRED, acyclic()).kept is False

    def test_import_inside_a_function_can_be_left_out(self, tmp_path: Path) -> None:
        assert result(tmp_path, DEFERRED, acyclic('kinds = ["runtime"]')).kept is True

    def test_kind_of_a_finding_is_that_of_its_import(self, tmp_path: Path) -> None:
        modules = {"shop.a": "def f():\n    import shop.b", "shop.b": "import shop.a"}

        (finding,) = result(tmp_path, modules, acyclic()).findings

        assert (finding.importer, finding.kind, finding.line) == ("shop.a", "deferred", 2)


class TestIgnores:
    def test_ignored_import_closes_no_cycle(self, tmp_path: Path) -> None:
        assert result(tmp_path, TWO, acyclic(ignore("shop.b", "shop.a"))).kept is True

    def test_ignore_that_matches_nothing_is_a_finding(self, tmp_path: Path) -> None:
        found = result(tmp_path, {"shop.a": ""}, acyclic(ignore("shop.x", "shop.a")))

        assert [finding.code for finding in found.findings] == ["KD416"]

    def test_ignore_of_an_import_in_no_cycle_is_a_finding(self, tmp_path: Path) -> None:
        found = result(tmp_path, {"shop.a": "import shop.b", "shop.b": ""}, acyclic(ignore("shop.a", "shop.b")))

        assert [finding.code for finding in found.findings] == ["KD417"]

    def test_expired_ignore_is_a_finding_and_excuses_nothing(self, tmp_path: Path) -> None:
        rule = ignore("shop.b", "shop.a", ', until = "2001-01-01"')

        found = result(tmp_path, TWO, acyclic(rule))

        assert sorted(finding.code for finding in found.findings) == ["KD418", "KD431"]

    def test_ignore_that_takes_one_import_out_of_a_larger_knot_is_in_use(self, tmp_path: Path) -> None:
        """The cut does not get smaller by it, but the cycle through this import is excused."""
        modules = {"shop.a": "import shop.b", "shop.b": "import shop.a, shop.c", "shop.c": "import shop.a"}

        found = result(tmp_path, modules, acyclic(ignore("shop.c", "shop.a")))

        assert [finding.code for finding in found.findings] == ["KD431"]

    def test_ignore_between_packages_is_in_use(self, tmp_path: Path) -> None:
        found = result(tmp_path, PACKAGES, acyclic(f'level = "packages"\n{ignore("shop.web.*", "shop.core.b")}'))

        assert found.kept is True


class TestMistakes:
    def test_package_that_matches_nothing_is_an_error_with_a_guess(self, tmp_path: Path) -> None:
        report = check(tmp_path, PACKAGES, acyclic(packages='["shop.cor", "other.*"]'))

        error = report.contracts[0].error or ""
        assert report.exit_code == 2
        assert "packages: 'shop.cor' matches nothing; packages: 'other.*' matches nothing" in error
        assert "did you mean  shop.core" in error
        assert "contracts.toml:8, packages" in error

    def test_package_that_matches_nothing_is_an_error_beside_one_that_does(self, tmp_path: Path) -> None:
        found = result(tmp_path, PACKAGES, acyclic(packages='["shop.core", "shop.wbe"]'))

        assert found.kept is None
        assert "'shop.wbe' matches nothing" in (found.error or "")

    @pytest.mark.parametrize(
        ("options", "fault"),
        [
            ('level = "module"', "did you mean  modules"),
            ('kinds = ["runtme"]', "did you mean  runtime"),
            ("kinds = []", "kinds is empty"),
            ('layers = ["a"]', "unknown option layers"),
        ],
        ids=["level", "kind", "no kinds", "unknown option"],
    )
    def test_wrong_option_is_named(self, tmp_path: Path, options: str, fault: str) -> None:
        found = result(tmp_path, TWO, acyclic(options))

        assert found.kept is None
        assert fault in (found.error or "")

    def test_missing_packages_are_a_mistake(self, tmp_path: Path) -> None:
        found = result(tmp_path, TWO, HEAD)

        assert "packages is missing" in (found.error or "")

    def test_module_of_another_distribution_is_no_package_of_the_contract(self, tmp_path: Path) -> None:
        session = 'root_packages = ["shop"]\ninclude_external_packages = true'

        found = result(tmp_path, {"shop.a": "import json"}, acyclic(packages='["json"]'), session=session)

        assert "'json' matches nothing" in (found.error or "")


class TestLintImports:
    def lint(self, root: Path, modules: dict[str, str], contracts: str) -> subprocess.CompletedProcess[str]:
        write_package(root, modules)
        write_contracts(root, contracts, session=SESSION)
        program = "from importlinter.cli import lint_imports_command; lint_imports_command()"
        command = [sys.executable, "-c", program, "--config", "contracts.toml", "--no-cache", "--no-logo"]
        return subprocess.run(command, cwd=root, capture_output=True, text=True, check=False, encoding="utf-8")

    def test_cycle_is_shown_with_file_and_line(self, tmp_path: Path) -> None:
        ran = self.lint(tmp_path, TWO, acyclic())

        assert ran.returncode == 1
        assert "shop/a.py:1   shop.a -> shop.b" in ran.stdout
        assert "shop/b.py:2   └─ shop.b -> shop.a" in ran.stdout

    def test_kept_contract_passes_with_every_option(self, tmp_path: Path) -> None:
        options = f'level = "modules"\nkinds = ["runtime"]\n{ignore("shop.b", "shop.a")}'

        assert self.lint(tmp_path, TWO, acyclic(options)).returncode == 0

    def test_package_that_matches_nothing_is_not_kept(self, tmp_path: Path) -> None:
        ran = self.lint(tmp_path, TWO, acyclic(packages='["shop.x"]'))

        assert ran.returncode == 1
        assert "'shop.x' matches nothing" in ran.stdout


def test_contract_about_cycles_does_not_hide_others(tmp_path: Path) -> None:
    contracts = layers('layers = ["a", "b"]\ncontainers = ["shop"]') + acyclic()

    found = check(tmp_path, TWO, contracts).contracts

    assert [each.kept for each in found] == [False, False]
