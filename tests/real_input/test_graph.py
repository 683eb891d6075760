"""Pictures of code nobody wrote for us: every module and import that grimp sees, in seconds, small enough to open."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.cli.command import kimera

pytestmark = [pytest.mark.check, pytest.mark.real_input]

INPUT = Path(__file__).parents[2] / ".real_input"
HOME = Path(__file__).parent
GRAPH = """
import grimp, json
graph = grimp.build_graph("django", cache_dir=None)
pairs = [(name, other) for name in graph.modules for other in graph.find_modules_directly_imported_by(name)]
print(json.dumps({"modules": sorted(graph.modules), "pairs": sorted(pairs)}))
"""


@pytest.fixture(autouse=True)
def _input() -> None:
    assert (INPUT / "django").is_dir(), "run `make real-input` first: it puts the packages into .real_input/"


def test_every_import_of_django_is_in_the_picture() -> None:
    ran = subprocess.run([sys.executable, "-c", GRAPH], cwd=INPUT, capture_output=True, check=True)
    seen = json.loads(ran.stdout)

    data = json.loads(kimera(INPUT, "graph", "django", "--format", "json").stdout)

    assert [each["id"] for each in data["nodes"]] == seen["modules"]
    assert [[each["importer"], each["imported"]] for each in data["edges"]] == seen["pairs"]


def test_violations_of_django_are_those_of_the_report() -> None:
    config = str(HOME / "django.toml")
    report = json.loads(kimera(INPUT, "check", "--no-cache", "--config", config, "--format", "json").stdout)

    data = json.loads(kimera(INPUT, "graph", "django", "--config", config, "--format", "json").stdout)

    expected = {(each["importer"], each["imported"]) for each in report["findings"]}
    broken = {(each["importer"], each["imported"]) for each in data["edges"] if each["violation"]}
    assert broken == expected
    assert len(broken) > 200


@pytest.mark.parametrize(("output", "most"), [("html", 400_000), ("mermaid", 50_000)])
def test_picture_of_django_is_small_enough_to_open(output: str, most: int) -> None:
    ran = kimera(INPUT, "graph", "django", "--config", str(HOME / "django.toml"), "--format", output)

    assert ran.returncode == 0
    assert len(ran.stdout) < most
