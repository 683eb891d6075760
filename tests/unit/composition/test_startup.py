import subprocess
import sys
from pathlib import Path

import pytest

from kimera_di.architecture.checking import Architecture
from kimera_di.composition.importing import imports_from
from kimera_di.composition.loading import load_wiring
from kimera_di.composition.startup import architecture_problems
from kimera_di.errors import ContractError
from kimera_di.planning import WiringGraph
from tests.unit.composition.shop_tree import LAYERS, ROOTS, WIRED_UP, WIRING, write_shop


def graph_of(root: Path) -> WiringGraph:
    return load_wiring("shop.main:services", [str(root)]).graph


@pytest.mark.parametrize("contracts", [(LAYERS, WIRING), (LAYERS,)], ids=["wiring contract", "layers only"])
def test_wiring_is_checked_without_imports(tmp_path: Path, contracts: tuple[str, ...]) -> None:
    file = write_shop(tmp_path, *contracts)

    problems = architecture_problems(graph_of(tmp_path), file, imports=False)

    assert [(problem.kind, problem.importer, problem.imported) for problem in problems] == [("wires", *WIRED_UP)]


def test_problem_shows_chain_contract_reason_and_cure(tmp_path: Path) -> None:
    file = write_shop(tmp_path)

    (problem,) = architecture_problems(graph_of(tmp_path), str(file), imports=False)

    assert problem.code == "KD207"
    assert problem.finding_code == "KD421"
    assert dict(problem.facts)["why"] == "core runs without api"
    assert "shop/main.py" in dict(problem.facts)["at"]
    assert dict(problem.facts)["do this"].startswith("declare a Protocol")


def test_ignored_edge_is_no_problem(tmp_path: Path) -> None:
    rule = f'ignore = [{{ import = "{" -> ".join(WIRED_UP)}", reason = "a test" }}]'
    file = write_shop(tmp_path, LAYERS, WIRING + rule)

    assert architecture_problems(graph_of(tmp_path), file, imports=False) == ()


def test_mistake_in_the_contract_file_is_raised(tmp_path: Path) -> None:
    file = write_shop(tmp_path, LAYERS, WIRING.replace("why =", "wyh ="))

    with pytest.raises(ContractError, match=r"contracts\.toml:"):
        architecture_problems(graph_of(tmp_path), file, imports=False)


def test_missing_contract_file_is_raised(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match="no contract file"):
        architecture_problems(WiringGraph(()), tmp_path / "none.toml", imports=False)


def test_sources_that_are_not_found_leave_imports_out(tmp_path: Path) -> None:
    file = write_shop(tmp_path)

    assert len(architecture_problems(graph_of(tmp_path), file)) == 1


def test_composition_root_that_is_loaded_for_a_check_is_not_checked_again(tmp_path: Path) -> None:
    """A module may call ``build(architecture=...)`` when it is imported."""
    file = write_shop(tmp_path)
    graph = graph_of(tmp_path)

    with imports_from([], []):
        assert architecture_problems(graph, file, imports=False) == ()


def test_wiring_check_loads_nothing_but_the_standard_library() -> None:
    heavy = ("click", "grimp", "importlinter", "networkx", "pydantic", "rich")
    code = f"import sys, kimera_di.composition.startup\nprint([m for m in {heavy!r} if m in sys.modules])"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout == "[]\n"


@pytest.mark.check
class TestImports:
    def test_problems_have_the_fingerprints_of_the_report(self, tmp_path: Path) -> None:
        file = write_shop(tmp_path, LAYERS, WIRING, core__up="import shop.api.mail")
        architecture = Architecture.load(file, root=tmp_path)

        problems = architecture_problems(graph_of(tmp_path), architecture, imports=True)

        report = architecture.check()
        assert len(problems) == 2
        assert [problem.fingerprint for problem in problems] == [finding.fingerprint for finding in report.findings]

    def test_composition_root_is_not_loaded_again(self, tmp_path: Path) -> None:
        file = write_shop(tmp_path, ROOTS + 'services = "shop.main:services"')
        graph = graph_of(tmp_path)
        (tmp_path / "shop" / "main.py").write_text("raise SystemExit", encoding="utf-8")

        assert architecture_problems(graph, Architecture.load(file, root=tmp_path), imports=True) == ()

    def test_changed_tree_is_read_again(self, tmp_path: Path) -> None:
        file = write_shop(tmp_path, LAYERS)
        architecture, nothing = Architecture.load(file, root=tmp_path), WiringGraph(())
        before = architecture_problems(nothing, architecture)
        (tmp_path / "shop" / "core" / "up.py").write_text("import shop.api.mail", encoding="utf-8")

        after = architecture_problems(nothing, architecture)

        assert before == ()
        assert [problem.imported for problem in after] == ["shop.api.mail"]

    def test_contract_that_cannot_be_checked_is_raised(self, tmp_path: Path) -> None:
        file = write_shop(tmp_path, LAYERS.replace('"core"', '"coer"'))

        with pytest.raises(ContractError, match="cannot be checked"):
            architecture_problems(WiringGraph(()), Architecture.load(file, root=tmp_path), imports=True)
