"""Walk a module in the order it runs and report every use of a container or scope.

In: a parsed module and what its project knows. Out: the uses, with their nodes. Local names are followed as
they are bound and rebound, so a name that was reused for something else is not a receiver any more.
"""

import ast
from collections import deque
from collections.abc import Callable, Iterator

from kimera_di.composition.bindings import (
    Function,
    Module,
    elements,
    import_bindings,
    parameter_names,
    stored_names,
)
from kimera_di.composition.known_values import CONTAINER, SCOPE, SCOPE_FACTORY, Value, What, last_name
from kimera_di.composition.name_scopes import NameScopes
from kimera_di.composition.receivers import Frame, Frames, Project

METHODS = frozenset(
    {"resolve", "aresolve", "get", "aget", "resolve_all", "aresolve_all", "create", "call", "acall", "scope"}
)
"""What a service locator is asked with; indexing (``container[T]``) counts too."""

Use = Callable[[ast.expr, Value], None]
SelfAssignment = Callable[[str, str, Value | None], None]
"""Class, attribute, value."""


def container_uses(project: Project, module: Module) -> list[tuple[ast.expr, Value]]:
    """Find every use of a container or scope in a module.

    Args:
        project: Knows the other modules.
        module: The module to walk.

    Returns:
        The attribute or subscript, and whether the receiver is a container or a scope, sorted by line. A method
        taken without being called (``ask = container.resolve``) counts.
    """
    found: list[tuple[ast.expr, Value]] = []
    _Walker(project, module, use=lambda node, value: found.append((node, value))).run(module.tree)
    return sorted(found, key=lambda item: (item[0].lineno, item[0].col_offset))


def self_assignments(
    project: Project, module: Module, node: ast.ClassDef, class_name: str
) -> Iterator[tuple[str, Value | None]]:
    """Find what the methods of a class assign to attributes of ``self``, ``__init__`` first.

    Args:
        project: Knows the other modules.
        module: Where the class is written.
        node: The class.
        class_name: Its dotted name.

    Yields:
        Attribute and value; ``None`` for a value that is not known. ``None`` itself is left out.
    """
    recorded: deque[tuple[str, Value | None]] = deque()

    def record(owner: str, name: str, value: Value | None) -> None:
        if owner == class_name:
            recorded.append((name, value))

    methods = [item for item in node.body if isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef)]
    for method in sorted(methods, key=lambda item: item.name != "__init__"):
        for _ in _Walker(project, module, assigned=record).steps(method, class_name):
            while recorded:
                yield recorded.popleft()


def returned_values(project: Project, module: Module, function: Function) -> set[Value | None]:
    """Find what a function without a return annotation returns, its own statements only.

    Args:
        project: Knows the other modules.
        module: Where the function is written.
        function: A function of a module or a static method; what encloses it is not known.

    Returns:
        The values; ``None`` for one that is not known. ``return None`` is left out.
    """
    found: set[Value | None] = set()
    for _ in _Walker(project, module, returned=found.add).steps(function, ""):
        pass
    return found


