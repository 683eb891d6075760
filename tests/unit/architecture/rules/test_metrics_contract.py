"""``kimera_metrics``: limits for modules and packages."""

from pathlib import Path

import pytest

from kimera_di.architecture.model.findings import ContractResult
from tests.unit.architecture.trees import check
from tests.unit.cli.command import kimera, lint_imports

pytestmark = pytest.mark.check

HUB = {
    "shop.hub": "import shop.low",
    "shop.low": "class Low: ...",
    "shop.web.a": "import shop.hub",
    "shop.web.b": "import shop.hub",
    "shop.jobs.c": "import shop.hub",
}
"""``shop.hub`` has three importers and imports one."""
RINGS = {
    "shop.a": "import shop.b",
    "shop.b": "import shop.c",
    "shop.c": "import shop.a",
    "shop.x": "import shop.y",
    "shop.y": "import shop.x",
}
TYPING = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import shop.hub"
SESSION = 'root_packages = ["shop"]\ncontract_types = ["kimera_metrics: kimera_di.contracts.MetricsContract"]'


def metrics(options: str, packages: str = '["shop"]') -> str:
    head = '[[contract]]\nid = "numbers"\nname = "Numbers"\ntype = "kimera_metrics"\nwhy = "a test"\n'
    return f"{head}packages = {packages}\n{options}\n"


def ignore(importer: str, imported: str, more: str = "") -> str:
    return f'ignore = [{{ import = "{importer} -> {imported}", reason = "r"{more} }}]'


def result(root: Path, contract: str, modules: dict[str, str] = HUB, **session: str) -> ContractResult:
    (found,) = check(root, modules, contract, **session).contracts
    return found


def messages(root: Path, contract: str, modules: dict[str, str] = HUB) -> list[str]:
    return [finding.message for finding in result(root, contract, modules).findings]


def subjects(root: Path, contract: str, modules: dict[str, str] = HUB) -> list[str | None]:
    return [finding.importer for finding in result(root, contract, modules).findings]


def test_finding_names_module_file_and_no_import(tmp_path: Path) -> None:
    found = result(tmp_path, metrics("max_afferent_coupling = 2"))

    (finding,) = found.findings
    assert (found.kept, finding.code, finding.kind) == (False, "KD435", "metric")
    assert (finding.importer, finding.imported, finding.line, finding.chain) == ("shop.hub", None, None, ())
    assert (finding.file or "").endswith("shop/hub.py")
    assert finding.fingerprint == "numbers|metric|shop.hub|"


class TestLimits:
    @pytest.mark.parametrize(
        ("options", "message"),
        [
            (
                "max_afferent_coupling = 2",
                "3 modules import shop.hub, more than 2 (max_afferent_coupling): 2 in shop.web, 1 in shop.jobs",
            ),
            (
                "max_efferent_coupling = 0\nmax_afferent_coupling = 9",
                "shop.hub imports 1 module, more than 0 (max_efferent_coupling): 1 in shop",
            ),
            (
                "max_instability = 0.2",
                "shop.hub has the instability 0.25, more than 0.2 (max_instability): imports 1 module, imported by 3",
            ),
            (
                "max_distance = 0.99",
                "shop.low has the distance 1, more than 0.99 (max_distance): 0 of 1 classes abstract,"
                " imports 0 modules, imported by 1",
            ),
        ],
        ids=["afferent", "efferent", "instability", "distance"],
    )
    def test_module_over_a_limit_is_told_with_what_drives_it(self, tmp_path: Path, options: str, message: str) -> None:
        assert message in messages(tmp_path, metrics(options))

    @pytest.mark.parametrize(
        "options",
        [
            "max_afferent_coupling = 3",
            "max_efferent_coupling = 1",
            "max_instability = 1",
            "max_distance = 1.0",
            "max_propagation_cost = 0.234375",  # 15 of 64
            "max_cycles = 0",
        ],
    )
    def test_value_equal_to_the_limit_is_fine(self, tmp_path: Path, options: str) -> None:
        assert messages(tmp_path, metrics(options)) == []

    def test_share_is_compared_as_it_is_written(self, tmp_path: Path) -> None:
        """In binary 0.3 - 1 is farther from 0 than 0.7 is."""
        classes = [f"class C{number}: ..." for number in range(7)]
        abstract = [f"class P{number}(Protocol): ..." for number in range(3)]
        modules = {"shop.a": "\n".join(["from typing import Protocol", *classes, *abstract]), "shop.b": "import shop.a"}

        assert messages(tmp_path, metrics("max_distance = 0.7", '["shop.a"]'), modules) == []

    def test_package_over_its_propagation_cost_is_told_with_the_mean(self, tmp_path: Path) -> None:
        assert messages(tmp_path, metrics("max_propagation_cost = 0.2")) == [
            "shop has the propagation cost 0.234, more than 0.2 (max_propagation_cost):"
            " a module reaches 1.875 of 8 on average"
        ]

    def test_cycles_over_the_limit_are_told_with_their_sizes(self, tmp_path: Path) -> None:
        assert messages(tmp_path, metrics("max_cycles = 1"), RINGS) == [
            "shop has 2 import cycles, more than 1 (max_cycles): 3 modules around shop.a, 2 modules around shop.x"
        ]

    def test_each_limit_is_a_finding_of_its_own(self, tmp_path: Path) -> None:
        options = metrics("max_afferent_coupling = 2\nmax_efferent_coupling = 0", '["shop.hub"]')

        assert subjects(tmp_path, options) == ["shop.hub", "shop.hub"]


