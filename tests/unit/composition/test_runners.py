from pathlib import Path

import pytest

from kimera_di.architecture.checking import Architecture
from kimera_di.architecture.reports.report import Report
from kimera_di.composition import register_composition_runners
from tests.unit.composition.shop_tree import LAYERS, ROOTS, WIRED_UP, WIRING, write_shop

pytestmark = pytest.mark.check
register_composition_runners()

IGNORE = 'ignore = [{{ import = "{0}", reason = "being moved" }}]\n'


def check(root: Path, *contracts: str, **modules: str) -> Report:
    return Architecture.load(write_shop(root, *contracts, **modules), root=root).check()


def pairs(report: Report) -> list[tuple[str | None, str | None]]:
    return [(finding.importer, finding.imported) for finding in report.findings]


def test_binding_that_goes_up_breaks_the_wiring_contract_and_not_the_layers(tmp_path: Path) -> None:
    report = check(tmp_path)

    assert [(result.id, result.kept) for result in report.contracts] == [("layers", True), ("wiring", False)]
    assert pairs(report) == [WIRED_UP]
    assert report.exit_code == 1


def test_wiring_contract_may_have_layers_of_its_own(tmp_path: Path) -> None:
    own = WIRING.replace('layers_from = "layers"', 'layers = ["shop.core", "shop.api"]')

    assert check(tmp_path, own).kept


def test_ignored_edge_keeps_the_contract(tmp_path: Path) -> None:
    assert check(tmp_path, LAYERS, WIRING + IGNORE.format("shop.core.audit.* -> shop.api.**")).kept


def test_ignore_without_an_edge_is_a_finding(tmp_path: Path) -> None:
    report = check(tmp_path, LAYERS, WIRING + IGNORE.format("shop.core.audit.Nobody -> shop.api.mail.Mailer"))

    assert sorted(finding.kind for finding in report.findings) == ["ignore", "wires"]


def test_expired_ignore_is_a_finding_and_ignores_nothing(tmp_path: Path) -> None:
    rule = IGNORE.format(" -> ".join(WIRED_UP)).replace(" }]", ', until = "2020-01-31" }]')

    report = check(tmp_path, LAYERS, WIRING + rule)

    assert sorted(finding.kind for finding in report.findings) == ["ignore", "wires"]


def test_missing_service_is_a_finding_with_its_own_code(tmp_path: Path) -> None:
    main = "from kimera_di.registration import Registry\nfrom shop.api.mail import Mailer\nclass Needs:\n"
    main += "    def __init__(self, m: set) -> None: ...\nservices = Registry().register(Needs).register(Mailer)"

    report = check(tmp_path, LAYERS, WIRING, main=main)

    assert [(f.code, f.kind, f.importer, f.imported) for f in report.findings] == [
        ("KD201", "plan", "shop.main.Needs", "builtins.set")
    ]


def test_captive_service_is_a_finding_of_kind_captive(tmp_path: Path) -> None:
    main = """
        from kimera_di.registration import Registry
        from kimera_di.vocabulary import Lifetime
        from shop.api.mail import Mailer
        class Cache:
            def __init__(self, m: Mailer) -> None: ...
        services = Registry().register(Cache).register(Mailer, lifetime=Lifetime.SCOPED)
        """

    report = check(tmp_path, LAYERS, WIRING, main=main)

    assert [(f.code, f.kind, f.importer, f.imported) for f in report.findings] == [
        ("KD203", "captive", "shop.main.Cache", "shop.api.mail.Mailer")
    ]


def test_unknown_services_are_a_bad_configuration_with_file_and_key(tmp_path: Path) -> None:
    report = check(tmp_path, LAYERS, WIRING.replace("main:services", "main:service"))

    assert report.exit_code == 2
    assert report.contracts[1].kept is None
    assert "contracts.toml" in (report.contracts[1].error or "")
    assert "did you mean  services" in (report.contracts[1].error or "")


def test_composition_root_that_raises_is_an_incomplete_analysis(tmp_path: Path) -> None:
    report = check(tmp_path, LAYERS, WIRING, main="1 / 0")

    assert report.exit_code == 3
    assert "ZeroDivisionError: division by zero" in (report.contracts[1].error or "")


