"""Tell which imports run only when a function is called.

In: the bytes of a source file and the lines of its imports. Out: the lines inside of functions. Parses, never
runs. Parsing whole files would cost more than the rest of the check together, so only the function, or else the
top-level statement, around an indented import is parsed. The cut is made by indentation, which strings and
brackets can spoil; then the piece does not parse, or lacks the import, and the whole file is parsed.
"""

import ast
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import cast

from kimera_di.architecture.reading.syntax_trees import parsed_source

_FUNCTION = re.compile(rb"(?:async[ \t]+)?def\b")
_CONTINUED = re.compile(rb"(?:else|elif|except|finally|case)\b|[)\]}#]|$")
"""Beginnings of lines that belong to a statement above them, and lines that say nothing."""


def deferred_lines(source: bytes, imports: Iterable[int]) -> frozenset[int]:
    """Find the imports that stand inside a function, at any depth, also in a class inside a function.

    Args:
        source: The file as it is on disk.
        imports: First lines of its import statements, as grimp gives them.

    Returns:
        Those of ``imports`` that are deferred. Time O(size of the functions and statements around them).
    """
    lines = source.splitlines()
    wanted = sorted(number for number in set(imports) if number <= len(lines) and not _at_margin(lines, number))
    found: set[int] = set()
    done = counted = quotes = others = 0
    for number in wanted:
        if number <= done:
            continue
        start, end = _statement_around(lines, number)
        before = b"\n".join(lines[counted:start])
        quotes, others, counted = quotes + before.count(b'"""'), others + before.count(b"'''"), max(counted, start)
        if start < counted or quotes % 2 or others % 2:  # it may begin inside of a string
            return _whole_file(source, lines, wanted)
        kinds = _parsed_piece(lines[start:end], start)
        inside = [line for line in wanted if start < line <= end]
        if kinds is None or not kinds.keys() >= set(inside):
            return _whole_file(source, lines, wanted)
        found.update(line for line in inside if kinds[line])
        done = end
    return frozenset(found)


def _at_margin(lines: Sequence[bytes], number: int) -> bool:
    line = lines[number - 1]
    if not line.startswith((b"import", b"from", b"lazy")) or (number > 1 and lines[number - 2].endswith(b"\\")):
        return False
    return b'"""' not in line and b"'''" not in line  # a string may end with one of these words


def _statement_around(lines: Sequence[bytes], number: int) -> tuple[int, int]:
    """Give the bounds, as for a slice, of the nearest function or else the top-level statement around a line."""
    start, depth = number - 1, _depth(lines[number - 1])
    while start > 0 and (depth > 0 or lines[start - 1].endswith(b"\\")):
        start -= 1
        text = lines[start].lstrip()
        if (_depth(lines[start]) < depth or depth == 0) and not _CONTINUED.match(text):
            joined = start > 0 and lines[start - 1].endswith(b"\\")
            if joined and len(text) == len(lines[start]):
                continue  # how deep it is says the line above: ``text = "a\`` goes on at the margin
            depth = _depth(lines[start])
            if _FUNCTION.match(text) and not joined:
                break
    end = number
    while end < len(lines) and (_CONTINUED.match(lines[end].lstrip()) or _depth(lines[end]) > depth):
        end += 1
    return start, end


def _parsed_piece(piece: Sequence[bytes], offset: int) -> dict[int, bool] | None:
    """Map the line of each import to whether it is inside a function; ``None`` when the piece does not parse."""
    if piece[0][:1].isspace():
        return _parsed(b"\n".join((b"if 1:", *piece)), offset - 1)
    return _parsed(b"\n".join(piece), offset)


def _parsed(source: bytes, offset: int) -> dict[int, bool] | None:
    tree = parsed_source(source)
    return None if tree is None else {line + offset: deferred for line, deferred in _imports(tree)}


def _imports(tree: ast.Module) -> Iterator[tuple[int, bool]]:
    waiting: list[tuple[ast.AST, bool]] = [(tree, False)]
    while waiting:
        node, deferred = waiting.pop()
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield node.lineno, deferred
            continue
        inside = deferred or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for name in ("body", "orelse", "finalbody", "handlers", "cases"):
            # A lambda and a conditional expression call their one expression "body" too.
            children = getattr(node, name, None)
            if isinstance(children, list):
                waiting.extend((child, inside) for child in cast("list[ast.AST]", children))


def _whole_file(source: bytes, lines: Sequence[bytes], wanted: Sequence[int]) -> frozenset[int]:
    kinds = _parsed(source, 0)
    if kinds is not None:
        return frozenset(line for line in wanted if kinds.get(line, False))
    # grimp reads newer syntax than this interpreter: indentation is what is left.
    return frozenset(line for line in wanted if _FUNCTION.match(lines[_statement_around(lines, line)[0]].lstrip()))


def _depth(line: bytes) -> int:
    return len(line) - len(line.lstrip())
