"""Find code that a layers contract does not speak about: modules in no layer, layers without code.

In: the modules of a graph and where a contract puts them. Out: findings of kind ``coverage``. Reads at most
one file per layer, and only of layers that are a single ``__init__.py``.
"""

import ast
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from kimera_di.architecture.layering.layers import LayerOrder
from kimera_di.architecture.layering.placement import ModuleNames, Placement
from kimera_di.architecture.model.codes import EMPTY_LAYER, UNCOVERED, UNUSED_EXEMPTION
from kimera_di.architecture.model.findings import Finding
from kimera_di.rendering import show_place


def uncovered_modules(
    names: ModuleNames, placements: Sequence[Placement], roots: Sequence[str]
) -> Iterator[tuple[str, str]]:
    """Give what lies in no layer: the outermost packages and modules, with their names as a contract has them.

    Args:
        names: The modules of the graph.
        placements: One per container.
        roots: The root packages, for contracts without containers.

    Yields:
        Full name and name below the container; both are the same without containers.
    """
    for placement in placements:
        start = roots if placement.container is None else names.children(placement.container)
        depth = 0 if placement.container is None else len(placement.container) + 1
        for module in _outside(names, {layer.package for layer in placement.layers}, start):
            yield module, module[depth:]


def exhaustive_findings(
    names: ModuleNames,
    placements: Sequence[Placement],
    roots: Sequence[str],
    ignored: Sequence[str],
    *,
    contract: str,
    place: tuple[str, int],
    files: Mapping[str, str | None],
) -> list[Finding]:
    """Report modules in no layer, and exemptions that exempt nothing.

    Args:
        names: The modules of the graph.
        placements: One per container.
        roots: The root packages.
        ignored: ``exhaustive_ignores``.
        contract: Id of the contract.
        place: File and line of the contract, for exemptions.
        files: File of each module.

    Returns:
        Findings, modules first.
    """
    outside = sorted(set(uncovered_modules(names, placements, roots)))
    findings = [
        Finding(
            code=UNCOVERED,
            contract=contract,
            kind="coverage",
            importer=module,
            imported=None,
            file=_shown(_some_file(module, names, files)),
            line=1,
            message=f"{module} is in no layer",
            advice=f"add {name!r} to the layers, or to exhaustive_ignores",
        )
        for module, name in outside
        if name not in ignored
    ]
    unused = sorted(set(ignored) - {name for _, name in outside})
    findings += [
        Finding(
            code=UNUSED_EXEMPTION,
            contract=contract,
            kind="coverage",
            importer=name,
            imported=None,
            file=show_place(place[0], None),
            line=place[1] or None,
            message=f"exhaustive_ignores names {name!r}, which is no module outside of the layers",
            advice="delete the entry, or correct the name",
        )
        for name in unused
    ]
    return findings


def empty_layers(
    names: ModuleNames,
    placements: Iterable[Placement],
    order: LayerOrder,
    *,
    contract: str,
    files: Mapping[str, str | None],
) -> Iterator[Finding]:
    """Report required layers that are a package with nothing but an ``__init__.py`` without statements."""
    optional = {name for row in order.rows for name in row.optional}
    for placement in placements:
        for layer in placement.layers:
            file = files.get(layer.package)
            if (
                layer.name in optional
                or names.below(layer.package)
                or file is None
                or not _is_blank_package(Path(file))
            ):
                continue
            yield Finding(
                code=EMPTY_LAYER,
                contract=contract,
                kind="coverage",
                importer=layer.package,
                imported=None,
                file=_shown(file),
                line=1,
                message=f"the layer {layer.name!r} has no code",
                advice=f"write ({layer.name}) when it may be empty, or take it out of the contract",
            )


def _outside(names: ModuleNames, packages: set[str], start: Iterable[str]) -> Iterator[str]:
    waiting = list(start)
    while waiting:
        module = waiting.pop()
        if module in packages:
            continue
        if any(package.startswith(f"{module}.") for package in packages):
            waiting.extend(names.children(module))
        else:
            yield module


def _is_blank_package(file: Path) -> bool:
    if file.name != "__init__.py":
        return False
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            body = ast.parse(file.read_bytes()).body
        except (SyntaxError, ValueError, RecursionError, MemoryError, OSError):
            return False  # newer syntax than this interpreter knows is code as well; what is gone is reported as unseen
    return all(isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) for node in body)


def _some_file(module: str, names: ModuleNames, files: Mapping[str, str | None]) -> str | None:
    return next((file for name in (module, *names.below(module)) if (file := files.get(name))), None)


def _shown(file: str | None) -> str | None:
    return None if file is None else show_place(file, None)
