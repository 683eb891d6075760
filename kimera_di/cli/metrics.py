"""``kimera metrics``: the numbers of packages and their modules.

In: names of packages. Out: a table or JSON on stdout, and an exit code. Judges nothing: limits are in contracts.
"""

import json
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path

from kimera_di.architecture.layering.placement import ModuleNames
from kimera_di.architecture.metrics.measures import (
    UNPARSED,
    ModuleMeasures,
    PackageMeasures,
    counted_pairs,
    measure_modules,
    measure_packages,
    unread_modules,
)
from kimera_di.architecture.model.findings import Unseen
from kimera_di.architecture.model.patterns import lies_in
from kimera_di.architecture.model.scopes import refuse_unknown, unseen_in
from kimera_di.cli.outputs import write
from kimera_di.cli.progress import progress
from kimera_di.cli.why import read_roots
from kimera_di.rendering import show_place

_SHOWN = 30
"""Modules that the text shows; JSON has all."""
_WIDTH = 80
_HEAD = "    D     A     I    Ca    Ce  module"
_LEGEND = (
    "Ca importers, Ce imported modules, I = Ce / (Ca + Ce) instability, A share of",
    "abstract classes, D = |A + I - 1| distance; - without classes. The worst first.",
)


def run_metrics(packages: Sequence[str], *, output: str, roots: Sequence[Path]) -> int:
    """Measure packages and write the numbers.

    Args:
        packages: Packages or modules; each is measured on its own.
        output: ``text`` or ``json``.
        roots: Folders that hold packages.

    Returns:
        3 when there are files that could not be seen, or whose classes could not be counted, else 0.

    Raises:
        KimeraError: A package does not exist.
    """
    with progress(f"reading {', '.join(packages)}") as advance:
        tree = read_roots(packages, roots)
        graph = tree.graph
        refuse_unknown(graph, packages)
        advance("measuring")
        names, pairs = ModuleNames(graph), counted_pairs(graph)
        inside = [name for name in names.names if lies_in(name, packages)]
        modules = measure_modules(graph, pairs, inside, classes=True)
        measured = measure_packages(names, pairs, packages)
    unseen = [Unseen(show_place(item.file, None), item.reason) for item in unseen_in(tree, packages)]
    known = {item.file for item in unseen}
    late = ((name, graph.shown_file(name) or "") for name in unread_modules(modules, graph.files))
    unseen += [
        Unseen(file, f"the classes of {name} were not counted: {UNPARSED}") for name, file in late if file not in known
    ]
    text = _json(measured, modules, unseen) if output == "json" else "\n".join(_lines(measured, modules, unseen))
    write(f"{text}\n", None)
    return 3 if unseen else 0


def _json(packages: Sequence[PackageMeasures], modules: Sequence[ModuleMeasures], unseen: Sequence[Unseen]) -> str:
    data = {
        "packages": [
            {
                "package": each.package,
                "modules": each.modules,
                "imports": each.imports,
                "cycles": len(each.components),
                "modules_in_cycles": sum(len(component.modules) for component in each.components),
                "propagation_cost": float(each.propagation_cost),
            }
            for each in packages
        ],
        "modules": [
            {
                "module": each.module,
                "afferent": each.afferent,
                "efferent": each.efferent,
                "instability": float(each.instability),
                "abstractness": _number(each.abstractness),
                "distance": _number(each.distance),
            }
            for each in modules
        ],
        "unseen": [{"file": item.file, "reason": item.reason} for item in unseen],
    }
    return json.dumps(data, indent=2, ensure_ascii=False)


def _number(value: Fraction | None) -> float | None:
    return None if value is None else float(value)


def _lines(
    packages: Sequence[PackageMeasures], modules: Sequence[ModuleMeasures], unseen: Sequence[Unseen]
) -> Iterator[str]:
    for each in packages:
        yield from _package(each)
    yield ""
    yield _HEAD
    worst = sorted(modules, key=_badness)
    for module in worst[:_SHOWN]:
        numbers = f"{_cell(module.distance)} {_cell(module.abstractness)} {_cell(module.instability)}"
        yield _fitting(f"{numbers} {module.afferent:>5} {module.efferent:>5}  ", module.module)
    if len(worst) > _SHOWN:
        yield f"and {len(worst) - _SHOWN} more; --format json has all"
    yield from _LEGEND
    for item in unseen:
        yield f"UNSEEN  {item.file}   {item.reason}"


def _package(package: PackageMeasures) -> Iterator[str]:
    yield f"{package.package}   {_count(package.modules, 'module')}, {_count(package.imports, 'import')}"
    reached = float(Fraction(package.reached, package.modules))
    yield f"  propagation cost  {float(package.propagation_cost):.3f}: a module reaches {reached:.1f} on average"
    sizes = [len(component.modules) for component in package.components]
    largest = f", the largest with {_count(sizes[0], 'module')}" if sizes else ""
    yield f"  cycles            {len(sizes)}{largest}"


def _badness(module: ModuleMeasures) -> tuple[Fraction | int, int, str]:
    distance = Fraction(-1) if module.distance is None else module.distance
    return -distance, -module.afferent - module.efferent, module.module


def _cell(value: Fraction | None) -> str:
    return "    -" if value is None else f"{float(value):5.2f}"


def _fitting(numbers: str, module: str) -> str:
    room = _WIDTH - len(numbers)
    return numbers + (module if len(module) <= room else f"...{module[3 - room :]}")


def _count(count: int, word: str) -> str:
    return f"{count} {word}{'' if count == 1 else 's'}"
