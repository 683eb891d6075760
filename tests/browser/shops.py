"""Pictures of shops of any size for the tests in a browser.

In: a number of modules. Out: a `Picture` with five layers, their imports, some wiring and a few violations; the same
for equal numbers.
"""

from collections.abc import Iterator

from kimera_di.architecture.drawing.picture import Edge, Fault, Lane, Line, Node, Picture

LAYERS = ("web", "services", "domain", "adapters", "infra")
PARTS = ("billing", "carts", "mail", "orders", "pricing", "refunds", "reports", "search", "shipping", "stock", "users")
NAMES = ("forms", "models", "ports", "rows", "rules", "tasks", "tools", "views")
LANES = (Lane("in no layer", None), *(Lane(name, "layers") for name in LAYERS))


def shop(modules: int) -> Picture:
    """Make a shop of about so many modules."""
    per_layer = modules // len(LAYERS)
    leaves = [list(_leaves(layer, per_layer)) for layer in LAYERS]
    nodes = [Node("shop", "package", 0, None, "shop/__init__.py"), Node("shop.main", "module", 0, None, "shop/main.py")]
    packages = {name.rsplit(".", depth)[0] for some in leaves for name in some for depth in (1, 2)}
    nodes += [_node(name, "package") for name in sorted(packages)]
    nodes += [_node(name, "module") for some in leaves for name in some]
    nodes += [_node(name, "class") for name in ("shop.web.billing.forms.Page", "shop.infra.billing.forms.Table")]
    edges = [*_imports(leaves), *_wiring()]
    return Picture("shop", LANES, tuple(sorted(nodes, key=lambda node: node.id)), tuple(sorted(edges, key=Edge.order)))


def _leaves(layer: str, count: int) -> Iterator[str]:
    for number in range(count):
        part, rest = PARTS[number % len(PARTS)], number // len(PARTS)
        yield f"shop.{layer}.{part}.{NAMES[rest % len(NAMES)]}{rest // len(NAMES) or ''}"


def _node(name: str, kind: str) -> Node:
    layer = name.split(".")[1]
    file = f"{name.replace('.', '/')}{'/__init__' if kind == 'package' else ''}.py"
    if kind == "class":
        return Node(name, "class", 1 + LAYERS.index(layer), layer)
    return Node(name, "package" if kind == "package" else "module", 1 + LAYERS.index(layer), layer, file)


def _imports(leaves: list[list[str]]) -> Iterator[Edge]:
    yield _edge("shop.main", leaves[0][0], "runtime", 3)
    for height, some in enumerate(leaves):
        for number, name in enumerate(some):
            for step, lower in enumerate(leaves[height:]):
                target = lower[(number * 7 + step * 5 + 1) % len(lower)]
                kind = ("runtime", "runtime", "deferred", "typing")[(number + step) // 2 % 4]
                if target != name and (number + step) % 2 == 0:
                    yield _edge(name, target, kind, step + 1)
    for number in range(3):
        upper, lower = leaves[number], leaves[number + 2]
        message = f"{lower[number]} leads up"
        yield _edge(lower[number], upper[number + 1], "runtime", 9, Fault("layers", message))


def _wiring() -> Iterator[Edge]:
    yield _edge("shop.web.billing.forms.Page", "shop.infra.billing.forms.Table", "wires", 20)


def _edge(importer: str, imported: str, kind: str, line: int, *faults: Fault) -> Edge:
    return Edge(importer, imported, kind, (Line(f"{importer.replace('.', '/')}.py", line, kind),), faults)
