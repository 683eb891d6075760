"""Where reports go: what is told when they cannot."""

from pathlib import Path

import pytest

from kimera_di.cli.outputs import write
from kimera_di.errors import UnwritableReportError
from tests.spec.test_golden_errors import assert_golden

pytestmark = pytest.mark.check


def test_text_of_the_error_about_a_folder_is_the_golden_one() -> None:
    with pytest.raises(UnwritableReportError, match="KD406") as caught:
        write("report", Path("/"))

    assert_golden(caught.value, "KD406_path_is_a_folder")


def test_file_that_was_there_is_replaced(tmp_path: Path) -> None:
    file = tmp_path / "report.txt"
    file.write_text("a longer text than the new one", encoding="utf-8")

    write("größe\n", file)

    assert file.read_bytes() == b"gr\xc3\xb6\xc3\x9fe\n"
