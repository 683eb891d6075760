"""Find interfaces that show types of a layer which their own layer may not use.

In: the wiring graph, the order of the layers, the sources. Out: one finding per interface and type. Whoever uses such
an interface depends on the other layer, although the wiring goes down: the port is owned below in name only. Reads
sources and runs none, so the start-up check leaves it out. Follows docs/decisions/0025.
"""

from collections.abc import Iterable

from kimera_di.architecture.layering.layers import LayerOrder
from kimera_di.architecture.model.findings import Finding, Link
from kimera_di.composition.class_shapes import Named, shown_classes
from kimera_di.composition.codes import LEAK
from kimera_di.composition.receivers import Project
from kimera_di.rendering import short_name, show_place

Pair = tuple[str, str]
Shows = tuple[str, Named]
"""An interface, and a class that one of its members names."""


def shown_by(project: Project, ports: Iterable[str], order: LayerOrder) -> tuple[Shows, ...]:
    """Find what interfaces show of the layers, legal or not.

    Args:
        project: The sources.
        ports: Dotted names of the interfaces, from `ports.ports_of`.
        order: The layers.

    Returns:
        Interface and type, own members first. Parses the modules of the interfaces, and those that their annotations
        lead to.
    """
    return tuple(
        (port, named)
        for port in ports
        for named in shown_classes(project, port)
        if order.layer_of(named.name) is not None
    )


def leak_findings(shown: Iterable[Shows], order: LayerOrder, contract: str | None) -> tuple[Finding, ...]:
    """Find the types that interfaces show and may not.

    Args:
        shown: From `shown_by`.
        order: The layers and what each may use.
        contract: Id of the contract the findings belong to.

    Returns:
        One finding per interface and type, at the first member that names it; sorted by file and line.
    """
    found: dict[Pair, Finding] = {}
    for port, named in shown:
        if (port, named.name) not in found and not order.allows(port, named.name):
            found[port, named.name] = _finding(port, named, order, contract)
    return tuple(sorted(found.values(), key=Finding.place_key))


def _finding(port: str, named: Named, order: LayerOrder, contract: str | None) -> Finding:
    file = show_place(named.file, None)
    own, other = order.layer_of(port), order.layer_of(named.name)
    name, shown = short_name(port), short_name(named.name)
    return Finding(
        code=LEAK,
        contract=contract,
        kind="wires",
        importer=port,
        imported=named.name,
        file=file,
        line=named.line,
        message=f"{port} ({own}) shows {named.name} ({other}) in {named.member!r}: "
        f"whoever is given {name} depends on {other} too",
        chain=(Link(port, named.name, file, named.line),),
        advice=f"move {shown} to {own} or a layer below it, or give {name} a type of its own there, "
        f"which its implementation makes from {shown}",
    )
