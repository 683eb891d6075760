import os
import subprocess
import sys
from pathlib import Path

import pytest

from kimera_di.architecture.model.codes import LAYER_IMPORT
from kimera_di.architecture.model.findings import Finding
from kimera_di.architecture.reports.report import Report
from tests.unit.architecture.trees import check, layers, pairs

pytestmark = pytest.mark.check

THREE = 'layers = ["web", "core", "infra"]\ncontainers = ["shop"]'
HOUSE = {"shop.web.a": "import shop.core.b", "shop.core.b": "import shop.infra.c", "shop.infra.c": ""}


def only(report: Report) -> Finding:
    (finding,) = report.findings
    return finding


def test_imports_that_go_down_keep_the_contract(tmp_path: Path) -> None:
    report = check(tmp_path, HOUSE, layers(THREE))

    assert (report.kept, report.exit_code, report.findings) == (True, 0, ())


def test_import_of_a_higher_layer_is_a_finding_at_its_line(tmp_path: Path) -> None:
    finding = only(check(tmp_path, {**HOUSE, "shop.infra.c": "x = 1\nimport shop.web.a"}, layers(THREE)))

    assert finding.code == LAYER_IMPORT
    assert (finding.importer, finding.imported, finding.line) == ("shop.infra.c", "shop.web.a", 2)
    assert finding.file == (tmp_path / "shop/infra/c.py").as_posix()
    assert finding.fingerprint == "layers|runtime|shop.infra.c|shop.web.a"


def test_way_through_modules_of_no_layer_is_found_where_it_leaves_the_layer(tmp_path: Path) -> None:
    modules = {
        **HOUSE,
        "shop.infra.c": "import shop.util",
        "shop.util": "import shop.more",
        "shop.more": "import shop.web.a",
    }

    finding = only(check(tmp_path, modules, layers(THREE)))

    assert [(link.importer, link.imported) for link in finding.chain] == [
        ("shop.infra.c", "shop.util"),
        ("shop.util", "shop.more"),
        ("shop.more", "shop.web.a"),
    ]


def test_way_through_another_layer_is_found_where_it_goes_up(tmp_path: Path) -> None:
    modules = {
        "shop.web.a": "import shop.infra.c",
        "shop.infra.c": "import shop.core.b",
        "shop.core.b": "import shop.web",
    }

    assert pairs(check(tmp_path, modules, layers(THREE)).findings) == [
        ("shop.core.b", "shop.web"),
        ("shop.infra.c", "shop.core.b"),
    ]


def test_way_through_modules_of_no_layer_ends_in_the_next_layer(tmp_path: Path) -> None:
    """Down to infra is legal; that infra goes up is infra's finding alone."""
    modules = {
        "shop.core.b": "import shop.util",
        "shop.util": "import shop.infra.c",
        "shop.infra.c": "import shop.web.a",
        "shop.web.a": "",
    }

    assert pairs(check(tmp_path, modules, layers(THREE)).findings) == [("shop.infra.c", "shop.web.a")]


def test_removing_what_was_found_keeps_the_contract(tmp_path: Path) -> None:
    modules = {
        **HOUSE,
        "shop.infra.c": "import shop.util\nimport shop.web.a",
        "shop.util": "import shop.core.b\nimport shop.web",
    }
    found = check(tmp_path, modules, layers(THREE)).findings
    for finding in found:
        file = Path(finding.file or "")
        lines = file.read_text(encoding="utf-8").splitlines()
        lines[(finding.line or 0) - 1] = ""
        file.write_text("\n".join(lines), encoding="utf-8")

    assert check(tmp_path, {}, layers(THREE)).kept


def test_direct_reach_leaves_ways_through_other_modules_alone(tmp_path: Path) -> None:
    modules = {**HOUSE, "shop.infra.c": "import shop.util", "shop.util": "import shop.web"}

    assert check(tmp_path, modules, layers(f'{THREE}\nreach = "direct"')).kept


def test_closed_layer_may_not_be_skipped(tmp_path: Path) -> None:
    finding = only(
        check(tmp_path, {**HOUSE, "shop.web.a": "import shop.infra.c"}, layers(f'{THREE}\nclosed = ["core"]'))
    )

    assert "past the closed layer core" in finding.message


def test_open_layer_may_be_skipped(tmp_path: Path) -> None:
    assert check(tmp_path, {**HOUSE, "shop.web.a": "import shop.infra.c"}, layers(THREE)).kept


def test_independent_siblings_may_not_import_each_other(tmp_path: Path) -> None:
    finding = only(check(tmp_path, {"shop.a": "import shop.b", "shop.b": ""}, layers('layers = ["shop.a | shop.b"]')))

    assert "an independent sibling of shop.a" in finding.message


