"""Captive dependencies are told with the layers of everything on the way."""

from pathlib import Path

import pytest

from kimera_di.architecture.reports.text_report import render_text
from tests.unit.composition.ports_tree import check_ports, wired

pytestmark = pytest.mark.check

CAPTIVE = {
    "shop.main": """
        from kimera_di import ServiceCollection
        from shop.api.store import SqlStore
        from shop.core.audit import Auditor
        from shop.core.ports import Store
        services = ServiceCollection().scoped(Store, SqlStore).singleton(Auditor)
        """
}
DEEP = {
    "shop.core.audit": """
        from shop.core.ports import Store
        class Between:
            def __init__(self, store: Store) -> None: ...
        class Auditor:
            def __init__(self, between: Between) -> None: ...
        """,
    "shop.main": CAPTIVE["shop.main"]
    .replace("import Auditor", "import Auditor, Between")
    .replace(".singleton(Auditor)", ".singleton(Auditor).transient(Between)"),
}


def test_captive_names_both_services_with_their_layers(tmp_path: Path) -> None:
    (finding,) = wired(check_ports(tmp_path, CAPTIVE))

    assert (finding.code, finding.kind) == ("KD203", "captive")
    assert (finding.importer, finding.imported) == ("shop.core.audit.Auditor", "shop.core.ports.Store")
    assert finding.message.endswith(": shop.core.audit.Auditor (core) -> shop.core.ports.Store (core)")


def test_captive_names_what_lies_between(tmp_path: Path) -> None:
    (finding,) = wired(check_ports(tmp_path, DEEP))

    names = ["shop.core.audit.Auditor", "shop.core.audit.Between", "shop.core.ports.Store"]
    assert finding.message.endswith(": " + " -> ".join(f"{name} (core)" for name in names))
    assert [(link.importer, link.imported) for link in finding.chain] == [
        (names[0], names[1]), (names[1], names[2]),
    ]  # fmt: skip


def test_service_of_no_layer_is_named_without_one(tmp_path: Path) -> None:
    modules = {"shop.main": CAPTIVE["shop.main"].replace("Auditor", "Holder")}
    modules["shop.main"] = modules["shop.main"].replace(
        "from shop.core.audit import Holder", "class Holder:\n            def __init__(self, store: 'Store'): ..."
    )

    (finding,) = wired(check_ports(tmp_path, modules))

    assert finding.message.endswith(": shop.main.Holder -> shop.core.ports.Store (core)")


def test_report_shows_the_layers(tmp_path: Path) -> None:
    text = render_text(check_ports(tmp_path, CAPTIVE))

    assert "Auditor (core) -> shop.core.ports.Store (core)   (captive)" in text
