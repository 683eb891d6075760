"""What a name in a string annotation stands for, without importing anything.

In: the function that carries the annotation and the registered types. Out: a namespace for evaluating it.
A name is looked up as the interpreter would, then in the enclosing functions' registered classes, then
through the import statements in the module's source; without source only a unique name is taken.
"""

import builtins
import sys
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from kimera_di.rendering import did_you_mean

if TYPE_CHECKING:
    import ast

_MOST_HOPS = 16
"""Re-exports that are followed from module to module before giving up."""


class UnknownNameError(Exception):
    """A name leads nowhere; internal, becomes an ``AnnotationError`` or ``MissingServiceError``.

    ``followed`` holds the dotted name an import statement points at, when there was one.
    """

    def __init__(self, text: str, followed: str = "") -> None:
        super().__init__(text)
        self.followed = followed


class KnownTypes:
    """The registered types by module and qualified name, and by bare name."""

    def __init__(self, types: Iterable[Any]) -> None:
        self._types = tuple(types)
        self._read: tuple[dict[tuple[str, str], Any], dict[str, list[Any]]] | None = None

    @property
    def by_place(self) -> Mapping[tuple[str, str], Any]:
        """The types by module and qualified name; O(types) when it is asked for first."""
        return (self._read or self._sorted())[0]

    @property
    def by_name(self) -> Mapping[str, list[Any]]:
        """The types by bare name; O(types) when it is asked for first."""
        return (self._read or self._sorted())[1]

    def _sorted(self) -> tuple[dict[tuple[str, str], Any], dict[str, list[Any]]]:
        """Sort them; most collections never ask. Two threads that do at once get the same answers."""
        by_place: dict[tuple[str, str], Any] = {}
        by_name: dict[str, list[Any]] = {}
        for thing in self._types:
            module, name = getattr(thing, "__module__", None), getattr(thing, "__qualname__", None)
            bare = getattr(thing, "__name__", None)
            if isinstance(module, str) and isinstance(name, str):
                by_place.setdefault((module, name), thing)
            if isinstance(bare, str) and thing not in by_name.setdefault(bare, []):
                by_name[bare].append(thing)
        self._read = by_place, by_name
        return self._read


def scope_of_names(function: Any, owner: type | None, space: Mapping[str, Any], known: KnownTypes) -> "AnnotationNames":
    """Make the namespace in which the annotations of ``function`` are evaluated.

    Args:
        function: The function that carries them.
        owner: The class whose constructor it is.
        space: The globals of its module.
        known: The registered types.

    Returns:
        A mapping for ``eval``; raises ``UnknownNameError`` for a name that leads nowhere.
    """
    local: dict[str, Any] = {}
    for thing in (owner, function):
        for parameter in getattr(thing, "__type_params__", ()):  # PEP 695: class Box[T], def make[T]()
            local[parameter.__name__] = parameter
    return AnnotationNames(local, space, function, owner, known)


class AnnotationNames(dict[str, Any]):
    """Names as an annotation sees them; ``__missing__`` is asked for all that is not local."""

    def __init__(
        self, local: Mapping[str, Any], space: Mapping[str, Any], function: Any, owner: type | None, known: KnownTypes
    ) -> None:
        super().__init__(local)
        self._space, self._function, self._owner, self._known = space, function, owner, known

    def __missing__(self, name: str) -> Any:
        """Find ``name``: class body, module, built-ins, enclosing functions, imports in the source."""
        if self._owner is not None and name in self._owner.__dict__:
            return self._owner.__dict__[name]
        if name in self._space:
            return self._space[name]
        if hasattr(builtins, name):
            return getattr(builtins, name)
        found = self._in_enclosing(name)
        if found is not None:
            return found
        module = str(self._space.get("__name__", "") or getattr(self._function, "__module__", ""))
        target = imported_as(module, name, self._space)
        if target is not None:
            thing = _follow(target, self._known)
            if thing is not None:
                return thing
            raise UnknownNameError(
                f"{name} is imported from {target.rpartition('.')[0]}, which nothing registered comes from", target
            )
        same = self._known.by_name.get(name, [])
        if len(same) == 1 and not _has_source(module, self._space):
            return same[0]
        beside = [each for each, thing in self._space.items() if isinstance(thing, type)]
        guess = did_you_mean(name, [*self._known.by_name, *beside])
        raise UnknownNameError(
            f"the name {name} is not known there" + (f" (did you mean {guess[0]}?)" if guess else "")
        )

    def _in_enclosing(self, name: str) -> Any:
        """A class of an enclosing function or class body: its qualified name shares our prefix."""
        thing = self._owner if self._owner is not None else self._function
        module, prefix = getattr(thing, "__module__", ""), getattr(thing, "__qualname__", "")
        while "." in prefix:
            prefix = prefix.rpartition(".")[0]
            found = self._known.by_place.get((module, f"{prefix}.{name}"))
            if found is not None:
                return found
        return None