def test_open_siblings_may_import_each_other(tmp_path: Path) -> None:
    assert check(tmp_path, {"shop.a": "import shop.b", "shop.b": ""}, layers('layers = ["shop.a : shop.b"]')).kept


def test_every_container_is_checked(tmp_path: Path) -> None:
    modules = {f"shop.{part}.{name}": "" for part in "xy" for name in ("web", "core")}
    modules |= {"shop.x.core": "import shop.x.web", "shop.y.core": "import shop.x.web"}

    report = check(tmp_path, modules, layers('layers = ["web", "core"]\ncontainers = ["shop.*"]'))

    assert pairs(report.findings) == [("shop.x.core", "shop.x.web")]


TYPED = {"shop.web": "", "shop.core": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import shop.web"}
TWO = 'layers = ["web", "core"]\ncontainers = ["shop"]'


def test_typing_import_counts_by_default(tmp_path: Path) -> None:
    assert only(check(tmp_path, TYPED, layers(TWO))).kind == "typing"


def test_typing_import_does_not_count_when_kinds_leaves_it_out(tmp_path: Path) -> None:
    assert check(tmp_path, TYPED, layers(f'{TWO}\nkinds = ["runtime", "deferred", "lazy"]')).kept


def test_typing_import_does_not_count_when_the_session_leaves_it_out(tmp_path: Path) -> None:
    session = 'root_packages = ["shop"]\nexclude_type_checking_imports = true'

    report = check(tmp_path, TYPED, layers(TWO), session=session)

    assert (report.kept, len(report.imports)) == (True, 0)


def test_kind_that_does_not_count_is_not_the_kind_of_a_finding(tmp_path: Path) -> None:
    modules = {"shop.web": "", "shop.core": "import shop.web\ndef f():\n    import shop.web"}

    finding = only(check(tmp_path, modules, layers(f'{TWO}\nkinds = ["deferred"]')))

    assert (finding.kind, finding.line) == ("deferred", 3)


def test_missing_layers_are_an_error_with_guesses(tmp_path: Path) -> None:
    report = check(
        tmp_path, {"shop.web": "", "shop.core": ""}, layers('layers = ["webb", "core", "x"]\ncontainers = ["shop"]')
    )

    (result,) = report.contracts
    assert (result.kept, report.exit_code) == (None, 2)
    assert "'webb' does not exist in shop; the layer 'x' does not exist" in (result.error or "")
    assert "did you mean  web" in (result.error or "")
    assert "contracts.toml:8, layers" in (result.error or "")


@pytest.mark.parametrize("containers", ["shop.nothing", "shop.*.x", "other"])
def test_container_that_matches_nothing_is_an_error(tmp_path: Path, containers: str) -> None:
    report = check(tmp_path, {"shop.web": ""}, layers(f'layers = ["web"]\ncontainers = ["{containers}"]'))

    assert report.exit_code == 2


def test_optional_layer_may_be_missing(tmp_path: Path) -> None:
    assert check(tmp_path, HOUSE, layers('layers = ["web", "(old)", "core", "infra"]\ncontainers = ["shop"]')).kept


def test_contract_of_missing_optional_layers_only_is_an_error(tmp_path: Path) -> None:
    assert check(tmp_path, HOUSE, layers('layers = ["(x)", "(y)"]\ncontainers = ["shop"]')).exit_code == 2


def test_mistake_in_one_contract_does_not_hide_another(tmp_path: Path) -> None:
    bad = '[[contract]]\nname = "Bad"\ntype = "kimera_layers"\nlayers = []\n'

    report = check(tmp_path, {**HOUSE, "shop.infra.c": "import shop.web"}, bad + layers(THREE))

    assert [result.kept for result in report.contracts] == [None, False]
    assert report.exit_code == 2


def test_report_is_the_same_for_every_hash_seed(tmp_path: Path) -> None:
    modules = {f"shop.{layer}.m{n}": "" for layer in ("web", "core", "infra") for n in range(4)}
    modules |= {f"shop.u{n}": f"import shop.u{(n + 1) % 5}, shop.web.m{n % 4}, shop.core.m{n % 3}" for n in range(5)}
    modules |= {f"shop.infra.m{n}": f"import shop.u{n}, shop.u{n + 1}" for n in range(4)}
    check(tmp_path, modules, layers(THREE) + '[[contract]]\nname = "B"\ntype = "layers"\n' + THREE)
    command = [
        sys.executable,
        "-m",
        "kimera_di.cli",
        "check",
        "--no-cache",
        "--config",
        "contracts.toml",
        "--format",
        "json",
    ]

    outputs = {
        subprocess.run(
            command, cwd=tmp_path, capture_output=True, check=False, env={**os.environ, "PYTHONHASHSEED": seed}
        ).stdout
        for seed in ("0", "1", "2")
    }

    assert len(outputs) == 1
    assert b'"imported": "shop.web.m0"' in next(iter(outputs))
