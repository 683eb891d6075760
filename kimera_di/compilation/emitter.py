"""Write the body of one builder: straight-line Python, dependencies first.

In: the wiring graph and the number of a root. Out: lines of source, the objects they name, and for each
line the step it belongs to. Calls nothing. For a scoped Handler with a transient Repo the text is::

    values = scope._values
    v0 = values.get(n0, SYNC)  # warm: one look-up
    if v0 is SYNC:
        v1 = f1(c0)  # Repo(settings), a finished singleton is a constant
        mine = [SYNC, None]
        v0 = values.setdefault(n0, mine)  # atomic claim: whoever gets its own list back builds
        if v0 is mine:
            try:
                v0 = values[n0] = f0(v1)
            except BaseException as error:
                if mine[2:]:
                    mine[1] = error  # somebody waits: it gets the error
                del values[n0]  # nothing is called before the cell is free: the stack may be full
                if len(mine) > 2:
                    wake(mine)
                raise
            if len(mine) > 2:
                wake(mine)
        elif type(v0) is list:
            v0 = settle(scope, values, n0, v0, LAYER)
    elif type(v0) is list:
        v0 = settle(scope, values, n0, v0, LAYER)
    return v0

Names are numbered per function, so graphs of one shape share one code object. See docs/decisions/0001.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from kimera_di.compilation.arguments import argument_text, awaits_itself, default_of, must_pass_default
from kimera_di.compilation.cells import call_lines, claim_lines
from kimera_di.compilation.fresh_scopes import LEAST_CLAIMS, claims_below
from kimera_di.planning.graph import Dependency, ServiceNode, WiringGraph
from kimera_di.planning.relations import Tie, ties_of
from kimera_di.records import dataclass, field
from kimera_di.vocabulary import Lifetime

MOST_CONSTRUCTIONS = 64
"""Constructions written into one function; beyond it a builder of its own is called. Keeps code linear on
dense graphs and the call stack short on deep ones."""
MOST_BRANCHES = 24
"""Scoped services nested in one function: each indents the code by one level."""
MOST_ARGUMENTS = 256
"""Arguments written into one function: keeps the whole text quadratic where each of n services needs all others."""


@dataclass(slots=True)
class Emission:
    """The text of one builder and what it refers to."""

    lines: list[str] = field(default_factory=list[str])
    names: dict[str, Any] = field(default_factory=dict[str, Any])
    steps: list[tuple[int, ...]] = field(default_factory=list[tuple[int, ...]])
    """For every line the nodes from the root to the one it builds."""
    pieces: dict[str, int] = field(default_factory=dict[str, int])
    """Names of other builders that are called, and their nodes."""
    level: int | None = None
    """The level of scopes the builder goes to first; ``None`` when it stays where it is called."""


@dataclass(slots=True)
class _Frame:
    """A node whose arguments are being written."""

    node: ServiceNode
    variable: str
    todo: list[tuple[Dependency, int]]
    given: list[str] = field(default_factory=list[str])
    opens_branch: bool = False
    local: dict[int, str] = field(default_factory=dict[int, str])


class Emitter:
    """Writes one builder.

    Args:
        graph: The wiring.
        cells: For every node the number of its cell.
        constants: Finished objects by node.
        is_async: The builder may await.
        affected: In an override layer the nodes it rebuilds; all others are left to the layer below.
        heard: Somebody listens: every construction is reported to ``HEARD``.
        watched: Scopes that are collected unclosed are to be noticed.
        given: How many values a scope may be opened with; it holds no more before anything was built.
    """

    def __init__(
        self, graph: WiringGraph, cells: Sequence[int], constants: Mapping[int, Any], *,
        is_async: bool, affected: frozenset[int] | None = None, heard: bool = False, watched: bool = False,
        given: int = 0,
    ) -> None:  # fmt: skip
        self._graph, self._cells, self._constants = graph, cells, constants
        self._is_async, self._affected = is_async, affected
        self._heard, self._watched = "HEARD" if heard else "", watched
        self._most_values = given
        self._out = Emission()
        self._stack: list[_Frame] = []
        self._begin()

    def emit(self, root: int, *, whole: bool = False) -> Emission:
        """Write the builder of ``root``.

        Args:
            root: Number of the node.
            whole: Write the construction itself even when the node is a singleton (it is built once).

        Returns:
            The finished text. O(size of the text), without recursion.
        """
        node = self._graph.nodes[root]
        if self._graph.levels and node.lifetime is Lifetime.SCOPED:
            self._out.level = node.level
        result = "" if whole else self._known(root)
        if not result:
            if not whole and self._affected is None and not self._graph.levels:
                self._write_fresh(root)
            result = self._construct(root)
        self._return(result)
        return self._out

    def _begin(self, *, is_fresh: bool = False) -> None:
        self._depth, self._is_fresh = 1, is_fresh
        self._has_claim = False
        self._count = self._given = self._branches = 0
        self._visible: list[dict[int, str]] = [{}]

    def _write_fresh(self, root: int) -> None:
        """Write a way of its own for a scope in which nothing was built yet: no look before each claim."""
        if claims_below(self._graph.nodes, root, self._constants) < LEAST_CLAIMS:
            return
        self._begin(is_fresh=True)
        self._line(f"if len(values) <= {self._most_values}:", root)
        self._depth = 2
        result = self._construct(root)
        self._line(f"return {result}", root)
        self._begin()

    def _construct(self, root: int) -> str:
        self._open(root)
        while True:
            frame = self._stack[-1]
            if len(frame.given) < len(frame.todo):
                target = frame.todo[len(frame.given)][1]
                name = self._known(target)
                if name:
                    frame.given.append(name)
                else:
                    self._open(target)
                continue
            self._finish(frame)
            self._stack.pop()
            if not self._stack:
                return frame.variable
            self._stack[-1].given.append(frame.variable)

    def _known(self, number: int) -> str:
        """A name that holds the object already, or the result of calling another builder; "" to construct it here."""
        node = self._graph.nodes[number]
        elsewhere = bool(self._graph.levels) and node.lifetime is Lifetime.SCOPED and node.level != self._out.level
        if number in self._constants and not elsewhere:
            return self._constant(number, node)
        for visible in self._visible:
            if number in visible:
                return visible[number]
        if not elsewhere and node.lifetime is Lifetime.SCOPED and node.needs_async and not self._is_async:
            return self._assign(f"already_built(scope, values, {self._cell(number)}, LAYER)", number)
        full = (
            self._count >= MOST_CONSTRUCTIONS or self._branches >= MOST_BRANCHES or self._given >= MOST_ARGUMENTS
        )  # fmt: skip
        below = self._affected is not None and number not in self._affected
        if (full and self._stack) or below or elsewhere:
            name = f"b{len(self._out.pieces)}"
            self._out.pieces[name] = number
            return self._assign(f"await {name}(scope)" if self._is_async else f"{name}(scope)", number)
        return ""

    def _assign(self, expression: str, number: int) -> str:
        name = f"v{self._count}"
        self._count += 1
        self._line(f"{name} = {expression}", number)
        if self._graph.nodes[number].lifetime is Lifetime.SCOPED:
            self._visible[-1][number] = name
        return name

    def _constant(self, number: int, node: ServiceNode) -> str:
        name = f"c{len(self._out.names)}"
        self._out.names[name] = self._constants[number]
        if self._affected and number in self._affected and node.lifetime is Lifetime.SCOPED:
            # An override by an instance: scopes opened before it keep what they built.
            return self._assign(f"kept(scope, values, {number}, LAYER, {name})", number)
        return name

    def _open(self, number: int) -> None:
        node = self._graph.nodes[number]
        variable = f"v{self._count}"
        self._count += 1
        todo = [(d, t) for d in node.dependencies for t in d.targets]
        self._given += len(todo)
        frame = _Frame(node, variable, todo)
        if node.lifetime is Lifetime.SCOPED:
            cell, layered = self._cell(number), self._affected is not None
            if layered or not (self._is_fresh or all(self._is_at_hand(target) for _, target in todo)):
                self._line(f"{variable} = values.get({cell}, SYNC)", number)
                if layered:
                    self._line(
                        f"if {variable} is SYNC: {variable} = kept(scope, values, {number}, LAYER, SYNC)", number
                    )
                self._line(f"if {variable} is SYNC:", number)
                frame.opens_branch = True
                self._depth += 1
                self._branches += 1
                self._visible.append({})
        self._stack.append(frame)

    def _is_at_hand(self, number: int) -> bool:
        """Tell whether a node's object costs nothing: claiming straight away is then cheaper than a look first."""
        return number in self._constants or any(number in visible for visible in self._visible)

    def _finish(self, frame: _Frame) -> None:
        node, number = frame.node, frame.node.number
        maker = f"f{len(self._out.names)}"
        self._out.names[maker] = node.maker
        call = f"{maker}({self._arguments(frame)})"
        if node.lifetime is Lifetime.SCOPED:
            cell = self._cell(number)
            awaits = awaits_itself(node)
            make = call_lines(
                node, frame.variable, call, self._out.names,
                transient=False, layered=self._affected is not None, heard=self._heard, watched=self._watched,
            )  # fmt: skip
            claim, failure = self._claim(cell, awaits)
            for line in claim_lines(
                frame.variable, cell, make, self._is_async, awaits=awaits, claim=claim, failure=failure
            ):
                self._line(line, number)
            if frame.opens_branch:
                self._depth -= 1
                self._branches -= 1
                self._visible.pop()
                wait = "await settle_async" if self._is_async else "settle"
                self._line(f"elif type({frame.variable}) is list:", number)
                self._line(f"    {frame.variable} = {wait}(scope, values, {cell}, {frame.variable}, LAYER)", number)
            self._visible[-1][number] = frame.variable
            return
        lines = call_lines(node, frame.variable, call, self._out.names, transient=True, layered=True, heard=self._heard)
        for line in lines:
            self._line(line, number)

    def _claim(self, cell: str, awaits: bool) -> tuple[str, str]:
        """Give what makes a claim and what it tells of a failure: in a fresh scope one list claims cell after cell."""
        if not self._is_fresh:
            return "mine = [SYNC, None]", "error"
        had, self._has_claim = self._has_claim, not awaits
        return "" if had else "mine = [SYNC, None]", f"({cell}, error)"

    def _arguments(self, frame: _Frame) -> str:
        """Positional as long as nothing is left out, then by name."""
        given = iter(frame.given)
        parts: list[str] = []
        by_name = False
        for index, dependency in enumerate(frame.node.dependencies):
            if dependency.default:
                if must_pass_default(frame.node, index):
                    parts.append(self._default(frame.node, dependency))
                by_name = True
                continue
            names = [next(given) for _ in dependency.targets]
            if dependency.relation is not None:
                names = [self._related(tie) for tie in ties_of(frame.node.number, dependency)]
            value = argument_text(dependency, names, self._out.names)
            named = dependency.keyword_only or (by_name and not dependency.positional_only)
            parts.append(f"{dependency.parameter}={value}" if named else value)
        return ", ".join(parts)

    def _default(self, node: ServiceNode, dependency: Dependency) -> str:
        name = f"d{len(self._out.names)}"
        self._out.names[name] = default_of(node, dependency)
        return name

    def _related(self, tie: Tie) -> str:
        name = f"r{len(self._out.names)}"
        self._out.names[name] = tie
        return f"relate(scope, LAYER, {name})"

    def _return(self, result: str) -> None:
        last = self._out.lines[-1] if self._out.lines else ""
        if last.startswith(f" {result} = f"):  # a transient, called last: it needs no name
            self._out.lines[-1] = last.replace(f"{result} =", "return", 1)
        else:
            self._line(f"return {result}")

    def _cell(self, number: int) -> str:
        name = f"n{number}"
        for known, value in self._out.names.items():
            if known.startswith("n") and value == self._cells[number]:
                return known
        name = f"n{len(self._out.names)}"
        self._out.names[name] = self._cells[number]
        return name

    def _line(self, text: str, number: int | None = None) -> None:
        self._out.lines.append(" " * self._depth + text)
        path = tuple(frame.node.number for frame in self._stack)
        self._out.steps.append(path if number is None or (path and path[-1] == number) else (*path, number))