_imports: dict[tuple[str, str], dict[str, str]] = {}
"""By module and file: a name may be used again for another file, in tests for instance."""


def imported_as(module: str, name: str, space: Mapping[str, Any] | None = None) -> str | None:
    """Tell which dotted name the source of ``module`` imports as ``name``, anywhere in the file.

    Args:
        module: Dotted name of the module; need not be loaded when its package is.
        name: The name used there.
        space: Globals of the module, for its ``__file__`` and ``__package__``.

    Returns:
        The dotted name, or ``None`` without source or without such an import.
    """
    if not space:
        space = vars(sys.modules[module]) if module in sys.modules else {}
    file = _source_file(module, space)
    if not file:
        return None
    table = _imports.get((module, file))
    if table is None:
        table = _imports[module, file] = _read_imports(module, file, space)
    return table.get(name)


def _read_imports(module: str, file: str, space: Mapping[str, Any]) -> dict[str, str]:
    import ast
    import linecache

    try:
        tree = ast.parse("".join(linecache.getlines(file, dict(space))))
    except (SyntaxError, ValueError):
        return {}
    package = space.get("__package__")  # right for a module run as __main__, too
    if not isinstance(package, str):
        package = module if file.endswith("__init__.py") else module.rpartition(".")[0]
    table: dict[str, str] = {}
    for node in (*_module_body(tree), *ast.walk(tree)):  # an import of the module body wins over one in a function
        if isinstance(node, ast.Import):
            for item in node.names:
                bound, target = (item.asname, item.name) if item.asname else (item.name.partition(".")[0],) * 2
                table.setdefault(bound, target)
        elif isinstance(node, ast.ImportFrom):
            base = _absolute(node.module or "", node.level, package)
            for item in node.names:
                table.setdefault(item.asname or item.name, f"{base}.{item.name}")
    return table


def _module_body(tree: "ast.AST") -> Iterable["ast.AST"]:
    """What runs when the module does, under ``if TYPE_CHECKING`` too, but not what stands in functions and classes."""
    import ast

    inner = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
    todo = [tree]
    for node in todo:
        yield node
        todo += [child for child in ast.iter_child_nodes(node) if not isinstance(child, inner)]


def _absolute(module: str, level: int, package: str) -> str:
    if not level:
        return module
    parts = package.split(".")
    base = ".".join(parts[: len(parts) - level + 1])
    return f"{base}.{module}" if module else base


def _source_file(module: str, space: Mapping[str, Any]) -> str | None:
    file = space.get("__file__")
    if isinstance(file, str):
        return file if file.endswith(".py") else None
    import linecache

    parent = sys.modules.get(module.rpartition(".")[0])
    for folder in getattr(parent, "__path__", ()):
        for candidate in (
            f"{folder}/{module.rpartition('.')[2]}.py",
            f"{folder}/{module.rpartition('.')[2]}/__init__.py",
        ):
            if linecache.getlines(candidate):
                return candidate
    return None


def _has_source(module: str, space: Mapping[str, Any]) -> bool:
    import linecache

    file = _source_file(module, space)
    return bool(file and linecache.getlines(file, dict(space)))


def _follow(target: str, known: KnownTypes) -> Any:
    """Find the registered or already loaded thing a dotted name means; imports nothing."""
    for _ in range(_MOST_HOPS):
        module, _, name = target.rpartition(".")
        if (module, name) in known.by_place:
            return known.by_place[(module, name)]
        loaded = sys.modules.get(module)
        if loaded is not None and name in loaded.__dict__:
            return loaded.__dict__[name]
        if target in sys.modules:
            return sys.modules[target]
        if any(place[0] == target or place[0].startswith(f"{target}.") for place in known.by_place):
            return _Unloaded(target, known)
        onward = imported_as(module, name)
        if onward is None or onward == target:
            return None
        target = onward
    return None


class _Unloaded:
    """Stands for a module that is not bound yet: ``infra.Vault`` finds the registered ``shop.infra.Vault``."""

    def __init__(self, name: str, known: KnownTypes) -> None:
        self._name, self._known = name, known

    def __getattr__(self, attribute: str) -> Any:
        found = _follow(f"{self._name}.{attribute}", self._known)
        if found is None:
            raise UnknownNameError(f"{self._name}.{attribute} is not registered", f"{self._name}.{attribute}")
        return found
