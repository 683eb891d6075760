"""Advise about imports: which of the ways out applies, decided from the source of the importer.

In: a graph, what contracts say about the project, and an import. Out: an `Advice`. Every source is parsed once, none is
run. See docs/decisions/0027.
"""

from collections.abc import Collection

from kimera_di.architecture.advising.advice import Advice
from kimera_di.architecture.advising.moves import defer_import, delete_import, guard_import
from kimera_di.architecture.advising.project import Project
from kimera_di.architecture.advising.replacing import Replacing
from kimera_di.architecture.advising.sources import Sources
from kimera_di.architecture.advising.verdicts import Verdict, judge
from kimera_di.architecture.model.module_graph import ModuleGraph, Pair
from kimera_di.architecture.model.specs import ImportKind
from kimera_di.rendering import listed


class Adviser:
    """Gives advice about the imports of one graph.

    Args:
        graph: The imports.
        project: What contracts say about layers and the composition root.
    """

    def __init__(self, graph: ModuleGraph, project: Project | None = None) -> None:
        self.sources: Sources = Sources(graph)
        self._graph, self._project = graph, project or Project()

    def about(self, pair: Pair, kinds: Collection[ImportKind]) -> Advice:
        """Say what to do about one import.

        Args:
            pair: Importer and imported, an import of the graph.
            kinds: The kinds of imports that count: moving an import under ``TYPE_CHECKING`` helps only where
                ``typing`` is not among them, deferring only where ``deferred`` is not.

        Returns:
            The advice. Time O(size of both files), and of those who take names from the importer.
        """
        source = self.sources.of(pair[0])
        lines = self._graph.imports.get(pair[0], {}).get(pair[1], ())
        if source is None:
            return Advice(
                "unknown", "the importer cannot be parsed by this Python, so nothing can be said about its use"
            )
        if not any(kind in kinds for _, kind in lines):
            return Advice("unknown", "imported by a call with a text; what the result is used for cannot be followed")
        quotable, deferrable = "typing" not in kinds, "deferred" not in kinds
        verdict = judge(source, pair, kinds, self.sources, movable=quotable or deferrable)
        if not verdict.uses:
            return delete_import(source, pair, verdict)
        notes = tuple(_notes(verdict, quotable=quotable, deferrable=deferrable))
        if verdict.movable and quotable:
            return guard_import(source, pair, verdict)
        if verdict.deferrable and deferrable:
            return defer_import(source, pair, verdict, quotable=quotable)
        return Replacing(self.sources, self._project, source, pair, verdict).advice(notes)


def _notes(verdict: Verdict, *, quotable: bool, deferrable: bool) -> list[str]:
    """Say why the cheaper ways are not the advice."""
    notes: list[str] = []
    if verdict.movable and not quotable:
        notes.append("it is used in annotations only, but imports under TYPE_CHECKING count here (kinds)")
    if verdict.deferrable and not deferrable:
        where = ", ".join(verdict.functions[:3])
        notes.append(f"it could be imported inside of {where}, but such imports count here (kinds)")
    if verdict.takers:
        shown = listed(verdict.takers)
        notes.append(f"{shown} take {', '.join(verdict.handed_on)} from here; let them import it from its home")
    elif verdict.handed_on:
        notes.append(f"{', '.join(verdict.handed_on)} is offered to others by this module; they lose it")
    if verdict.load_functions and not any(use.place == "load" for use in verdict.uses):
        notes.append(
            f"{', '.join(verdict.load_functions[:3])} runs while the module loads, so deferring changes nothing"
        )
    return notes
