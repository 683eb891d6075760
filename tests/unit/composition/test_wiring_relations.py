from typing import Any

import pytest

from kimera_di import Lazy, Owned, Provider, ServiceCollection
from kimera_di.composition.wiring import check_wiring
from kimera_di.planning import make_plan
from tests.unit.composition.worlds import make_class, order

pytestmark = pytest.mark.check


def asking(name: str, annotation: Any) -> type:
    """Make a class whose constructor asks for something."""

    def init(self: Any, port: Any) -> None:
        self.port = port

    init.__annotations__["port"] = annotation
    made = make_class(name)
    made.__init__ = init  # type: ignore[misc]
    return made


@pytest.mark.parametrize("relation", [Lazy, Provider, Owned], ids=lambda each: each.__name__)
def test_relation_that_reaches_up_a_layer_is_a_finding(relation: Any) -> None:
    """Later is no excuse: the lower layer still cannot work without the higher one."""
    higher = make_class("shop.api.x.X")
    services = ServiceCollection().singleton(higher).singleton(asking("shop.core.a.A", relation[higher]))

    findings = check_wiring(make_plan(services.descriptors()).graph, order(), "wiring")

    assert [(each.importer, each.imported) for each in findings] == [("shop.core.a.A", "shop.api.x.X")]
