"""Carry an annotation from the module it stands in to another one.

In: an annotation and the module it is from. Out: its text for the new place, and the imports that needs. What the new
place may not import, and what only means something where it was, becomes ``Any``: a type that fits.
"""

import ast
import builtins
from collections.abc import Callable

from kimera_di.architecture.advising.bindings import spelled_parts
from kimera_di.architecture.advising.class_sources import resolve
from kimera_di.architecture.advising.sources import Definition, Source, Sources

ANY = "Any"
_UNKNOWN = ast.Name(ANY, ast.Load())


class TypeNames:
    """Collects what the annotations of one new module need.

    Args:
        sources: The modules of the graph.
        may_import: Whether the new place may import a module of the graph.
        renamed: The class that is described, and the name of its description.
    """

    def __init__(self, sources: Sources, may_import: Callable[[str], bool], renamed: tuple[Definition, str]) -> None:
        self._sources, self._may_import = sources, may_import
        self._self, self._new_name = renamed
        self.imports: dict[str, None] = {}
        """Import statements, in the order of their need."""
        self.left_out: dict[str, None] = {}
        """Types that became ``Any`` because they live where the new place may not look."""

    def text(self, node: ast.expr | None, source: Source, *, result: bool = False) -> str:
        """Write an annotation for the new place.

        Args:
            node: The annotation; ``None`` where there is none.
            source: Where it stands.
            result: It is what a method returns, where the new interface may stand for the class.

        Returns:
            Valid code; ``Any`` for what is not known.
        """
        if node is None:
            return self.any()
        made = self._made(node, source, result=result)
        return self.any() if made is None else ast.unparse(made)

    def any(self) -> str:
        """Give ``Any``, which then is imported."""
        self.imports["from typing import Any"] = None
        return ANY

    def _made(self, node: ast.expr, source: Source, *, result: bool) -> ast.expr | None:
        if isinstance(node, ast.Constant):
            return self._constant(node, source, result=result)
        if isinstance(node, ast.Name | ast.Attribute):
            return self._name(node, source, result=result)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
            sides = [self._made(side, source, result=result) for side in (node.left, node.right)]
            left, right = (self._or_any(side) for side in sides)
            if any(isinstance(side, ast.Constant) and isinstance(side.value, str) for side in (left, right)):
                return None  # a text and a class have no |
            return ast.BinOp(left, node.op, right)
        if isinstance(node, ast.Subscript):
            return self._subscript(node, source)
        if isinstance(node, ast.List | ast.Tuple):
            items = [self._or_any(self._made(item, source, result=False)) for item in node.elts]
            return ast.List(items, ast.Load()) if isinstance(node, ast.List) else ast.Tuple(items, ast.Load())
        return None

    def _constant(self, node: ast.Constant, source: Source, *, result: bool) -> ast.expr | None:
        if not isinstance(node.value, str):
            return node if node.value is None or node.value is ... else None
        try:
            quoted = ast.parse(node.value.strip(), mode="eval").body
        except (SyntaxError, ValueError):
            return None
        return self._made(quoted, source, result=result)

    def _subscript(self, node: ast.Subscript, source: Source) -> ast.expr | None:
        last = spelled_parts(node.value)[-1:]
        inner: list[ast.expr] = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        if last == ("Annotated",) and inner:
            return self._made(inner[0], source, result=False)
        if last == ("Callable",) and not (
            isinstance(inner[0], ast.List) or (isinstance(inner[0], ast.Constant) and inner[0].value is ...)
        ):
            return None  # a parameter specification, which only its own class can bind
        value = self._made(node.value, source, result=False)
        if value is None:
            return None
        if last == ("Literal",):
            return ast.Subscript(value, node.slice, ast.Load())
        return ast.Subscript(value, self._or_any(self._made(node.slice, source, result=False)), ast.Load())

    def _or_any(self, node: ast.expr | None) -> ast.expr:
        if node is None:
            self.any()
            return _UNKNOWN
        return node

    def _name(self, node: ast.Name | ast.Attribute, source: Source, *, result: bool) -> ast.expr | None:
        parts = spelled_parts(node)
        if not parts:
            return None
        found = resolve(source, parts, self._sources)
        if found is not None:
            return self._known(found, result=result)
        taken = source.taken.get(parts[0])
        if taken is None:
            plain = len(parts) == 1 and parts[0] not in source.defined and hasattr(builtins, parts[0])
            return node if plain else None
        if taken.module in self._sources.graph.files or taken.name == "*":
            return None
        if taken.name:
            renamed = "" if taken.name == parts[0] else f" as {parts[0]}"
            self.imports[f"from {taken.module} import {taken.name}{renamed}"] = None
        else:
            plain = taken.module == parts[0]
            self.imports[f"import {'.'.join(parts[:-1])}" if plain else f"import {taken.module} as {parts[0]}"] = None
        return node

    def _known(self, found: Definition, *, result: bool) -> ast.expr | None:
        if (found.source.module, found.name) == (self._self.source.module, self._self.name):
            return ast.Constant(self._new_name) if result else None
        if not isinstance(found.node, ast.ClassDef):
            return None  # a variable of types, or an alias that may hold one
        if not self._may_import(found.source.module):
            self.left_out[f"{found.source.module}.{found.name}"] = None
            return None
        self.imports[f"from {found.source.module} import {found.name}"] = None
        return ast.Name(found.name, ast.Load())
