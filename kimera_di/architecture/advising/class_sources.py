"""Find the members of a class in its source, also those that it inherits, and say what kind of thing a name is.

In: definitions. Out: the statements behind a member, and a word for a definition. Runs nothing; what is inherited from
outside of the graph is not known.
"""

import ast
import builtins
import re
from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

from kimera_di.architecture.advising.bindings import Parts, spelled_parts
from kimera_di.architecture.advising.sources import Definition, Source, Sources, statements

Thing = Literal["class", "data", "exception", "interface", "function", "constant", "unknown"]
_DATA = frozenset({"NamedTuple", "TypedDict", "Enum", "IntEnum", "StrEnum", "Flag", "IntFlag", "BaseModel", "Struct"})
_ABSTRACT = frozenset({"abstractmethod", "abstractproperty"})
_MOST_CLASSES = 50


class Member(NamedTuple):
    """What a class binds under one name."""

    home: Definition
    """The class that binds it, which may be a base class."""
    nodes: tuple[ast.stmt, ...]
    """Every statement, so that overloads are seen; for an attribute that a method sets, that statement."""


def class_and_bases(found: Definition, sources: Sources) -> Iterator[Definition]:
    """Give a class and those of its base classes that are in the graph, each before its own bases."""
    waiting, seen = [found], set[tuple[str, str]]()
    while waiting and len(seen) < _MOST_CLASSES:
        each = waiting.pop(0)
        if (each.source.module, each.name) in seen or not isinstance(each.node, ast.ClassDef):
            continue
        seen.add((each.source.module, each.name))
        yield each
        bases = (resolve(each.source, parts, sources) for parts in _bases(each.node))
        waiting.extend(base for base in bases if base is not None)


def resolve(source: Source, parts: Parts, sources: Sources) -> Definition | None:
    """Find what dotted parts mean in a module; ``None`` outside of the graph."""
    if not parts:
        return None
    if len(parts) == 1 or parts[0] in source.defined:
        return sources.definition(source.module, parts[0]) if len(parts) == 1 else None
    taken = source.taken.get(parts[0])
    if taken is None:
        return None
    module = ".".join(part for part in (taken.module, taken.name, *parts[1:-1]) if part)
    return sources.definition(module, parts[-1])


def find_member(found: Definition, name: str, sources: Sources) -> Member | None:
    """Find a member of a class.

    Args:
        found: The class.
        name: The member.
        sources: The modules of the graph.

    Returns:
        The member of the first class that binds it; ``None`` when its source does not say.
    """
    for home in class_and_bases(found, sources):
        body = home.node.body if isinstance(home.node, ast.ClassDef) else []
        nodes = tuple(node for node in statements(body) if name in _bound(node))
        nodes = nodes or tuple(_set_in_methods(body, name))[:1]
        if nodes:
            return Member(home, nodes)
    return None


def thing_of(found: Definition | None, sources: Sources) -> Thing:
    """Say what a name stands for.

    Args:
        found: Its definition.
        sources: The modules of the graph.

    Returns:
        ``interface`` for protocols and for classes with abstract methods only, ``data`` for classes that hold values,
        ``class`` for all other classes but exceptions.
    """
    if found is None:
        return "unknown"
    if isinstance(found.node, ast.FunctionDef | ast.AsyncFunctionDef):
        return "function"
    if not isinstance(found.node, ast.ClassDef):
        return "constant"
    family = list(class_and_bases(found, sources))
    bases = {parts[-1] for each in family if isinstance(each.node, ast.ClassDef) for parts in _bases(each.node)}
    if any(_is_exception(name) for name in bases):
        return "exception"
    methods = [node for node in found.node.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    if "Protocol" in {parts[-1] for parts in _bases(found.node)} or (methods and all(map(_is_abstract, methods))):
        return "interface"
    public = [node for node in methods if not node.name.startswith("_")]
    decorators = {name for node in found.node.decorator_list for name in _last(node)}
    if bases & _DATA or (decorators & {"dataclass", "define", "frozen"} and not public):
        return "data"
    return "class"


def _bases(node: ast.ClassDef) -> Sequence[Parts]:
    parts = (spelled_parts(base.value if isinstance(base, ast.Subscript) else base) for base in node.bases)
    return [each for each in parts if each]


def _is_exception(name: str) -> bool:
    known = getattr(builtins, name, None)
    if isinstance(known, type):
        return issubclass(known, BaseException)
    return re.search(r"(Error|Exception|Warning)$", name) is not None


def _is_abstract(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return any(name in _ABSTRACT for each in node.decorator_list for name in _last(each))


def _last(node: ast.expr) -> Parts:
    return spelled_parts(node.func if isinstance(node, ast.Call) else node)[-1:]


def _bound(node: ast.stmt) -> set[str]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return {node.name}
    if isinstance(node, ast.Assign):
        return {target.id for target in node.targets if isinstance(target, ast.Name)}
    return {node.target.id} if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) else set()


def _set_in_methods(body: Sequence[ast.stmt], name: str) -> Iterator[ast.stmt]:
    """Give the statements of methods that set an attribute, those with an annotation first."""
    found: list[ast.stmt] = []
    for method in body:
        if isinstance(method, ast.FunctionDef | ast.AsyncFunctionDef):
            for node in statements(method.body):
                targets = node.targets if isinstance(node, ast.Assign) else []
                targets = [node.target] if isinstance(node, ast.AnnAssign) else targets
                if any(spelled_parts(target) == ("self", name) for target in targets):
                    found.append(_annotated(node, method))
    yield from sorted(found, key=lambda node: not isinstance(node, ast.AnnAssign))


def _annotated(node: ast.stmt, method: ast.FunctionDef | ast.AsyncFunctionDef) -> ast.stmt:
    """Give ``self.x = x`` the annotation of the parameter ``x``."""
    if isinstance(node, ast.Assign) and isinstance(node.value, ast.Name):
        for each in (*method.args.posonlyargs, *method.args.args, *method.args.kwonlyargs):
            if each.arg == node.value.id and each.annotation is not None:
                target = node.targets[0]
                if isinstance(target, ast.Attribute):
                    return ast.AnnAssign(target=target, annotation=each.annotation, simple=0)
    return node
