"""Every format of the same rich report, compared with tests/golden/reports/.

After a wanted change run this module with ``KIMERA_REGENERATE_GOLDEN=1``, and read the difference.
"""

from pathlib import Path

import pytest

from kimera_di.architecture.reports.report import tool_version
from tests.spec.test_golden_errors import REGENERATE
from tests.unit.architecture.reports.rich_report import EMPTY, RICH

pytestmark = pytest.mark.check

GOLDEN = Path(__file__).parents[3] / "golden" / "reports"
FILES = {
    "text": "txt", "json": "json", "sarif": "sarif.json",
    "junit": "junit.xml", "github": "github.txt", "markdown": "md",
}  # fmt: skip


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("case", ["rich", "empty"])
def test_report_is_the_golden_one(case: str, name: str) -> None:
    from kimera_di.cli.report_formats import rendered

    text = rendered({"rich": RICH, "empty": EMPTY}[case], name)

    masked = text.replace(f'"version": "{tool_version()}"', '"version": "VERSION"')
    file = GOLDEN / f"{case}.{FILES[name]}"
    if REGENERATE:
        file.write_bytes(masked.encode())
    assert masked == file.read_bytes().decode()


def test_every_golden_report_belongs_to_a_case() -> None:
    expected = {f"{case}.{ending}" for case in ("rich", "empty") for ending in FILES.values()}

    assert {file.name for file in GOLDEN.iterdir()} == expected