class TestScope:
    def test_importers_outside_of_the_package_count(self, tmp_path: Path) -> None:
        assert subjects(tmp_path, metrics("max_afferent_coupling = 2", '["shop.hub"]')) == ["shop.hub"]

    def test_modules_outside_of_the_packages_are_not_measured(self, tmp_path: Path) -> None:
        assert subjects(tmp_path, metrics("max_efferent_coupling = 0", '["shop.web"]')) == ["shop.web.a", "shop.web.b"]

    def test_each_package_is_measured_on_its_own(self, tmp_path: Path) -> None:
        modules = {"shop.a.x": "import shop.b.x", "shop.b.x": "import shop.a.x"}

        assert subjects(tmp_path, metrics("max_cycles = 0", '["shop.a", "shop.b"]'), modules) == []
        assert subjects(tmp_path, metrics("max_cycles = 0", '["shop"]'), modules) == ["shop"]

    def test_wildcard_stands_for_every_package_that_it_matches(self, tmp_path: Path) -> None:
        modules = {"shop.a.x": "import shop.a.y", "shop.a.y": "import shop.a.x", "shop.b.x": ""}

        assert subjects(tmp_path, metrics("max_cycles = 0", '["shop.*"]'), modules) == ["shop.a"]

    def test_module_of_two_packages_is_measured_once(self, tmp_path: Path) -> None:
        assert subjects(tmp_path, metrics("max_afferent_coupling = 2", '["shop", "shop.hub"]')) == ["shop.hub"]

    def test_imports_for_type_checkers_do_not_count(self, tmp_path: Path) -> None:
        modules = {**HUB, "shop.web.b": TYPING}

        assert subjects(tmp_path, metrics("max_afferent_coupling = 2"), modules) == []

    def test_imports_inside_of_functions_count(self, tmp_path: Path) -> None:
        modules = {**HUB, "shop.web.b": "def f():\n    import shop.hub"}

        assert subjects(tmp_path, metrics("max_afferent_coupling = 2"), modules) == ["shop.hub"]

    def test_modules_of_other_distributions_do_not_count(self, tmp_path: Path) -> None:
        session = 'root_packages = ["shop"]\ninclude_external_packages = true'

        found = result(tmp_path, metrics("max_efferent_coupling = 0"), {"shop.a": "import json, re"}, session=session)

        assert found.kept is True

    def test_module_that_imports_itself_is_no_importer(self, tmp_path: Path) -> None:
        options = metrics("max_afferent_coupling = 0\nmax_cycles = 0")

        assert subjects(tmp_path, options, {"shop.a": "import shop.a"}) == []

    def test_module_without_classes_has_no_distance(self, tmp_path: Path) -> None:
        assert subjects(tmp_path, metrics("max_distance = 0"), {"shop.a": "", "shop.b": "import shop.a"}) == []


class TestUnread:
    DEEP = "import shop.b\nclass A: ...\n" + "".join(" " * depth + "if A:\n" for depth in range(110)) + " " * 110 + "A"
    """No CPython reads more than 100 levels of indentation, the import scanner does."""

    def test_module_whose_classes_cannot_be_counted_is_a_finding(self, tmp_path: Path) -> None:
        (finding,) = result(tmp_path, metrics("max_distance = 1"), {"shop.a": self.DEEP, "shop.b": ""}).findings

        assert (finding.code, finding.kind, finding.importer) == ("KD436", "unseen", "shop.a")
        assert finding.message.startswith("the classes of shop.a were not counted: Python ")

    def test_classes_do_not_matter_for_other_limits(self, tmp_path: Path) -> None:
        found = result(tmp_path, metrics("max_instability = 1"), {"shop.a": self.DEEP, "shop.b": ""})

        assert found.kept is True

    def test_file_that_nobody_can_parse_is_left_to_the_import_graph(self, tmp_path: Path) -> None:
        report = check(tmp_path, {"shop.a": "import ("}, metrics("max_distance = 1"))

        assert [finding.code for finding in report.findings] == ["KD419"]


