"""Trees and labelled lines, aligned in columns."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple


class Row(NamedTuple):
    """One line of a tree."""

    depth: int
    label: str
    columns: tuple[str, ...] = ()
    last: bool = True
    """No sibling follows; decides between the two branch signs."""


def render_rows(rows: Sequence[Row], *, indent: str = "  ") -> str:
    """Draw rows as a tree with aligned columns.

    Args:
        rows: Parents before children; ``depth`` grows by at most one from a row to the next.
        indent: Put before every line.

    Returns:
        One line per row, without trailing blanks. Time and space O(rows x depth).
    """
    open_branches: list[bool] = []
    heads: list[str] = []
    for row in rows:
        del open_branches[row.depth :]
        trunk = "".join("   " if last else "│  " for last in open_branches[1:])
        sign = "" if row.depth == 0 else ("└─ " if row.last else "├─ ")
        heads.append(f"{trunk}{sign}{row.label}")
        open_branches.extend([row.last] * (row.depth + 1 - len(open_branches)))
    table = [(head, *row.columns) for head, row in zip(heads, rows, strict=True)]
    return "\n".join(f"{indent}{line}" for line in _aligned(table))


def render_facts(facts: Iterable[tuple[str, str]], *, indent: str = "  ") -> str:
    """Write ``label  text`` lines with the texts below each other; more lines of a text are indented to it."""
    shown = [(label, text) for label, text in facts if text]
    width = max((len(label) for label, _ in shown), default=0)
    lines: list[str] = []
    for label, text in shown:
        first, *rest = text.splitlines()
        lines.append(f"{indent}{label:<{width}}  {first}")
        lines.extend(f"{indent}{'':<{width}}  {line}" for line in rest)
    return "\n".join(lines)


def _aligned(table: Sequence[tuple[str, ...]]) -> list[str]:
    widths: dict[int, int] = {}
    for cells in table:
        for column, cell in enumerate(cells[:-1]):
            widths[column] = max(widths.get(column, 0), len(cell))
    return [
        "   ".join(f"{cell:<{widths.get(column, 0)}}" for column, cell in enumerate(cells)).rstrip() for cells in table
    ]
