"""Parse the code under check with Python's own parser, and tell what a relative import in it means.

In: the bytes of a source file. Out: a tree, or nothing; runs no code and shows none of its warnings. Says nothing
about why a file does not parse: the import scanner reads every file before this and reports those that are wrong.
"""

import ast
import re
import warnings
from pathlib import Path

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


def package_of(module: str, file: str) -> str:
    """Give the package that the relative imports of a module start from: of an ``__init__`` its own."""
    return module if Path(file).name == "__init__.py" else module.rpartition(".")[0]


def absolute_module(node: ast.ImportFrom, package: str) -> str:
    """Give the module after ``from``; ``package`` is that of `package_of`."""
    if not node.level:
        return node.module or ""
    parts = package.split(".")
    kept = parts[: len(parts) - node.level + 1]
    return ".".join([*kept, *([node.module] if node.module else [])])


def _parsed(source: bytes) -> ast.Module | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # invalid escapes in the code under check are not our business
            return ast.parse(source)
    except _UNPARSABLE:
        return None
