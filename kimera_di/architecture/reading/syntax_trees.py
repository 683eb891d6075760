"""Parse the code under check with Python's own parser, without running it and without its warnings.

In: the bytes of a source file. Out: a tree, or nothing. Says nothing about why a file does not parse: the import
scanner reads every file before this and reports those that are wrong.
"""

import ast
import re
import warnings

_LAZY = re.compile(rb"^([ \t]*)lazy[ \t]+(?=(?:import|from)\b)", re.MULTILINE)
_UNPARSABLE = (SyntaxError, ValueError, RecursionError, MemoryError)


def parsed_source(source: bytes) -> ast.Module | None:
    """Parse a file; ``lazy import`` (PEP 810) is read as ``import`` where the interpreter does not know it.

    Args:
        source: The file as it is on disk.

    Returns:
        Its tree, lines as in the file; ``None`` when this interpreter cannot parse it, which may be too old for it.
        Time O(size of the file).
    """
    tree = _parsed(source)
    if tree is None and _LAZY.search(source):
        tree = _parsed(_LAZY.sub(rb"\1", source))
    return tree


def _parsed(source: bytes) -> ast.Module | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # invalid escapes in the code under check are not our business
            return ast.parse(source)
    except _UNPARSABLE:
        return None
