"""Write a contract file for the layers that were found in a package.

In: a `Draft`. Out: TOML with comments for somebody who has never seen a contract file. The same draft gives the
same bytes. Reads and writes no file.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from kimera_di.architecture.proposing.proposals import Proposal
from kimera_di.architecture.proposing.proposed_rows import ProposedRow
from kimera_di.architecture.proposing.tangles import Tangle

_MUTUAL_SHOWN = 6
"""Pairs that import each other which a comment names."""


@dataclass(frozen=True, slots=True)
class Draft:
    """Everything the file says."""

    path: str
    """Of the file, as it is shown in commands."""
    root_package: str
    proposal: Proposal
    empty: frozenset[str]
    """Children without any code."""
    contract_types: Mapping[str, str]
    """Type -> class, for lint-imports."""
    without_typing: Proposal | None = None
    """The rows without imports for type checkers, when fewer children are tangled then."""
    unseen: tuple[tuple[str, str], ...] = ()
    """Globs of files that cannot be checked, each with the reason."""
    broken: tuple[str, ...] = ()
    """Files that do not parse."""
    cycle_cut: int = 0
    """Imports that close circles between modules; with 0 the file forbids new ones."""


def write_draft(draft: Draft) -> str:
    """Write the contract file.

    Args:
        draft: What it says.

    Returns:
        TOML, the last line ending with a line break.
    """
    blocks = [_head(draft), _session(draft), _layers(draft), _acyclic(draft)]
    return "\n\n".join("\n".join(block) for block in blocks) + "\n"


def quoted(text: str) -> str:
    """Write a TOML basic string."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _head(draft: Draft) -> Iterator[str]:
    package = draft.proposal.package
    yield f"# Written by `kimera init`: the layers that it found in {package}. The comments say what it saw that day."
    yield f"#   kimera check --config {draft.path}   says which imports are in the way of the rows"
    yield f"#   kimera cut --config {draft.path}     names the fewest imports to remove"
    if draft.broken:
        yield "#"
        yield "# These files did not parse, so their imports were not seen. Until they are corrected `kimera check`"
        yield "# exits with 3 and `lint-imports` stops:"
        yield from (f"#   {quoted(file)}" for file in draft.broken)


def _session(draft: Draft) -> Iterator[str]:
    yield "[tool.importlinter]"
    yield f"root_packages = [{quoted(draft.root_package)}]"
    yield "contract_types = [  # only lint-imports needs this; kimera knows the types"
    yield from (f"    {quoted(f'{name}: {home}')}," for name, home in draft.contract_types.items())
    yield "]"
    if draft.unseen:
        yield ""
        yield "# No import graph holds these Python files, so nobody checks what they import. Delete an entry when"
        yield "# its files have become modules, or are gone."
        yield "[tool.importlinter.kimera]"
        yield "allow_unseen = ["
        yield from (f"    {quoted(glob)},  # {' '.join(reason.split())}" for glob, reason in draft.unseen)
        yield "]"


def _layers(draft: Draft) -> Iterator[str]:
    proposal = draft.proposal
    identity = proposal.package.replace(".", "-")
    yield "[[tool.importlinter.contracts]]"
    yield f"id = {quoted(f'{identity}-layers')}"
    yield f"name = {quoted(f'Layers of {proposal.package}')}"
    yield 'type = "kimera_layers"'
    yield 'why = "the order that kimera init found in the code; write here why it should stay"'
    if not proposal.rows:
        yield f"layers = [{quoted(_layer(proposal.package, draft.empty))}]  # one module: add rows when it grows"
        yield "exhaustive = true"
        return
    yield f"containers = [{quoted(proposal.package)}]"
    yield "# High to low: a row may import the rows below it."
    yield from _legend(proposal.rows, draft.empty)
    yield "layers = ["
    yield from (f"    {quoted(_row(row, draft.empty))}," for row in proposal.rows)
    yield "]"
    yield f"exhaustive = true  # a new module of {proposal.package} must be given its place"
    yield from _ignores(draft)
    for tangle in proposal.tangles:
        yield from _tangle(tangle, draft)
    if draft.without_typing:
        yield "#"
        yield "# Some of these imports were for type checkers only. The rows without them; add with these rows"
        yield '#     kinds = ["runtime", "deferred", "lazy"]'
        yield from (f"#     {quoted(_row(row, draft.empty))}," for row in draft.without_typing.rows)


