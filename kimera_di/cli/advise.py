"""``kimera advise``: what to do about one import that has to go.

In: two modules. Out: the advice with the code to write on stdout, and an exit code. Changes nothing.
"""

import json
from collections.abc import Sequence
from pathlib import Path

from kimera_di.architecture.advising.adviser import Adviser
from kimera_di.architecture.advising.project import Project, read_project
from kimera_di.architecture.configuration.contract_file import read_contract_file
from kimera_di.architecture.configuration.contract_files import contract_files
from kimera_di.architecture.model.module_graph import ModuleGraph
from kimera_di.architecture.model.scopes import refuse_unknown
from kimera_di.architecture.model.specs import IMPORT_KINDS, ImportKind
from kimera_di.cli.advice_lines import whole_advice
from kimera_di.cli.links import import_link, link_json, link_line, place_width
from kimera_di.cli.outputs import write
from kimera_di.cli.why import read_roots
from kimera_di.errors import KimeraError
from kimera_di.rendering import listed

COUNTED: dict[str, tuple[ImportKind, ...]] = {
    "loading": ("runtime", "lazy"),
    "runtime": ("runtime", "lazy", "deferred"),
    "all": IMPORT_KINDS,
}
"""Which imports count: while modules load, all but those for type checkers, or all."""


def run_advise(
    importer: str, imported: str, *, configs: Sequence[Path], kind: str | None, output: str, roots: Sequence[Path]
) -> int:
    """Find the advice and write it.

    Args:
        importer: A module.
        imported: A module that it imports.
        configs: Contract files, for the layers and the composition root; those of the current folder when empty.
        kind: A key of `COUNTED`; ``None`` for what the layers that are against the import count, else ``runtime``.
        output: ``text`` or ``json``.
        roots: Folders that hold packages.

    Returns:
        0.

    Raises:
        KimeraError: A module does not exist, the import does not, or a contract file cannot be read.
    """
    graph = read_roots((importer, imported), roots).graph
    refuse_unknown(graph, (importer, imported))
    if not graph.has_import(importer, imported):
        raise _no_import(graph, importer, imported)
    project = known_project(configs, (importer,))
    kinds = COUNTED[kind] if kind else project.kinds_against(importer, imported) or COUNTED["runtime"]
    advice = Adviser(graph, project).about((importer, imported), kinds)
    link, found = import_link(graph, importer, imported)
    if output == "json":
        text = json.dumps({**link_json(link, found), "advice": advice.as_json()}, indent=2, ensure_ascii=False)
    else:
        text = "\n".join([link_line(link, place_width([link]), found)[2:], *whole_advice(advice)])
    write(f"{text}\n", None)
    return 0


def known_project(configs: Sequence[Path], modules: Sequence[str]) -> Project:
    """Read what contract files say about layers and the composition root.

    Args:
        configs: Files that were named; else those of the current folder that are about ``modules``, if there are any.
        modules: Modules or packages.

    Returns:
        What they say.

    Raises:
        KimeraError: A file that was named cannot be read.
    """
    if configs:
        return read_project([read_contract_file(config) for config in configs])
    try:
        files = [read_contract_file(file) for file in contract_files(Path.cwd())]
    except KimeraError:
        return Project()  # advice is possible without contracts, and whoever checks them is told what is wrong
    named = {module.partition(".")[0] for module in modules}
    return read_project([file for file in files if named & {root.partition(".")[0] for root in file.root_packages}])


def _no_import(graph: ModuleGraph, importer: str, imported: str) -> KimeraError:
    targets = sorted(graph.imports.get(importer, ()))
    facts = (
        ("it imports", listed(targets) if targets else "nothing of these packages"),
        ("do this", f"kimera why {importer} {imported} shows the chain, if there is one; ask about its first import"),
    )
    return KimeraError(f"{importer} does not import {imported} itself", facts=facts)