class TestIgnores:
    def test_ignored_import_does_not_count(self, tmp_path: Path) -> None:
        found = result(tmp_path, metrics(f"max_afferent_coupling = 2\n{ignore('shop.jobs.c', 'shop.hub')}"))

        assert found.kept is True
        assert [(each.importer, each.imported) for each in found.ignored] == [("shop.jobs.c", "shop.hub")]

    def test_all_imports_of_a_module_can_be_ignored(self, tmp_path: Path) -> None:
        assert result(tmp_path, metrics(f"max_afferent_coupling = 0\n{ignore('**', 'shop.*')}")).kept is True

    @pytest.mark.parametrize(
        ("rule", "codes"),
        [
            (ignore("shop.web.x", "shop.hub"), ["KD416", "KD435"]),
            (ignore("shop.hub", "shop.low"), ["KD417", "KD435"]),
            (ignore("shop.jobs.c", "shop.hub"), ["KD417", "KD435"]),
            (ignore("shop.*.*", "shop.hub", ', until = "2001-01-01"'), ["KD418", "KD435"]),
        ],
        ids=["matches nothing", "changes nothing", "not enough", "expired"],
    )
    def test_ignore_of_no_use_is_a_finding(self, tmp_path: Path, rule: str, codes: list[str]) -> None:
        found = result(tmp_path, metrics(f"max_afferent_coupling = 1\n{rule}"))

        assert sorted(finding.code for finding in found.findings) == codes

    def test_ignore_without_which_another_number_is_over_its_limit_is_needed(self, tmp_path: Path) -> None:
        """Putting it back, ``shop.b`` gets more stable and ``shop.a`` imports too much: as many findings as before."""
        modules = {
            "shop.a": "import shop.b",
            "shop.b": "import shop.c",
            "shop.c": "",
            "shop.d": "import shop.a",
            "shop.e": "import shop.a",
        }
        options = f"max_efferent_coupling = 0\nmax_instability = 0.6\n{ignore('shop.a', 'shop.b')}"

        found = result(tmp_path, metrics(options), modules)

        assert [(each.importer, each.imported) for each in found.ignored] == [("shop.a", "shop.b")]
        assert [finding.importer for finding in found.findings] == [
            f"shop.{name}" for name in ("b", "b", "d", "d", "e", "e")
        ]


class TestMistakes:
    def error(self, root: Path, contract: str) -> str:
        found = result(root, contract)
        assert (found.kept, found.exit_code) == (None, 2)
        return found.error or ""

    def test_package_that_matches_nothing_is_an_error_with_a_guess(self, tmp_path: Path) -> None:
        error = self.error(tmp_path, metrics("max_cycles = 0", '["shop.webb"]'))

        assert "packages: 'shop.webb' matches nothing" in error
        assert "did you mean  shop.web" in error
        assert "contracts.toml:8, packages" in error

    def test_contract_without_a_limit_is_a_mistake(self, tmp_path: Path) -> None:
        assert "the contract has no limit, so nothing would be checked" in self.error(tmp_path, metrics(""))

    @pytest.mark.parametrize(
        ("options", "fault"),
        [
            ("max_cycles = -1", "max_cycles must be a whole number, 0 or more, not -1"),
            ("max_cycles = 1.5", "max_cycles must be a whole number, 0 or more, not 1.5"),
            ("max_cycles = true", "max_cycles must be a number, not True"),
            ('max_cycles = "few"', "max_cycles must be a number, not 'few'"),
            ("max_distance = 1.01", "max_distance must lie between 0 and 1, not 1.01"),
            ("max_distance = -0.1", "max_distance must lie between 0 and 1, not -0.1"),
            ("max_distance = nan", "max_distance must be a number, not nan"),
            ("max_instability = inf", "max_instability must be a number, not inf"),
            ("max_instability = [0.5]", "max_instability must be a number, not [0.5]"),
            ("max_propagation = 0.5", "did you mean  max_propagation_cost"),
        ],
    )
    def test_wrong_limit_is_named(self, tmp_path: Path, options: str, fault: str) -> None:
        assert fault in self.error(tmp_path, metrics(options))

    @pytest.mark.parametrize("text", ["2", "2.0", " 2 "])
    def test_number_in_quotes_is_a_number(self, tmp_path: Path, text: str) -> None:
        """INI files have nothing else."""
        assert subjects(tmp_path, metrics(f'max_afferent_coupling = "{text}"')) == ["shop.hub"]


class TestLintImports:
    def test_text_is_that_of_kimera_check(self, tmp_path: Path) -> None:
        check(tmp_path, RINGS, metrics("max_cycles = 0\nmax_afferent_coupling = 0"), session=SESSION)

        theirs = lint_imports(tmp_path, "contracts.toml")
        ours = kimera(tmp_path, "check", "--config", "contracts.toml", "--no-cache")

        body = ours.stdout.partition("\n")[2].rpartition("1 of 1")[0]
        assert (theirs.returncode, ours.returncode) == (1, 1)
        assert "shop/a.py          1 module imports shop.a, more than 0" in body
        assert body in theirs.stdout

    def test_kept_contract_passes(self, tmp_path: Path) -> None:
        check(tmp_path, HUB, metrics("max_cycles = 0"), session=SESSION)

        assert lint_imports(tmp_path, "contracts.toml").returncode == 0
