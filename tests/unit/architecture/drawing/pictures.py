"""Make pictures of tiny packages for tests.

In: module names with their source, contracts. Out: pictures with their lanes.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from kimera_di.architecture.checking import Architecture
from kimera_di.architecture.drawing.import_picture import draw_imports, faults_of
from kimera_di.architecture.drawing.lanes import Lanes, layer_tables
from kimera_di.architecture.drawing.picture import Edge, Node, Picture
from tests.unit.architecture.trees import layers, read_tree, write_contracts, write_package

SHOP = {
    "shop.web.views": "import shop.domain.cart\nimport shop.web.forms",
    "shop.web.forms": "def f():\n    import shop.domain.cart",
    "shop.domain.cart": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import shop.infra.db",
    "shop.infra.db": "import shop.web.views",
    "shop.main": "import shop.web.views\nimport shop.web.views as again",
}
LAYERS = layers('containers = ["shop"]\nlayers = ["web", "domain", "infra"]')


def drawn(
    root: Path, modules: Mapping[str, str] = SHOP, contracts: str = LAYERS, packages: Sequence[str] = ("shop",)
) -> tuple[Picture, Lanes]:
    """Write a package and contracts, check them, and draw the modules."""
    write_package(root, modules)
    tree = read_tree(root)
    if not contracts:
        return draw_imports(tree.graph, packages)
    architecture = Architecture.load(write_contracts(root, contracts), root=root)
    faults = faults_of(architecture.check().findings)
    return draw_imports(tree.graph, packages, layer_tables([architecture.file]), faults)


def node(picture: Picture, name: str) -> Node:
    """Give the node of a module."""
    return next(each for each in picture.nodes if each.id == name)


def edge(picture: Picture, importer: str, imported: str) -> Edge:
    """Give the edge between two nodes."""
    return next(each for each in picture.edges if (each.importer, each.imported) == (importer, imported))
