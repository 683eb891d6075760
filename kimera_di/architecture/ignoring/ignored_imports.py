"""List what the ignores of a contract take out, so that a report can show it.

In: the edges taken out with their rules, and the import graph. Out: values for the report. Decides nothing.
"""

from collections.abc import Collection, Mapping

from kimera_di.architecture.model.findings import IgnoredImport
from kimera_di.architecture.model.module_graph import ModuleGraph, Pair
from kimera_di.architecture.model.specs import IMPORT_KINDS, IgnoreRule, ImportKind


def ignored_imports(
    taken: Mapping[Pair, IgnoreRule], graph: ModuleGraph, kinds: Collection[ImportKind] = IMPORT_KINDS
) -> tuple[IgnoredImport, ...]:
    """Give the place of each import that is ignored, and the reason.

    Args:
        taken: Edges and the rules that take them out; edges between classes are no imports of the graph.
        graph: The imports.
        kinds: The kinds that count for the contract.

    Returns:
        One value for each edge, sorted by file and line. Time O(n log n).
    """
    found = [_ignored(pair, rule, graph, kinds) for pair, rule in taken.items()]
    return tuple(sorted(found, key=lambda each: (each.file or "", each.line or 0, each.importer, each.imported)))


def _ignored(pair: Pair, rule: IgnoreRule, graph: ModuleGraph, kinds: Collection[ImportKind]) -> IgnoredImport:
    importer, imported = pair
    is_import = graph.has_import(importer, imported)
    return IgnoredImport(
        importer=importer,
        imported=imported,
        file=graph.shown_file(importer) if is_import else None,
        line=graph.strongest(importer, imported, kinds)[1] if is_import else None,
        reason=rule.reason or None,
        until=rule.until,
        issue=rule.issue,
    )
