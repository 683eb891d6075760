from abc import ABC, abstractmethod
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from kimera_di.architecture.model.findings import Link
from kimera_di.composition.wiring import check_wiring, knows_a_layer, wired_pairs
from kimera_di.planning import WiringGraph
from tests.unit.composition.worlds import bind, bind_factory, make_class, make_function, order, wire


def found(graph: WiringGraph) -> list[tuple[str | None, str | None]]:
    return [(finding.importer, finding.imported) for finding in check_wiring(graph, order(), "wiring")]


def edge(consumer: str, interface: str, implementation: str) -> WiringGraph:
    """Wire one consumer to an implementation through an interface."""
    port = make_class(interface)
    built = port if implementation == interface else make_class(implementation, port)
    return wire(bind(port, built), bind(make_class(consumer), port=port))


@pytest.mark.parametrize(
    ("consumer", "interface", "implementation"),
    [
        pytest.param("shop.core.a.A", "shop.core.ports.Port", "shop.api.x.X", id="port of the own layer"),
        pytest.param("shop.core.a.A", "shop.infra.ports.Port", "shop.api.x.X", id="port of a lower layer"),
        pytest.param("shop.core.a.A", "shop.infra.x.X", "shop.infra.x.X", id="lower class as itself"),
        pytest.param("shop.core.a.A", "shop.ports.Port", "shop.infra.x.X", id="port of no layer, bound downward"),
        pytest.param("shop.core.a.A", "shop.ports.Port", "lib.x.X", id="neither in a layer"),
        pytest.param("shop.main.A", "shop.api.x.X", "shop.api.x.X", id="consumer in no layer"),
        pytest.param("shop.engines.a.A", "shop.core.ports.Port", "shop.adapters.x.X", id="sibling behind a lower port"),
    ],
)
def test_edge_that_obeys_the_layers_is_no_finding(consumer: str, interface: str, implementation: str) -> None:
    assert found(edge(consumer, interface, implementation)) == []


@pytest.mark.parametrize(
    ("consumer", "interface", "implementation"),
    [
        pytest.param("shop.core.a.A", "shop.api.x.X", "shop.api.x.X", id="higher class as itself"),
        pytest.param("shop.core.a.A", "shop.api.ports.Port", "shop.api.x.X", id="port of a higher layer"),
        pytest.param("shop.core.a.A", "shop.api.ports.Port", "shop.infra.x.X", id="higher port, bound downward"),
        pytest.param("shop.core.a.A", "shop.ports.Port", "shop.api.x.X", id="port of no layer, bound upward"),
        pytest.param("shop.engines.a.A", "shop.adapters.x.X", "shop.adapters.x.X", id="independent sibling"),
        pytest.param("shop.engines.a.A", "shop.ports.Port", "shop.adapters.x.X", id="sibling through no layer"),
    ],
)
def test_edge_that_goes_up_without_a_port_is_a_finding(consumer: str, interface: str, implementation: str) -> None:
    assert found(edge(consumer, interface, implementation)) == [(consumer, implementation)]


def test_closed_layer_may_not_be_skipped() -> None:
    graph = edge("shop.api.a.A", "shop.infra.x.X", "shop.infra.x.X")

    findings = check_wiring(graph, order(closed=("core",)), "wiring")

    assert [finding.imported for finding in findings] == ["shop.infra.x.X"]


def test_standard_library_type_bound_to_a_higher_class_is_a_finding() -> None:
    higher, consumer = make_class("shop.api.x.Notes", list), make_class("shop.core.a.A")

    assert found(wire(bind(list, higher), bind(consumer, notes=list))) == [("shop.core.a.A", "shop.api.x.Notes")]


def test_union_with_a_member_of_a_higher_layer_is_a_finding() -> None:
    low, high = make_class("shop.core.x.Low"), make_class("shop.api.x.High")
    consumer, either = make_class("shop.core.a.A"), low | high

    assert found(wire(bind(either, low), bind(consumer, thing=either))) == [("shop.core.a.A", "shop.core.x.Low")]


