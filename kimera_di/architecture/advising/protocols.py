"""Write the protocol that an importer needs in place of a class.

In: the class, if its source is known, and what the importer uses of its instances. Out: the text of a module with one
``Protocol``, which the class satisfies as far as its own annotations are right. Writes no file.

Signatures are copied from the class whole: a shorter one, made from the calls alone, would be broken by the next call.
Attributes that are only read become properties, which attributes of any kind satisfy.
"""

import ast
import copy
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kimera_di.architecture.advising.bindings import spelled_parts
from kimera_di.architecture.advising.class_sources import Member, find_member
from kimera_di.architecture.advising.instances import MemberUse
from kimera_di.architecture.advising.sources import Definition, Source, Sources
from kimera_di.architecture.advising.type_names import TypeNames

_PROPERTIES = frozenset({"property", "cached_property", "hybrid_property"})
_CONTEXTS = {
    "contextmanager": "AbstractContextManager",
    "asynccontextmanager": "AbstractAsyncContextManager",
}
_PLAIN = frozenset({"staticmethod", "classmethod", "abstractmethod", "override", "final"})
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class ProtocolText:
    """A protocol to create."""

    name: str
    code: str
    """A whole module."""
    left_out: tuple[str, ...]
    """Types that are ``Any`` in it because the new place may not import them."""
    unknown: tuple[str, ...]
    """Members whose signature no source tells."""


def protocol_name(class_name: str) -> str:
    """Give the name of the interface of a class: ``IVault`` for ``Vault``."""
    return f"I{class_name.lstrip('_')}"


def write_protocol(
    found: Definition, uses: Sequence[MemberUse], importer: str, sources: Sources, names: TypeNames
) -> ProtocolText:
    """Write a protocol.

    Args:
        found: The class.
        uses: What is used of its instances.
        importer: The module that uses it.
        sources: The modules of the graph.
        names: Writes annotations for the place of the protocol.

    Returns:
        The text; equal input gives equal text. Members are in the order of the names.
    """
    by_name: dict[str, list[MemberUse]] = {}
    for use in sorted(uses, key=lambda use: use.name):
        by_name.setdefault(use.name, []).append(use)
    members, unknown = list[str](), list[str]()
    for name, some in by_name.items():
        member = find_member(found, name, sources)
        text = None if member is None else _from_source(member, name, some, names)
        if text is None:
            unknown.append(name)
            text = _from_uses(name, some, names)
        members.append(text)
    interface = protocol_name(found.name)
    names.imports["from typing import Protocol"] = None
    body = "\n\n".join(f"    {line}" for line in _indented(members))
    doc = f'    """What {importer} needs of {found.name}."""'
    code = f"{_import_lines(names.imports)}\n\n\nclass {interface}(Protocol):\n{doc}\n"
    code += f"\n{body}\n" if members else ""
    return ProtocolText(interface, code, tuple(names.left_out), tuple(unknown))


def _indented(members: Iterable[str]) -> list[str]:
    return [text.replace("\n", "\n    ") for text in members]


def _import_lines(statements: Iterable[str]) -> str:
    """Join the names that come from one module, sorted."""
    plain, homes = set[str](), dict[str, set[str]]()
    for statement in statements:
        if statement.startswith("from "):
            home, _, name = statement.removeprefix("from ").partition(" import ")
            homes.setdefault(home, set()).add(name)
        else:
            plain.add(statement)
    return "\n".join(
        [*sorted(plain), *(f"from {home} import {', '.join(sorted(homes[home]))}" for home in sorted(homes))]
    )


