"""The page about adopting kimera shows what really happens on Django."""

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.check, pytest.mark.real_input, pytest.mark.slow]

HOME = Path(__file__).parents[2]


@pytest.mark.timeout(300)  # twenty commands on 885 modules: seven seconds alone, a minute on a busy machine
def test_page_equals_a_fresh_run() -> None:
    ran = subprocess.run(
        [sys.executable, "scripts/adopt_transcript.py", "--check"],
        cwd=HOME,
        capture_output=True,
        text=True,
        check=False,
    )

    assert ran.returncode == 0, ran.stdout + ran.stderr
