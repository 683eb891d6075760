"""The text of findings about interfaces and metrics, compared with ``tests/golden/KD43*.txt``.

After a wanted change run this module with ``KIMERA_REGENERATE_GOLDEN=1``, and read the difference.
"""

from pathlib import Path

import pytest

from kimera_di.architecture.reports.text_report import render_findings
from tests.spec.test_golden_errors import GOLDEN, REGENERATE
from tests.unit.architecture.rules.test_interfaces_contract import MODULES, interfaces
from tests.unit.architecture.rules.test_metrics_contract import HUB, RINGS, metrics
from tests.unit.architecture.trees import check

pytestmark = pytest.mark.check

CASES = {
    "KD433_internal_import": (MODULES, interfaces()),
    "KD434_unused_friend": (MODULES, interfaces('friends = ["shop.admin", "shop.web.views", "shop.web.pages"]')),
    "KD435_module_over_its_limits": (
        HUB,
        metrics(
            "max_afferent_coupling = 2\nmax_efferent_coupling = 0\nmax_instability = 0.2\nmax_distance = 0.9",
            '["shop.hub", "shop.low"]',
        ),
    ),
    "KD435_package_over_its_limits": (RINGS, metrics("max_propagation_cost = 0.1\nmax_cycles = 0")),
}


@pytest.mark.parametrize("name", CASES)
def test_text_of_a_finding_is_the_golden_one(tmp_path: Path, name: str) -> None:
    modules, contract = CASES[name]
    (result,) = check(tmp_path, modules, contract).contracts

    text = render_findings(result.findings, result.why).replace(f"{tmp_path.as_posix()}/", "") + "\n"

    file = GOLDEN / f"{name}.txt"
    if REGENERATE:
        file.write_text(text, encoding="utf-8")
    assert {finding.code for finding in result.findings} == {name.partition("_")[0]}
    assert text == file.read_text(encoding="utf-8")
