"""Globs on the paths of a report: ``*`` within one name, ``**`` across folders.

In: a glob. Out: whether it matches a path with POSIX slashes. Looks at no file system.
"""

import re
from functools import lru_cache


def glob_matches(glob: str, path: str) -> bool:
    """Say whether ``glob`` matches the whole of ``path``.

    Args:
        glob: For instance ``shop/templates/**`` or ``**/conftest.py``.
        path: As it stands in the report.

    Returns:
        True when it does; ``shop/**`` matches everything below ``shop``, ``**/a.py`` also ``a.py``.
    """
    return _compiled(glob).fullmatch(path) is not None


@lru_cache(maxsize=256)
def _compiled(glob: str) -> re.Pattern[str]:
    pieces = re.split(r"(\*\*/|\*\*|\*|\?)", glob)
    meaning = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    return re.compile("".join(meaning.get(piece, re.escape(piece)) for piece in pieces))
