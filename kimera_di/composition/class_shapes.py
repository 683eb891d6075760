"""What the classes of a project look like from outside, read from their source and never run.

In: a `Project` and the name of a class. Out: its bases, whether it is an interface, the classes that its public members
name. Follows imports, ``TYPE_CHECKING`` blocks included, strings and aliases; what is not known names nothing.
"""

import ast
from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

from kimera_di.composition.bindings import Function, Module
from kimera_di.composition.known_values import What, last_name, parsed_annotation
from kimera_di.composition.receivers import Frames, Project

_ABSTRACT = frozenset({"abstractmethod", "abstractproperty", "abstractclassmethod", "abstractstaticmethod"})
_BUILDING = frozenset({"__init__", "__new__", "__init_subclass__", "__class_getitem__", "__post_init__"})
"""Said to whoever builds the object, not to whoever is given it."""
_HOPS = 20
"""Imports that an alias is followed through; also the end of aliases that name each other."""


class Named(NamedTuple):
    """A class that the annotations of an interface name."""

    name: str
    """Dotted name, where the class is defined."""
    member: str
    """The method or attribute."""
    file: str
    line: int


def bases_of(project: Project, name: str, known: dict[str, tuple[str, ...]] | None = None) -> list[str]:
    """Give a class and all its bases that the project holds, nearest first.

    Args:
        project: Knows the sources.
        name: Dotted name of the class.
        known: Direct bases by class, filled as they are found; for whoever asks about many classes.

    Returns:
        Dotted names, each once. O(bases), without recursion.
    """
    direct = {} if known is None else known
    found: dict[str, None] = {name: None}
    waiting = deque([name])
    while waiting:
        each = waiting.popleft()
        if each not in direct:
            direct[each] = _direct_bases(project, each)
        new = [base for base in direct[each] if base not in found]
        found.update(dict.fromkeys(new))
        waiting.extend(new)
    return list(found)


def _direct_bases(project: Project, name: str) -> tuple[str, ...]:
    source = project.class_source(name)
    if source is None:
        return ()
    module, node = source
    plain = (base.value if isinstance(base, ast.Subscript) else base for base in node.bases)
    values = (project.value_of(base, module, Frames()) for base in plain)
    return tuple(value.name for value in values if value is not None and value.what is What.CLASS)


def is_interface(project: Project, name: str) -> bool:
    """Tell whether a class is written as a Protocol or with abstract methods of its own."""
    source = project.class_source(name)
    if source is None:
        return False
    bases = (base.value if isinstance(base, ast.Subscript) else base for base in source[1].bases)
    if any(last_name(base) == "Protocol" for base in bases):
        return True
    methods = (item for item in _statements(source[1].body) if isinstance(item, Function))
    return any(last_name(decorator) in _ABSTRACT for method in methods for decorator in method.decorator_list)


def shown_classes(project: Project, name: str) -> Iterator[Named]:
    """Give the classes of the project that the public members of a class name in their annotations.

    Args:
        project: Knows the sources.
        name: Dotted name of the class.

    Yields:
        Own members first, then those of the bases; constructors are left out. O(size of the classes).
    """
    for each in bases_of(project, name):
        source = project.class_source(each)
        if source is None:
            continue
        module, node = source
        for member, annotation in _annotations(node):
            for found in _classes(project, annotation, module, _HOPS):
                yield Named(found, member, module.source.file, annotation.lineno)


def _annotations(node: ast.ClassDef) -> Iterator[tuple[str, ast.expr]]:
    for item in _statements(node.body):
        if isinstance(item, Function) and _is_public(item.name):
            arguments = item.args
            given = (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg)
            asked = [argument.annotation for argument in given if argument is not None]
            yield from ((item.name, each) for each in (*asked, item.returns) if each is not None)
        elif isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name) and _is_public(item.target.id):
            yield item.target.id, item.annotation


def _statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Statements of a class body, those below ``if`` included."""
    for item in body:
        if isinstance(item, ast.If):
            yield from _statements([*item.body, *item.orelse])
        else:
            yield item


def _is_public(name: str) -> bool:
    special = name.startswith("__") and name.endswith("__")
    return name not in _BUILDING if special else not name.startswith("_")


def _classes(project: Project, node: ast.expr, module: Module, hops: int) -> Iterator[str]:
    """Give the classes that an annotation names; of ``Literal`` none, of ``Annotated`` those of the type."""
    match node:
        case ast.Constant(value=str() as text):
            parsed = parsed_annotation(text)
            yield from _classes(project, parsed, module, hops) if parsed is not None else ()
        case ast.Subscript(value=outer) if last_name(outer) == "Literal":
            return
        case ast.Subscript(value=outer, slice=ast.Tuple(elts=[first, *_])) if last_name(outer) == "Annotated":
            yield from _classes(project, first, module, hops)
        case ast.Name() | ast.Attribute():
            value = project.value_of(node, module, Frames())
            if value is not None and value.what is What.CLASS:
                yield value.name
            elif value is None and hops:
                yield from _of_alias(project, node, module, hops)
        case _:
            for child in ast.iter_child_nodes(node):
                if isinstance(child, ast.expr):
                    yield from _classes(project, child, module, hops)


def _of_alias(project: Project, node: ast.Name | ast.Attribute, module: Module, hops: int) -> Iterator[str]:
    """Follow ``Rows = list[Row]``, also into the module it is imported from."""
    home, name = module, node.id if isinstance(node, ast.Name) else node.attr
    if isinstance(node, ast.Attribute):
        owner = project.value_of(node.value, module, Frames())
        found = project.module(owner.name) if owner is not None and owner.what is What.MODULE else None
        if found is None:
            return
        home = found
    for left in range(hops, 0, -1):
        binding = home.names.get(name)
        if binding is None:
            return
        if binding.kind != "import":
            aliased = isinstance(binding.node, ast.Subscript | ast.BinOp | ast.Name | ast.Attribute)
            if binding.kind == "value" and aliased and isinstance(binding.node, ast.expr):
                yield from _classes(project, binding.node, home, left - 1)
            return
        parent, _, name = binding.dotted.rpartition(".")
        found = project.module(parent)
        if found is None:
            return
        home = found
