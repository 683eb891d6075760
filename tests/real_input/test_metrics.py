"""Numbers of code nobody wrote for us: the graph of grimp, closed by networkx, has the same."""

import json
import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import networkx
import pytest

from tests.real_input.test_cycles import GRAPH

pytestmark = [pytest.mark.check, pytest.mark.real_input]

HOME = Path(__file__).parents[2]
INPUT = HOME / ".real_input"


def pairs_of_grimp(package: str) -> list[tuple[str, str]]:
    command = [sys.executable, "-c", GRAPH, package, "runtime"]
    ran = subprocess.run(command, cwd=INPUT, capture_output=True, check=True, text=True, encoding="utf-8")
    return [(one, two) for one, two in json.loads(ran.stdout)]


def measured(package: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "kimera_di.cli", "metrics", package, "--root", str(INPUT), "--format", "json"]
    ran = subprocess.run(command, cwd=HOME, capture_output=True, check=False, text=True, encoding="utf-8")
    data: dict[str, Any] = json.loads(ran.stdout)
    return data


@pytest.mark.parametrize("package", ["django", "sqlalchemy"])
def test_numbers_are_those_of_networkx_on_the_graph_of_grimp(package: str) -> None:
    data = measured(package)

    graph: networkx.DiGraph[str] = networkx.DiGraph(pairs_of_grimp(package))
    graph.add_nodes_from(module["module"] for module in data["modules"])
    knots = [knot for knot in networkx.strongly_connected_components(graph) if len(knot) > 1]
    reached = sum(len(networkx.descendants(graph, module)) + 1 for module in graph)
    (whole,) = data["packages"]
    assert (whole["modules"], whole["imports"]) == (len(graph), graph.number_of_edges())
    assert (whole["cycles"], whole["modules_in_cycles"]) == (len(knots), sum(len(knot) for knot in knots))
    assert whole["propagation_cost"] == float(Fraction(reached, len(graph) ** 2))
    for module in data["modules"]:
        assert module["afferent"] == graph.in_degree(module["module"])
        assert module["efferent"] == graph.out_degree(module["module"])