def test_layer_that_does_not_exist_is_a_bad_configuration(tmp_path: Path) -> None:
    own = WIRING.replace('layers_from = "layers"', 'layers = ["shop.api", "shop.coer"]')

    report = check(tmp_path, own)

    assert report.exit_code == 2
    assert "shop.core" in (report.contracts[0].error or "")


def test_wiring_without_a_class_in_a_layer_is_a_bad_configuration(tmp_path: Path) -> None:
    main = "from kimera_di.registration import Registry\nservices = Registry().register(list)"

    report = check(tmp_path, LAYERS, WIRING, main=main)

    assert report.exit_code == 2
    assert "lies in a layer" in (report.contracts[1].error or "")


def test_import_of_an_implementation_breaks_the_composition_root_contract(tmp_path: Path) -> None:
    report = check(tmp_path, ROOTS + 'implementations = ["shop.api"]', core__use="import shop.api.mail")

    assert pairs(report) == [("shop.core.use", "shop.api.mail")]
    assert report.findings[0].code == "KD422"


def test_classes_bound_in_the_services_count_as_implementations(tmp_path: Path) -> None:
    main = """
        from kimera_di.registration import Registry
        from shop.core.audit import Auditor
        from shop.api.mail import LoudAuditor
        services = Registry().register(Auditor, LoudAuditor)
        """
    mail = "from shop.core.audit import Auditor\nclass LoudAuditor(Auditor):\n    def __init__(self) -> None: ..."

    report = check(
        tmp_path, ROOTS + 'services = "shop.main:services"', main=main, api__mail=mail, web="import shop.api.mail"
    )

    assert pairs(report) == [("shop.web", "shop.api.mail")]


def test_locator_breaks_the_composition_root_contract_unless_it_may_resolve(tmp_path: Path) -> None:
    contract = ROOTS + 'implementations = ["shop.api"]\nmay_resolve = ["shop.web"]'
    web = "from kimera_di import ServiceContainer\ndef f(c: ServiceContainer): c.resolve(int)"

    report = check(tmp_path, contract, web=web, core__late=web)

    assert pairs(report) == [("shop.core.late", "kimera_di.ServiceContainer")]


def test_module_that_may_resolve_may_not_import_implementations(tmp_path: Path) -> None:
    contract = ROOTS + 'implementations = ["shop.api"]\nmay_resolve = ["shop.web"]'

    assert pairs(check(tmp_path, contract, web="import shop.api.mail")) == [("shop.web", "shop.api.mail")]


@pytest.mark.parametrize("name", ["shop.main", "shop.api", "shop.core"])
def test_module_that_does_not_exist_is_a_bad_configuration(tmp_path: Path, name: str) -> None:
    contract = ROOTS + 'implementations = ["shop.api"]\nmay_resolve = ["shop.core"]'

    report = check(tmp_path, contract.replace(name, "shop.mian"))

    assert report.exit_code == 2
    assert "there is no module 'shop.mian'" in (report.contracts[0].error or "")


def test_layer_without_code_is_a_finding_of_the_wiring_contract_that_lists_it(tmp_path: Path) -> None:
    own = WIRING.replace('layers_from = "layers"', 'layers = ["shop.core", "shop.api", "shop.empty"]')
    (tmp_path / "shop" / "empty").mkdir(parents=True)
    (tmp_path / "shop" / "empty" / "__init__.py").touch()

    (finding,) = check(tmp_path, own).findings

    assert (finding.code, finding.contract, finding.importer) == ("KD414", "wiring", "shop.empty")


SERVICES = 'services = "shop.main:services"\n'
CONDITIONAL = """
    from pydantic_settings import BaseSettings
    from kimera_di import ServiceCollection
    from shop.api.mail import Mailer
    class Needy(BaseSettings):
        value_that_nobody_sets: int
    services = ServiceCollection().settings(Needy).singleton(Mailer)
    services.singleton(Needy, when=lambda c: c.platform == "nowhere", key="decided")
    services.singleton(Mailer, when=lambda c: c.settings(Needy).value_that_nobody_sets > 1, key="us")
    """


@pytest.mark.parametrize("contract", [LAYERS + WIRING, ROOTS + SERVICES], ids=["wiring", "composition root"])
def test_condition_without_its_settings_is_undecided(tmp_path: Path, contract: str) -> None:
    report = check(tmp_path, contract, main=CONDITIONAL)

    assert [(item.service, item.line) for item in report.undecided] == [("Mailer['us']", 9)]
    assert report.exit_code == 0
