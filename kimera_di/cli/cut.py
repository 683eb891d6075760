"""``kimera cut``: the fewest imports to remove so that the layers of a contract file hold.

In: a contract file. Out: the imports with file and line on stdout, and an exit code. Changes nothing.
"""

import json
from collections.abc import Sequence
from pathlib import Path

from kimera_di.architecture.checking import left_unseen
from kimera_di.architecture.contract_file import read_contract_file
from kimera_di.architecture.findings import Link, Unseen
from kimera_di.architecture.layer_cuts import CutImport, LayerCut, cut_layers
from kimera_di.architecture.layer_rules import LayerRule, layer_contracts, layer_rules
from kimera_di.architecture.module_graph import ModuleGraph
from kimera_di.architecture.packages import find_packages, search_folders
from kimera_di.architecture.source_tree import TreeReader
from kimera_di.architecture.specs import IMPORT_KINDS, ContractFile, ContractSpec, ImportKind
from kimera_di.cli.links import link_json, link_line, place_width
from kimera_di.cli.outputs import write, write_trouble
from kimera_di.errors import ContractError
from kimera_di.rendering import show_place

Shown = tuple[CutImport, Link, ImportKind]


def run_cut(config: Path, *, output: str, roots: Sequence[Path]) -> int:
    """Find the imports and write them.

    Args:
        config: A contract file.
        output: ``text`` or ``json``.
        roots: Folders that hold packages.

    Returns:
        0 when the layers hold, 1 when something has to go, 3 when files could not be read.

    Raises:
        KimeraError: The file or one of its layer contracts has mistakes, or names what does not exist.
    """
    file = read_contract_file(config)
    specs = _usable(file)
    tree = TreeReader().read(find_packages(file.root_packages, search_folders(roots)))
    rules = layer_rules(file, specs, tree.graph)
    cut = cut_layers(rules)
    shown = [(found, *_link(found, rules, tree.graph)) for found in cut.imports]
    unseen, errors = left_unseen(file, tree)
    write(_json(cut, shown, specs, unseen) if output == "json" else _text(cut, shown, specs), None)
    write_trouble(_trouble(unseen, errors))
    if errors:
        return 2
    return 3 if unseen else int(bool(cut.imports))


def _usable(file: ContractFile) -> tuple[ContractSpec, ...]:
    if file.mistakes:
        raise file.mistakes[0]
    specs = layer_contracts(file)
    if not specs:
        todo = "add a contract of the type kimera_layers; kimera init PACKAGE writes one"
        raise ContractError("the file has no contract about layers", file=file.path, facts=(("do this", todo),))
    return specs


def _link(found: CutImport, rules: Sequence[LayerRule], graph: ModuleGraph) -> tuple[Link, ImportKind]:
    """Find the first line of the import, of the strongest kind that one of its contracts counts."""
    counted = {kind for rule in rules if rule.contract in found.contracts for kind in rule.kinds}
    kind, line = graph.strongest(found.importer, found.imported, [kind for kind in IMPORT_KINDS if kind in counted])
    file = graph.file_of(found.importer)
    return Link(found.importer, found.imported, None if file is None else show_place(file, None), line), kind


def _json(cut: LayerCut, shown: Sequence[Shown], specs: Sequence[ContractSpec], unseen: Sequence[Unseen]) -> str:
    data = {
        "imports": [{**link_json(link, kind), "contracts": list(found.contracts)} for found, link, kind in shown],
        "minimum": cut.minimum,
        "at_least": cut.at_least,
        "contracts": [{"id": spec.id, "name": spec.name} for spec in specs],
        "unseen": [{"file": item.file, "reason": item.reason} for item in unseen],
    }
    return f"{json.dumps(data, indent=2, ensure_ascii=False)}\n"


def _text(cut: LayerCut, shown: Sequence[Shown], specs: Sequence[ContractSpec]) -> str:
    names = ", ".join(spec.id for spec in specs)
    if not shown:
        return f"Nothing to cut: all layers hold ({names}).\n"
    size = f"{len(shown)} import{'s' * (len(shown) > 1)} to remove, then all layers hold ({names}); "
    proof = "fewer are not enough" if cut.minimum else f"no cut is smaller than {cut.at_least}"
    ordered = sorted(shown, key=lambda each: (each[1].file or "", each[1].line or 0, each[1].imported))
    width = place_width(link for _, link, _ in ordered)
    lines = [link_line(link, width, kind) + _served(found, specs) for found, link, kind in ordered]
    todo = (
        "  do this  move what both sides need into the lower layer, or let the lower layer own an interface and bind\n"
        "           the implementation in the composition root; then `kimera check`"
    )
    return "\n".join([f"{size}{proof}", *lines, todo]) + "\n"


def _served(found: CutImport, specs: Sequence[ContractSpec]) -> str:
    return f"   for {', '.join(found.contracts)}" if len(specs) > 1 else ""


def _trouble(unseen: Sequence[Unseen], errors: Sequence[str]) -> str:
    lines = [*errors, *(f"not read, so imports in it are missing here: {item.file}   {item.reason}" for item in unseen)]
    return "".join(f"{line}\n" for line in lines)