class _Walker(NameScopes, ast.NodeVisitor):
    """Visits in running order; bodies of functions come after the code around them, as at run time."""

    def __init__(
        self,
        project: Project,
        module: Module,
        *,
        use: Use | None = None,
        assigned: SelfAssignment | None = None,
        returned: Callable[[Value | None], object] | None = None,
    ) -> None:
        super().__init__()
        self._project, self._module, self._use, self._assigned = project, module, use, assigned
        self._returned = returned
        self._class = ""
        """The class whose body is being visited; empty inside its methods."""
        self._later: deque[tuple[Function, tuple[Frame, ...], str]] = deque()

    def run(self, tree: ast.Module) -> None:
        """Walk a whole module."""
        self._visit_all(tree.body)
        while self._later:
            function, frames, owner = self._later.popleft()
            self._frames = Frames(*frames)
            for _ in self.steps(function, owner):
                pass

    def steps(self, function: Function, owner: str) -> Iterator[None]:
        """Walk the body of a function; pauses after each statement so that what was assigned can be read."""
        self._frames.stack.append(self._parameters(function, owner))
        for statement in function.body:
            self.visit(statement)
            yield

    def visit_FunctionDef(self, node: Function) -> None:
        """Keep the body for later."""
        self._visit_all([*node.decorator_list, *node.args.defaults, *filter(None, node.args.kw_defaults)])
        outer = tuple(self._frames.stack)
        if self._class:
            outer = outer[:-1]  # methods do not see the names of the class body
        elif outer:
            dotted = f"{self._module.source.name}.{node.name}@{node.lineno}"
            self._bind(node.name, self._project.define_function(dotted, self._module, node))
        self._later.append((node, outer, self._class))

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        """Keep the body for later."""
        self.visit_FunctionDef(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        """Visit the body under the name of the class."""
        self._visit_all([*node.decorator_list, *node.bases])
        local = self._frames.stack and not self._class
        dotted = f"{self._class or self._module.source.name}.{node.name}" + (f"@{node.lineno}" if local else "")
        self._bind(node.name, self._project.define_class(dotted, self._module, node))
        outer, self._class = self._class, dotted
        self._frames.stack.append({})
        self._visit_all(node.body)
        self._frames.stack.pop()
        self._class = outer

    def visit_Assign(self, node: ast.Assign) -> None:
        """Bind the targets after the value was visited."""
        self.visit(node.value)
        for target in node.targets:
            self._assign(target, node.value)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        """Trust the annotation; the annotation itself uses nothing."""
        if node.value is not None:
            self.visit(node.value)
        self._store(node.target, self._project.annotated(node.annotation, self._module, self._frames))

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        """Forget the target."""
        self.visit(node.value)
        self._store(node.target, None)

    def visit_NamedExpr(self, node: ast.NamedExpr) -> None:
        """Bind the name after the value was visited."""
        self.visit(node.value)
        self._assign(node.target, node.value)

    def visit_With(self, node: ast.With | ast.AsyncWith) -> None:
        """Bind what ``as`` names: a container or scope gives itself."""
        for item in node.items:
            self.visit(item.context_expr)
            if item.optional_vars is not None:
                self._assign(item.optional_vars, item.context_expr)
        self._visit_all(node.body)

    visit_AsyncWith = visit_With  # noqa: N815 - the name NodeVisitor looks for

    def visit_For(self, node: ast.For | ast.AsyncFor) -> None:
        """Forget the loop variables."""
        self.visit(node.iter)
        self._store(node.target, None)
        self._visit_all([*node.body, *node.orelse])

    visit_AsyncFor = visit_For  # noqa: N815 - the name NodeVisitor looks for

    def visit_Import(self, node: ast.Import | ast.ImportFrom) -> None:
        """Bind imported names; at module level the module's own table has them."""
        for name, binding in import_bindings(node, self._module.source):
            self._bind(name, self._project.lookup(binding.dotted) if self._frames.stack else None)

    visit_ImportFrom = visit_Import  # noqa: N815 - the name NodeVisitor looks for

    def visit_Return(self, node: ast.Return) -> None:
        """Note what is returned."""
        self.generic_visit(node)
        is_none = node.value is None or (isinstance(node.value, ast.Constant) and node.value.value is None)
        if self._returned is not None and node.value is not None and not is_none:
            self._returned(self._project.value_of(node.value, self._module, self._frames))

    def visit_Attribute(self, node: ast.Attribute) -> None:
        """Report a method of a container or scope."""
        if node.attr in METHODS and isinstance(node.ctx, ast.Load):
            self._report(node, node.value)
        self.visit(node.value)

    def visit_Call(self, node: ast.Call) -> None:
        """Report the call of a ``ScopeFactory``: it opens a scope."""
        if self._use is not None and self._project.value_of(node.func, self._module, self._frames) == SCOPE_FACTORY:
            self._use(node, SCOPE_FACTORY)
        self.generic_visit(node)

    def visit_Subscript(self, node: ast.Subscript) -> None:
        """Report ``container[T]``."""
        if isinstance(node.ctx, ast.Load):
            self._report(node, node.value)
        self.generic_visit(node)

    def _report(self, node: ast.expr, receiver: ast.expr) -> None:
        if self._use is None:
            return
        value = self._project.value_of(receiver, self._module, self._frames)
        if value is not None and value in (CONTAINER, SCOPE):
            self._use(node, value)

    def _assign(self, target: ast.expr, value: ast.expr) -> None:
        inner, values = elements(target), elements(value)
        if inner and len(inner) == len(values):
            for one, item in zip(inner, values, strict=True):
                self._assign(one, item)
            return
        if isinstance(value, ast.Constant) and value.value is None and isinstance(target, ast.Attribute):
            return  # `self.container = None`, filled later
        self._store(target, self._project.value_of(value, self._module, self._frames))

    def _store(self, target: ast.expr, value: Value | None) -> None:
        if isinstance(target, ast.Name):
            self._bind(target.id, value)
        elif isinstance(target, ast.Attribute):
            owner = self._project.value_of(target.value, self._module, self._frames)
            if self._assigned is not None and owner is not None and owner.what is What.INSTANCE:
                self._assigned(owner.name, target.attr, value)
        else:
            for name in stored_names(target):
                self._bind(name, None)
            if isinstance(target, ast.Subscript):
                self.visit(target.value)

    def _parameters(self, function: Function, owner: str) -> Frame:
        arguments = function.args
        frame: Frame = dict.fromkeys(parameter_names(arguments))
        for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
            frame[argument.arg] = self._project.annotated(argument.annotation, self._module, self._frames)
        decorators = {last_name(decorator) for decorator in function.decorator_list}
        first = next(iter((*arguments.posonlyargs, *arguments.args)), None)
        if owner and first is not None and "staticmethod" not in decorators:
            made_for_class = "classmethod" in decorators or function.name == "__new__"
            frame[first.arg] = Value(What.CLASS if made_for_class else What.INSTANCE, owner)
        return frame
