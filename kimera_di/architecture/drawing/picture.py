"""What is drawn, as plain data: modules and classes, the edges between them, and the lanes they stand in.

In: nothing. Out: frozen data that every format is written from. Holds no rule and reads no file.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from kimera_di.architecture.model.findings import Unseen

NodeKind = Literal["package", "module", "class"]
"""What a node stands for; factories of services count as classes."""

EDGE_KINDS = ("runtime", "lazy", "deferred", "dynamic", "typing", "wires", "resolves")
"""Strongest first; the last two are no imports and never joined with one, nor with each other."""

WIRES = "wires"
RESOLVES = "resolves"
"""A module asks the container for services."""


@dataclass(frozen=True, slots=True)
class Lane:
    """One row of a layers contract, or one level of packages where no contract puts them in order."""

    label: str
    contract: str | None
    """Id of the contract the row is in."""


@dataclass(frozen=True, slots=True)
class Node:
    """A module, a package, or a class that takes part in the wiring."""

    id: str
    """Dotted name."""
    kind: NodeKind
    lane: int
    """Position in `Picture.lanes`."""
    layer: str | None = None
    """As written in the contract."""
    file: str | None = None
    """As reports show it."""
    inside: int = 0
    """Modules and classes that are drawn as this one node, besides itself."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of code that makes an edge."""

    file: str | None
    line: int | None
    kind: str


@dataclass(frozen=True, slots=True)
class Fault:
    """What a contract says against an edge."""

    contract: str
    message: str


@dataclass(frozen=True, slots=True)
class Edge:
    """An import, or a step from consumer to interface or from interface to implementation."""

    importer: str
    imported: str
    kind: str
    """The strongest kind of its lines, one of `EDGE_KINDS`."""
    lines: tuple[Line, ...]
    """At least one; the strongest kind first, then sorted by place."""
    faults: tuple[Fault, ...] = ()

    @property
    def violation(self) -> bool:
        """A finding names this edge."""
        return bool(self.faults)

    @property
    def family(self) -> int:
        """What edges are joined with: 0 for imports, 1 for wiring, 2 for what asks the container."""
        return {WIRES: 1, RESOLVES: 2}.get(self.kind, 0)

    def order(self) -> tuple[str, str, int]:
        """Order of edges in every format: by names, imports before wiring."""
        return (self.importer, self.imported, self.family)


@dataclass(frozen=True, slots=True)
class Picture:
    """Everything that is drawn."""

    title: str
    lanes: tuple[Lane, ...]
    """Top to bottom."""
    nodes: tuple[Node, ...]
    """Sorted by name."""
    edges: tuple[Edge, ...]
    """Sorted; one per pair of nodes, and one more where wiring goes beside an import."""
    unseen: tuple[Unseen, ...] = ()
    """Files whose imports are missing here."""


def strongest(kinds: Iterable[str]) -> str:
    """Give the strongest of some kinds.

    Args:
        kinds: At least one, all of `EDGE_KINDS`.
    """
    return min(kinds, key=EDGE_KINDS.index)
