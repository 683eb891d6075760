"""Upward only through an interface that the consumer's layer may use: closed layers, siblings, containers."""

from typing import Any

import pytest

from kimera_di.architecture.layering.layers import LayerOrder
from kimera_di.architecture.model.specs import LayersOptions
from kimera_di.composition.wiring import check_wiring
from tests.unit.composition.worlds import bind, make_class, wire


def found(layers: LayerOrder, consumer: str, interface: str, implementation: str) -> int:
    port: Any = make_class(interface)
    built: Any = port if implementation == interface else make_class(implementation, port)
    graph = wire(bind(port, built), bind(make_class(consumer), port=port))
    return len(check_wiring(graph, layers, "wiring"))


def ordered(*layers: str, containers: tuple[str, ...] = ("shop",), closed: tuple[str, ...] = ()) -> LayerOrder:
    return LayerOrder.from_options(LayersOptions(layers=layers, containers=containers, closed=closed))


CLOSED = ordered("api", "core", "infra", closed=("core",))


@pytest.mark.parametrize(
    ("interface", "implementation", "findings"),
    [
        pytest.param("shop.core.p.Port", "shop.infra.x.X", 0, id="through the closed layer"),
        pytest.param("shop.core.p.Port", "shop.core.x.X", 0, id="into the closed layer"),
        pytest.param("shop.api.p.Port", "shop.infra.x.X", 0, id="own port past the closed layer"),
        pytest.param("shop.infra.p.Port", "shop.infra.x.X", 1, id="port past the closed layer"),
        pytest.param("shop.infra.p.Port", "shop.api.x.X", 1, id="port past the closed layer, bound in the own one"),
        pytest.param("lib.p.Port", "shop.infra.x.X", 1, id="no port, past the closed layer"),
        pytest.param("lib.p.Port", "shop.core.x.X", 0, id="no port, into the closed layer"),
    ],
)
def test_closed_layer_is_not_skipped(interface: str, implementation: str, findings: int) -> None:
    assert found(CLOSED, "shop.api.a.A", interface, implementation) == findings


@pytest.mark.parametrize(
    ("row", "interface", "implementation", "findings"),
    [
        pytest.param("engines | adapters", "shop.adapters.x.X", "shop.adapters.x.X", 1, id="independent, concrete"),
        pytest.param("engines | adapters", "shop.adapters.p.Port", "shop.engines.x.X", 1, id="independent, its port"),
        pytest.param("engines | adapters", "shop.engines.p.Port", "shop.adapters.x.X", 0, id="independent, own port"),
        pytest.param("engines | adapters", "shop.core.p.Port", "shop.adapters.x.X", 0, id="independent, lower port"),
        pytest.param("engines | adapters", "lib.p.Port", "shop.adapters.x.X", 1, id="independent, no port"),
        pytest.param("engines : adapters", "shop.adapters.x.X", "shop.adapters.x.X", 0, id="open, concrete"),
        pytest.param("engines : adapters", "lib.p.Port", "shop.adapters.x.X", 0, id="open, no port"),
        pytest.param("engines : adapters", "shop.api.p.Port", "shop.adapters.x.X", 1, id="open, higher port"),
    ],
)
def test_siblings_are_what_the_row_says(row: str, interface: str, implementation: str, findings: int) -> None:
    layers = ordered("api", row, "core")

    assert found(layers, "shop.engines.a.A", interface, implementation) == findings


@pytest.mark.parametrize(
    ("consumer", "interface", "findings"),
    [
        pytest.param("shop.core.a.A", "shop.api.x.X", 1, id="up in one container"),
        pytest.param("shop.core.a.A", "mall.api.x.X", 0, id="another container is not compared"),
        pytest.param("mall.core.a.A", "mall.api.x.X", 1, id="up in the other container"),
        pytest.param("shop.core.sub.core.a.A", "shop.core.sub.api.x.X", 1, id="up in a container inside a layer"),
        pytest.param("shop.core.sub.core.a.A", "shop.core.x.X", 0, id="out of a container inside a layer"),
    ],
)
def test_layers_are_compared_inside_one_container(consumer: str, interface: str, findings: int) -> None:
    layers = ordered("api", "core", containers=("shop", "mall", "shop.core.sub"))

    assert found(layers, consumer, interface, interface) == findings


def test_layers_without_containers_are_whole_names() -> None:
    layers = ordered("shop_api", "shop_core", containers=())

    assert found(layers, "shop_core.a.A", "shop_api.x.X", "shop_api.x.X") == 1


def test_container_with_a_wildcard_has_the_layers_of_each_package() -> None:
    layers = ordered("api", "core", containers=("shop.*",))

    assert found(layers, "shop.cart.core.a.A", "shop.cart.api.x.X", "shop.cart.api.x.X") == 1
    assert found(layers, "shop.cart.core.a.A", "shop.user.api.x.X", "shop.user.api.x.X") == 0
