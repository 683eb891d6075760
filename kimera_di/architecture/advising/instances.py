"""Tell which members of an imported class a module uses on its instances.

In: a parsed module, and the names under which it knows the class. Out: `MemberUse`s, and where instances are created
or handed on. Runs nothing. An instance is what is annotated with the class, created from it, or assigned from either;
within a function by its name, within a class by ``self.name``.
"""

import ast
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from kimera_di.architecture.advising.bindings import Parts, spelled_parts
from kimera_di.architecture.advising.sources import statements

_PROTOCOLS = {"len": "__len__", "iter": "__iter__", "next": "__next__", "bool": "__bool__", "hash": "__hash__"}
_FOR_ANY = frozenset({"isinstance", "issubclass", "len", "iter", "next", "bool", "hash", "repr", "str", "id", "type"})
"""Functions that take anything, or what is counted otherwise."""
_SHARED = {("property",), ("cached_property",)}
_HOLDERS = frozenset({"Optional", "Union", "Annotated", "Final", "ClassVar"})
_ASSIGNING = (ast.AnnAssign, ast.Assign, ast.NamedExpr, ast.withitem, ast.FunctionDef, ast.AsyncFunctionDef)
Scope = ast.Module | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


class MemberUse(NamedTuple):
    """One use of a member."""

    name: str
    how: Literal["read", "written", "called", "awaited"]
    positional: int
    keywords: tuple[str, ...]
    line: int


@dataclass(slots=True)
class InstanceUses:
    """What a module does with the instances of one class."""

    members: list[MemberUse] = field(default_factory=list[MemberUse])
    created: list[int] = field(default_factory=list[int])
    """Lines that create one."""
    handed_on: list[tuple[str, int]] = field(default_factory=list[tuple[str, int]])
    """Calls that are given an instance: the function as it is spelled, and the line."""
    class_members: list[str] = field(default_factory=list[str])
    """Members used on the class itself."""


def instance_uses(
    tree: ast.Module, spellings: Collection[Parts], within: Collection[str] | None = None
) -> InstanceUses:
    """Follow the instances of a class through a module.

    Args:
        tree: The module.
        spellings: The class as the module may spell it.
        within: The functions and classes at module level that name it; ``None`` for the whole module.

    Returns:
        What was found, by line. Time O(size of the file x depth of nested functions).
    """
    tracker = _Tracker(frozenset(spellings))
    tracker.visit(tree if within is None else _part(tree, within))
    found = tracker.found
    found.members.sort(key=lambda use: (use.line, use.name))
    found.created.sort()
    return found


def _part(tree: ast.Module, within: Collection[str]) -> ast.Module:
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return ast.Module([node for node in statements(tree.body) if isinstance(node, kinds) and node.name in within], [])