def test_factory_in_the_composition_root_counts_as_the_class_it_builds() -> None:
    """Every import is legal here: only the composition root knows that the auditor gets the mailer."""
    mailer, auditor = make_class("shop.api.mail.Mailer"), make_class("shop.core.audit.Auditor")
    factory = make_function("shop.main.make_auditor")

    graph = wire(bind(mailer), bind_factory(auditor, factory, returns=auditor, mailer=mailer))

    assert found(graph) == [("shop.core.audit.Auditor", "shop.api.mail.Mailer")]


def test_finding_of_a_factory_stands_at_the_factory() -> None:
    mailer, auditor = make_class("shop.api.mail.Mailer"), make_class("shop.core.audit.Auditor")
    factory = make_function("shop.main.make_auditor")
    graph = wire(bind(mailer), bind_factory(auditor, factory, returns=auditor, mailer=mailer))

    (finding,) = check_wiring(graph, order(), "wiring")

    assert finding.file is not None
    assert Path(finding.file).name == "worlds.py"
    assert finding.line == factory.__code__.co_firstlineno


def test_factory_of_a_higher_layer_stands_for_a_class_of_no_layer() -> None:
    connection, store = make_class("sqlite3.Connection"), make_class("shop.infra.store.Store")
    factory = make_function("shop.api.database.open_connection")
    opened = bind_factory(connection, partial(factory), returns=connection, in_root=False)

    graph = wire(opened, bind(store, connection=connection))

    assert found(graph) == [("shop.infra.store.Store", "shop.api.database.open_connection")]


def test_factory_in_the_composition_root_does_not_stand_for_a_class_of_no_layer() -> None:
    """The root may lie in a layer (``shop.api.main``); what it opens for lower layers is not its own code."""
    connection, store = make_class("sqlite3.Connection"), make_class("shop.infra.store.Store")
    factory = make_function("shop.api.main.open_connection")

    graph = wire(bind_factory(connection, factory, returns=connection), bind(store, connection=connection))

    assert found(graph) == []


def test_factory_beside_an_adapter_may_use_its_layer_though_it_is_annotated_with_a_lower_port() -> None:
    class Port(ABC):
        @abstractmethod
        def send(self) -> None: ...

    Port.__module__ = "shop.core.ports"
    settings, factory = make_class("shop.adapters.mail.Settings"), make_function("shop.adapters.mail.make_port")
    made = bind_factory(Port, factory, returns=Port, in_root=False, settings=settings)

    assert found(wire(bind(settings), made)) == []


def test_chain_leads_over_the_interface_to_the_registered_implementation() -> None:
    (finding,) = check_wiring(edge("shop.core.a.A", "shop.ports.Port", "shop.api.x.X"), order(), "wiring")

    first, second = finding.chain
    assert (first.importer, first.imported) == ("shop.core.a.A", "shop.ports.Port")
    assert second == Link("shop.ports.Port", "shop.api.x.X", "shop/main.py", 1)


def test_every_implementation_of_a_list_parameter_is_checked() -> None:
    port, consumer = make_class("shop.ports.Plugin"), make_class("shop.core.a.A")
    low, high = make_class("shop.core.p.Low", port), make_class("shop.api.p.High", port)

    graph = wire(bind(port, low), bind(port, high), bind(consumer, plugins=[port]))

    assert found(graph) == [("shop.core.a.A", "shop.api.p.High")]


def test_two_parameters_with_one_implementation_are_one_finding() -> None:
    higher, consumer = make_class("shop.api.x.X"), make_class("shop.core.a.A")

    assert len(found(wire(bind(higher), bind(consumer, one=higher, two=higher)))) == 1


def test_finding_says_what_to_do() -> None:
    (finding,) = check_wiring(edge("shop.core.a.A", "shop.ports.Port", "shop.api.x.X"), order(), "wiring")

    assert "no layer owns what it asks for" in finding.message
    assert finding.advice.startswith("declare a Protocol or abstract class in core")


def test_pairs_name_legal_edges_too() -> None:
    graph = edge("shop.core.a.A", "shop.core.ports.Port", "shop.api.x.X")

    assert wired_pairs(graph, order()) == {("shop.core.a.A", "shop.api.x.X")}


@pytest.mark.parametrize(("name", "known"), [("shop.core.a.A", True), ("lib.a.A", False)])
def test_wiring_knows_whether_a_class_is_in_a_layer(name: str, known: bool) -> None:
    alone: Any = make_class(name)

    assert knows_a_layer(wire(bind(alone)), order()) is known
