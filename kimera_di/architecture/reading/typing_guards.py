"""Tell which imports only a type checker sees, behind guards that grimp does not understand.

In: the bytes of a source file. Out: lines. grimp knows ``if TYPE_CHECKING:`` and ``if typing.TYPE_CHECKING:`` by name;
negated guards, guards with ``and`` and ``or``, and ``TYPE_CHECKING`` under another name are left to this module, which
parses only the files that have one. Runs nothing.
"""

import ast
import re
from collections.abc import Collection, Iterator, Sequence
from typing import cast

from kimera_di.architecture.reading.syntax_trees import parsed_source

_NAME = "TYPE_CHECKING"
_WORD = re.compile(rb"TYPE_CHECKING\b")
_BEFORE = re.compile(rb"\b(?:not|and|or)\b[\s(\\]*(?:[\w.]*\.)?\Z")
_AFTER = re.compile(rb"[\s)\\]*\b(?:and|or|as)\b")
"""What stands around the word where grimp takes a guard for an ordinary condition; may match too much."""
_REACH = 120
"""Bytes before the word that are looked at: more blanks between ``not`` and the word than that are not expected."""
_IF = re.compile(rb"(?:el)?if\b")
_SAME_STATEMENT = re.compile(rb"elif\b|else\b|\)")


def has_odd_guard(source: bytes) -> bool:
    """Say whether a file may have a guard that `guarded_lines` is needed for.

    Parsing is what costs, and most such guards have no import below them.

    Args:
        source: The file as it is on disk.

    Returns:
        False only when no import stands in a statement with such a guard, as far as indentation, brackets and triple
        quotes tell. Time O(size of the file), parses nothing.
    """
    if b"\r" in source:  # alone it ends a line as well
        source = source.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    odd = list(_odd_lines(source))
    lines = source.split(b"\n") if odd else []
    return any(_guards_import(lines, number) for number in odd)


def _odd_lines(source: bytes) -> Iterator[int]:
    number = counted = 0
    for word in _WORD.finditer(source):
        before = _BEFORE.search(source, max(counted, word.start() - _REACH), word.start())
        start = before.start() if before else word.start()
        number += source.count(b"\n", counted, start)
        counted = start
        if before or _AFTER.match(source, word.end()):
            yield number


def _guards_import(lines: Sequence[bytes], number: int) -> bool:
    text = lines[number].lstrip()
    if not _IF.match(text):
        return not text.startswith(b"#")  # a condition over several lines, another name, or nothing at all
    if b"import" in text:
        return True
    depth = len(lines[number]) - len(text)
    for following in range(number + 1, len(lines)):
        text = lines[following].lstrip()
        if not text or text.startswith(b"#"):
            continue
        at = len(lines[following]) - len(text)
        if at < depth or (at == depth and not _SAME_STATEMENT.match(text)):
            return _is_open(b"\n".join(lines[number:following]))
        if b"import" in text:
            return True
    return False


def _is_open(text: bytes) -> bool:
    """Say whether the next line may belong to a string, a bracket or a statement that begins in ``text``."""
    pairs = ((b"(", b")"), (b"[", b"]"), (b"{", b"}"))
    uneven = any(text.count(quote) % 2 for quote in (b'"""', b"'''"))
    return uneven or text.rstrip().endswith(b"\\") or any(text.count(one) != text.count(other) for one, other in pairs)


def guarded_lines(source: bytes) -> frozenset[int]:
    """Find the imports that are not reached when ``TYPE_CHECKING`` is false, and are for that reason.

    Args:
        source: The file as it is on disk.

    Returns:
        First lines of import statements, at any depth and in functions too. Empty when this interpreter cannot parse
        the file; then what grimp found is all that is known. Time O(size of the file).
    """
    tree = parsed_source(source)
    if tree is None:
        return frozenset()
    names = {_NAME}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            names.update(alias.asname for alias in node.names if alias.name == _NAME and alias.asname)
    return frozenset(_guarded(tree, names))


def _guarded(tree: ast.Module, names: Collection[str]) -> Iterator[int]:
    waiting: list[tuple[ast.AST, bool]] = [(tree, False)]
    while waiting:
        node, hidden = waiting.pop()
        if isinstance(node, ast.Import | ast.ImportFrom):
            if hidden:
                yield node.lineno
            continue
        verdict = _at_run_time(node.test, names) if isinstance(node, ast.If) else None
        for field in ("body", "orelse", "finalbody", "handlers", "cases"):
            # A lambda and a conditional expression call their one expression "body" too.
            children = getattr(node, field, None)
            if isinstance(children, list):
                skipped = verdict is not None and verdict == (field == "orelse")
                waiting.extend((child, hidden or skipped) for child in cast("list[ast.AST]", children))


def _at_run_time(test: ast.expr, names: Collection[str]) -> bool | None:
    """Evaluate a condition with ``TYPE_CHECKING`` false and everything else unknown, as Kleene's logic has it."""
    negated = False
    while isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        test, negated = test.operand, not negated
    value: bool | None = None
    if (isinstance(test, ast.Name) and test.id in names) or (isinstance(test, ast.Attribute) and test.attr == _NAME):
        value = False
    elif isinstance(test, ast.BoolOp):
        decisive = isinstance(test.op, ast.Or)
        parts = [_at_run_time(part, names) for part in test.values]
        value = decisive if decisive in parts else None if None in parts else not decisive
    return value if value is None else value != negated
