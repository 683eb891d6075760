"""What the names of one module are bound to, read from its source and never run.

In: a parsed module. Out: one binding per module-level name (or class-level name), still as syntax: an import, a
class, a function, an annotation, a value. The last binding wins, as at run time, except that ``None`` does not
replace anything (``container = None``, filled later). Follows no import.
"""

import ast
import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Source:
    """One module of the project."""

    name: str
    file: str
    is_package: bool


@dataclass(frozen=True, slots=True)
class Binding:
    """What a name is bound to."""

    kind: Literal["import", "class", "function", "annotation", "value", "unknown"]
    dotted: str = ""
    """The imported name, for imports."""
    node: ast.AST | None = None
    """The definition, annotation or value."""

    @property
    def is_none(self) -> bool:
        """``None`` says nothing about what the name holds later."""
        return isinstance(self.node, ast.Constant) and self.node.value is None


@dataclass(frozen=True, slots=True)
class Module:
    """A parsed module and the names it binds."""

    source: Source
    tree: ast.Module
    names: dict[str, Binding]
    stars: tuple[str, ...]
    """Modules of ``from m import *``."""


def read_module(source: Source) -> Module | None:
    """Parse a module.

    Args:
        source: Where it is.

    Returns:
        The module, or ``None`` when it cannot be read or parsed; the import graph reports such files.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # invalid escapes in the code under check are not our business
            tree = ast.parse(read_source(source), source.file)
    except (SyntaxError, ValueError, RecursionError, MemoryError):  # ValueError: null bytes, before 3.12
        return None
    stars = tuple(
        imported_module(node, source)
        for node in statements(tree.body)
        if isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names)
    )
    return Module(source, tree, bind_names(tree.body, source), stars)


def read_source(source: Source) -> bytes:
    """Read a file; empty when it cannot be read, which the import graph reports."""
    try:
        with open(source.file, "rb") as file:
            return file.read()
    except OSError:
        return b""


def bind_names(body: Sequence[ast.stmt], source: Source) -> dict[str, Binding]:
    """Collect what the statements of a module or class body bind.

    Args:
        body: The statements; those inside ``if``, ``try``, ``with`` and loops count too, function bodies only
            for names declared ``global``.
        source: The module, for relative imports.

    Returns:
        Name -> binding. Time O(size of the body).
    """
    names: dict[str, Binding] = {}
    for name, binding in _bindings(body, source):
        annotated = name in names and names[name].kind == "annotation"
        if name not in names or not (binding.is_none or annotated):
            names[name] = binding
    return names


def import_bindings(node: ast.Import | ast.ImportFrom, source: Source) -> Iterator[tuple[str, Binding]]:
    """Name what an import statement binds, as absolute dotted names."""
    for alias in node.names:
        if isinstance(node, ast.ImportFrom):
            if alias.name != "*":
                dotted = f"{imported_module(node, source)}.{alias.name}".lstrip(".")
                yield alias.asname or alias.name, Binding("import", dotted)
        elif alias.asname:
            yield alias.asname, Binding("import", alias.name)
        else:
            top = alias.name.partition(".")[0]
            yield top, Binding("import", top)


def imported_module(node: ast.ImportFrom, source: Source) -> str:
    """Give the absolute name of the module in ``from ... import``."""
    if not node.level:
        return node.module or ""
    parts = source.name.split(".")
    kept = parts[: len(parts) - node.level + (1 if source.is_package else 0)]
    return ".".join([*kept, *([node.module] if node.module else [])])


def _bindings(body: Iterable[ast.stmt], source: Source) -> Iterator[tuple[str, Binding]]:
    for node in body:
        match node:
            case ast.Import() | ast.ImportFrom():
                yield from import_bindings(node, source)
            case ast.ClassDef():
                yield node.name, Binding("class", node=node)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                yield node.name, Binding("function", node=node)
                yield from _global_bindings(node)
            case ast.AnnAssign(target=ast.Name(id=name)):
                yield name, Binding("annotation", node=node.annotation)
            case ast.Assign():
                yield from _assigned(node.targets, node.value)
            case _:
                yield from _nested(node, source)


def _assigned(targets: Iterable[ast.expr], value: ast.expr) -> Iterator[tuple[str, Binding]]:
    for target in targets:
        if isinstance(target, ast.Name):
            yield target.id, Binding("value", node=value)
        else:
            yield from ((name, Binding("unknown")) for name in stored_names(target))


def _nested(node: ast.stmt, source: Source) -> Iterator[tuple[str, Binding]]:
    """Bindings of a compound statement: its targets, then its blocks."""
    if isinstance(node, ast.With | ast.AsyncWith):
        for item in node.items:
            if isinstance(item.optional_vars, ast.Name):
                yield item.optional_vars.id, Binding("value", node=item.context_expr)
    elif isinstance(node, ast.For | ast.AsyncFor):
        yield from ((name, Binding("unknown")) for name in stored_names(node.target))
    for field in ("body", "handlers", "orelse", "finalbody", "cases"):
        for child in getattr(node, field, ()):
            inner = child.body if isinstance(child, ast.ExceptHandler | ast.match_case) else [child]
            yield from _bindings(inner, source)


def _global_bindings(function: Function) -> Iterator[tuple[str, Binding]]:
    shared = {name for node in statements(function.body) if isinstance(node, ast.Global) for name in node.names}
    for node in statements(function.body) if shared else ():
        if isinstance(node, ast.Assign):
            for name, binding in _assigned(node.targets, node.value):
                if name in shared:
                    yield name, binding


def statements(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """Walk statements and those inside them, in no order; expressions, most of a tree, are not entered."""
    waiting = list(body)
    while waiting:
        node = waiting.pop()
        yield node
        for field in ("body", "handlers", "orelse", "finalbody", "cases"):
            for child in getattr(node, field, ()):
                waiting.extend(child.body if isinstance(child, ast.ExceptHandler | ast.match_case) else [child])


def stored_names(target: ast.AST) -> Iterator[str]:
    """Name every variable an assignment target binds."""
    for node in ast.walk(target):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id


def elements(node: ast.expr) -> list[ast.expr]:
    """Give what a tuple or list display holds; nothing for other expressions."""
    return node.elts if isinstance(node, ast.Tuple | ast.List) else []


def parameter_names(arguments: ast.arguments) -> Iterator[str]:
    """Name every parameter, ``*args`` and ``**kwargs`` included."""
    for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
        yield argument.arg
    for rest in (arguments.vararg, arguments.kwarg):
        if rest is not None:
            yield rest.arg


def loop_names(generators: Iterable[ast.comprehension]) -> Iterator[str]:
    """Name every variable that the loops of a comprehension bind."""
    for generator in generators:
        yield from stored_names(generator.target)
