"""Tell which names of a module stand for something of one imported module.

In: a parsed importer and the lines of its imports of one module. Out: `Binding`s, and what an expression means by
them. Runs nothing.
"""

import ast
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from kimera_di.architecture.advising.sources import LineFilter, Source, Sources
from kimera_di.architecture.reading.syntax_trees import absolute_module

Parts = tuple[str, ...]


class Binding(NamedTuple):
    """One name that an import statement binds."""

    path: Parts
    """How the code spells it: ``("Vault",)``, or ``("shop", "vault")`` after ``import shop.vault``."""
    member: str
    """What of the imported module it is; ``""`` for the module itself."""
    statement: str
    """An import statement for this name alone, absolute."""
    line: int
    scope: str
    """The function that the import stands in, as ``Class.method``; ``""`` for the module."""
    star: bool = False

    @property
    def spelled(self) -> str:
        """The name as the code spells it."""
        return ".".join(self.path)


def find_bindings(source: Source, imported: str, lines: Collection[int], sources: Sources) -> tuple[Binding, ...]:
    """Find the names that some import statements bind.

    Args:
        source: The importer.
        imported: The module that is imported.
        lines: First lines of the statements.
        sources: Knows what a star brings along.

    Returns:
        Names in the order of the file. Time O(size of the file).
    """
    found: list[Binding] = []
    waiting: list[tuple[ast.AST, str]] = [(source.tree, "")]
    near = LineFilter(sorted(lines))
    while waiting:
        node, scope = waiting.pop()
        if near.skips(node):
            continue
        if isinstance(node, ast.Import | ast.ImportFrom) and node.lineno in lines:
            found.extend(_bound(node, scope, source, imported, sources))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            scope = f"{scope}.{node.name}".lstrip(".")
        if not isinstance(node, ast.expr):
            waiting.extend((child, scope) for child in ast.iter_child_nodes(node))
    return tuple(sorted(found, key=lambda each: (each.line, each.path)))


def _bound(
    node: ast.Import | ast.ImportFrom, scope: str, source: Source, imported: str, sources: Sources
) -> Iterator[Binding]:
    if isinstance(node, ast.Import):
        for alias in node.names:
            if alias.name == imported and alias.asname:
                yield Binding((alias.asname,), "", f"import {imported} as {alias.asname}", node.lineno, scope)
            elif alias.name == imported:
                yield Binding(tuple(imported.split(".")), "", f"import {imported}", node.lineno, scope)
        return
    home = absolute_module(node, source.package)
    for alias in node.names:
        path = (alias.asname or alias.name,)
        renamed = f" as {alias.asname}" if alias.asname else ""
        statement = f"from {home} import {alias.name}{renamed}"
        if alias.name == "*" and home == imported:
            for name in _public(sources.of(imported)):
                yield Binding((name,), name, f"from {imported} import {name}", node.lineno, scope, star=True)
        elif f"{home}.{alias.name}" == imported:
            yield Binding(path, "", statement, node.lineno, scope)
        elif home == imported:
            yield Binding(path, alias.name, statement, node.lineno, scope)


def _public(source: Source | None) -> Sequence[str]:
    if source is None:
        return ()
    names = source.exported() or {name for name in (*source.defined, *source.taken) if not name.startswith("_")}
    return sorted(names)


def spelled_parts(node: ast.expr) -> Parts:
    """Give ``a.b.c`` as parts; empty for anything else than names and attributes."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return (node.id, *reversed(parts)) if isinstance(node, ast.Name) else ()


def meant_member(parts: Parts, binding: Binding) -> str | None:
    """Say which member of the imported module dotted parts begin with.

    Args:
        parts: From `spelled_parts`.
        binding: One name.

    Returns:
        The member, ``""`` for the module as a value; ``None`` when the parts mean something else.
    """
    size = len(binding.path)
    if parts[:size] != binding.path:
        return None
    return binding.member or (parts[size] if len(parts) > size else "")


def is_exactly(parts: Parts, binding: Binding) -> bool:
    """Say whether the parts are a member itself, not something further in."""
    return len(parts) == len(binding.path) + (0 if binding.member else 1)
