"""``kimera cycles``: the import cycles of packages, and the cheapest cut of each.

In: names of packages. Out: components with file and line on stdout, and an exit code.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path

from kimera_di.architecture.advising.advice import Advice
from kimera_di.architecture.advising.adviser import Adviser
from kimera_di.architecture.advising.costs import RemovalCosts
from kimera_di.architecture.cycles.cycle_report import CycleReport, Knot, report_cycles
from kimera_di.architecture.model.module_graph import ModuleGraph, Pair
from kimera_di.architecture.model.specs import IMPORT_KINDS, ImportKind
from kimera_di.cli.advice_lines import MOST_ADVISED, POINTER, advice_line
from kimera_di.cli.advise import known_project
from kimera_di.cli.links import JsonLink, import_link, link_json, link_line, place_width
from kimera_di.cli.outputs import write
from kimera_di.cli.progress import progress
from kimera_di.cli.why import read_roots
from kimera_di.rendering import show_place

_SHOWN = 12
"""Modules of a component that the text names; JSON has all."""
_ADVICE = (
    "move what two modules need into a third one, or let the importer own an interface and bind the",
    "implementation in the composition root; an import inside a function still counts",
    POINTER,
)


def run_cycles(packages: Sequence[str], *, output: str, typing: bool, roots: Sequence[Path]) -> int:
    """Find the cycles and write them.

    Args:
        packages: Packages or modules, looked at together.
        output: ``text`` or ``json``.
        typing: Imports for type checkers count too.
        roots: Folders that hold packages.

    Returns:
        3 when there are files that could not be seen, else 1 when there is a cycle, else 0.

    Raises:
        KimeraError: A package does not exist.
    """
    kinds: tuple[ImportKind, ...] = tuple(kind for kind in IMPORT_KINDS if typing or kind != "typing")
    with progress(f"reading {', '.join(packages)}") as advance:
        tree = read_roots(packages, roots)
        advance("looking for cycles")
        report = report_cycles(tree, packages, kinds, RemovalCosts(tree.graph, kinds).weights)
        project = known_project((), packages)
        advice = _advice(report, Adviser(tree.graph, project), kinds, told=output == "json")
    text = _json(report, tree.graph, advice) if output == "json" else "\n".join(_lines(report, tree.graph, advice))
    write(f"{text}\n", None)
    return 3 if report.unseen else 1 if report.knots else 0


def _advice(report: CycleReport, adviser: Adviser, kinds: Sequence[ImportKind], *, told: bool) -> Mapping[Pair, Advice]:
    pairs = [pair for knot in report.knots for pair in knot.cut.pairs]
    return {pair: adviser.about(pair, kinds) for pair in pairs} if told or len(pairs) <= MOST_ADVISED else {}


def _json(report: CycleReport, graph: ModuleGraph, advice: Mapping[Pair, Advice]) -> str:
    def links(pairs: Iterable[Pair]) -> list[JsonLink]:
        return [link_json(*import_link(graph, *pair)) for pair in pairs]

    data = {
        "components": [
            {
                "modules": knot.component.modules,
                "shortest_cycle": links(pairwise(knot.shortest)),
                "cut": [
                    {**link, "advice": advice[pair].as_json()}
                    for pair, link in zip(knot.cut.pairs, links(knot.cut.pairs), strict=True)
                ],
                "cut_at_least": knot.fewest.at_least,
            }
            for knot in report.knots
        ],
        "unseen": [{"file": show_place(item.file, None), "reason": item.reason} for item in report.unseen],
    }
    return json.dumps(data, indent=2, ensure_ascii=False)


def _lines(report: CycleReport, graph: ModuleGraph, advice: Mapping[Pair, Advice]) -> Iterator[str]:
    for knot in report.knots:
        yield from _knot(knot, graph, advice)
    if report.knots:
        for number, line in enumerate(_ADVICE):
            yield f"  {'' if number else 'do this':<7}  {line}"
    for item in report.unseen:
        yield f"UNSEEN  {show_place(item.file, None)}   {item.reason}"
    yield _summary(report)


def _knot(knot: Knot, graph: ModuleGraph, advice: Mapping[Pair, Advice]) -> Iterator[str]:
    modules = knot.component.modules
    more = f" (and {len(modules) - _SHOWN} more)" if len(modules) > _SHOWN else ""
    yield f"CYCLIC  {len(modules)} modules: {', '.join(modules[:_SHOWN])}{more}"
    cycle = [import_link(graph, *pair) for pair in pairwise(knot.shortest)]
    cut = [import_link(graph, *pair) for pair in knot.cut.pairs]
    width = place_width(link for link, _ in (*cycle, *cut))
    yield "  shortest cycle"
    yield from (f"  {link_line(link, width, kind, depth=depth)}" for depth, (link, kind) in enumerate(cycle))
    yield f"  cut {_imports(len(cut))}, {_promise(knot)}"
    for pair, (link, kind) in zip(knot.cut.pairs, cut, strict=True):
        yield f"  {link_line(link, width, kind)}"
        if pair in advice:
            yield f"  {advice_line(advice[pair])}"


def _promise(knot: Knot) -> str:
    if not knot.fewest.minimum:
        return f"of which none can stay; fewer than {knot.fewest.at_least} are not enough"
    if len(knot.cut.pairs) == len(knot.fewest.pairs):
        return "the fewest possible"
    return f"the cheapest possible; {len(knot.fewest.pairs)} would do, but take more work"


def _summary(report: CycleReport) -> str:
    caught = sum(len(knot.component.modules) for knot in report.knots)
    cut = sum(len(knot.cut.pairs) for knot in report.knots)
    parts = [f"{caught} modules in {len(report.knots)} component{'' if len(report.knots) == 1 else 's'}"]
    parts += [f"cut {_imports(cut)}"] if cut else []
    parts += [f"{len(report.unseen)} unseen files"] if report.unseen else []
    found = ", ".join(parts) if report.knots else ", ".join(["No cycles", *parts[1:]])
    others = f" and {report.uncounted} for type checkers, which do not count" if report.uncounted else ""
    return f"{found}. Read {report.modules} modules, {report.imports} imports{others}."


def _imports(count: int) -> str:
    return f"{count} import{'' if count == 1 else 's'}"
