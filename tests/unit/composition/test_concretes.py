"""Classes of another layer that are asked for as themselves although they implement an interface."""

from pathlib import Path

import pytest

from tests.unit.composition.ports_tree import check_ports, triples, wired

pytestmark = pytest.mark.check

ON = "concrete = true\n"
DOWN = '["core", "api"]'
"""The auditor of ``core`` may use ``api`` here."""
AUDIT = """
    from shop.api.store import SqlStore
    class Auditor:
        def __init__(self, store: {asked}) -> None: ...
    """
MAIN = """
    from kimera_di import ServiceCollection
    from shop.api.store import SqlStore
    from shop.core.audit import Auditor
    from shop.core.ports import Store
    services = ServiceCollection().{registered}.singleton(Auditor)
    """
FOUND = ("KD427", "shop.core.audit.Auditor", "shop.api.store.SqlStore")
AS_ITSELF = "singleton(SqlStore)"


def modules(asked: str = "SqlStore", registered: str = AS_ITSELF, **more: str) -> dict[str, str]:
    head = "from kimera_di import Lazy, Provider\n"
    audit = head + AUDIT.format(asked=asked).replace("\n    ", "\n")
    return {"shop.core.audit": audit, "shop.main": MAIN.format(registered=registered), **more}


@pytest.mark.parametrize("asked", ["SqlStore", "Lazy[SqlStore]", "list[SqlStore]", "SqlStore | None"])
def test_class_of_another_layer_with_an_interface_is_a_finding(tmp_path: Path, asked: str) -> None:
    assert triples(check_ports(tmp_path, modules(asked), options=ON, layers=DOWN)) == [FOUND]


def test_rule_is_asked_for(tmp_path: Path) -> None:
    assert triples(check_ports(tmp_path, modules(), layers=DOWN)) == []


def test_class_that_is_bound_to_another_type_is_a_finding(tmp_path: Path) -> None:
    store = "from shop.core.ports import Store\nclass SqlStore:\n    def rows(self) -> list[str]: ..."
    registered = "singleton(SqlStore).singleton(Store, SqlStore)"

    found = check_ports(tmp_path, modules(registered=registered, **{"shop.api.store": store}), options=ON, layers=DOWN)

    assert triples(found) == [FOUND]


def test_class_without_an_interface_is_no_finding(tmp_path: Path) -> None:
    store = "class SqlStore: ..."

    report = check_ports(tmp_path, modules(**{"shop.api.store": store}), options=ON, layers=DOWN)

    assert triples(report) == []


def test_class_of_the_own_layer_is_no_finding(tmp_path: Path) -> None:
    store = "from shop.core.ports import Store\nclass SqlStore(Store):\n    def rows(self) -> list[str]: ..."
    renamed = {name: text.replace("shop.api.store", "shop.core.store") for name, text in modules().items()}

    report = check_ports(tmp_path, {**renamed, "shop.core.store": store}, options=ON, layers=DOWN)

    assert triples(report) == []


def test_interface_that_the_consumer_may_not_use_is_no_cure(tmp_path: Path) -> None:
    """``core`` may use ``api``, but the port lies above both."""
    high = "from typing import Protocol\nclass Store(Protocol):\n    def rows(self) -> list[str]: ..."
    store = "from shop.web.ports import Store\nclass SqlStore(Store):\n    def rows(self) -> list[str]: ..."
    more = {"shop.web.ports": high, "shop.api.store": store}

    report = check_ports(tmp_path, modules(**more), options=ON, layers='["web", "core", "api"]')

    assert triples(report) == []


def test_class_of_a_higher_layer_is_one_finding_about_the_edge(tmp_path: Path) -> None:
    report = check_ports(tmp_path, modules(), options=ON)

    assert triples(report) == [("KD421", *FOUND[1:])]


def test_consumer_in_no_layer_is_no_finding(tmp_path: Path) -> None:
    main = MAIN.format(registered=AS_ITSELF) + (
        "class Screen:\n        def __init__(self, store: SqlStore) -> None: ...\n    services.singleton(Screen)\n"
    )
    audit = "class Auditor: ..."

    report = check_ports(tmp_path, {"shop.core.audit": audit, "shop.main": main}, options=ON, layers=DOWN)

    assert triples(report) == []


def test_finding_names_the_interface_to_ask_for(tmp_path: Path) -> None:
    (finding,) = wired(check_ports(tmp_path, modules(), options=ON, layers=DOWN))

    assert finding.kind == "wires"
    assert str(finding.file).endswith("shop/core/audit.py")
    assert "which implements shop.core.ports.Store (core)" in finding.message
    assert finding.advice == (
        "annotate the parameter 'store' of Auditor with Store, and bind SqlStore to Store in the composition root"
    )


def test_ignored_class_is_no_finding(tmp_path: Path) -> None:
    rule = 'ignore = [{ import = "shop.core.audit.Auditor -> shop.api.store.*", reason = "needs its dialect" }]'

    assert triples(check_ports(tmp_path, modules(), options=ON + rule, layers=DOWN)) == []
