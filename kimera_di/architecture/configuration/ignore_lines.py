"""Read an ignore that is written on one line, as INI files need it.

In: ``a.b -> c.d  # reason; until=2027-01-01; issue=#12``. Out: the table that TOML has in its place. Checks nothing:
the reader of ignores says what is missing or wrong, in both forms.
"""

import re

_FIELD = re.compile(r"(until|issue)\s*=\s*(.*)")


def ignore_table(text: str) -> dict[str, object]:
    """Take one line apart.

    What follows the first ``#`` is the reason; parts of it between semicolons that begin with ``until=`` or ``issue=``
    are those options, wherever they stand.

    Args:
        text: The line.

    Returns:
        ``import`` and whichever of ``reason``, ``until``, ``issue`` the line has. Time O(length of the line).
    """
    expression, _, comment = text.partition("#")
    table: dict[str, object] = {"import": expression.strip()}
    reason: list[str] = []
    for part in (each.strip() for each in comment.split(";")):
        field = _FIELD.fullmatch(part)
        if field:
            table[field[1]] = field[2]
        elif part:
            reason.append(part)
    return {**table, "reason": "; ".join(reason)} if reason else table