def _from_source(member: Member, name: str, uses: Sequence[MemberUse], names: TypeNames) -> str | None:
    source, node = member.home.source, member.nodes[-1]
    written = any(use.how == "written" for use in uses)
    if isinstance(node, Function):
        decorators = {part for each in node.decorator_list for part in _last(each)}
        setters = any(
            isinstance(each, Function) and "setter" in {part for item in each.decorator_list for part in _last(item)}
            for each in member.nodes
        )
        first = member.nodes[0]
        if isinstance(first, Function) and _PROPERTIES & {
            part for each in first.decorator_list for part in _last(each)
        }:
            return _attribute(name, names.text(first.returns, source, result=True), written=written and setters)
        if len(member.nodes) > 1 or written:
            return None
        return _method(node, decorators, source, names)
    annotation = node.annotation if isinstance(node, ast.AnnAssign) else None
    if annotation is None and isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
        kind = type(node.value.value).__name__
        known = kind in {"int", "str", "float", "bool", "bytes"}
        return _attribute(name, kind if known else names.any(), written=written)
    if isinstance(annotation, ast.Subscript) and spelled_parts(annotation.value)[-1:] in {("ClassVar",), ("Final",)}:
        annotation = annotation.slice
    return _attribute(name, names.text(annotation, source), written=written)


def _method(node: Function, decorators: set[str], source: Source, names: TypeNames) -> str | None:
    context = next((kind for kind in sorted(_CONTEXTS) if kind in decorators), None)
    if decorators - _PLAIN - _CONTEXTS.keys():
        return None  # what another decorator makes of it, only a run knows
    arguments = copy.deepcopy(node.args)
    every = [*arguments.posonlyargs, *arguments.args]
    for number, each in enumerate([*every, *arguments.kwonlyargs, *filter(None, (arguments.vararg, arguments.kwarg))]):
        bound = number == 0 and bool(every) and "staticmethod" not in decorators
        each.annotation = None if bound else ast.Name(names.text(each.annotation, source), ast.Load())
    dots = ast.Constant(...)
    arguments.defaults = [dots for _ in arguments.defaults]
    arguments.kw_defaults = [None if each is None else dots for each in arguments.kw_defaults]
    result = names.text(node.returns, source, result=True)
    if context is not None:
        result = _entered(node.returns, _CONTEXTS[context], source, names)
    waits = isinstance(node, ast.AsyncFunctionDef) and context is None and not _yields(node)
    head = "".join(f"@{kind}\n" for kind in ("classmethod", "staticmethod") if kind in decorators)
    return f"{head}{'async ' * waits}def {node.name}({ast.unparse(arguments)}) -> {result}: ..."


def _entered(annotation: ast.expr | None, manager: str, source: Source, names: TypeNames) -> str:
    """Make the result of a decorated generator: ``Iterator[T]`` gives a context manager of ``T``."""
    item = annotation.slice if isinstance(annotation, ast.Subscript) else None
    if isinstance(item, ast.Tuple) and item.elts:
        item = item.elts[0]
    names.imports[f"from contextlib import {manager}"] = None
    return f"{manager}[{names.text(item, source)}]"


def _attribute(name: str, kind: str, *, written: bool) -> str:
    return f"{name}: {kind}" if written else f"@property\ndef {name}(self) -> {kind}: ..."


def _from_uses(name: str, uses: Sequence[MemberUse], names: TypeNames) -> str:
    """Describe a member that no source tells: a property of any type takes calls as well."""
    unknown = names.any()
    if any(use.how == "written" for use in uses):
        return f"{name}: {unknown}"
    if name.startswith("__"):
        return f"def {name}(self, *args: {unknown}, **kwargs: {unknown}) -> {unknown}: ..."
    return f"@property\ndef {name}(self) -> {unknown}: ...{_called(uses)}"


def _called(uses: Sequence[MemberUse]) -> str:
    calls = sorted({_arguments(use) for use in uses if use.how in {"called", "awaited"}})
    return f"  # called with {'; '.join(calls)}" if calls else ""


def _arguments(use: MemberUse) -> str:
    parts = [f"{use.positional} by position"] if use.positional else []
    parts += [", ".join(f"{name}=" for name in use.keywords)] if use.keywords else []
    text = " and ".join(parts) or "nothing"
    return f"{text}, awaited" if use.how == "awaited" else text


def _last(node: ast.expr) -> tuple[str, ...]:
    return spelled_parts(node.func if isinstance(node, ast.Call) else node)[-1:]


def _yields(node: ast.AST) -> bool:
    waiting = list(ast.iter_child_nodes(node))
    while waiting:
        each = waiting.pop()
        if isinstance(each, ast.Yield | ast.YieldFrom):
            return True
        if not isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            waiting.extend(ast.iter_child_nodes(each))
    return False
