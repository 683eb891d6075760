"""Interfaces that are implemented and never bound."""

from pathlib import Path

import pytest

from tests.unit.composition.ports_tree import check_ports, triples, wired

pytestmark = pytest.mark.check

ON = "unbound = true\n"
FORGOTTEN = ("KD426", "shop.core.clocks.Clock", "shop.api.clocks.WallClock")
CLOCKS = {
    "shop.core.clocks": """
        from abc import ABC, abstractmethod
        class Clock(ABC):
            @abstractmethod
            def now(self) -> float: ...
        """,
    "shop.api.clocks": """
        from shop.core.clocks import Clock
        class WallClock(Clock):
            def now(self) -> float: ...
        """,
}
REGISTER = """
    from kimera_di import ServiceCollection
    from shop.api.store import SqlStore
    from shop.core.audit import Auditor
    from shop.core.ports import Store
    services = ServiceCollection().singleton(Store, SqlStore).singleton(Auditor)
    """


def registering(line: str, *imports: str) -> dict[str, str]:
    return {**CLOCKS, "shop.main": REGISTER + "".join(f"{each}\n    " for each in (*imports, line))}


def test_interface_that_a_higher_layer_implements_and_nobody_binds_is_a_finding(tmp_path: Path) -> None:
    assert triples(check_ports(tmp_path, CLOCKS, options=ON)) == [FORGOTTEN]


def test_rule_is_asked_for(tmp_path: Path) -> None:
    assert triples(check_ports(tmp_path, CLOCKS)) == []


def test_protocol_without_a_binding_is_a_finding(tmp_path: Path) -> None:
    protocol = "from typing import Protocol\nclass Clock(Protocol):\n    def now(self) -> float: ..."

    assert triples(check_ports(tmp_path, {**CLOCKS, "shop.core.clocks": protocol}, options=ON)) == [FORGOTTEN]


def test_class_that_derives_through_another_one_implements_the_interface(tmp_path: Path) -> None:
    between = (
        CLOCKS["shop.core.clocks"] + "class Base(Clock):\n            @abstractmethod\n            def x(self): ..."
    )
    modules = {"shop.core.clocks": between, "shop.api.clocks": CLOCKS["shop.api.clocks"].replace("Clock)", "Base)")}
    modules["shop.api.clocks"] = modules["shop.api.clocks"].replace("import Clock", "import Base")

    found = triples(check_ports(tmp_path, modules, options=ON))

    assert sorted(found) == [("KD426", "shop.core.clocks.Base", "shop.api.clocks.WallClock"), FORGOTTEN]


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("services.singleton(Clock, WallClock)", id="bound"),
        pytest.param("services.singleton(Clock, WallClock, key='wall')", id="bound under a key"),
        pytest.param("services.instance(Clock, WallClock())", id="bound to an object"),
        pytest.param("services.singleton(WallClock)", id="implementation registered as itself"),
        pytest.param("services.singleton(WallClock).alias(Clock, WallClock)", id="another name"),
        pytest.param("services.singleton(Clock, WallClock, when=lambda c: False)", id="bound under a condition"),
        pytest.param(
            "services.include(ServiceCollection(name='m').singleton(Clock, WallClock, private=True))", id="private"
        ),
        pytest.param("services.scope_value(Clock)", id="given when a scope opens"),
        pytest.param("class Fake(Clock):\n        def now(self): ...\n    services.singleton(Fake)", id="other class"),
    ],
)
def test_interface_that_takes_part_in_the_wiring_is_no_finding(tmp_path: Path, line: str) -> None:
    modules = registering(line, "from shop.core.clocks import Clock", "from shop.api.clocks import WallClock")

    assert triples(check_ports(tmp_path, modules, options=ON)) == []


@pytest.mark.parametrize(
    "shapes",
    [
        pytest.param(
            "class Shape(ABC):\n    @abstractmethod\n    def area(self): ...\nclass Dot(Shape): ...", id="own"
        ),
        pytest.param("class Shape(ABC):\n    @abstractmethod\n    def area(self): ...", id="not implemented"),
        pytest.param("class Shape:\n    pass", id="not abstract"),
    ],
)
def test_base_class_of_values_is_no_port(tmp_path: Path, shapes: str) -> None:
    modules = {"shop.core.shapes": f"from abc import ABC, abstractmethod\n{shapes}"}

    assert triples(check_ports(tmp_path, modules, options=ON)) == []


def test_interface_that_a_registered_class_does_without_is_a_finding_wherever_it_is_implemented(tmp_path: Path) -> None:
    """The adapter was written, and everybody runs with the default."""
    audit = """
        from shop.core.clocks import Clock
        from shop.core.ports import Store
        class Auditor:
            def __init__(self, store: Store, clock: Clock | None = None) -> None: ...
        """
    beside = CLOCKS["shop.core.clocks"] + "class CoreClock(Clock):\n            def now(self): ..."
    modules = {"shop.core.clocks": beside, "shop.core.audit": audit}

    report = check_ports(tmp_path, modules, options=ON)

    assert triples(report) == [("KD426", "shop.core.clocks.Clock", "shop.core.clocks.CoreClock")]


def test_finding_says_where_and_what_to_do(tmp_path: Path) -> None:
    (finding,) = wired(check_ports(tmp_path, CLOCKS, options=ON))

    assert (finding.kind, finding.line) == ("wires", 3)
    assert str(finding.file).endswith("shop/api/clocks.py")
    assert finding.message == (
        "shop.core.clocks.Clock (core) is never bound, though shop.api.clocks.WallClock (api) implements it"
    )
    assert "services.singleton(Clock, WallClock)" in finding.advice


def test_ignored_interface_is_no_finding(tmp_path: Path) -> None:
    rule = 'ignore = [{ import = "shop.core.clocks.Clock -> **", reason = "loaded by a plugin" }]'

    assert triples(check_ports(tmp_path, CLOCKS, options=ON + rule)) == []


def test_classes_that_derive_from_each_other_end(tmp_path: Path) -> None:
    """Nonsense, but sources are not run."""
    modules = {"shop.core.odd": "import shop.core.odd as me\nclass A(me.B): ...\nclass B(A): ..."}

    assert triples(check_ports(tmp_path, modules, options=ON)) == []
