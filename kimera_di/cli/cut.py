"""``kimera cut``: the fewest imports to remove so that the layers of all contract files hold.

In: contract files. Out: the imports with file and line on stdout, and an exit code. Changes nothing.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from kimera_di.architecture.advising.advice import Advice
from kimera_di.architecture.advising.adviser import Adviser
from kimera_di.architecture.advising.project import read_project
from kimera_di.architecture.checking import left_unseen
from kimera_di.architecture.configuration.contract_file import read_contract_file
from kimera_di.architecture.configuration.contract_files import contract_files
from kimera_di.architecture.cuts.layer_cuts import CutImport, LayerCut, cut_layers
from kimera_di.architecture.cuts.layer_rules import LayerRule, layer_contracts, layer_rules
from kimera_di.architecture.model.findings import Link, Unseen
from kimera_di.architecture.model.module_graph import ScannedTree
from kimera_di.architecture.model.specs import ASKABLE_KINDS, ContractFile, ContractSpec, ImportKind, counts_dynamic
from kimera_di.architecture.reading.packages import find_packages, search_folders
from kimera_di.architecture.reading.source_tree import TreeReader
from kimera_di.cli.advice_lines import MOST_ADVISED, POINTER, advice_line
from kimera_di.cli.links import link_json, link_line, place_width
from kimera_di.cli.outputs import write, write_trouble
from kimera_di.cli.progress import Advance, progress
from kimera_di.errors import ContractError


class Shown(NamedTuple):
    """An import of the cut, as it is shown."""

    cut: CutImport
    link: Link
    kind: ImportKind
    advice: Advice | None
    """``None`` where the text has too many imports to say something about each."""


class Source(NamedTuple):
    """A contract file and what it is about."""

    file: ContractFile
    specs: tuple[ContractSpec, ...]
    tree: ScannedTree
    rules: tuple[LayerRule, ...]


def run_cut(configs: Sequence[Path], *, output: str, roots: Sequence[Path]) -> int:
    """Find the imports and write them.

    Args:
        configs: Contract files; those of the current folder that have layers when empty.
        output: ``text`` or ``json``.
        roots: Folders that hold packages.

    Returns:
        0 when the layers hold, 1 when something has to go, 3 when files could not be read.

    Raises:
        KimeraError: There is no contract file or none with layers, a file or one of its layer contracts has mistakes
            or names what does not exist.
    """
    with progress("reading contract files") as advance:
        sources = _sources(configs, roots, advance)
        specs = [spec for source in sources for spec in source.specs]
        advance("searching the fewest imports")
        cut = cut_layers([rule for source in sources for rule in source.rules])
        told = output == "json" or len(cut.imports) <= MOST_ADVISED
        advance("looking for what to do")
        shown = _shown(cut, sources, told=told)
    left = [left_unseen(source.file, source.tree) for source in sources]
    unseen = tuple(dict.fromkeys(item for files, _ in left for item in files))
    errors = [error for _, some in left for error in some]
    write(_json(cut, shown, specs, unseen) if output == "json" else _text(cut, shown, specs), None)
    write_trouble(_trouble(unseen, errors))
    if errors:
        return 2
    return 3 if unseen else int(bool(cut.imports))


def _sources(configs: Sequence[Path], roots: Sequence[Path], advance: Advance) -> list[Source]:
    files = [read_contract_file(config) for config in configs or contract_files(Path.cwd())]
    for file in files:
        if file.mistakes:
            raise file.mistakes[0]
    # Files that nobody named may be about something else; one that is named has to have layers.
    chosen = [file for file in files if configs or layer_contracts(file)] or files[:1]
    folders, reader = search_folders(roots), TreeReader(advance=advance)
    sources: list[Source] = []
    for file in chosen:
        specs = layer_contracts(file)
        if not specs:
            todo = "add a contract of the type kimera_layers; kimera init PACKAGE writes one"
            raise ContractError("the file has no contract about layers", file=file.path, facts=(("do this", todo),))
        tree = reader.read(find_packages(file.root_packages, folders), dynamic=counts_dynamic(file))
        sources.append(Source(file, specs, tree, layer_rules(file, specs, tree.graph)))
    return sources


def _shown(cut: LayerCut, sources: Sequence[Source], *, told: bool) -> list[Shown]:
    project = read_project([source.file for source in sources])
    advisers = {id(source.tree): Adviser(source.tree.graph, project) for source in sources}
    shown: list[Shown] = []
    for found in cut.imports:
        pair = (found.importer, found.imported)
        rules = [
            (source, rule)
            for source in sources
            for rule in source.rules
            if rule.contract in found.contracts and pair in rule.pairs
        ]
        source = rules[0][0]
        kinds: set[ImportKind] = {kind for _, rule in rules for kind in rule.kinds}
        ordered: list[ImportKind] = [kind for kind in ASKABLE_KINDS if kind in kinds]
        kind, line = source.tree.graph.strongest(*pair, ordered)
        link = Link(*pair, source.tree.graph.shown_file(found.importer), line)
        shown.append(Shown(found, link, kind, advisers[id(source.tree)].about(pair, kinds) if told else None))
    return shown


def _json(cut: LayerCut, shown: Sequence[Shown], specs: Sequence[ContractSpec], unseen: Sequence[Unseen]) -> str:
    data = {
        "imports": [
            {
                **link_json(each.link, each.kind),
                "contracts": list(each.cut.contracts),
                "advice": None if each.advice is None else each.advice.as_json(),
            }
            for each in shown
        ],
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
    ordered = sorted(shown, key=lambda each: (each.link.file or "", each.link.line or 0, each.link.imported))
    width = place_width(each.link for each in ordered)
    lines = [line for each in ordered for line in _lines(each, width, specs)]
    todo = [
        "  do this  move what both sides need into the lower layer, or let the lower layer own an interface",
        "  or       change the order of the layers, or add an ignore with the reason",
        f"  more     {POINTER}",
    ]
    return "\n".join([f"{size}{proof}", *lines, *todo]) + "\n"


def _lines(shown: Shown, width: int, specs: Sequence[ContractSpec]) -> list[str]:
    line = link_line(shown.link, width, shown.kind) + _served(shown.cut, specs)
    return [line] if shown.advice is None else [line, advice_line(shown.advice)]


def _served(found: CutImport, specs: Sequence[ContractSpec]) -> str:
    return f"   for {', '.join(found.contracts)}" if len(specs) > 1 else ""


def _trouble(unseen: Sequence[Unseen], errors: Sequence[str]) -> str:
    lines = [*errors, *(f"not read, so imports in it are missing here: {item.file}   {item.reason}" for item in unseen)]
    return "".join(f"{line}\n" for line in lines)
