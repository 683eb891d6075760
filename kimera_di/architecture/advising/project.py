"""What a contract file says about where things belong: the layers, and the composition root.

In: a contract file, or none. Out: a `Project`. Reads no source.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from kimera_di.architecture.layering.layers import LayerOrder
from kimera_di.architecture.model.specs import (
    ASKABLE_KINDS,
    CompositionRootOptions,
    ContractFile,
    ImportKind,
    LayersOptions,
    WiringOptions,
    kept_kinds,
)


@dataclass(frozen=True, slots=True)
class Project:
    """Where new code goes."""

    orders: tuple[LayerOrder, ...] = ()
    """The layers, of all contracts."""
    root: str = ""
    """The composition root; empty when no contract names one."""
    counted: tuple[tuple[ImportKind, ...], ...] = ()
    """The kinds of imports that the contract of each of ``orders`` counts."""

    def home_of(self, module: str) -> str:
        """Give the package of the layer that a module is in; ``""`` when it is in none."""
        found = (order.layer_of(module) for order in self.orders)
        return next((layer.package for layer in found if layer is not None), "")

    def kinds_against(self, importer: str, imported: str) -> tuple[ImportKind, ...]:
        """Give the kinds of imports by which one module may not import another one; none when no layers are against it.

        A module in no layer may lead up, so contracts that know the importer count there too.
        """
        against = {
            kind
            for order, kinds in zip(self.orders, self.counted, strict=True)
            if order.layer_of(importer) is not None
            and (order.layer_of(imported) is None or not order.allows(importer, imported))
            for kind in kinds
        }
        return tuple(kind for kind in ASKABLE_KINDS if kind in against)

    def allows(self, user: str, used: str) -> bool:
        """Say whether the layers let one module use another one."""
        return all(order.allows(user, used) for order in self.orders)


def read_project(files: Iterable[ContractFile]) -> Project:
    """Take from contract files what advice needs; contracts with mistakes say nothing.

    Args:
        files: The contract files of one project.

    Returns:
        Their layers, and the first composition root that one of them names.
    """
    orders: list[LayerOrder] = []
    counted: list[tuple[ImportKind, ...]] = []
    roots: list[str] = []
    for home, spec in ((file, spec) for file in files for spec in file.contracts if not spec.mistakes):
        options = spec.options
        if isinstance(options, LayersOptions):
            orders.append(LayerOrder.from_options(options))
            counted.append(options.kinds or kept_kinds(home))
        elif isinstance(options, WiringOptions):
            roots.append(options.services.partition(":")[0])
        elif isinstance(options, CompositionRootOptions):
            roots += [options.services.partition(":")[0]] if options.services else list(options.roots[:1])
    return Project(tuple(orders), roots[0] if roots else "", tuple(counted))
