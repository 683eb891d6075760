"""Find in the sources of a graph where a name is defined.

In: a `ModuleGraph`. Out: parsed modules, each parsed once, and definitions, followed through the modules that hand
them on. Runs nothing; what cannot be read or parsed here is not there.
"""

import ast
from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from kimera_di.architecture.model.module_graph import ModuleGraph
from kimera_di.architecture.reading.syntax_trees import absolute_module, package_of, parsed_source

_MOST_STEPS = 20
"""Modules that hand on one name; more is a circle."""


class Taken(NamedTuple):
    """A name that an import statement binds."""

    module: str
    """Where it comes from, absolute."""
    name: str
    """As it is called there; ``""`` for the module itself, ``*`` for everything."""


@dataclass(frozen=True, slots=True)
class Source:
    """One parsed module."""

    module: str
    file: str
    tree: ast.Module
    defined: Mapping[str, ast.stmt]
    """What the module binds itself, by name; for what is bound twice the last statement."""
    taken: Mapping[str, Taken]
    """What its import statements bind at module level."""
    text: bytes = b""
    """The file as it is on disk."""
    stars: tuple[str, ...] = field(default=())
    """Modules of which it takes everything."""

    @property
    def package(self) -> str:
        """The package that relative imports start from."""
        return package_of(self.module, self.file)

    def exported(self) -> frozenset[str]:
        """Give the names in ``__all__``, where it is written as a list or tuple of texts."""
        node = self.defined.get("__all__")
        value = node.value if isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign) else None
        items = value.elts if isinstance(value, ast.List | ast.Tuple) else []
        return frozenset(item.value for item in items if isinstance(item, ast.Constant) and isinstance(item.value, str))


class Definition(NamedTuple):
    """Where a name is bound."""

    source: Source
    name: str
    node: ast.stmt


class Sources:
    """The sources of a graph, each read when it is asked for first.

    Args:
        graph: Knows the files.
    """

    def __init__(self, graph: ModuleGraph) -> None:
        self.graph = graph
        self._known: dict[str, Source | None] = {}

    def of(self, module: str) -> Source | None:
        """Give a module; ``None`` when it has no file or this interpreter cannot parse it. Time O(size of the file)."""
        if module not in self._known:
            file = self.graph.file_of(module)
            self._known[module] = None if file is None else _read(module, file)
        return self._known[module]

    def mentions(self, module: str, names: Iterable[str]) -> bool:
        """Say whether a file has one of some names, or a star, anywhere: much cheaper than to parse it."""
        file = self.graph.file_of(module)
        try:
            text = b"" if file is None else Path(file).read_bytes()
        except OSError:
            return False
        return b"import *" in text or any(name.encode() in text for name in names)

    def definition(self, module: str, name: str) -> Definition | None:
        """Follow a name to the statement that binds it.

        Args:
            module: Where the name is taken from.
            name: The name, without dots.

        Returns:
            The statement; ``None`` when the trail leaves the graph or ends nowhere.
        """
        waiting, seen = [(module, name)], set[tuple[str, str]]()
        while waiting and len(seen) < _MOST_STEPS:
            module, name = step = waiting.pop()
            source = None if step in seen else self.of(module)
            seen.add(step)
            if source is None:
                continue
            if name in source.defined:
                return Definition(source, name, source.defined[name])
            if name in source.taken:
                following = source.taken[name]
                waiting.append((following.module, following.name))
            else:
                waiting.extend((star, name) for star in source.stars)
        return None


def statements(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """Give the statements of a body in order, those inside of ``if``, ``try``, ``with`` and loops included."""
    waiting = list(body)[::-1]
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            waiting.extend(reversed([child for child in _nested(node) if isinstance(child, ast.stmt)]))


class LineFilter:
    """Tells which statements are worth a look, so that most of a file is not walked through.

    Args:
        lines: Lines of interest, sorted; ``None`` for all.
    """

    def __init__(self, lines: Sequence[int] | None) -> None:
        self._lines = lines

    @classmethod
    def mentioning(cls, text: bytes, names: Collection[str]) -> "LineFilter":
        """Take the lines that have one of some names in any form; all, for names that can be spelled in other ways."""
        if not all(name.isascii() for name in names):
            return cls(None)
        wanted = [name.encode() for name in names]
        lines = enumerate(text.splitlines(), start=1)
        return cls([number for number, line in lines if any(name in line for name in wanted)])

    def skips(self, node: ast.AST) -> bool:
        """Say whether a statement has none of the lines; of other nodes it does not know that. Time O(log lines)."""
        if self._lines is None or not isinstance(node, ast.stmt):
            return False
        first = min([node.lineno, *(each.lineno for each in getattr(node, "decorator_list", ()))])
        at = bisect_left(self._lines, first)
        return at == len(self._lines) or self._lines[at] > (node.end_lineno or node.lineno)


def bound_names(node: ast.stmt) -> Iterator[str]:
    """Give the names that a statement other than an import binds."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield node.name
    targets: list[ast.expr] = []
    if isinstance(node, ast.Assign):
        targets = list(node.targets)
    elif isinstance(node, ast.AnnAssign | ast.AugAssign):
        targets = [node.target]
    for target in targets:
        yield from (each.id for each in ast.walk(target) if isinstance(each, ast.Name))
    alias = getattr(node, "name", None) if type(node).__name__ == "TypeAlias" else None
    if isinstance(alias, ast.Name):
        yield alias.id


def _nested(node: ast.stmt) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.ExceptHandler | ast.match_case):
            yield from child.body
        else:
            yield child


def _read(module: str, file: str) -> Source | None:
    try:
        text = Path(file).read_bytes()
    except OSError:
        return None
    tree = parsed_source(text)
    if tree is None:
        return None
    defined: dict[str, ast.stmt] = {}
    taken: dict[str, Taken] = {}
    stars: list[str] = []
    bare = Source(module, file, tree, defined, taken)
    for node in statements(tree.body):
        if isinstance(node, ast.Import):
            for alias in node.names:
                first = alias.name.partition(".")[0]
                taken[alias.asname or first] = Taken(alias.name if alias.asname else first, "")
        elif isinstance(node, ast.ImportFrom):
            home = absolute_module(node, bare.package)
            stars += [home for alias in node.names if alias.name == "*"]
            taken.update({alias.asname or alias.name: Taken(home, alias.name) for alias in node.names})
        else:
            defined.update(dict.fromkeys(bound_names(node), node))
    taken.pop("*", None)
    return Source(module, file, tree, defined, taken, text, tuple(stars))
