"""What ``kimera check --format json`` writes follows the schema that the package publishes."""

import copy
import json
import os
import subprocess
import sys
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.unit.architecture.trees import check, layers, write_contracts, write_package
from tests.unit.composition.shop_tree import LAYERS, ROOTS, WIRING, write_shop

pytestmark = pytest.mark.check

SCHEMA: dict[str, Any] = json.loads(
    files("kimera_di.architecture").joinpath("check-report-v1.schema.json").read_text("utf-8")
)
MODULES = {"shop.web": "", "shop.core": "import shop.util", "shop.util": "import shop.web"}
CONTRACT = layers('layers = ["web", "core"]\ncontainers = ["shop"]')
USELESS = 'exhaustive = true\nexhaustive_ignores = ["none"]\nignore = [{ import = "a -> b", reason = "none" }]\n'
TWINS = """
[[contract]]
name = "Acyclic"
type = "kimera_acyclic"
why = "a test"
packages = ["shop"]

[[contract]]
name = "Forbidden"
type = "forbidden"
source_modules = ["shop.core"]
forbidden_modules = ["shop.web"]
"""
BASELINE = (
    '{"version": 1, "findings": [{"contract": "layers", "kind": "runtime", "importer": "%s", "imported": "shop.util"}]}'
)


def report(folder: Path, *options: str) -> tuple[int, dict[str, Any]]:
    command = [
        sys.executable,
        "-m",
        "kimera_di.cli",
        "check",
        "--config",
        "contracts.toml",
        "--format",
        "json",
        *options,
    ]
    ran = subprocess.run(command, cwd=folder, capture_output=True, check=False, env={**os.environ, "CI": ""})
    data: dict[str, Any] = json.loads(ran.stdout)
    return ran.returncode, data


def kinds(data: dict[str, Any]) -> set[str]:
    return {finding["kind"] for finding in data["findings"]}


def test_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize(
    ("modules", "contracts", "code", "expected"),
    [
        ({"shop.core": ""}, CONTRACT, 0, set()),
        ({"shop.x": ""}, CONTRACT + USELESS + TWINS, 1, {"runtime", "ignore", "coverage"}),
        ({"shop.bad": "import ("}, CONTRACT, 3, {"runtime", "syntax"}),
        ({"shop.bad": "import ("}, layers("layers = []") + TWINS, 2, {"runtime", "syntax"}),
        ({}, "broken = [", 2, set()),
        ({}, "root_package = 3", 2, set()),
    ],
    ids=["kept", "broken", "incomplete", "bad-contract", "no-toml", "bad-session"],
)
def test_report_of_every_exit_code_follows_the_schema(
    tmp_path: Path, modules: dict[str, str], contracts: str, code: int, expected: set[str]
) -> None:
    write_package(tmp_path, {**MODULES, **modules})
    write_contracts(tmp_path, contracts)

    returned, data = report(tmp_path)

    jsonschema.validate(data, SCHEMA)
    assert (returned, kinds(data)) == (code, expected)


@pytest.mark.parametrize(("importer", "code"), [("shop.core", 0), ("shop.none", 1)])
def test_report_with_a_baseline_follows_the_schema(tmp_path: Path, importer: str, code: int) -> None:
    write_package(tmp_path, MODULES)
    write_contracts(tmp_path, CONTRACT)
    (tmp_path / "known.json").write_text(BASELINE % importer, encoding="utf-8")

    returned, data = report(tmp_path, "--baseline", "known.json")

    jsonschema.validate(data, SCHEMA)
    assert returned == code


def test_report_about_wiring_follows_the_schema(tmp_path: Path) -> None:
    main = (
        "from kimera_di.registration import Registry\nfrom kimera_di.vocabulary import Lifetime\n"
        "from shop.api.mail import Mailer\nfrom shop.core.audit import Auditor\n"
        "def make(mailer: Mailer) -> Auditor: ...\nclass Needs:\n    def __init__(self, m: set) -> None: ...\n"
        "services = Registry().register(Needs).register(Mailer, lifetime=Lifetime.SCOPED).register(Auditor, make)\n"
    )
    write_shop(tmp_path, LAYERS, WIRING, ROOTS + 'implementations = ["shop.core"]\n', main=main)

    returned, data = report(tmp_path)

    jsonschema.validate(data, SCHEMA)
    assert returned == 1
    assert {"wires", "captive"} <= kinds(data)


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data["findings"][0].update(imported=None),
        lambda data: data["findings"][0].update(chain=[]),
        lambda data: data["findings"][0].update(file=None),
        lambda data: data["findings"][0].update(contract=None),
        lambda data: data["findings"][0].update(kind="import"),
        lambda data: data["findings"][0].update(baseline="old"),
        lambda data: data["findings"][0].pop("fingerprint"),
        lambda data: data["contracts"][0].update(kept=None),
        lambda data: data["contracts"][0].update(error="text"),
        lambda data: data["summary"].pop("stale"),
        lambda data: data.update(schema_version=2),
    ],
    ids=range(11),
)
def test_schema_refuses_what_no_report_says(tmp_path: Path, change: Callable[[dict[str, Any]], object]) -> None:
    data = json.loads(check(tmp_path, MODULES, CONTRACT).to_json())
    spoilt = copy.deepcopy(data)
    change(spoilt)

    jsonschema.validate(data, SCHEMA)
    with pytest.raises(jsonschema.ValidationError) as caught:
        jsonschema.validate(spoilt, SCHEMA)

    assert caught.value.message
