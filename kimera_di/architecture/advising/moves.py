"""Advice that moves an import and changes nothing else: under ``TYPE_CHECKING``, into functions, or away.

In: a `Verdict` that allows it. Out: an `Advice`. Decides nothing.
"""

from collections.abc import Iterable, Iterator

from kimera_di.architecture.advising.advice import Advice
from kimera_di.architecture.advising.bindings import Binding
from kimera_di.architecture.advising.sources import Source
from kimera_di.architecture.advising.uses import Use
from kimera_di.architecture.advising.verdicts import Verdict
from kimera_di.architecture.model.module_graph import Pair
from kimera_di.rendering import show_place

_SHOWN = 4


def guard_import(source: Source, pair: Pair, verdict: Verdict) -> Advice:
    """Advise to import for type checkers only."""
    names = _names(verdict.bindings)
    text = f"move it under TYPE_CHECKING: {names} is used in annotations only"
    if verdict.needs_future:
        text += '; they have to be evaluated later, by "from __future__ import annotations" or by quotes'
    changes = [*_removed(source, verdict), *_quoted(source, verdict)]
    return Advice(
        "typing",
        text,
        _guarded(verdict.bindings, future=verdict.needs_future),
        pair[0],
        tuple(changes),
        notes=tuple(_warnings(verdict)),
    )


def defer_import(source: Source, pair: Pair, verdict: Verdict, *, quotable: bool) -> Advice:
    """Advise to import inside of the functions that use the names."""
    noted = [use.binding for use in verdict.uses if use.place in {"annotation", "guarded"}]
    names = _names(verdict.bindings)
    where = _listed(verdict.functions)
    text = f"defer it: {names} is used only inside of {where}; the first call then pays for the import"
    code = "\n".join(f"# in {name}\n{_statements(_used_in(name, verdict))}" for name in verdict.functions) + "\n"
    if noted and quotable:
        text += ", and annotations import it under TYPE_CHECKING"
        code = f"{_guarded(noted, future=verdict.needs_future)}\n{code}"
    elif noted:
        return Advice(
            "unknown",
            f"{text}; but annotations name it too, and imports under TYPE_CHECKING count here: quote nothing, and"
            " annotate with an interface",
            code,
            pair[0],
        )
    return Advice("defer", text, code, pair[0], tuple(_removed(source, verdict)), notes=tuple(_warnings(verdict)))


def delete_import(source: Source, pair: Pair, verdict: Verdict) -> Advice:
    """Advise to remove an import of which the importer uses nothing."""
    removed = tuple(_removed(source, verdict))
    if verdict.handed_on:
        users = f"let {_listed(verdict.takers)}" if verdict.takers else "let those who want it"
        text = f"stop handing on {_listed(verdict.handed_on)}: {users} import it from {pair[1]}"
        return Advice("delete", text, place=pair[0], changes=removed)
    text = "delete it: nothing of it is used here or taken from here"
    if any(not binding.member for binding in verdict.bindings) or not verdict.bindings:
        text += "; an import for its effects belongs into the composition root"
    return Advice("delete", text, place=pair[0], changes=removed)


def _guarded(bindings: Iterable[Binding], *, future: bool) -> str:
    head = "from __future__ import annotations\n\n" if future else ""
    lines = _statements(bindings).replace("\n", "\n    ")
    return f"{head}from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    {lines}\n"


def _statements(bindings: Iterable[Binding]) -> str:
    return "\n".join(sorted({binding.statement for binding in bindings}))


def _used_in(function: str, verdict: Verdict) -> Iterator[Binding]:
    return (use.binding for use in verdict.at_run_time if use.where == function)


def _removed(source: Source, verdict: Verdict) -> Iterator[str]:
    by_line: dict[int, list[str]] = {}
    for binding in verdict.bindings:
        by_line.setdefault(binding.line, []).append(binding.spelled)
    for line, names in by_line.items():
        yield f"{show_place(source.file, line)}  take {', '.join(names)} out of this import"


def _quoted(source: Source, verdict: Verdict) -> Iterator[str]:
    lines = sorted({use.line for use in verdict.uses if use.evaluated})
    if lines:
        some = f"the first of {len(lines)} annotations that are" if len(lines) > 1 else "an annotation that is"
        yield f"{show_place(source.file, lines[0])}  {some} evaluated"


def _warnings(verdict: Verdict) -> Iterator[str]:
    for reader in verdict.readers:
        some: list[Use] = [use for use in verdict.uses if use.reader == reader]
        lines = ", ".join(str(line) for line in sorted({use.line for use in some})[:_SHOWN])
        yield (
            f"{reader} reads annotations at run time (line {lines}): names that only type checkers import fail there;"
            " keep the import, or use an interface"
        )
    if any(use.place == "annotation" for use in verdict.uses) and not verdict.readers:
        yield "constructors of registered classes may keep the name: the container follows imports under TYPE_CHECKING"


def _names(bindings: Iterable[Binding]) -> str:
    return _listed(dict.fromkeys(binding.spelled for binding in bindings))


def _listed(names: Iterable[str]) -> str:
    every = list(names)
    more = f" (and {len(every) - _SHOWN} more)" if len(every) > _SHOWN else ""
    return ", ".join(every[:_SHOWN]) + more
