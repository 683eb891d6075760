"""Hide outer names behind inner ones, as Python's scopes do.

In: syntax trees. Out: a visitor whose frames say which local names are known, and as what. Binds nothing to a value
itself: what a loop, ``except`` or pattern binds is only known to be something else now.
"""

import ast
from collections.abc import Iterable

from kimera_di.composition.bindings import loop_names, parameter_names
from kimera_di.composition.known_values import Value
from kimera_di.composition.receivers import Frame, Frames


class NameScopes(ast.NodeVisitor):
    """Visits what hides names; a subclass binds the others."""

    def __init__(self) -> None:
        self._frames = Frames()

    def visit_Lambda(self, node: ast.Lambda) -> None:
        """Hide outer names behind the parameters."""
        self._visit_all([*node.args.defaults, *filter(None, node.args.kw_defaults)])
        self._inside(dict.fromkeys(parameter_names(node.args)), [node.body])

    def visit_ListComp(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp) -> None:
        """Hide outer names behind the loop variables."""
        self._inside(dict.fromkeys(loop_names(node.generators)), [*node.generators, node.elt])

    def visit_SetComp(self, node: ast.SetComp) -> None:
        """Hide outer names behind the loop variables."""
        self.visit_ListComp(node)

    def visit_GeneratorExp(self, node: ast.GeneratorExp) -> None:
        """Hide outer names behind the loop variables."""
        self.visit_ListComp(node)

    def visit_DictComp(self, node: ast.DictComp) -> None:
        """Hide outer names behind the loop variables."""
        self._inside(dict.fromkeys(loop_names(node.generators)), [*node.generators, node.key, node.value])

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        """Forget the name of the exception."""
        if node.name:
            self._bind(node.name, None)
        self.generic_visit(node)

    def visit_MatchAs(self, node: ast.MatchAs) -> None:
        """Forget captured names."""
        if node.name:
            self._bind(node.name, None)
        self.generic_visit(node)

    def _bind(self, name: str, value: Value | None) -> None:
        if self._frames.stack:
            self._frames.stack[-1][name] = value

    def _inside(self, frame: Frame, nodes: Iterable[ast.AST]) -> None:
        self._frames.stack.append(frame)
        self._visit_all(nodes)
        self._frames.stack.pop()

    def _visit_all(self, nodes: Iterable[ast.AST]) -> None:
        for node in nodes:
            self.visit(node)
