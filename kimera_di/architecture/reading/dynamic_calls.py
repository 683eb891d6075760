"""Find the calls in a source file that import a module by its name.

In: the bytes of a file and its module name. Out: names with lines, and the lines of calls whose name only the run
knows. Reads ``importlib.import_module`` and ``__import__`` under any name they are imported as; what is rebound at run
time is not followed. Runs nothing.

Source: how names are made absolute is importlib's, https://docs.python.org/3/library/importlib.html.
"""

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from kimera_di.architecture.reading.syntax_trees import parsed_source

_IMPORT_MODULE, _DUNDER = "import_module", "__import__"
_MARKS = (_IMPORT_MODULE.encode(), _DUNDER.encode())
_FUNCTIONS: Mapping[str, tuple[str, ...]] = {"importlib": (_IMPORT_MODULE, _DUNDER), "builtins": (_DUNDER,)}
TOO_NEW = "the file does not parse with this Python; its calls are not known"


class DynamicCalls(NamedTuple):
    """What the calls of a file import."""

    named: tuple[tuple[str, int], ...] = ()
    """Absolute names with lines, in the order of the file."""
    unresolved: tuple[tuple[str, int], ...] = ()
    """Why a name is not known, with the line."""


def mentions_calls(source: bytes) -> bool:
    """Say whether a file may import by calls; O(size of the file), parses nothing."""
    return any(mark in source for mark in _MARKS)


def dynamic_calls(source: bytes, module: str, *, is_package: bool) -> DynamicCalls:
    """Read every import by a call.

    A name is known when it is written out, also in parts: texts, f-strings, sums, ``__name__`` and ``__package__``.

    Args:
        source: A file that `mentions_calls`.
        module: Its module name.
        is_package: Whether it is an ``__init__.py``.

    Returns:
        The calls. Time O(size of the file).
    """
    tree = parsed_source(source)
    if tree is None:
        lines = source.splitlines()
        first = next(number for number, line in enumerate(lines, start=1) if mentions_calls(line))
        return DynamicCalls(unresolved=((TOO_NEW, first),))
    functions = _functions(tree)
    here = _Here(module, module if is_package else module.rpartition(".")[0])
    named: list[tuple[str, int]] = []
    unresolved: list[tuple[str, int]] = []
    calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call))
    for call in sorted(calls, key=lambda node: (node.lineno, node.col_offset)):
        function = functions.get(_dotted(call.func))
        if function is None:
            continue
        found = here.import_module(call) if function == _IMPORT_MODULE else here.dunder_import(call)
        if isinstance(found, str):
            unresolved.append((found, call.lineno))
        else:
            named.extend((name, call.lineno) for name in found)
    return DynamicCalls(tuple(named), tuple(unresolved))


def _functions(tree: ast.Module) -> Mapping[str, str]:
    """Map the names under which a file has the importing functions."""
    known = {_DUNDER: _DUNDER}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                home = alias.name if alias.asname else alias.name.partition(".")[0]
                for function in _FUNCTIONS.get(home, ()):
                    known[f"{alias.asname or home}.{function}"] = function
        elif isinstance(node, ast.ImportFrom) and not node.level:
            for alias in node.names:
                if alias.name in _FUNCTIONS.get(node.module or "", ()):
                    known[alias.asname or alias.name] = alias.name
    return known


def _dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return f"{node.value.id}.{node.attr}"
    return ""


@dataclass(frozen=True, slots=True)
class _Here:
    """The module that the calls are in; its methods give absolute names, or a text why there are none."""

    module: str
    package: str

    def import_module(self, call: ast.Call) -> Sequence[str] | str:
        arguments = _arguments(call, ("name", "package"))
        name = self._text(arguments.get("name"))
        if name is None:
            return "the name is computed"
        level = len(name) - len(name.lstrip("."))
        if not level:
            return [name]
        package = self._text(arguments.get("package"))
        base = _base(package, level) if package is not None else None
        return f"it is not known what {name!r} is relative to" if base is None else [_joined(base, name[level:])]

    def dunder_import(self, call: ast.Call) -> Sequence[str] | str:
        arguments = _arguments(call, ("name", "globals", "locals", "fromlist", "level"))
        name, level = self._text(arguments.get("name")), arguments.get("level", ast.Constant(0))
        if name is None or not (isinstance(level, ast.Constant) and isinstance(level.value, int) and level.value >= 0):
            return "the name is computed"
        base = _base(self.package, level.value) if level.value else ""
        if base is None:
            return f"it is not known what {name!r} is relative to"
        start = _joined(base, name) if base else name
        return [_joined(start, item) for item in self._items(arguments.get("fromlist"))] or [start]

    def _items(self, fromlist: ast.expr | None) -> Iterator[str]:
        for item in fromlist.elts if isinstance(fromlist, ast.List | ast.Tuple) else ():
            text = self._text(item)
            if text is not None:
                yield text

    def _text(self, node: ast.expr | None) -> str | None:
        """Put a text together out of its parts, without recursion: a sum of texts is as deep as it is long."""
        known = {"__name__": self.module, "__package__": self.package}
        waiting, parts = [node], list[str]()
        while waiting:
            match waiting.pop():
                case ast.Constant(value=str() as text):
                    parts.append(text)
                case ast.Name(id=("__name__" | "__package__") as name):
                    parts.append(known[name])
                case ast.JoinedStr(values=values):
                    waiting.extend(reversed(values))
                case ast.FormattedValue(value=value, conversion=-1, format_spec=None):
                    waiting.append(value)
                case ast.BinOp(left=left, op=ast.Add(), right=right):
                    waiting += [right, left]
                case _:
                    return None
        return "".join(parts)


def _arguments(call: ast.Call, names: Sequence[str]) -> Mapping[str, ast.expr]:
    """Give the arguments by name; from the first ``*`` on nothing is known."""
    found: dict[str, ast.expr] = {}
    for name, value in zip(names, call.args, strict=False):
        if isinstance(value, ast.Starred):
            break
        found[name] = value
    return {**found, **{keyword.arg: keyword.value for keyword in call.keywords if keyword.arg}}


def _base(package: str, level: int) -> str | None:
    parts = package.rsplit(".", level - 1)
    return parts[0] if package and len(parts) == level else None


def _joined(base: str, rest: str) -> str:
    return f"{base}.{rest}" if rest else base
