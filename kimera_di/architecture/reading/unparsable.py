"""Say why a file cannot be read as Python, and find those that would take the whole process down.

In: a path. Out: a `Fault`. Parses only files that are large enough to be dangerous, and runs none.
"""

import ast
import io
import re
import tokenize
import warnings
from dataclasses import dataclass

from kimera_di.architecture.reading.syntax_trees import parsed_source

_OPERATORS = b"+-*/%|&^@.([<>"
"""Every operator that the parser reads in a loop and not by calling itself contains one of these."""
_DEEP = 20_000
"""Operators in one file that are no danger: grimp 3.19 was killed by 200,000 in one expression, not by 50,000."""
_LARGE = 2 * _DEEP
"""An operator and its operand take two bytes."""


_STATEMENT = re.compile(
    rb"\n[ \t]*(?:(?:assert|async|class|def|for|from|if|import|raise|return|try|while|with)\b|@|[\w.\[\]]+ = )"
)
"""Where a new statement most probably begins; large generated modules are many small ones."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a file."""

    reason: str
    line: int | None = None
    is_read: bool = True
    """Whether its text is known; else nothing can be said about its syntax."""


def too_deep(path: str, size: int) -> Fault | None:
    """Find a file whose expressions are nested so deeply that no parser survives it.

    A sum of a million terms is a tree of a million levels. grimp's parser builds it and then overflows its stack,
    which ends the process; Python's own parser gives up in time, and could not import the file either.

    Args:
        path: A Python file.
        size: Its size in bytes.

    Returns:
        The fault; ``None`` when the file is harmless, or cannot be read. Costs nothing for files below 40 kB, reading
        for larger ones, parsing for those with 20,000 operators in one statement.
    """
    if size < _LARGE:
        return None
    try:
        with open(path, "rb") as file:
            source = file.read()
    except OSError:
        return None  # whoever reads it next says why
    if _operators(source) < _DEEP:
        return None
    operators, line = _busiest_statement(source)
    if operators < _DEEP:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(source)
    except (RecursionError, MemoryError):
        return Fault("an expression is nested too deeply", line)
    except (SyntaxError, ValueError):
        return None  # newer syntax, or grimp names the line
    return None


def _busiest_statement(source: bytes) -> tuple[int, int]:
    """Give the number of operators in the statement that has most, and its first line."""
    starts = [0, *(match.start() + 1 for match in _STATEMENT.finditer(source))]
    ends = [*starts[1:], len(source)]
    operators, start = max((_operators(source[start:end]), start) for start, end in zip(starts, ends, strict=True))
    return operators, source.count(b"\n", 0, start) + 1


def _operators(source: bytes) -> int:
    return len(source) - len(source.translate(None, _OPERATORS))


def undecodable(path: str) -> Fault:
    """Say where the bytes of a file are no text.

    Args:
        path: A file that could not be decoded.

    Returns:
        The reason with its line, without the path.
    """
    try:
        with open(path, "rb") as file:
            source = file.read()
    except OSError as error:
        return Fault(f"it cannot be read: {error.strerror}", is_read=False)
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(source).readline)
    except SyntaxError as error:
        # Either an unknown encoding, or no UTF-8 in the first two lines; the second has more to say.
        return _first_bad_byte(source, "utf-8") or Fault(error.msg, 1 if b"coding" in source.split(b"\n")[0] else 2)
    return _first_bad_byte(source, encoding) or Fault(f"{encoding} cannot be read by the import scanner", 1)


def _first_bad_byte(source: bytes, encoding: str) -> Fault | None:
    try:
        source.decode(encoding)
    except UnicodeDecodeError as error:
        return Fault(f"byte 0x{source[error.start]:02x} is no {encoding}", source[: error.start].count(b"\n") + 1)
    except LookupError:  # a codec that is not about text
        return None
    return None


def escaping_import(path: str, depth: int) -> Fault | None:
    """Find a relative import with more dots than there are packages; grimp 3.19 panics over some of them.

    Args:
        path: A file that grimp gave up.
        depth: How many packages the module is in; one more than that is no package.

    Returns:
        The reason with its line; ``None`` when there is no such import, or this Python cannot parse the file.
    """
    try:
        with open(path, "rb") as file:
            tree = parsed_source(file.read())
    except OSError:
        return None  # whoever reads it next says why
    nodes = ast.walk(tree) if tree is not None else ()
    lines = [node.lineno for node in nodes if isinstance(node, ast.ImportFrom) and node.level > depth]
    if not lines:
        return None
    return Fault(f"the relative import in line {min(lines)} leads out of the package", min(lines), is_read=False)


def unreadable(path: str) -> Fault:
    """Say why a file cannot be read at all.

    Args:
        path: A file that grimp could not open.

    Returns:
        The reason, without the path.
    """
    try:
        with open(path, "rb") as file:
            file.read(1)
    except OSError as error:
        return Fault(f"it cannot be read: {error.strerror}", is_read=False)
    return Fault("it changed while it was read", is_read=False)
