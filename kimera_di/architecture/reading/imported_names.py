"""Tell which names a module imports from another one, and under which names it offers them to others.

In: the file of a module. Out: one `ImportedName` per name of a ``from`` import. Parses one file, runs none; grimp's
graph has modules only.
"""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from kimera_di.architecture.reading.syntax_trees import absolute_module, package_of, parsed_source


class ImportedName(NamedTuple):
    """One name of a ``from`` import."""

    source: str
    """The module after ``from``, absolute."""
    name: str
    """As it is called there; ``*`` for all of them."""
    alias: str
    """As it is called here."""
    line: int


def imported_names(module: str, file: str) -> tuple[ImportedName, ...]:
    """Find every name that a module takes out of another one.

    Args:
        module: Dotted name, to resolve relative imports.
        file: Its file.

    Returns:
        The names in the order of the file, those inside of functions included; none when the file cannot be read or
        parsed here, which the import graph has reported or this interpreter is too old for. Time O(size of the file).
    """
    try:
        tree = parsed_source(Path(file).read_bytes())
    except OSError:
        return ()
    package = package_of(module, file)
    nodes = (node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)) if tree is not None else ()
    return tuple(sorted((name for node in nodes for name in _names(node, package)), key=lambda name: name.line))


def _names(node: ast.ImportFrom, package: str) -> Iterator[ImportedName]:
    source = absolute_module(node, package)
    for alias in node.names:
        yield ImportedName(source, alias.name, alias.asname or alias.name, node.lineno)
