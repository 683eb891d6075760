"""Count the classes of a source file, and those of them that are abstract. Nothing is imported.

In: the path of a file. Out: two numbers. Abstract are classes that nobody can make an object of: those that name
``Protocol`` as a base, and those with abstract methods whose metaclass is ``ABCMeta``. Bases from other modules are not
followed: an abstract method under such a base counts, because ``@abstractmethod`` says what the base is for; abstract
methods that only the other module has are not known.
"""

import ast
import builtins
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from kimera_di.architecture.reading.syntax_trees import parsed_source

_REMEMBERED = 16_384
"""Files whose counts a process keeps; a file that changed is counted again."""
_SETTLED_NS = 2_000_000_000
_PLAIN = frozenset((*dir(builtins), "Enum", "Generic", "NamedTuple", "TypedDict"))
"""Bases whose metaclass knows nothing of abstract methods."""
_MARKS = ("abstractmethod", "abstractproperty", "abstractclassmethod", "abstractstaticmethod")
_BODIES = ("body", "orelse", "finalbody", "handlers", "cases")


class ClassCounts(NamedTuple):
    """How many classes a module has of its own."""

    classes: int
    abstract: int


class _Known(NamedTuple):
    """What is known of a class further up in the same file."""

    checked: bool
    """Whether its metaclass refuses to make objects while abstract methods are left."""
    members: Mapping[str, bool]
    """What it and its bases bind, and whether that is still abstract."""


def count_classes(file: str) -> ClassCounts | None:
    """Count the classes that a module defines at its top level, also inside ``if``, ``try`` and ``with``.

    Args:
        file: Its path.

    Returns:
        The counts; ``None`` when the file cannot be read, or parsed by this interpreter. Costs one parse of a file
        that has the word ``class`` in it, once per process and version of the file.
    """
    try:
        found = os.stat(file)
        stamp = (found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino)
        # Two versions within one tick of the file system's clock look alike, so what is new is read each time.
        settled = time.time_ns() - max(found.st_mtime_ns, found.st_ctime_ns) > _SETTLED_NS
        return _remembered(file, stamp) if settled else _counted(file)
    except OSError:
        return None


@lru_cache(maxsize=_REMEMBERED)
def _remembered(file: str, _stamp: tuple[int, ...]) -> ClassCounts | None:
    return _counted(file)


def _counted(file: str) -> ClassCounts | None:
    source = Path(file).read_bytes()
    if b"class" not in source:
        return ClassCounts(0, 0)
    tree = parsed_source(source)
    return None if tree is None else count_in_tree(tree)


def count_in_tree(tree: ast.Module) -> ClassCounts:
    """Count the classes of a module that is parsed already; O(statements)."""
    names = _Names(tree)
    known: dict[str, _Known] = {}
    classes = abstract = 0
    for node in _top_level(tree):
        if isinstance(node, ast.ClassDef):
            bases = [names.meant(base) for base in node.bases]
            inner = _examined(node, bases, names, known)
            known[node.name] = inner
            classes += 1
            abstract += "Protocol" in bases or (inner.checked and any(inner.members.values()))
    return ClassCounts(classes, abstract)


class _Names:
    """What the names of a module mean: ``import abc as a`` and ``from typing import Protocol as P`` are followed."""

    def __init__(self, tree: ast.Module) -> None:
        self._imported = {
            alias.asname or alias.name: alias.name
            for node in _top_level(tree)
            if isinstance(node, ast.ImportFrom)
            for alias in node.names
        }

    def meant(self, node: ast.expr) -> str:
        """Give the name of what an expression such as ``abc.ABC`` or ``Protocol[T]`` stands for, without its module."""
        while isinstance(node, ast.Subscript | ast.Call):
            node = node.value if isinstance(node, ast.Subscript) else node.func
        if isinstance(node, ast.Attribute):
            return node.attr
        return self._imported.get(node.id, node.id) if isinstance(node, ast.Name) else ""


def _examined(node: ast.ClassDef, bases: Sequence[str], names: _Names, known: Mapping[str, _Known]) -> _Known:
    above = [known[base] for base in bases if base in known]
    members: dict[str, bool] = {}
    for base in reversed(above):  # what the first base binds hides what the others do
        members.update(base.members)
    for name, decorators in _members(node):
        members[name] = any(names.meant(each) in _MARKS for each in decorators)
    foreign = any(base not in known and base not in _PLAIN for base in bases)
    meta = any(keyword.arg == "metaclass" for keyword in node.keywords)
    return _Known(meta or foreign or any(base.checked for base in above), members)


def _members(node: ast.ClassDef) -> Iterator[tuple[str, Sequence[ast.expr]]]:
    """Give what the body of a class binds, with decorators, in the order of the file."""
    for item in _top_level(node):
        if isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield item.name, item.decorator_list
        elif isinstance(item, ast.Assign):
            yield from ((target.id, ()) for target in item.targets if isinstance(target, ast.Name))
        elif isinstance(item, ast.AnnAssign) and item.value is not None and isinstance(item.target, ast.Name):
            yield item.target.id, ()


def _top_level(node: ast.AST) -> Iterator[ast.stmt]:
    """Give the statements of a body in their order, those inside of ``if``, ``try`` and the like included."""
    waiting = list(_inside(node))[::-1]
    while waiting:
        item = waiting.pop()
        if isinstance(item, ast.stmt):
            yield item
        if not isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            waiting.extend(list(_inside(item))[::-1])


def _inside(node: ast.AST) -> Iterator[ast.AST]:
    for field in _BODIES:
        # A lambda and a conditional expression call their one expression "body" too.
        children = getattr(node, field, None)
        if isinstance(children, list):
            yield from children