def _legend(rows: Sequence[ProposedRow], empty: frozenset[str]) -> Iterator[str]:
    if any(len(row.names) > 1 and not row.tangled for row in rows):
        yield '# "a | b": neither may import the other, directly or through others.'
    if any(row.tangled for row in rows):
        yield '# "a : b": they may import each other, directly or through others.'
    if empty & {name for row in rows for name in row.names}:
        yield '# "(a)": may be missing or without code.'


def _ignores(draft: Draft) -> Iterator[str]:
    """Show how one import is excused, with an example that the proposed order would need where there is one."""
    package, found = draft.proposal.package, [found for each in draft.proposal.tangles for found in each.cut.imports]
    names = ((one.importer, one.imported) for one in found)
    # Names that are no identifiers (migrations.0001_initial) can be written as a wildcard only.
    plain = (pair for pair in names if all(part.isidentifier() for name in pair for part in name.split(".")))
    importer, imported = next(plain, (f"{package}.lower", f"{package}.higher"))
    yield "# One import may stay against the order of the rows, with the reason, and with a last day if it has one:"
    yield "# ignore = ["
    yield f'#     {{ import = {quoted(f"{importer} -> {imported}")}, reason = "write it here", until = "2030-12-31" }},'
    yield "# ]"


def _tangle(tangle: Tangle, draft: Draft) -> Iterator[str]:
    package, count = draft.proposal.package, len(tangle.cut.imports)
    removed = f"{count} import{'s' * (count > 1)}" + ("" if tangle.cut.minimum else " or fewer")
    first = quoted(f"{_layer(tangle.names[0], draft.empty)} : ...")
    yield "#"
    yield f"# {len(tangle.names)} children of {package} had no order. To give them one, put these rows in the place of"
    yield f"# {first}. Then {removed} had to go, which `kimera cut` names;"
    yield f"# `kimera cycles {package}` shows the shortest circles."
    yield from (f"#     {quoted(_layer(name, draft.empty))}," for name in tangle.order)
    if not tangle.mutual:
        yield f"# No two of them imported each other: the circles led through more of them, or through {package}."
        return
    easiest = sorted(tangle.mutual, key=lambda pair: (pair.up, pair.upper, pair.lower))
    yield "# Pairs that imported each other, the loosest first:"
    yield from (
        f"#     {pair.upper} -> {pair.lower} {pair.down}, {pair.lower} -> {pair.upper} {pair.up}"
        for pair in easiest[:_MUTUAL_SHOWN]
    )
    if len(easiest) > _MUTUAL_SHOWN:
        yield f"#     and {len(easiest) - _MUTUAL_SHOWN} more pairs"


def _acyclic(draft: Draft) -> Iterator[str]:
    package = draft.proposal.package
    lines = [
        "[[tool.importlinter.contracts]]",
        f"id = {quoted(package.replace('.', '-') + '-acyclic')}",
        f"name = {quoted(f'No import cycles in {package}')}",
        'type = "kimera_acyclic"',
        'why = "modules that import each other can only be understood and tested together"',
        f"packages = [{quoted(package)}]",
        'level = "modules"',
    ]
    if not draft.cycle_cut:
        yield from lines
        return
    imports = "1 import" if draft.cycle_cut == 1 else f"{draft.cycle_cut} imports"
    yield f"# Not kept that day: {imports} closed circles between modules. When `kimera cycles {package}` finds none,"
    yield "# take the contract in:"
    yield from (f"# {line}" for line in lines)


def _row(row: ProposedRow, empty: frozenset[str]) -> str:
    return str(ProposedRow(tuple(_layer(name, empty) for name in row.names), tangled=row.tangled))


def _layer(name: str, empty: Iterable[str]) -> str:
    return f"({name})" if name in empty else name
