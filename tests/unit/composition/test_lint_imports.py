import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.composition.shop_tree import LAYERS, ROOTS, WIRING, write_shop

pytestmark = [pytest.mark.check, pytest.mark.slow]


def lint(root: Path, *contracts: str, **modules: str) -> tuple[int, str]:
    file = write_shop(root, *contracts, **modules)
    command = str(Path(sys.executable).with_name("lint-imports"))
    done = subprocess.run(
        [command, "--config", file.name, "--no-cache"], cwd=root, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout


def test_lint_imports_finds_the_binding_that_goes_up(tmp_path: Path) -> None:
    code, text = lint(tmp_path)

    assert code == 1
    assert "Layers KEPT" in text
    assert "shop.core.audit.Auditor -> shop.api.mail.Mailer" in text


def test_lint_imports_finds_locators_and_implementation_imports(tmp_path: Path) -> None:
    web = "from kimera_di import ServiceContainer\nimport shop.api.mail\ndef f(c: ServiceContainer): c[int]"

    code, text = lint(tmp_path, ROOTS + 'implementations = ["shop.api"]', web=web)

    assert code == 1
    assert "shop.web -> shop.api.mail" in text
    assert "shop.web -> kimera_di.ServiceContainer" in text


def test_composition_root_that_raises_does_not_hide_other_contracts(tmp_path: Path) -> None:
    code, text = lint(tmp_path, WIRING.replace('layers_from = "layers"', 'layers = ["shop.core"]'), LAYERS, main="1/0")

    assert code == 1
    assert "Layers KEPT" in text
    assert "ZeroDivisionError" in text
