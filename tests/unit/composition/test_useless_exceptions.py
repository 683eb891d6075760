"""Ignores that are unused, irrelevant or expired, and names that match nothing, are told for every contract type."""

from pathlib import Path

import pytest

from kimera_di.architecture.checking import Architecture
from kimera_di.architecture.reports.report import Report
from kimera_di.composition import register_composition_runners
from tests.unit.composition.shop_tree import LAYERS, ROOTS, WIRED_UP, WIRING, write_shop

pytestmark = pytest.mark.check
register_composition_runners()

MAIN_HEAD = "from kimera_di.registration import Registry\nfrom shop.api.mail import Mailer\n"
LEGAL = MAIN_HEAD + (
    "from shop.core.audit import Auditor\ndef audit() -> Auditor: ...\n"
    "services = Registry().register(Mailer).register(Auditor, audit)\n"
)
ACYCLIC = '[[contract]]\nid = "acyclic"\nname = "A"\ntype = "kimera_acyclic"\nwhy = "a test"\npackages = ["shop"]\n'
IMPLEMENTATIONS = ROOTS + 'implementations = ["shop.api"]\n'
UP = "shop.core.audit -> shop.api.mail"
CYCLE = {
    "core.audit": "import shop.api.mail\nclass Auditor: ...",
    "api.mail": "import shop.core.audit\nclass Mailer: ...",
}
DOWN = {"api.mail": "import shop.core.audit\nclass Mailer: ..."}


def ignoring(contract: str, edge: str, **more: str) -> str:
    fields = "".join(f', {key} = "{value}"' for key, value in more.items())
    return contract + f'ignore = [{{ import = "{edge}", reason = "a test"{fields} }}]\n'


def run(root: Path, *contracts: str, main: str = LEGAL, **modules: str) -> Report:
    config = write_shop(root, *contracts, main=main)
    for name, text in modules.items():
        root.joinpath("shop", *name.split(".")).with_suffix(".py").write_text(text, encoding="utf-8")
    return Architecture.load(config, root=root).check()


def codes(report: Report, contract: str) -> list[str]:
    return [finding.code for finding in report.findings if finding.contract == contract]


CASES = pytest.mark.parametrize(
    ("contract", "name", "edge", "modules"),
    [
        (LAYERS, "layers", UP, {"core.audit": CYCLE["core.audit"]}),
        (ACYCLIC, "acyclic", UP, CYCLE),
        (LAYERS + WIRING, "wiring", " -> ".join(WIRED_UP), {}),
        (IMPLEMENTATIONS, "roots", UP, {"core.audit": CYCLE["core.audit"]}),
    ],
    ids=["layers", "acyclic", "wiring", "roots"],
)
WIRED = MAIN_HEAD + (
    "from shop.core.audit import Auditor\ndef make(mailer: Mailer) -> Auditor: ...\n"
    "services = Registry().register(Mailer).register(Auditor, make)\n"
)


def main_of(name: str) -> str:
    return WIRED if name == "wiring" else LEGAL


@CASES
def test_ignore_that_excuses_a_violation_is_right(
    tmp_path: Path, contract: str, name: str, edge: str, modules: dict[str, str]
) -> None:
    report = run(tmp_path, ignoring(contract, edge), main=main_of(name), **modules)

    assert codes(report, name) == []


@CASES
def test_ignore_that_matches_nothing_is_unused(
    tmp_path: Path, contract: str, name: str, edge: str, modules: dict[str, str]
) -> None:
    report = run(tmp_path, ignoring(contract, "shop.core.nobody -> shop.api.mail"))

    assert codes(report, name) == ["KD416"]


@CASES
def test_ignore_past_its_day_is_expired_and_excuses_nothing(
    tmp_path: Path, contract: str, name: str, edge: str, modules: dict[str, str]
) -> None:
    report = run(tmp_path, ignoring(contract, edge, until="2020-01-31"), main=main_of(name), **modules)

    assert "KD418" in codes(report, name)
    assert len(codes(report, name)) == 2


@pytest.mark.parametrize(
    ("contract", "name", "edge"),
    [
        (LAYERS, "layers", "shop.api.mail -> shop.core.audit"),
        (ACYCLIC, "acyclic", "shop.api.mail -> shop.core.audit"),
        (LAYERS + WIRING, "wiring", "shop.api.mail.Sender -> shop.core.audit.Auditor"),
        (IMPLEMENTATIONS, "roots", "shop.api.mail -> shop.core.audit"),
    ],
    ids=["layers", "acyclic", "wiring", "roots"],
)
def test_ignore_of_what_is_allowed_is_irrelevant(tmp_path: Path, contract: str, name: str, edge: str) -> None:
    mail = "from shop.core.audit import Auditor\nclass Mailer: ...\n"
    mail += "class Sender:\n    def __init__(self, auditor: Auditor) -> None: ...\n"
    main = MAIN_HEAD + (
        "from shop.api.mail import Sender\nfrom shop.core.audit import Auditor\n"
        "def audit() -> Auditor: ...\nservices = Registry().register(Sender).register(Auditor, audit)\n"
    )

    report = run(tmp_path, ignoring(contract, edge), main=main, **{"api.mail": mail})

    assert codes(report, name) == ["KD417"]


@pytest.mark.parametrize(
    ("contract", "key"),
    [
        (LAYERS.replace('["shop"]', '["shop", "shop.none.*"]'), "containers"),
        (LAYERS + 'closed = ["cor"]\n', "closed"),
        (ACYCLIC.replace('["shop"]', '["shop.non*"]'), "packages"),
        (ACYCLIC.replace('["shop"]', '["shop.none"]'), "packages"),
        (IMPLEMENTATIONS.replace("shop.main", "shop.none"), "roots"),
        (ROOTS + 'implementations = ["shop.none"]\n', "implementations"),
        (IMPLEMENTATIONS + 'may_resolve = ["shop.none"]\n', "may_resolve"),
    ],
    ids=["containers", "closed", "wildcard", "packages", "roots", "implementations", "may_resolve"],
)
def test_name_that_matches_nothing_is_an_error_with_its_key(tmp_path: Path, contract: str, key: str) -> None:
    (result,) = run(tmp_path, contract).contracts

    assert (result.kept, result.exit_code) == (None, 2)
    assert key in (result.error or "")


@pytest.mark.parametrize(
    "contract",
    [
        'type = "layers"\nlayers = ["(none)", "(nobody)"]\ncontainers = ["shop"]\n',
        'type = "layers"\nlayers = ["api", "none"]\ncontainers = ["shop"]\n',
        'type = "layers"\nlayers = ["api", "core"]\ncontainers = ["shop.none"]\n',
        'type = "independence"\nmodules = ["shop.none.*", "shop.api"]\n',
        'type = "forbidden"\nsource_modules = ["shop.none"]\nforbidden_modules = ["shop.api"]\n',
        'type = "protected"\nprotected_modules = ["shop.none.**"]\nallowed_importers = []\n',
    ],
    ids=["optional-layers", "layer", "container", "wildcard", "source", "protected"],
)
def test_built_in_contract_that_names_nothing_is_an_error(tmp_path: Path, contract: str) -> None:
    (result,) = run(tmp_path, f'[[contract]]\nname = "Built in"\n{contract}').contracts

    assert (result.kept, result.exit_code) == (None, 2)
