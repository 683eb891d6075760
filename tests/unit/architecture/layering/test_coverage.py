from pathlib import Path

import pytest

from kimera_di.architecture.model.codes import EMPTY_LAYER, UNCOVERED, UNUSED_EXEMPTION
from tests.unit.architecture.trees import check, layers

pytestmark = pytest.mark.check

CONTAINED = 'layers = ["web", "core"]\ncontainers = ["shop"]\nexhaustive = true'
WHOLE = 'layers = ["shop.web", "shop.core"]\nexhaustive = true'


@pytest.mark.parametrize("options", [CONTAINED, WHOLE])
def test_module_in_no_layer_is_a_finding(tmp_path: Path, options: str) -> None:
    modules = {"shop.web": "", "shop.core": "", "shop.extra.a": "", "shop.extra.b": ""}

    (finding,) = check(tmp_path, modules, layers(options)).findings

    assert (finding.code, finding.kind, finding.importer, finding.line) == (UNCOVERED, "coverage", "shop.extra", 1)
    assert finding.file == (tmp_path / "shop/extra/__init__.py").as_posix()


@pytest.mark.parametrize(("options", "name"), [(CONTAINED, "main"), (WHOLE, "shop.main")])
def test_exempted_module_needs_no_layer(tmp_path: Path, options: str, name: str) -> None:
    modules = {"shop.web": "", "shop.core": "", "shop.main": ""}

    assert check(tmp_path, modules, layers(f'{options}\nexhaustive_ignores = ["{name}"]')).kept


def test_exemption_that_exempts_nothing_is_a_finding(tmp_path: Path) -> None:
    options = f'{CONTAINED}\nexhaustive_ignores = ["main"]'

    (finding,) = check(tmp_path, {"shop.web": "", "shop.core": ""}, layers(options)).findings

    assert (finding.code, finding.importer, finding.line) == (UNUSED_EXEMPTION, "main", 11)


def test_root_package_without_any_layer_is_in_no_layer(tmp_path: Path) -> None:
    modules = {"shop.web": "", "shop.core": "", "tools.x": ""}

    (finding,) = check(tmp_path, modules, layers(WHOLE), session='root_packages = ["shop", "tools"]').findings

    assert finding.importer == "tools"


def test_package_of_a_dotted_layer_is_looked_into(tmp_path: Path) -> None:
    options = 'layers = ["a.web", "a.core"]\ncontainers = ["shop"]\nexhaustive = true'

    (finding,) = check(tmp_path, {"shop.a.web": "", "shop.a.core": "", "shop.a.x": ""}, layers(options)).findings

    assert finding.importer == "shop.a.x"


def test_layer_without_code_is_a_finding(tmp_path: Path) -> None:
    modules = {"shop.web.a": "", "shop.core": ""}
    (tmp_path / "shop/core").mkdir(parents=True)
    (tmp_path / "shop/core/__init__.py").write_text('"""Nothing yet."""\n', encoding="utf-8")
    del modules["shop.core"]

    (finding,) = check(tmp_path, modules, layers('layers = ["web", "core"]\ncontainers = ["shop"]')).findings

    assert (finding.code, finding.importer) == (EMPTY_LAYER, "shop.core")


def test_optional_layer_may_be_empty(tmp_path: Path) -> None:
    (tmp_path / "shop/core").mkdir(parents=True)
    (tmp_path / "shop/core/__init__.py").touch()

    assert check(tmp_path, {"shop.web.a": ""}, layers('layers = ["web", "(core)"]\ncontainers = ["shop"]')).kept
