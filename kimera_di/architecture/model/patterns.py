"""import-linter's wildcards for dotted names, without import-linter.

In: an expression such as ``shop.*.api``. Out: a compiled pattern. ``*`` stands for one part of a name,
``**`` for one or more; both replace whole parts only. Reads no graph.

Source: import-linter, "Wildcards"; the tests compare every case with grimp's own matcher.
"""

import re
from collections.abc import Collection
from functools import lru_cache
from itertools import pairwise


def has_wildcard(expression: str) -> bool:
    """Say whether ``expression`` can match more than one name."""
    return "*" in expression


def expression_fault(expression: str) -> str | None:
    """Say what is wrong with a module expression, or ``None`` when it is well formed.

    Args:
        expression: A dotted name with or without wildcards.

    Returns:
        The fault as half a sentence, in import-linter's own rules.
    """
    parts = expression.split(".")
    for part in parts:
        if part not in {"*", "**"} and not part.isidentifier():
            return "is no dotted name" if "*" not in part else "has a wildcard that replaces a part of a name only"
    pairs = set(pairwise(parts))
    if pairs & {("**", "*"), ("*", "**"), ("**", "**")}:
        return "has ** next to another wildcard"
    return None


@lru_cache(maxsize=512)
def compiled(expression: str) -> re.Pattern[str]:
    """Compile a well-formed expression; use ``fullmatch``."""
    return re.compile(fragment(expression))


def fragment(expression: str) -> str:
    """Give the regular expression for a module expression, to be built into a larger one."""
    parts = {"*": r"[^.]+", "**": r"[^.]+(?:\.[^.]+)*"}
    return r"\.".join(parts.get(part, re.escape(part)) for part in expression.split("."))


def covers(package: str, module: str) -> bool:
    """Say whether ``module`` is ``package`` or lies below it."""
    return module == package or module.startswith(f"{package}.")


def lies_in(module: str, packages: Collection[str]) -> bool:
    """Say whether ``module`` is one of ``packages`` or lies below one; O(parts of the name) for a set."""
    while module not in packages:
        module = module.rpartition(".")[0]
        if not module:
            return False
    return True