class _Tracker:
    def __init__(self, spellings: frozenset[Parts]) -> None:
        self._spellings = spellings
        self._nodes: dict[Scope, list[ast.AST]] = {}
        self.found = InstanceUses()

    def visit(self, tree: ast.Module) -> None:
        waiting: list[tuple[Scope, frozenset[Parts]]] = [(tree, frozenset())]
        while waiting:
            scope, outer = waiting.pop()
            known = self._known(scope, outer)
            self._collect(scope, known)
            waiting.extend(
                (node, known)
                for node in self._below(scope)
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
            )

    def _below(self, scope: Scope) -> list[ast.AST]:
        if scope not in self._nodes:
            self._nodes[scope] = list(_below(scope))
        return self._nodes[scope]

    def _known(self, scope: Scope, outer: frozenset[Parts]) -> frozenset[Parts]:
        """Give the spellings of instances in one scope, found anew until there are no more of them."""
        known = outer
        if isinstance(scope, ast.FunctionDef | ast.AsyncFunctionDef):
            every = [*scope.args.posonlyargs, *scope.args.args, *scope.args.kwonlyargs]
            own = {(each.arg,) for each in every}
            known = (known - own) | {(each.arg,) for each in every if self._is_class(each.annotation)}
        nodes = self._below(scope)
        assigning = [node for node in nodes if isinstance(node, _ASSIGNING)]
        # Attributes of a class are set in any of its methods, and seen in all of them.
        inner = isinstance(scope, ast.ClassDef)
        methods = [node for node in nodes if inner and isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
        while True:
            more = {parts for node in assigning for parts in self._assigned(node, known)}
            more |= {parts for each in methods for parts in self._known(each, known) if parts[:1] == ("self",)}
            if more <= known:
                return known
            known |= more

    def _assigned(self, node: ast.AST, known: Collection[Parts]) -> Iterator[Parts]:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            shared = any(spelled_parts(each)[-1:] in _SHARED for each in node.decorator_list)
            if shared and self._is_class(node.returns):
                yield ("self", node.name)
        elif isinstance(node, ast.AnnAssign):
            made = node.value is not None and self._is_instance(node.value, known)
            if made or self._is_class(node.annotation):
                target = spelled_parts(node.target)
                yield from (target, ("self", *target)) if len(target) == 1 else (target,)
        elif isinstance(node, ast.Assign) and self._is_instance(node.value, known):
            yield from (parts for parts in map(spelled_parts, node.targets) if parts)
        elif isinstance(node, ast.NamedExpr) and self._is_instance(node.value, known):
            yield (node.target.id,)
        elif isinstance(node, ast.withitem) and self._is_instance(node.context_expr, known):
            yield from (spelled_parts(each) for each in (node.optional_vars,) if each is not None)

    def _is_class(self, node: ast.expr | None) -> bool:
        """Say whether an annotation is the class, or the class or something else."""
        if node is None:
            return False
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            try:
                return self._is_class(ast.parse(node.value.strip(), mode="eval").body)
            except (SyntaxError, ValueError):
                return False
        if isinstance(node, ast.BinOp):
            return self._is_class(node.left) or self._is_class(node.right)
        if isinstance(node, ast.Subscript):
            holder = spelled_parts(node.value)
            inner = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
            return holder in self._spellings or (
                holder[-1:] in {(name,) for name in _HOLDERS} and any(self._is_class(each) for each in inner)
            )
        return spelled_parts(node) in self._spellings

    def _is_instance(self, node: ast.expr, known: Collection[Parts]) -> bool:
        if isinstance(node, ast.Await):
            node = node.value
        if isinstance(node, ast.BoolOp):
            return any(self._is_instance(each, known) for each in node.values)
        if isinstance(node, ast.IfExp):
            return self._is_instance(node.body, known) or self._is_instance(node.orelse, known)
        if isinstance(node, ast.Call):
            return spelled_parts(node.func) in self._spellings
        return spelled_parts(node) in known

    def _collect(self, scope: Scope, known: frozenset[Parts]) -> None:
        parents: dict[ast.AST, ast.AST] = {}
        for node in self._below(scope):
            if isinstance(node, ast.Call) and spelled_parts(node.func) in self._spellings:
                self.found.created.append(node.lineno)
            if isinstance(node, ast.Attribute) and self._is_instance(node.value, known):
                parents = parents or {
                    child: node for node in self._below(scope) for child in ast.iter_child_nodes(node)
                }
                self.found.members.append(_member(node, parents))
            elif isinstance(node, ast.Attribute) and spelled_parts(node.value) in self._spellings:
                self.found.class_members.append(node.attr)
            elif isinstance(node, ast.expr):
                self._implicit(node, known)
            for target, name in _entered(node):
                if self._is_instance(target, known):
                    self.found.members.append(MemberUse(name, "called", 0, (), target.lineno))

    def _implicit(self, node: ast.expr, known: frozenset[Parts]) -> None:
        """Note what an operator or a built-in function asks of an instance, and calls that are given one."""
        names: list[str] = []
        if isinstance(node, ast.Subscript) and self._is_instance(node.value, known):
            stored = "__setitem__" if isinstance(node.ctx, ast.Store) else "__delitem__"
            names.append("__getitem__" if isinstance(node.ctx, ast.Load) else stored)
        elif isinstance(node, ast.Compare):
            for operator, right in zip(node.ops, node.comparators, strict=True):
                if isinstance(operator, ast.In | ast.NotIn) and self._is_instance(right, known):
                    names.append("__contains__")
        elif isinstance(node, ast.Call):
            function = spelled_parts(node.func)
            if function in known:
                names.append("__call__")
            given = [*node.args, *(keyword.value for keyword in node.keywords)]
            if any(spelled_parts(each) in known for each in given):
                if function[-1:] and function[-1] in _PROTOCOLS:
                    names.append(_PROTOCOLS[function[-1]])
                elif not (len(function) == 1 and function[0] in _FOR_ANY):
                    self.found.handed_on.append((".".join(function) or "a call", node.lineno))
        self.found.members.extend(MemberUse(name, "called", 0, (), node.lineno) for name in names)


def _member(node: ast.Attribute, parents: dict[ast.AST, ast.AST]) -> MemberUse:
    above = parents.get(node)
    if isinstance(above, ast.Call) and above.func is node:
        how: Literal["called", "awaited"] = "awaited" if isinstance(parents.get(above), ast.Await) else "called"
        keywords = tuple(keyword.arg for keyword in above.keywords if keyword.arg)
        return MemberUse(node.attr, how, len(above.args), keywords, node.lineno)
    written = not isinstance(node.ctx, ast.Load)
    return MemberUse(node.attr, "written" if written else "read", 0, (), node.lineno)


def _entered(node: ast.AST) -> Iterator[tuple[ast.expr, str]]:
    """Give what a loop or a ``with`` asks of an object."""
    if isinstance(node, ast.For | ast.comprehension):
        yield node.iter, "__aiter__" if isinstance(node, ast.comprehension) and node.is_async else "__iter__"
    elif isinstance(node, ast.AsyncFor):
        yield node.iter, "__aiter__"
    elif isinstance(node, ast.With):
        yield from ((item.context_expr, name) for item in node.items for name in ("__enter__", "__exit__"))
    elif isinstance(node, ast.AsyncWith):
        yield from ((item.context_expr, name) for item in node.items for name in ("__aenter__", "__aexit__"))


def _below(scope: Scope) -> Iterator[ast.AST]:
    """Give all nodes of a scope; of functions and classes in it only the statement itself and its decorators."""
    waiting: list[ast.AST] = [*scope.body]
    while waiting:
        node = waiting.pop()
        yield node
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            waiting.extend(node.decorator_list)
        else:
            waiting.extend(ast.iter_child_nodes(node))
