import pytest

from kimera_di.architecture.layering.layers import LayerOrder, order_faults, row_fault
from kimera_di.architecture.model.specs import LayersOptions
from kimera_di.errors import KimeraError


def order(*rows: str, containers: tuple[str, ...] = (), closed: tuple[str, ...] = ()) -> LayerOrder:
    return LayerOrder.from_options(LayersOptions(layers=rows, containers=containers, closed=closed))


def test_module_below_a_layer_is_in_it() -> None:
    layer = order("web", "core", containers=("shop",)).layer_of("shop.core.cart.Cart")

    assert (str(layer), layer and layer.row, layer and layer.package) == ("core", 1, "shop.core")


@pytest.mark.parametrize("module", ["shop", "shop.main", "shop.corex", "other.core", "core"])
def test_module_elsewhere_is_in_no_layer(module: str) -> None:
    assert order("web", "core", containers=("shop",)).layer_of(module) is None


def test_layer_without_containers_is_a_whole_name() -> None:
    assert str(order("shop.web", "shop.core").layer_of("shop.core.cart")) == "shop.core"


def test_container_with_a_wildcard_matches_every_package() -> None:
    layers = order("web", "core", containers=("shop.*",))

    assert [layer.container for name in ("shop.a.web.x", "shop.b.core") if (layer := layers.layer_of(name))] == [
        "shop.a",
        "shop.b",
    ]


def test_higher_layer_may_use_a_lower_one_only() -> None:
    layers = order("web", "core", "infra", containers=("shop",))

    assert layers.allows("shop.web.a", "shop.infra.b")
    assert not layers.allows("shop.infra.b", "shop.web.a")


def test_independent_siblings_may_not_use_each_other() -> None:
    assert not order("a | b").allows("a.x", "b.y")


def test_open_siblings_may_use_each_other() -> None:
    assert order("a : b").allows("a.x", "b.y")


def test_closed_layer_may_not_be_skipped() -> None:
    layers = order("web", "core", "infra", closed=("core",))

    assert not layers.allows("web", "infra")
    assert layers.allows("web", "core")
    assert layers.allows("core", "infra")


def test_modules_of_no_layer_may_use_everything() -> None:
    layers = order("web", "core")

    assert layers.allows("main", "web")
    assert layers.allows("core", "main")


def test_containers_are_not_compared_with_each_other() -> None:
    assert order("web", "core", containers=("shop.*",)).allows("shop.a.core", "shop.b.web")


def test_optional_layer_is_called_without_its_parentheses() -> None:
    assert order("web", "(legacy)").names == ("web", "legacy")


def test_unknown_layer_name_is_an_error_with_a_guess() -> None:
    with pytest.raises(KimeraError, match="did you mean  engines"):
        order("api", "engines").layer_named("engine")


@pytest.mark.parametrize("row", ["a | b : c", "a |", "a b", "a.", "()"])
def test_malformed_row_is_refused(row: str) -> None:
    assert row_fault(row) is not None


def test_layer_inside_another_layer_is_refused() -> None:
    assert order_faults(["a.b", "a"]) == ["'a.b' lies inside 'a'; a module can be in one layer only"]


def test_layer_listed_twice_is_refused() -> None:
    assert order_faults(["a | b", "a"]) == ["'a' is listed more than once"]
