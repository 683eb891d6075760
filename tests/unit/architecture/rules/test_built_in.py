from pathlib import Path

import pytest

from kimera_di.architecture.model.codes import IGNORE_UNUSED
from kimera_di.architecture.model.findings import ContractResult
from tests.unit.architecture.trees import check, pairs

pytestmark = pytest.mark.check

LAYERS = 'type = "layers"\nlayers = ["core", "web"]\ncontainers = ["shop"]\n'
FORBIDDEN = 'type = "forbidden"\nsource_modules = ["shop.core"]\nforbidden_modules = ["shop.web"]\n'
MODULES = {
    "shop.web.a": "import shop.core.b",
    "shop.core.b": "x = 1\nimport shop.util",
    "shop.util": "\n\nimport shop.web.a",
}


def run(tmp_path: Path, text: str, **session: str) -> ContractResult:
    (result,) = check(tmp_path, MODULES, f'[[contract]]\nname = "Rule [x]"\n{text}', **session).contracts
    return result


def test_layers_contract_gives_findings_with_file_and_line(tmp_path: Path) -> None:
    result = run(tmp_path, 'type = "layers"\nlayers = ["web", "core"]\ncontainers = ["shop"]')

    (finding,) = result.findings
    assert (finding.file, finding.line) == ((tmp_path / "shop/core/b.py").as_posix(), 2)
    assert [(link.importer, link.line) for link in finding.chain] == [("shop.core.b", 2), ("shop.util", 3)]
    assert result.why is None


def test_forbidden_contract_gives_its_chains(tmp_path: Path) -> None:
    result = run(tmp_path, FORBIDDEN)

    assert pairs(result.findings) == [("shop.core.b", "shop.util")]


def test_independence_contract_gives_its_chains(tmp_path: Path) -> None:
    result = run(tmp_path, 'type = "independence"\nmodules = ["shop.core", "shop.web"]')

    assert pairs(result.findings) == [("shop.core.b", "shop.util"), ("shop.web.a", "shop.core.b")]


def test_protected_contract_gives_each_import(tmp_path: Path) -> None:
    text = 'type = "protected"\nprotected_modules = ["shop.core"]\nallowed_importers = ["shop.util"]'

    assert pairs(run(tmp_path, text).findings) == [("shop.web.a", "shop.core.b")]


def test_acyclic_siblings_contract_gives_the_imports_to_cut(tmp_path: Path) -> None:
    result = run(tmp_path, 'type = "acyclic_siblings"\nancestors = ["shop"]')

    assert result.kept is False
    assert all(finding.line for finding in result.findings)


def test_kept_contract_has_no_findings(tmp_path: Path) -> None:
    result = run(
        tmp_path,
        LAYERS + 'ignore_imports = ["shop.web.a -> shop.core.b"]',
    )

    assert (result.kept, result.findings) == (True, ())


def test_guidance_is_the_advice(tmp_path: Path) -> None:
    text = FORBIDDEN + 'broken_contract_guidance = "ask first"'

    assert run(tmp_path, text).findings[0].advice == "ask first"


@pytest.mark.parametrize(
    "text",
    [
        'type = "forbidden"\nsource_modules = ["shop.nothing.*"]\nforbidden_modules = ["shop.web"]',
        'type = "independence"\nmodules = ["shop.core", "shop.wep"]',
        'type = "protected"\nprotected_modules = ["shop.corr"]\nallowed_importers = ["shop.web"]',
        'type = "layers"\nlayers = ["web"]\ncontainers = ["shop.x*"]',
        'type = "layers"\nlayers = ["nothing"]\ncontainers = ["shop"]',
        'type = "layers"\nlayerz = ["web"]',
    ],
)
def test_contract_that_names_nothing_is_an_error(tmp_path: Path, text: str) -> None:
    result = run(tmp_path, text)

    assert (result.kept, result.exit_code) == (None, 2)


def test_ignore_without_a_match_is_a_finding(tmp_path: Path) -> None:
    text = LAYERS + 'ignore_imports = ["shop.web.a -> shop.core.b", "shop.a -> shop.b"]'

    (finding,) = run(tmp_path, text).findings

    assert (finding.code, finding.importer, finding.imported) == (IGNORE_UNUSED, "shop.a", "shop.b")


def test_unmatched_ignore_is_no_finding_when_alerting_is_off(tmp_path: Path) -> None:
    text = LAYERS + 'unmatched_ignore_imports_alerting = "none"'

    assert pairs(run(tmp_path, f'{text}\nignore_imports = ["shop.a -> shop.b"]').findings) == [
        ("shop.web.a", "shop.core.b")
    ]


def test_external_module_that_nobody_imports_may_be_forbidden(tmp_path: Path) -> None:
    text = 'type = "forbidden"\nsource_modules = ["shop.core"]\nforbidden_modules = ["django"]'

    assert run(tmp_path, text, session='root_packages = ["shop"]\ninclude_external_packages = true').kept


def test_undeclared_module_of_an_exhaustive_contract_is_a_finding(tmp_path: Path) -> None:
    text = LAYERS + 'exhaustive = true\nignore_imports = ["shop.web.a -> shop.core.b"]'

    (finding,) = run(tmp_path, text).findings

    assert (finding.kind, finding.importer) == ("coverage", "shop.util")
